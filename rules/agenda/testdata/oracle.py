"""Expands recurrence rules with python3-dateutil, for the test to compare.

Reads a JSON list of {"rule", "start", "from", "till"} and writes a JSON list of
lists of wall clocks, null where dateutil took too long to be asked.
"""
import datetime
import json
import signal
import sys

from dateutil.rrule import rrulestr


DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


class TooLong(Exception):
    pass


def give_up(*_):
    raise TooLong


def expand(case):
    start, first, last = (datetime.datetime.fromisoformat(case[k]) for k in ("start", "from", "till"))
    parts = dict(p.split("=") for p in case["rule"].split(";"))
    count = int(parts.pop("COUNT", 0))
    if "BYWEEKNO" in parts and parts["FREQ"] == "YEARLY" and not parts.keys() & {"BYDAY", "BYMONTHDAY", "BYYEARDAY"}:
        parts["BYDAY"] = DAYS[start.weekday()]  # RFC 5545 takes what is missing from DTSTART, dateutil every day
    rule = rrulestr(";".join(k + "=" + v for k, v in parts.items()), dtstart=start)
    found = {start}  # DTSTART is the first instance, and COUNT counts it
    for at in rule:
        if at > last:
            break
        if count and len(found | {at}) > count:
            break
        found.add(at)
    return sorted(at.isoformat() for at in found if first <= at < last)


signal.signal(signal.SIGVTALRM, give_up)
out = []
for case in json.load(sys.stdin):
    signal.setitimer(signal.ITIMER_VIRTUAL, 0.05)
    try:
        out.append(expand(case))
    except TooLong:
        out.append(None)
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
json.dump(out, sys.stdout)
