"""Models over feature vectors: trained on the days that only teach, then asked about the others. Every one has a fixed
seed. It must not know what is injected."""

import numpy as np
import rrcf
from pyod.models.hbos import HBOS
from pyod.models.iforest import IForest
from pyod.models.knn import KNN
from pyod.models.lof import LOF
from river.anomaly import HalfSpaceTrees
from scipy.stats import skew


class Tails:
    """ECOD and COPOD with the tails of the training days. (PyOD ranks a batch together with what is asked about, so that
    attacks in one batch would hide each other.)"""

    def __init__(self, copula):
        self.copula = copula

    def fit(self, x):
        self.sorted, self.sign = np.sort(x, axis=0), np.sign(np.nan_to_num(skew(x, axis=0)))

    def decision_function(self, x):
        n, columns = self.sorted.shape
        left, right = np.empty_like(x), np.empty_like(x)
        for c in range(columns):
            left[:, c] = (np.searchsorted(self.sorted[:, c], x[:, c], side="right") + 1) / (n + 1)
            right[:, c] = (n - np.searchsorted(self.sorted[:, c], x[:, c], side="left") + 1) / (n + 1)
        left, right = -np.log(np.minimum(left, 1)), -np.log(np.minimum(right, 1))
        by_skew = -left * np.sign(self.sign - 1) + right * np.sign(self.sign + 1)
        both = (left + right) / 2 if self.copula else np.maximum(left, right)
        return np.maximum(by_skew, both).sum(axis=1)


class CutForest:
    """Robust random cut forest: trees over samples of the training days; a day is put in, judged, and taken out again."""

    TREES, SIZE = 25, 256

    def fit(self, x):
        chance = np.random.default_rng(0)
        self.trees = []
        for at in range(self.TREES):
            picked = np.sort(chance.choice(len(x), min(self.SIZE, len(x)), replace=False))
            self.trees.append(rrcf.RCTree(x[picked], random_state=at))

    def decision_function(self, x):
        out = np.zeros(len(x))
        for tree in self.trees:
            for at, point in enumerate(x):
                tree.insert_point(point, index="asked")
                out[at] += tree.codisp("asked") / len(self.trees)
                tree.forget_point("asked")
        return out


BATCH = {
    "IForest": lambda: IForest(n_estimators=100, random_state=0, n_jobs=1),
    "ECOD": lambda: Tails(copula=False),
    "COPOD": lambda: Tails(copula=True),
    "HBOS": lambda: HBOS(),
    "LOF": lambda: LOF(n_neighbors=20, n_jobs=1),
    "KNN": lambda: KNN(n_neighbors=5, n_jobs=1),
    "RRCF": lambda: CutForest(),
}
# Half-space trees as the library has them, and with more and shallower trees over a longer window.
HALF_SPACE = {"": (10, 8, 250), ", 50 trees": (50, 6, 1000)}


def batch(make, train, train_groups, asked, asked_groups):
    """Scores of what is asked, by one model for each group, each in standard deviations of its own training scores."""
    out = np.zeros(len(asked))
    for group in sorted(set(train_groups)):
        mine = np.array([g == group for g in train_groups])
        theirs = np.array([g == group for g in asked_groups])
        x = train[mine]
        if len(x) < 10 or not theirs.any():
            continue
        mean, sd = x.mean(axis=0), x.std(axis=0)
        sd[sd < 1e-6] = 1e-1  # A feature that never moved counts when it does, without drowning all others.
        model = make()
        model.fit((x - mean) / sd)
        out[theirs] = model.decision_function((asked[theirs] - mean) / sd)
        if len(set(train_groups)) > 1:
            known = model.decision_function((x - mean) / sd) if not isinstance(model, CutForest) else model.decision_function((x[::4] - mean) / sd)
            out[theirs] = (out[theirs] - known.mean()) / (known.std() + 1e-9)
    return out


def half_space(setting, clean, injected, train_until):
    """Half-space trees on the stream of days. `clean` and `injected` are lists of (day, vector); injected ones are asked
    about and never learned. Gives the scores of both, zero for days that only teach."""
    trees, height, window = setting
    train = np.array([v for day, v in clean if day < train_until])
    low, high = train.min(axis=0), train.max(axis=0)
    span = np.where(high > low, high - low, 1.0)
    # Room above the training range: what is larger than ever must not look like the largest.
    spread = lambda v: dict(enumerate(np.clip((np.asarray(v) - low) / (2 * span), 0.0, 1.0)))
    model = HalfSpaceTrees(n_trees=trees, height=height, window_size=window, seed=0)
    of_clean, of_injected = np.zeros(len(clean)), np.zeros(len(injected))
    by_day = {}
    for which, rows in (("clean", clean), ("injected", injected)):
        for at, (day, vector) in enumerate(rows):
            by_day.setdefault(day, []).append((which, at, spread(vector)))
    for day in sorted(by_day):
        if day >= train_until:
            for which, at, x in by_day[day]:
                (of_clean if which == "clean" else of_injected)[at] = model.score_one(x)
        for which, _, x in by_day[day]:
            if which == "clean":
                model.learn_one(x)
    return of_clean, of_injected
