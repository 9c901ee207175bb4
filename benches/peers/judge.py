"""Equal budgets, recall and paired intervals. A detector is a score for each identity-day; ours is the margin that the
seed's result gives for each injection. It must not know how scores come about."""

import numpy as np

BUDGETS = (0.1, 0.02)
OWNED = ("A01", "A02", "A03", "A04", "A05", "A06", "A09", "A14", "A23", "A27", "A28")
RESAMPLES = 1000


def episodes(days):
    """Alerts that flagged days of one identity make: adjacent days are one alert of at most three days, as ours."""
    count, length, before = 0, 0, None
    for day in sorted(days):
        length = length + 1 if before is not None and day == before + 1 and length < 3 else 1
        count += length == 1
        before = day
    return count


def false_alerts(clean, threshold):
    """Alerts above a threshold. `clean` is {(seed, number): {day: score}}."""
    return sum(episodes([day for day, score in days.items() if score > threshold]) for days in clean.values())


def threshold_of(clean, allowed):
    """The lowest threshold that gives at most so many alerts; a score must be above it."""
    scores = sorted({score for days in clean.values() for score in days.values()}, reverse=True)
    best = scores[0] if scores else 0.0
    for candidate in scores[1:] + ([scores[-1] - 1.0] if scores else []):
        if false_alerts(clean, candidate) > allowed:
            break
        best = candidate
    return best


def found(run, threshold):
    """Whether a day stands above the threshold that does not without the injection. `run` is [(score, without)]."""
    return any(score > threshold and not (without is not None and without > threshold) for score, without in run)


def our_threshold(margins, allowed):
    """As the evaluation has it: the margin that so many clean findings exceed."""
    ordered = sorted(margins, reverse=True)
    return ordered[allowed] if allowed < len(ordered) else -np.inf


def our_found(run, threshold):
    """As the evaluation has it."""
    margin, without = run["margin"], run["without"]
    return margin is not None and margin > threshold and (without is None or without <= threshold)


def recalls(runs, hits):
    """Share found by scenario. `runs` are (scenario, identity)."""
    by = {}
    for (scenario, _), hit in zip(runs, hits):
        by.setdefault(scenario, []).append(hit)
    return {scenario: float(np.mean(list_)) for scenario, list_ in sorted(by.items())}


class Paired:
    """Resamples of the identities, the same for every comparison."""

    def __init__(self, runs, attacks):
        self.scenarios = sorted({s for s, _ in runs if s in attacks})
        self.identities = sorted({i for s, i in runs if s in attacks})
        self.at = [(self.identities.index(i), self.scenarios.index(s)) if s in attacks else None for s, i in runs]
        chance = np.random.default_rng(36)
        n = len(self.identities)
        self.weights = chance.multinomial(n, [1 / n] * n, size=RESAMPLES).astype(float)
        self.all = self.table([1.0] * len(runs))

    def table(self, hits):
        out = np.zeros((len(self.identities), len(self.scenarios)))
        for at, hit in zip(self.at, hits):
            if at is not None:
                out[at] += float(hit)
        return out

    def mean(self, hits):
        """Mean over the attacks of the share found."""
        return float((self.table(hits).sum(axis=0) / self.all.sum(axis=0)).mean())

    def interval(self, ours, theirs):
        """Ours less theirs, with its 95 % interval over identities."""
        difference = self.table(ours) - self.table(theirs)
        with np.errstate(invalid="ignore", divide="ignore"):
            means = np.nanmean((self.weights @ difference) / (self.weights @ self.all), axis=1)
        low, high = np.percentile(means, (2.5, 97.5))
        return self.mean(ours) - self.mean(theirs), float(low), float(high)
