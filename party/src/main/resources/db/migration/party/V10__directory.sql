-- The newest committed value of each register.
create table register (
    name text primary key,
    version integer not null,
    value blob not null,
    live integer not null
) without rowid;

-- Every committed version with its receipts, in the order in which this party committed them.
create table register_entry (
    position integer primary key autoincrement,
    name text not null,
    version integer not null,
    committed blob not null,
    unique (name, version)
);

-- This party's vote on the version after the newest.
create table register_vote (
    name text primary key,
    version integer not null,
    promised integer not null,
    accepted_ballot integer not null default 0,
    accepted blob
) without rowid;

-- Certificates that receipts name.
create table signer_certificate (
    fingerprint blob primary key,
    der blob not null
) without rowid;

-- Up to which of a peer's positions this party has taken over what it lacked.
create table peer_position (
    party integer primary key,
    position integer not null
);
