-- When this party last led a use of a key.
create table key_use (
    register text primary key,
    operation text not null,
    at_millis integer not null,
    event text not null,
    request_id text not null
) without rowid;
