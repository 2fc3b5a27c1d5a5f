-- A hash over all commits of this party up to each, in their order, so that a peer notices when the order is another than the one
-- that it followed. Commits of before have none.
alter table register_entry add column chain blob;
alter table peer_position add column chain blob;
