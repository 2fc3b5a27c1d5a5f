-- Whether the making of a share came to its end here, with the confirmations of all parties. Shares that were stored
-- before this was noted count as confirmed.
alter table key_share add column confirmed integer not null default 1;
