-- Private keys that clients wrap keys for. Each is erased when its time is over, or when what came by it is taken away again.
create table import_key (
    id blob primary key check (length(id) = 16),
    register text not null,
    valid_to_millis integer not null,
    used integer not null,
    sealed blob not null
) strict;

create index import_key_by_register on import_key (register);
