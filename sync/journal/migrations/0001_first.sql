-- {serial}, {number} and {octets} are type names that differ between the engines.
-- Columns ending in _key hold an HMAC under the install key; {octets} other than
-- hashes are sealed.

create table source (
	id      text primary key,
	owner   text not null,
	epoch   bigint not null,
	claimed bigint not null,
	baseline bigint not null,
	pulled  bigint not null,
	cursor  {octets}
);

create table intent (
	seq         {serial},
	id          text not null unique,
	source      text not null,
	cause       text not null,
	rule        text not null,
	version     text not null,
	kind        text not null,
	family      text not null,
	short       text not null,
	ident_key   text not null,
	group_key   text not null,
	message_key text not null,
	found_key   text not null,
	place_key   text not null,
	state       text not null,
	attempts    bigint not null,
	planned_at  bigint not null,
	sent_at     bigint not null,
	not_before  bigint not null,
	ended_at    bigint not null,
	code        text not null,
	body        {octets} not null,
	result      {octets}
);

create index intent_open on intent (source, ended_at, seq) where ended_at = 0;
create index intent_state on intent (source, state);
create index intent_ident on intent (ident_key);
create index intent_group on intent (group_key) where group_key <> '';
create index intent_message on intent (message_key) where message_key <> '';
create index intent_found on intent (found_key) where found_key <> '';
create index intent_place on intent (place_key) where place_key <> '';

create table released (
	ident_key text not null,
	rule      text not null,
	source    text not null,
	how       text not null,
	at        bigint not null,
	primary key (ident_key, rule)
);

create table parked (
	source    text not null,
	item_key  text not null,
	rule      text not null,
	place_key text not null,
	short     text not null,
	code      text not null,
	place     text not null,
	since     bigint not null,
	last      bigint not null,
	times     bigint not null,
	ref       {octets} not null,
	primary key (item_key, rule, source)
);

create index parked_place on parked (place_key) where place_key <> '';

create table audit (
	seq     {number},
	at      bigint not null,
	source  text not null,
	kind    text not null,
	rule    text not null,
	version text not null,
	step    text not null,
	action  text not null,
	ref     text not null,
	code    text not null,
	prev    {octets} not null,
	hash    {octets} not null
);

create table head (
	id   bigint primary key,
	seq  bigint not null,
	hash {octets} not null,
	mac  {octets} not null
);
