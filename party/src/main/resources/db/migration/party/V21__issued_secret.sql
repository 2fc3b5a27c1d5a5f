-- Secrets that the parties drew for clients: of access keys, and those that session tokens are sealed under. A register
-- holds the commitment of the one that counts; others come from attempts that were never committed.
create table issued_secret (
    register text not null,
    commitment text not null,
    sealed blob not null,
    changed_millis integer not null,
    primary key (register, commitment)
) strict;
