"""Other ways to find what is unusual, on the events and the injections that our evaluation judges, at equal budgets of
false alerts. See README.md for the commands."""

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[name] = "1"

import argparse
import copy
import datetime
import json
import pathlib
import sys
import time
import warnings

import numpy as np

import events
import judge
import models
from history import History

warnings.filterwarnings("ignore", category=UserWarning)
warnings.filterwarnings("ignore", category=RuntimeWarning)

TEST_FROM = 60
RULES = ("rule rows 10k", "rule rows 50k", "rule rows 100k", "rule script client", "rule Tor", "rule several addresses in 30 min")
# Score at which the method alerts by itself; above it.
NATURAL = {
    "new_terms 7 d": 0.5,
    "new_terms 10 d": 0.5,
    "new_terms 14 d": 0.5,
    "new_terms 14 d, domain for object": 0.5,
    "new value, learn 7 d forget 28 d": 0.5,
    "new value 28 d, domain for object": 0.5,
    "API rate, sigma of 7 d": 3.0,
    "z-score of hourly calls": 3.0,
    "MAD": 3.5,
    "EWMA": 3.0,
    "Holt-Winters by hour": 3.0,
    "Holt-Winters by day": 3.0,
} | dict.fromkeys(RULES, 0.5)


def walk(history, days, first, last):
    """Scores and features of days, each learned after it was judged."""
    for number in range(first, last + 1):
        day = days.get(number)
        if day is None:
            history.idle()
            continue
        yield number, history.scores(day), history.raw(day), history.rich(day)
        history.learn(day)


def scores_of(folder, seed, say):
    """Every detector's scores of a seed: {name: {"clean": {number: {day: score}}, "runs": [{day: score}]}}."""
    began = time.monotonic()
    clean = events.clean(folder / f"seed-{seed}.clean.jsonl.gz")
    injected = events.injected(folder / f"seed-{seed}.injected.jsonl.gz")
    say(f"seed {seed}: read, {time.monotonic() - began:.0f} s")
    last = max(max(days) for _, days in clean.values())
    kept_for = {}
    for run in injected:
        if not run.newborn:
            kept_for.setdefault(run.number, set()).add(run.first)
    rows, asked, pasts = [], [], {}
    for number, (kind, days) in sorted(clean.items()):
        history, at = History(), 0
        for stop in sorted(kept_for.get(number, ())) + [last + 1]:
            rows += [(number, kind, *one) for one in walk(history, days, at, stop - 1)]
            at = stop
            if stop <= last:
                pasts[number, stop] = copy.deepcopy(history)
    for at, run in enumerate(injected):
        history = History() if run.newborn else copy.deepcopy(pasts[run.number, run.first])
        asked += [(at, run.kind, run.number, *one) for one in walk(history, run.days, run.first, run.last)]
    say(f"seed {seed}: {len(rows)} days and {len(asked)} injected ones, {time.monotonic() - began:.0f} s")

    tested = [row for row in rows if row[2] >= TEST_FROM]
    out = {}

    def put(name, of_clean, of_asked):
        by, runs = {}, [{} for _ in injected]
        for row, score in zip(tested, of_clean):
            by.setdefault(row[0], {})[row[2]] = float(score)
        for row, score in zip(asked, of_asked):
            runs[row[0]][row[3]] = float(score)
        out[name] = {"clean": by, "runs": runs}

    for name in tested[0][3]:
        put(name, [row[3][name] for row in tested], [row[4][name] for row in asked])
    taught = [row for row in rows if row[2] < TEST_FROM]
    for features, column in (("raw", 4), ("rich", 5)):
        # The first days have no past to be rare against: models learn from the third week on where features are of the past.
        train_rows = [row for row in taught if features == "raw" or row[2] >= 14]
        train = np.array([row[column] for row in train_rows])
        x = np.array([row[column] for row in tested] + [row[column + 1] for row in asked])
        groups = {
            "": (lambda kind, number: 0),
            ", by kind": (lambda kind, number: kind),
            ", by identity": (lambda kind, number: number),
        }
        for name, make in models.BATCH.items():
            for group, key in groups.items():
                if (group == ", by identity" and name != "IForest") or (name == "RRCF" and group):
                    continue
                of = models.batch(
                    make,
                    train,
                    [key(row[1], row[0]) for row in train_rows],
                    x,
                    [key(row[1], row[0]) for row in tested] + [key(row[1], row[2]) for row in asked],
                )
                put(f"{name} {features}{group}", of[: len(tested)], of[len(tested) :])
            say(f"seed {seed}: {name} {features}, {time.monotonic() - began:.0f} s")
        stream = sorted((row[2], row[0], row[column]) for row in rows)
        for name, setting in models.HALF_SPACE.items():
            of_clean, of_asked = models.half_space(setting, [(d, v) for d, _, v in stream], [(row[3], row[column + 1]) for row in asked], TEST_FROM)
            place = {(d, n): at for at, (d, n, _) in enumerate(stream)}
            put(f"HalfSpaceTrees {features}{name}", [of_clean[place[row[2], row[0]]] for row in tested], of_asked)
        say(f"seed {seed}: HalfSpaceTrees {features}, {time.monotonic() - began:.0f} s")
    heads = [{"scenario": run.scenario, "number": run.number, "start": run.start} for run in injected]
    return {"seed": seed, "runs": heads, "identities": sorted(clean), "last": last, "scores": out}


