-- A held step waits for a person: held_at is when it began to, and 0 otherwise.
-- approved is 1 once a person let the step pass.

alter table intent add column approved bigint not null default 0;
alter table intent add column held_at bigint not null default 0;

drop index intent_open;
create index intent_open on intent (source, seq, not_before) where ended_at = 0 and held_at = 0;
create index intent_held on intent (source, seq) where held_at > 0;
