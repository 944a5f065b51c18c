"""Expands series with python3-dateutil, for the test to compare.

Reads a JSON list of series and writes a JSON list of lists of instants, null
where dateutil took too long to be asked. Where dateutil and RFC 5545 differ it
is asked differently:

- DTSTART is the first instance and COUNT counts it, even where the rule misses
  it (RFC 5545 section 3.8.5.3); dateutil leaves it out.
- UNTIL may be a date, a local time or a UTC time (section 3.3.10); dateutil
  wants the kind of DTSTART. The instances are compared here instead.
- BYWEEKNO alone means the weekday of DTSTART (section 3.3.10: what is missing
  is taken from there); dateutil takes all seven days.
- BYDAY=MO,2TU means both (section 3.3.10); dateutil takes what is in both.
- BYSETPOS counts from the beginning of the interval (section 3.3.10); dateutil
  counts in the first week from DTSTART.
"""
import datetime
import heapq
import json
import signal
import sys
import zoneinfo

from dateutil.rrule import rrulestr

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
UTC = datetime.timezone.utc


class TooLong(Exception):
    pass


asked = False


def give_up(*_):
    if asked:  # the timer may still ring when the answer is there
        raise TooLong


def instant(wall, zone):
    """In a gap zoneinfo takes the offset before it, so that the time moves on."""
    return wall.replace(tzinfo=zone).astimezone(UTC)


def ends(until, zone):
    """Returns whether a wall clock is after UNTIL."""
    if len(until) == 8:
        last = datetime.datetime.strptime(until, "%Y%m%d").date()
        return lambda wall: wall.date() > last
    last = datetime.datetime.strptime(until.rstrip("Z"), "%Y%m%dT%H%M%S")
    if until.endswith("Z"):
        last = last.replace(tzinfo=UTC)
        return lambda wall: instant(wall, zone) > last
    return lambda wall: wall > last


def plain(day):
    return len(day) == 2


def rules(parts, start):
    """Returns the rules whose instances are those of parts, and where to begin."""
    days = parts.get("BYDAY", "").split(",")
    if "BYWEEKNO" in parts and parts["FREQ"] == "YEARLY" and not parts.keys() & {"BYDAY", "BYMONTHDAY", "BYYEARDAY"}:
        parts["BYDAY"] = DAYS[start.weekday()]
    if "BYSETPOS" in parts and parts["FREQ"] == "WEEKLY":
        if not parts.keys() & {"BYDAY", "BYMONTHDAY"}:
            parts["BYDAY"] = DAYS[start.weekday()]
        parts.setdefault("BYHOUR", str(start.hour))
        parts.setdefault("BYMINUTE", str(start.minute))
        start = start.replace(hour=0, minute=0)
        start -= datetime.timedelta(days=(start.weekday() - DAYS.index(parts.get("WKST", "MO"))) % 7)
    both = [parts]
    if any(plain(d) for d in days) and not all(plain(d) for d in days):
        both = [parts | {"BYDAY": ",".join(d for d in days if plain(d) == kind)} for kind in (True, False)]
    return [rrulestr(";".join(k + "=" + v for k, v in p.items()), dtstart=start) for p in both]


def walls(case, start, last, zone):
    """Yields the wall clocks of DTSTART and the rule."""
    parts = dict(p.split("=") for p in case["rule"].split(";"))
    count = int(parts.pop("COUNT", 0))
    late = ends(parts.pop("UNTIL"), zone) if "UNTIL" in parts else lambda wall: False
    found = {start}
    for at in heapq.merge(*rules(parts, start)):
        if at > last or late(at) or count and len(found | {at}) > count:
            break
        if at >= start:
            found.add(at)
    return found


def expand(case):
    zone = zoneinfo.ZoneInfo(case["zone"])
    start, first, last = (datetime.datetime.fromisoformat(case[k]) for k in ("start", "from", "till"))
    found = walls(case, start, last + datetime.timedelta(days=2), zone)
    found |= {datetime.datetime.fromisoformat(at) for at in case["rdates"] or ()}
    times, dates = set(), set()
    for at in case["exdates"] or ():
        if at.endswith("Z"):
            times.add(datetime.datetime.fromisoformat(at[:-1]).replace(tzinfo=UTC))
        elif len(at) == 10:
            dates.add(datetime.date.fromisoformat(at))
        else:
            found.discard(datetime.datetime.fromisoformat(at))
    first, last = first.replace(tzinfo=UTC), last.replace(tzinfo=UTC)
    shown = {instant(wall, zone) for wall in found if wall.date() not in dates}
    return sorted(at.replace(tzinfo=None).isoformat() for at in shown - times if first <= at < last)


signal.signal(signal.SIGVTALRM, give_up)
out = []
for case in json.load(sys.stdin):
    answer = None
    try:
        asked = True
        signal.setitimer(signal.ITIMER_VIRTUAL, 0.05)
        answer = expand(case)
        asked = False
    except TooLong:
        asked = False
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    out.append(answer)
json.dump(out, sys.stdout)
