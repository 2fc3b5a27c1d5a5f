-- The order in which votes were written: of registers that never came to be, the oldest promises are forgotten.
alter table register_vote add column written integer not null default 0;