def result_of(folder, seed, heads):
    """Our result of a seed: the one whose injections are those of the export."""
    for path in sorted(folder.glob(f"seed-{seed}-*.json")):
        result = json.loads(path.read_text())
        told = [{"scenario": r["scenario"], "number": r["number"], "start": r["start"]} for r in result["runs"]]
        if told == heads:
            return result
    sys.exit(f"{folder}: no result of seed {seed} with the injections of the export; run evaluate and the export with the same options")


def compare(seeds, results, attacks):
    """The figures, ours and each detector's."""
    months = sum(len(s["identities"]) * (s["last"] + 1 - TEST_FROM) / 30 for s in seeds)
    runs = [(run["scenario"], (s["seed"], run["number"])) for s in seeds for run in s["runs"]]
    paired = judge.Paired(runs, attacks)
    flags = [flag for r in results for i in r["identities"] for flag in i["flags"]]
    margins = [flag["total"] - flag["threshold"] for flag in flags]
    ours_runs = [run for r in results for run in r["runs"]]
    out = {
        "date": datetime.date.today().isoformat(),
        "seeds": [s["seed"] for s in seeds],
        "key": results[0]["key"],
        "identities": sum(len(s["identities"]) for s in seeds),
        "months": months,
        "injections": len(runs),
        "budgets": judge.BUDGETS,
        "attacks": paired.scenarios,
        "detectors": {},
    }
    ours = {}
    entry = {"swept": {}}
    for budget in judge.BUDGETS:
        threshold = judge.our_threshold(margins, int(budget * months))
        ours[budget] = [judge.our_found(run, threshold) for run in ours_runs]
        entry["swept"][budget] = {"mean": paired.mean(ours[budget]), "recall": judge.recalls(runs, ours[budget])}
    hits = [run["risk"] >= 50 for run in ours_runs]
    natural = sum(flag["risk"] >= 50 for flag in flags) / months
    entry["natural"] = {"false": natural, "mean": paired.mean(hits), "recall": judge.recalls(runs, hits)}
    out["detectors"]["driftline"] = entry
    for name in seeds[0]["scores"]:
        clean, asked = {}, []
        for s in seeds:
            of = s["scores"][name]
            for number, days in of["clean"].items():
                clean[s["seed"], int(number)] = {int(day): score for day, score in days.items()}
            for head, days in zip(s["runs"], of["runs"]):
                without = clean.get((s["seed"], head["number"]), {})
                asked.append([(score, without.get(int(day))) for day, score in days.items()])
        entry = {"swept": {}}
        for budget in judge.BUDGETS if name not in RULES else ():
            threshold = judge.threshold_of(clean, int(budget * months))
            hits = [judge.found(run, threshold) for run in asked]
            difference, low, high = paired.interval(ours[budget], hits)
            entry["swept"][budget] = {
                "threshold": threshold,
                "mean": paired.mean(hits),
                "recall": judge.recalls(runs, hits),
                "ahead": {"difference": difference, "low": low, "high": high},
            }
        if name in NATURAL:
            hits = [judge.found(run, NATURAL[name]) for run in asked]
            entry["natural"] = {"false": judge.false_alerts(clean, NATURAL[name]) / months, "mean": paired.mean(hits), "recall": judge.recalls(runs, hits)}
        out["detectors"][name] = entry
    return out


