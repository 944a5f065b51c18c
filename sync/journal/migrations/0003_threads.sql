-- Conversations, later looks and what became of each rule. message, conversation
-- and item are the first eight octets of an HMAC, as numbers.

create table thread (
	message      {number},
	conversation bigint not null,
	at           bigint not null
);

-- The row of item 0 is about the conversation: its state is 0, a person cleared the
-- mark, 1, a rule's mark spreads, or 2, a person's; it came from an item. The other
-- rows are the messages whose mark a person set, in state 3.
create table thread_mark (
	conversation bigint not null,
	mark         text not null,
	item         bigint not null,
	state        bigint not null,
	came         bigint not null,
	place_key    text not null,
	at           bigint not null,
	primary key (conversation, mark, item)
);

create index thread_mark_place on thread_mark (substr(place_key, 1, 8)) where place_key <> '';

create table thread_step (
	id           text primary key,
	conversation bigint not null,
	mark         text not null
);

create index thread_step_conversation on thread_step (conversation);

create table look (
	source   text not null,
	item_key text not null,
	at       bigint not null,
	item     {octets} not null,
	primary key (source, item_key)
);

create index look_at on look (source, at);

create table rule_stat (
	rule     text primary key,
	marked   bigint not null,
	filed    bigint not null,
	noted    bigint not null,
	observed bigint not null,
	released bigint not null,
	refused  bigint not null,
	first    bigint not null,
	last     bigint not null
);

insert into rule_stat (rule, marked, filed, noted, observed, released, refused, first, last)
	select rule,
		sum(case when kind = 'confirmed' and action = 'mark' then 1 else 0 end),
		sum(case when kind = 'confirmed' and action = 'file' then 1 else 0 end),
		sum(case when kind = 'confirmed' and action = 'note' then 1 else 0 end),
		sum(case when kind = 'observed' then 1 else 0 end),
		sum(case when kind = 'released' then 1 else 0 end),
		sum(case when kind = 'refused' then 1 else 0 end),
		coalesce(min(case when kind in ('confirmed', 'observed') then at end), 0),
		coalesce(max(case when kind in ('confirmed', 'observed') then at end), 0)
	from audit where rule <> '' group by rule;

-- What a rule did since a day is looked up to be undone.
drop index intent_ended;
create index intent_ended on intent (source, state, rule, ended_at) where ended_at > 0;

-- The letters of the last hour are counted.
create index intent_letter on intent (planned_at) where kind = 'note';
