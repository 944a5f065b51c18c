-- A held step waits for a person: held_at is when it began to, and 0 otherwise.
-- approved is 1 once a person let the step pass.

alter table intent add column approved bigint not null default 0;
alter table intent add column held_at bigint not null default 0;

drop index intent_open;
create index intent_open on intent (source, seq, not_before) where ended_at = 0 and held_at = 0;
create index intent_held on intent (source, seq) where held_at > 0;

-- Keys are random, so each insert touches another page of each index. Eight digits
-- find a step as well as all of them do, and fit three times as many on a page.
-- States are counted, and written to the index, once a step has ended.

drop index intent_ident;
create index intent_ident on intent (substr(ident_key, 1, 8));
drop index intent_group;
create index intent_group on intent (substr(group_key, 1, 8)) where group_key <> '';
drop index intent_message;
create index intent_message on intent (substr(message_key, 1, 8)) where message_key <> '';
drop index intent_found;
create index intent_found on intent (substr(found_key, 1, 8)) where found_key <> '';
drop index intent_place;
create index intent_place on intent (substr(place_key, 1, 8)) where place_key <> '';
drop index intent_state;
create index intent_ended on intent (source, state) where ended_at > 0;
