-- The ledger of bills. A bill that came to two sources has a row for each: row_key is
-- about both, id_key about the bill alone. said is who set the state: '' as it came,
-- 'mail' or 'person'; changed is when.

create table bill (
	seq     {serial},
	row_key text not null unique,
	id_key  text not null,
	source  text not null,
	short   text not null,
	at      bigint not null,
	state   text not null,
	said    text not null,
	changed bigint not null,
	body    {octets} not null
);

create index bill_id on bill (id_key);
create index bill_open on bill (source, at) where state = 'open';
create index bill_at on bill (source, at);
create index bill_settled on bill (changed) where state <> 'open';

-- Under which words a bill is found again: the first eight octets of an HMAC, as a
-- number, as conversations have them; what is opened is compared with the word.

create table bill_key (
	word bigint not null,
	at   bigint not null,
	bill bigint not null
);

create index bill_key_word on bill_key (word, at, bill);
create index bill_key_bill on bill_key (bill);

-- What became of one bill is told of it; step is its id_key there.
create index audit_bill on audit (step, seq) where kind in ('bill-recorded', 'bill-changed', 'bill-forgotten');
