"""What is known of one identity's past, the detectors that look only at it, and the features the models are given.
A day is scored against the days before it and learned afterwards. It must not know what is injected."""

import math
from collections import deque

import numpy as np

from events import FIELDS, NETS, SIZES

WATCHED = ("asn", "ua", "action", "object")  # the fields of new-terms rules
HW_HOURS, HW_DAYS = 24, 7
WORD = 30  # days of the z-score, of MAD and of the quantiles


class HoltWinters:
    """Additive Holt-Winters with the usual constants; scores the largest residual in standard deviations."""

    def __init__(self, season):
        self.season, self.n, self.level, self.trend, self.var = [None] * season, 0, 0.0, 0.0, None

    def step(self, values, learn):
        """Largest |residual|/sd over the values; learns them if told to."""
        n, level, trend, var = self.n, self.level, self.trend, self.var
        season = self.season if learn else list(self.season)
        worst = 0.0
        for x in values:
            at = n % len(season)
            if season[at] is None:
                season[at] = 0.0
                level = x if n == 0 else level + 0.1 * (x - level)
                season[at] = x - level
            else:
                residual = x - (level + trend + season[at])
                if var is not None and n >= 3 * len(season):
                    worst = max(worst, abs(residual) / math.sqrt(var + 1e-2))
                before = level
                level = 0.1 * (x - season[at]) + 0.9 * (level + trend)
                trend = 0.01 * (level - before) + 0.99 * trend
                season[at] = 0.2 * (x - level) + 0.8 * season[at]
                var = residual**2 if var is None else 0.05 * residual**2 + 0.95 * var
            n += 1
        if learn:
            self.n, self.level, self.trend, self.var = n, level, trend, var
        return worst


