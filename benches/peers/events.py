"""Normalised events summed up by identity and day: all that the detectors here see. It must not know any detector."""

import gzip
import json
from collections import Counter

# Fields whose values may be new to an identity.
FIELDS = ("asn", "ua", "action", "object", "domain", "net", "auth", "block")
# Sizes of a day.
SIZES = ("calls", "hour", "rows", "rows_one", "bytes", "objects", "actions", "failures")
NETS = ("cloud", "corp", "isp", "residential", "hosting", "vpn", "tor")
SCRIPTS = ("python", "curl", "aws-cli", "boto", "go-http", "wget", "powershell", "okhttp", "aiohttp", "httpx")


class Day:
    """One identity's events of one day (UTC)."""

    __slots__ = ("day", "calls", "hours", "failed", "rows", "rows_one", "bytes", "probes", "values", "nets", "minutes", "ticks", "spots", "tor", "script", "labelled")

    def __init__(self, day):
        self.day = day
        self.calls = self.failed = self.rows = self.rows_one = self.bytes = self.probes = self.labelled = 0
        self.hours = [0] * 24
        self.values = {field: set() for field in FIELDS}
        self.nets = Counter()
        self.minutes = Counter()  # (action, minute) -> calls
        self.ticks = Counter()  # (hour, field, value) -> calls
        self.spots = set()  # (half hour, address, network, client)
        self.tor = self.script = False

    def add(self, e):
        """Adds one event."""
        hour, minute = int(e["ts"][11:13]), int(e["ts"][14:16])
        self.calls += 1
        self.hours[hour] += 1
        self.failed += e["failed"]
        rows = e["rows"] or 0
        self.rows += rows
        self.rows_one = max(self.rows_one, rows)
        self.bytes += e["bytes"] or 0
        self.probes += e["probe"] is not None
        self.labelled += e.get("label") is not None
        action, ua, asn, ip = e["action"], e["ua_family"], e["asn"], e["ip"]
        seen = self.values
        seen["action"].add(action)
        seen["net"].add(e["net_class"])
        self.nets[e["net_class"]] += 1
        if ip:
            seen["asn"].add(asn)
            seen["block"].add(ip.rsplit(".", 1)[0])
            self.ticks[hour, "asn", asn] += 1
        if ua:
            seen["ua"].add(ua)
            self.ticks[hour, "ua", ua] += 1
        for name, field in (("auth", "auth"), ("object", "object"), ("domain", "domain")):
            if e[name]:
                seen[field].add(e[name])
        self.minutes[action, hour * 60 + minute] += 1
        self.ticks[hour, "action", action] += 1
        self.spots.add((hour * 2 + minute // 30, ip, asn, ua))
        self.tor |= e["net_class"] == "tor"
        self.script |= ua.lower().startswith(SCRIPTS)

    def sizes(self):
        """The sizes of the day, in the order of SIZES."""
        v = self.values
        return (self.calls, max(self.hours), self.rows, self.rows_one, self.bytes, len(v["object"]), len(v["action"]), self.failed)

    def rates(self):
        """By action: calls, sum of squares of calls a minute, most calls in a minute."""
        out = {}
        for (action, _), n in self.minutes.items():
            total, squares, most = out.get(action, (0, 0, 0))
            out[action] = (total + n, squares + n * n, max(most, n))
        return out


class Injection:
    """One injected scenario: the days that take the place of the clean ones."""

    def __init__(self, head):
        self.at, self.scenario, self.number, self.kind = head["injection"], head["scenario"], head["number"], head["kind"]
        self.start, self.first, self.last, self.newborn = head["start"], head["first"], head["last"], head["newborn"]
        self.days = {}


def clean(path):
    """By number of the identity: its kind and its days."""
    out = {}
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            e = json.loads(line)
            _, days = out.setdefault(e["number"], (e["kind"], {}))
            day = e["day"]
            if day not in days:
                days[day] = Day(day)
            days[day].add(e)
    return out


def injected(path):
    """The injections, in the order of the seed's result."""
    out = []
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            e = json.loads(line)
            if "injection" in e:
                out.append(Injection(e))
                continue
            days = out[-1].days
            if e["day"] not in days:
                days[e["day"]] = Day(e["day"])
            days[e["day"]].add(e)
    return out