def table(figures):
    """The figures as Markdown."""
    first, second = judge.BUDGETS
    lines = [
        f"Seeds {figures['seeds'][0]}–{figures['seeds'][-1]}, {figures['identities']} identities, {figures['months']:.0f} identity-months judged, "
        f"{figures['injections']} injections; mean over {', '.join(figures['attacks'])}; {figures['date']}; plan `{figures['key']}`.",
        "",
        f"| detector | recall at {first} | ours − theirs | recall at {second} | ours − theirs |",
        "|---|---|---|---|---|",
    ]

    def ahead(a):
        return f"{a['difference']:+.2f} ({a['low']:+.2f} to {a['high']:+.2f})"

    swept = {name: e for name, e in figures["detectors"].items() if e["swept"]}
    for name, e in sorted(swept.items(), key=lambda item: (item[0] != "driftline", -item[1]["swept"][first]["mean"], item[0])):
        one, two = e["swept"][first], e["swept"][second]
        if name == "driftline":
            lines.append(f"| **driftline** | **{one['mean']:.2f}** | | **{two['mean']:.2f}** | |")
        else:
            lines.append(f"| {name} | {one['mean']:.2f} | {ahead(one['ahead'])} | {two['mean']:.2f} | {ahead(two['ahead'])} |")
    lines += ["", "As each is used by itself, at its own threshold:", "", "| detector | false alerts per identity and month | recall |", "|---|---|---|"]
    for name, e in figures["detectors"].items():
        if "natural" in e:
            lines.append(f"| {name} | {e['natural']['false']:.2f} | {e['natural']['mean']:.2f} |")
    peers = sorted((name for name in swept if name != "driftline"), key=lambda name: -swept[name]["swept"][first]["mean"])[:5]
    shown = ["driftline", *peers]
    lines += ["", f"By scenario, share found at {first} / {second}, of ours and of the five that come nearest:", ""]
    lines.append("| scenario | " + " | ".join(shown) + " |")
    lines.append("|---" * (len(shown) + 1) + "|")
    for scenario in swept["driftline"]["swept"][first]["recall"]:
        cells = [f"{swept[name]['swept'][first]['recall'][scenario]:.2f} / {swept[name]['swept'][second]['recall'][scenario]:.2f}" for name in shown]
        lines.append(f"| {scenario} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("export", type=pathlib.Path, help="folder of `evaluate --normalised`")
    parser.add_argument("results", type=pathlib.Path, help="folder of `evaluate --out`")
    parser.add_argument("--seeds", default="4-6", help="a range such as 4-6")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("target/peers"), help="folder of scores and figures; seeds that are there are not done again")
    parser.add_argument("--only-scores", action="store_true", help="stop before the comparison, so that seeds can be done by several processes")
    parser.add_argument("--attacks", nargs="+", default=judge.OWNED, help="scenarios that recall is the mean of")
    args = parser.parse_args()
    first, _, last = args.seeds.partition("-")
    args.out.mkdir(parents=True, exist_ok=True)
    seeds = []
    for seed in range(int(first), int(last or first) + 1):
        # Another export is another file.
        sizes = [(args.export / f"seed-{seed}.{what}.jsonl.gz").stat().st_size for what in ("clean", "injected")]
        kept = args.out / f"scores-{seed}-{sizes[0]}-{sizes[1]}.json"
        if not kept.exists():
            part = kept.with_suffix(".part")
            part.write_text(json.dumps(scores_of(args.export, seed, lambda text: print(text, file=sys.stderr, flush=True))))
            part.rename(kept)
        if not args.only_scores:
            seeds.append(json.loads(kept.read_text()))
    if args.only_scores:
        return
    figures = compare(seeds, [result_of(args.results, s["seed"], s["runs"]) for s in seeds], args.attacks)
    (args.out / "peers.json").write_text(json.dumps(figures, indent=1))
    text = table(figures)
    (args.out / "peers.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