class History:
    """The past of one identity."""

    def __init__(self):
        self.first = None
        self.active = 0
        self.last_use = {f: {} for f in FIELDS}  # value -> last day
        self.uses = {f: {} for f in FIELDS}  # value -> active days
        self.novel = dict.fromkeys(FIELDS, 0)  # days that brought something new
        self.hour_days = [0] * 24
        self.hourly = deque(maxlen=WORD)  # calls by hour, idle days too
        self.daily = deque(maxlen=WORD)  # sizes of active days
        self.most = [0.0] * len(SIZES)
        self.rates = deque(maxlen=7)
        self.mean, self.var = [None] * len(SIZES), [1.0] * len(SIZES)
        self.by_hour, self.by_day = HoltWinters(HW_HOURS), [HoltWinters(HW_DAYS) for _ in range(3)]
        self.edges = {}  # (field, value) -> [all calls, decayed calls, hour]

    # Detectors -------------------------------------------------------------------------------------------------------

    def new_terms(self, day, window, fields, learn=0):
        """Fields with a value not seen within the window; ties by how many values, and whether they were ever seen."""
        if self.first is None or day.day - self.first < learn:
            return 0.0
        fresh, values, never = 0, 0, 0
        for field in fields:
            last = self.last_use[field]
            new = [v for v in day.values[field] if v not in last or day.day - last[v] > window]
            fresh += bool(new)
            values += len(new)
            never += any(v not in last for v in new)
        return fresh + (0.5 * never / len(fields) + 0.4 * values / (values + 10) if fresh else 0.0)

    def insights(self, day):
        """By action: most calls in a minute against the mean of seven days, as a ratio and in standard deviations."""
        past = {}
        for rates in self.rates:
            for action, (total, squares, _) in rates.items():
                t, s = past.get(action, (0, 0))
                past[action] = (t + total, s + squares)
        minutes = max(1, len(self.rates)) * 1440
        ratio = sigma = 0.0
        for action, (_, _, most) in day.rates().items():
            total, squares = past.get(action, (0, 0))
            mean = max(total, 1) / minutes
            sd = math.sqrt(max(max(squares, 1) / minutes - mean * mean, 1e-12))
            ratio, sigma = max(ratio, most / mean), max(sigma, (most - mean) / sd)
        return ratio, sigma

    def z_hours(self, day):
        """Largest |z| of a day's hourly counts against those of thirty days, zeros included."""
        if len(self.hourly) < 7:
            return 0.0
        past = np.array(self.hourly, dtype=float)
        sd = past.std()
        return float(np.abs(np.array(day.hours) - past.mean()).max() / sd) if sd > 0 else 0.0

    def mad(self, sizes):
        """Largest modified z (Iglewicz-Hoaglin) of calls, busiest hour, rows and bytes."""
        if len(self.daily) < 5:
            return 0.0
        past = np.array(self.daily, dtype=float)[:, [0, 1, 2, 4]]
        x = np.array(sizes, dtype=float)[[0, 1, 2, 4]]
        middle = np.median(past, axis=0)
        away = np.abs(past - middle)
        spread, mean_away = np.median(away, axis=0), away.mean(axis=0)
        # The authors' fallback where more than half of the days are the same, and a twentieth where all are.
        scale = np.where(spread > 0, spread / 0.6745, np.where(mean_away > 0, 1.253314 * mean_away, np.maximum(1.0, 0.05 * middle)))
        return float((np.abs(x - middle) / scale).max())

    def ewma(self, sizes):
        """Largest deviation from a moving average of log sizes, in moving standard deviations."""
        worst = 0.0
        for x, mean, var in zip(sizes, self.mean, self.var):
            if mean is not None and self.active >= 5:
                worst = max(worst, abs(math.log1p(x) - mean) / math.sqrt(var + 1e-3))
        return worst

    def midas(self, day, decay):
        """Largest chi-square of an edge (identity, value) in an hour, as MIDAS; with decay as MIDAS-R without nodes."""
        best = 0.0
        origin = (day.day if self.first is None else self.first) * 24
        now = {}
        for (hour, field, value), n in sorted(day.ticks.items(), key=lambda item: item[0][0]):
            tick = day.day * 24 + hour
            key = (field, value)
            total, kept, last = now.get(key) or self.edges.get(key) or (0.0, 0.0, tick)
            current = n + (kept * decay ** (tick - last) if decay else 0.0)
            total += n
            now[key] = (total, current, tick)
            t = tick - origin + 1
            if t > 1 and total > 0:
                best = max(best, (current - total / t) ** 2 * t * t / (total * (t - 1)))
        return best

    def scores(self, day):
        """What every detector says of a day, by name."""
        sizes = day.sizes()
        ratio, sigma = self.insights(day)
        out = {
            "new_terms 7 d": self.new_terms(day, 7, WATCHED),
            "new_terms 10 d": self.new_terms(day, 10, WATCHED),
            "new_terms 14 d": self.new_terms(day, 14, WATCHED),
            "new_terms 14 d, domain for object": self.new_terms(day, 14, ("asn", "ua", "action", "domain")),
            "new value, learn 7 d forget 28 d": self.new_terms(day, 28, WATCHED, learn=7),
            "new value 28 d, domain for object": self.new_terms(day, 28, ("asn", "ua", "action", "domain"), learn=7),
            "API rate, ratio to 7 d": ratio,
            "API rate, sigma of 7 d": sigma,
            "z-score of hourly calls": self.z_hours(day),
            "MAD": self.mad(sizes),
            "EWMA": self.ewma(sizes),
            "Holt-Winters by hour": self.by_hour.step([math.log1p(n) for n in day.hours], False),
            "Holt-Winters by day": self.by_day_step(sizes, False),
            "MIDAS edges": self.midas(day, 0.0),
            "MIDAS-R edges": self.midas(day, 0.5),
        }
        out["rule rows 10k"] = float(day.rows_one >= 10_000)
        out["rule rows 50k"] = float(day.rows_one >= 50_000)
        out["rule rows 100k"] = float(day.rows_one >= 100_000)
        out["rule script client"] = float(day.script)
        out["rule Tor"] = float(day.tor)
        halves = {}
        for half, ip, asn, ua in day.spots:
            halves.setdefault(half, set()).add((ip, asn, ua))
        several = (len({s[0] for s in spots}) > 1 and len({s[1] for s in spots}) > 1 and len({s[2] for s in spots}) > 1 for spots in halves.values())
        out["rule several addresses in 30 min"] = float(any(several))
        return out

    def by_day_step(self, sizes, learn):
        """Largest residual of calls, rows and bytes of a day in a weekly season."""
        picked = (sizes[0], sizes[2], sizes[4])
        return max(model.step([math.log1p(x)], learn) for model, x in zip(self.by_day, picked))

    # Features --------------------------------------------------------------------------------------------------------

    def raw(self, day):
        """What a day is, without its past."""
        v, total = day.values, max(1, day.calls)
        out = [math.log1p(x) for x in day.sizes()]
        out += [len(v[f]) for f in ("asn", "ua", "domain", "net", "auth")]
        out += [math.log1p(len(v["block"])), sum(n > 0 for n in day.hours), day.failed / total, math.log1p(day.probes)]
        out += [n / total for n in day.hours]
        out += [day.nets[net] / total for net in NETS]
        out += [float(day.script)]
        return out

    def rich(self, day):
        """How far a day is from its past: what is new, how rare that is for this identity, sizes against past maxima
        and quantiles, unusual hours, and the kinds of network that count as a threat."""
        out = []
        for field in FIELDS:
            last, uses = self.last_use[field], self.uses[field]
            values = day.values[field]
            new = sum(v not in last for v in values)
            away = max((min(day.day - last[v], 60) if v in last else 60 for v in values), default=0)
            rarity = max((-math.log10((uses.get(v, 0) + 0.5) / (self.active + 1)) for v in values), default=0.0)
            # What a new value is worth for one that often has new ones.
            surprise = -math.log10((self.novel[field] + 1) / (self.active + 2)) if new else 0.0
            out += [math.log1p(new), math.log1p(away), max(rarity, 0.0), max(surprise, 0.0)]
        past = np.sort(np.array(self.daily, dtype=float), axis=0) if self.daily else np.zeros((1, len(SIZES)))
        upper = past[int(0.9 * (len(past) - 1))]
        for at, x in enumerate(day.sizes()):
            out.append(max(0.0, math.log10((x + 1) / (self.most[at] + 1))))
            out.append(max(0.0, math.log10((x + 1) / (upper[at] + 1))))
        out.append(max(-math.log10((self.hour_days[h] + 0.5) / (self.active + 1)) for h, n in enumerate(day.hours) if n))
        out += [float(day.tor), float(bool(day.nets["hosting"] + day.nets["vpn"])), float(day.script), math.log1p(day.probes)]
        return out

    # Learning --------------------------------------------------------------------------------------------------------

    def learn(self, day):
        """Learns a day with events."""
        if self.first is None:
            self.first = day.day
        sizes = day.sizes()
        self.active += 1
        for field in FIELDS:
            last, uses = self.last_use[field], self.uses[field]
            self.novel[field] += any(v not in last for v in day.values[field])
            for v in day.values[field]:
                last[v] = day.day
                uses[v] = uses.get(v, 0) + 1
        for h, n in enumerate(day.hours):
            self.hour_days[h] += n > 0
        self.most = [max(a, b) for a, b in zip(self.most, sizes)]
        self.daily.append(sizes)
        for at, x in enumerate(sizes):
            x = math.log1p(x)
            if self.mean[at] is None:
                self.mean[at] = x
            else:
                away = x - self.mean[at]
                self.mean[at] += 0.1 * away
                self.var[at] = 0.9 * (self.var[at] + 0.1 * away * away)
        for (hour, field, value), n in sorted(day.ticks.items(), key=lambda item: item[0][0]):
            tick = day.day * 24 + hour
            total, kept, before = self.edges.get((field, value), (0.0, 0.0, tick))
            self.edges[field, value] = (total + n, n + kept * 0.5 ** (tick - before), tick)
        self.close(day.hours, day.rates(), sizes)

    def idle(self):
        """Learns that a day had no events."""
        if self.first is not None:
            self.close([0] * 24, {}, (0,) * len(SIZES))

    def close(self, hours, rates, sizes):
        self.hourly.append(hours)
        self.rates.append(rates)
        self.by_hour.step([math.log1p(n) for n in hours], True)
        self.by_day_step(sizes, True)
