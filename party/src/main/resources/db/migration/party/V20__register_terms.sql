-- By what content a live register is found, beside its name: aliases by their key, grants by who may retire them.
create table register_term (
    term text not null,
    name text not null,
    primary key (term, name)
) without rowid;

create index register_term_by_name on register_term (name);

-- Which version of the rules made the rows above; they are made anew when it is another.
create table register_term_format (
    format integer not null
);
