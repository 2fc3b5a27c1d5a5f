-- The runs of this party that this store descends from.
create table own_run (
    id text primary key
) strict;

-- While this party recovers: those whose votes and commits it has taken over.
create table heard_party (
    party integer primary key
) strict;

-- What another party told of this vote, when this party did not accept by itself.
alter table register_vote add column told blob;
