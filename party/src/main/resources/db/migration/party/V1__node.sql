-- Facts about the store itself, such as to whom it belongs.
create table fact (
    name text primary key,
    value text not null
) strict;

-- One row for each share that this party made durable. While a key is being made, each attempt has its own public key and
-- so its own row; at most one of them comes into use.
create table key_share (
    key_id text not null,
    epoch integer not null,
    state text not null check (state in ('PENDING', 'ACTIVE', 'ERASED')),
    -- The directory's register that says whether the key exists.
    register text not null,
    public_key_digest blob not null check (length(public_key_digest) = 32),
    sealed blob,
    changed_millis integer not null,
    primary key (key_id, epoch, public_key_digest),
    check ((state = 'ERASED') = (sealed is null))
) strict;

create unique index key_share_in_use on key_share (key_id, epoch) where state = 'ACTIVE';

create index key_share_by_state on key_share (state, changed_millis);

-- The set-up with each peer. A burned one keeps its row, without secrets, until an operator releases the pair.
create table pair_setup (
    peer integer not null,
    epoch integer not null,
    id blob not null check (length(id) = 32),
    state text not null check (state in ('ACTIVE', 'BURNED')),
    step text,
    sealed blob,
    changed_millis integer not null,
    primary key (peer, epoch),
    check ((state = 'BURNED') = (sealed is null))
) strict;

-- Presignatures, each good for one signature. What is spent has no secret any more.
create table presignature (
    id blob primary key check (length(id) = 32),
    key_id text not null,
    epoch integer not null,
    quorum text not null,
    boot_epoch text not null,
    state text not null check (state in ('NEW', 'TAKEN', 'SPENT')),
    taken_for blob,
    sealed blob,
    changed_millis integer not null,
    check ((state = 'SPENT') = (sealed is null)),
    check ((state = 'NEW') = (taken_for is null))
) strict;

create index presignature_stock on presignature (key_id, epoch, quorum, state);

-- Access keys of clients. The secret is sealed; what it stands for is bound into the seal.
create table credential (
    access_key_id text primary key,
    account text not null,
    principal text not null,
    active integer not null,
    sealed blob not null
) strict;
