-- Counting and picking the free ones must not read the traces of all that were spent within a day.
drop index presignature_stock;

create index presignature_free on presignature (key_id, epoch, quorum, changed_millis) where state = 'NEW';

create index presignature_spent on presignature (changed_millis) where state = 'SPENT';
