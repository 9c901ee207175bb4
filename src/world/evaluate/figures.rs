//! The figures of an evaluation, from the results of its seeds: false alerts, recall at several budgets, time to detect,
//! calibration, with bootstrap intervals over identities. Pure and seeded. It must not know how results come about.

use super::result::{Flag, RunResult, SeedResult};
use crate::model::Severity;
use crate::world::chance::Chance;
use crate::world::w1::{KindId, Scenario, Verdict};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// False alerts per identity and month at which recall is told.
pub const BUDGETS: [f64; 4] = [0.5, 0.1, 0.02, 0.005];
/// Budgets at which realised and expected false alerts are compared.
pub const SLIDER: [f64; 5] = [0.5, 0.1, 0.05, 0.02, 0.005];
/// Alerts a day, over all identities, at which cumulative recall is told.
pub const A_DAY: [u32; 4] = [1, 2, 5, 10];
/// Resamples of an interval.
const RESAMPLES: usize = 1_000;

/// A figure with its 95 % interval.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Interval {
    /// The figure.
    pub value: f64,
    /// Lower bound.
    pub low: f64,
    /// Upper bound.
    pub high: f64,
}

/// False alerts of a kind.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct KindFigures {
    /// `K01`, or `all`.
    pub kind: String,
    /// Identity-months judged.
    pub months: f64,
    /// Alerts of medium and above per identity-month.
    pub medium: Interval,
    /// Alerts of high and above per identity-month.
    pub high: Interval,
}

/// Realised and expected false alerts at a position of the slider.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Calibration {
    /// Wanted false alerts per identity and month.
    pub budget: f64,
    /// Bans at which risk would be 50.
    pub threshold: f64,
    /// What is expected over all identity-months.
    pub expected: f64,
    /// What came.
    pub realised: u32,
    /// Whether the floor of evidence stands above what the budget asks for.
    pub clamped: bool,
}

/// A scenario.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ScenarioFigures {
    /// `A01`.
    pub id: String,
    /// What it is.
    pub title: String,
    /// Injections.
    pub runs: u32,
    /// Share with an alert at the default threshold.
    pub medium: f64,
    /// Share that reached the severity demanded (attacks), or stayed within it (oddities).
    pub verdict: f64,
    /// Share with an alert of high and above.
    pub high: f64,
    /// Share found when the threshold is moved to give each of [`BUDGETS`].
    pub at_budget: [f64; 4],
    /// Median and ninth decile of injected events until the alert.
    pub events: Option<(u32, u32)>,
    /// Median and ninth decile of seconds until the alert.
    pub seconds: Option<(i64, i64)>,
    /// Injected events allowed.
    pub bar: Option<u32>,
    /// Share of the injections that kept it.
    pub within_bar: Option<f64>,
    /// Alerts per injection that was found.
    pub alerts: f64,
    /// Share of found injections whose explanation names an injected dimension.
    pub explained: Option<f64>,
    /// Mean share of rows not yet moved at the alert.
    pub averted: Option<f64>,
    /// Largest risk seen.
    pub risk: u8,
    /// Kinds of which an alert is missing (attacks) or too grave (oddities), with their shares as it should be.
    pub weak: Vec<String>,
}

/// Everything.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figures {
    /// Seeds.
    pub seeds: Vec<u64>,
    /// Records of the clean passes.
    pub events: u64,
    /// By kind, then all together.
    pub kinds: Vec<KindFigures>,
    /// Calibration.
    pub calibration: Vec<Calibration>,
    /// Bans added to every threshold to give each of [`BUDGETS`]; `None` where even every finding keeps it.
    pub shifts: [Option<f64>; 4],
    /// By scenario.
    pub scenarios: Vec<ScenarioFigures>,
    /// Mean recall over attacks at the default threshold.
    pub recall: Interval,
    /// Mean recall over attacks at each of [`BUDGETS`].
    pub recall_at_budget: [Interval; 4],
    /// Mean recall over attacks with so many alerts a day as [`A_DAY`], all identities together.
    pub cumulative: [f64; 4],
    /// Area under precision and recall with one attack in a thousand identity-months.
    pub precision_recall: f64,
    /// Area under recall where at most one identity-day in a thousand is flagged, 1 at best.
    pub partial: f64,
    /// Mean share of oddities that meet what is expected.
    pub benign: f64,
    /// Ninety-fifth percentile of the bytes of an identity's state.
    pub bytes: usize,
    /// Kinds and terms of the largest false alerts.
    pub worst: Vec<String>,
}

/// The figures of some seeds.
pub fn of(results: &[SeedResult]) -> Figures {
    let months_each = results.first().map_or(0.0, |r| f64::from(r.judged) / 30.0);
    let flags = |r: &SeedResult| r.identities.iter().flat_map(|i| i.flags.clone()).collect::<Vec<Flag>>();
    let all: Vec<Flag> = results.iter().flat_map(flags).collect();
    let months: f64 = results.iter().map(|r| r.identities.len() as f64).sum::<f64>() * months_each;
    let mut kinds: Vec<KindFigures> = KindId::ALL.iter().map(|kind| of_kind(results, Some(*kind), months_each)).collect();
    kinds.push(of_kind(results, None, months_each));
    let mut margins: Vec<f64> = all.iter().map(Flag::margin).collect();
    margins.sort_by(|a, b| b.total_cmp(a));
    let shifts = BUDGETS.map(|budget| margins.get((budget * months) as usize).copied());
    let calibration = SLIDER.map(|budget| {
        // One day's budget for one identity, in bans; below the floor of 2.5 nothing is alerted.
        let wanted = -libm::log10(budget / 30.0);
        let threshold = wanted.clamp(2.5, 5.0);
        let realised = all.iter().filter(|flag| flag.total >= threshold).count() as u32;
        Calibration { budget, threshold, expected: budget * months, realised, clamped: wanted < 2.5 }
    });
    let runs: Vec<&RunResult> = results.iter().flat_map(|r| &r.runs).collect();
    let ids: BTreeSet<&str> = runs.iter().map(|run| run.scenario.as_str()).collect();
    let scenarios: Vec<ScenarioFigures> =
        ids.iter().filter_map(|id| Scenario::find(id)).map(|scenario| of_scenario(&scenario, &runs, shifts)).collect();
    let mut sizes: Vec<usize> = results.iter().flat_map(|r| r.identities.iter().map(|i| i.bytes)).collect();
    sizes.sort_unstable();
    let benign: Vec<f64> = scenarios.iter().filter(|s| s.id.starts_with('B')).map(|s| s.verdict).collect();
    let mut worst: Vec<(f64, String)> = Vec::new();
    for result in results {
        for identity in &result.identities {
            for flag in identity.flags.iter().filter(|flag| flag.risk >= 50) {
                let text = format!(
                    "{} seed {} #{} day {} risk {}: {}",
                    identity.kind.as_str(),
                    result.seed,
                    identity.number,
                    flag.day,
                    flag.risk,
                    flag.leading
                );
                worst.push((flag.margin(), text));
            }
        }
    }
    worst.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    let judged_days: i32 = results.iter().map(|r| r.judged).sum();
    let cumulative = A_DAY.map(|k| {
        let shift = margins.get(k as usize * judged_days as usize).copied();
        recall(results, &|run: &RunResult| is_found(run, shift)).value
    });
    let attacks: Vec<f64> = runs
        .iter()
        .filter(|run| Scenario::find(&run.scenario).is_some_and(|s| matches!(s.verdict, Verdict::Alert(_))))
        .map(|run| run.margin.unwrap_or(f64::NEG_INFINITY))
        .collect();
    let identity_days = months * 30.0;
    let found = |shift: Option<f64>| move |run: &RunResult| is_found(run, shift);
    Figures {
        seeds: results.iter().map(|r| r.seed).collect(),
        events: results.iter().map(|r| r.events).sum(),
        kinds,
        calibration: calibration.to_vec(),
        shifts,
        recall: recall(results, &|run: &RunResult| run.risk >= 50),
        recall_at_budget: shifts.map(|shift| recall(results, &found(shift))),
        cumulative,
        precision_recall: precision_recall(&attacks, &margins, months / 1_000.0),
        partial: partial(&attacks, &margins, identity_days),
        scenarios,
        benign: mean(&benign).unwrap_or(1.0),
        bytes: sizes.get((sizes.len() * 95 / 100).min(sizes.len().saturating_sub(1))).copied().unwrap_or(0),
        worst: worst.into_iter().take(12).map(|(_, text)| text).collect(),
    }
}

/// Average precision of attacks against false alerts, all attacks together weighing `weight`. Both are margins; `false_ones`
/// falls.
fn precision_recall(attacks: &[f64], false_ones: &[f64], weight: f64) -> f64 {
    let mut sorted: Vec<f64> = attacks.to_vec();
    sorted.sort_by(|a, b| b.total_cmp(a));
    let each = weight / sorted.len().max(1) as f64;
    let mut area = 0.0;
    for (n, margin) in sorted.iter().enumerate().filter(|(_, margin)| margin.is_finite()) {
        let found = each * (n + 1) as f64;
        let wrong = false_ones.partition_point(|f| f >= margin) as f64;
        area += found / (found + wrong);
    }
    area / sorted.len().max(1) as f64
}

/// Mean recall over thresholds that flag up to one identity-day in a thousand.
fn partial(attacks: &[f64], false_ones: &[f64], identity_days: f64) -> f64 {
    let most = (identity_days / 1_000.0) as usize;
    let recalls = (0..=most).map(|allowed| {
        let shift = false_ones.get(allowed).copied().unwrap_or(f64::NEG_INFINITY);
        attacks.iter().filter(|margin| **margin > shift).count() as f64 / attacks.len().max(1) as f64
    });
    recalls.sum::<f64>() / (most + 1) as f64
}

/// Whether an injection is found when the threshold is moved by a shift; without one every finding counts.
fn is_found(run: &RunResult, shift: Option<f64>) -> bool {
    run.margin.is_some_and(|margin| shift.is_none_or(|shift| margin > shift && run.without.is_none_or(|without| without <= shift)))
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// False alerts per identity-month, resampled by identities.
fn of_kind(results: &[SeedResult], kind: Option<KindId>, months_each: f64) -> KindFigures {
    let of = |risk: u8| -> Vec<f64> {
        let identities = results.iter().flat_map(|r| &r.identities).filter(|i| kind.is_none_or(|kind| kind == i.kind));
        identities.map(|i| i.flags.iter().filter(|flag| flag.risk >= risk).count() as f64 / months_each.max(1e-9)).collect()
    };
    let counts = of(50);
    KindFigures {
        kind: kind.map_or("all", KindId::as_str).to_owned(),
        months: counts.len() as f64 * months_each,
        medium: resample(&counts),
        high: resample(&of(75)),
    }
}

/// The mean of per-identity figures with its interval.
fn resample(values: &[f64]) -> Interval {
    let Some(value) = mean(values) else { return Interval::default() };
    let mut chance = Chance::of(95, values.len() as u64, 0, 0);
    let mut means: Vec<f64> = (0..RESAMPLES)
        .map(|_| (0..values.len()).map(|_| values[chance.below(values.len() as u64) as usize]).sum::<f64>() / values.len() as f64)
        .collect();
    means.sort_by(f64::total_cmp);
    Interval { value, low: means[RESAMPLES / 40], high: means[RESAMPLES - 1 - RESAMPLES / 40] }
}

/// Mean over attacks of the share found; the interval resamples identities.
fn recall(results: &[SeedResult], found: &dyn Fn(&RunResult) -> bool) -> Interval {
    let attacks: BTreeSet<String> =
        Scenario::all().iter().filter(|s| matches!(s.verdict, Verdict::Alert(_))).map(|s| s.id.to_owned()).collect();
    // An identity is a seed and a number; each carries its runs.
    let mut carried: BTreeMap<(u64, u32), Vec<(&str, bool)>> = BTreeMap::new();
    for result in results {
        for run in result.runs.iter().filter(|run| attacks.contains(&run.scenario)) {
            carried.entry((result.seed, run.number)).or_default().push((&run.scenario, found(run)));
        }
    }
    let carried: Vec<Vec<(&str, bool)>> = carried.into_values().collect();
    let of = |picked: &mut dyn Iterator<Item = &Vec<(&str, bool)>>| -> Option<f64> {
        let mut shares: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
        for (id, hit) in picked.flatten() {
            let share = shares.entry(id).or_default();
            share.0 += u32::from(*hit);
            share.1 += 1;
        }
        mean(&shares.values().map(|(hits, all)| f64::from(*hits) / f64::from(*all)).collect::<Vec<_>>())
    };
    let Some(value) = of(&mut carried.iter()) else { return Interval::default() };
    let mut chance = Chance::of(96, carried.len() as u64, 0, 0);
    let mut means: Vec<f64> = (0..RESAMPLES)
        .filter_map(|_| {
            let picks: Vec<usize> = (0..carried.len()).map(|_| chance.below(carried.len() as u64) as usize).collect();
            of(&mut picks.iter().map(|at| &carried[*at]))
        })
        .collect();
    means.sort_by(f64::total_cmp);
    Interval { value, low: means[means.len() / 40], high: means[means.len() - 1 - means.len() / 40] }
}

/// Kinds of a scenario of several that do worse than all could.
fn weak(scenario: &Scenario, mine: &[&RunResult], met: &dyn Fn(&RunResult) -> bool) -> Vec<String> {
    if scenario.kinds.len() < 2 {
        return Vec::new();
    }
    let of = |kind: &KindId| -> Option<String> {
        let runs: Vec<&RunResult> = mine.iter().copied().filter(|run| run.kind == *kind).collect();
        let good = share(&runs, met);
        (good < 1.0 && !runs.is_empty()).then(|| format!("{} {good:.2}", kind.as_str()))
    };
    scenario.kinds.iter().filter_map(of).collect()
}

fn share(runs: &[&RunResult], test: impl Fn(&RunResult) -> bool) -> f64 {
    if runs.is_empty() { 0.0 } else { runs.iter().filter(|run| test(run)).count() as f64 / runs.len() as f64 }
}

/// Median and ninth decile.
fn quantiles<V: Copy + Ord>(mut values: Vec<V>) -> Option<(V, V)> {
    values.sort_unstable();
    let at = |q: usize| values.get((values.len() * q / 10).min(values.len().saturating_sub(1))).copied();
    at(5).zip(at(9))
}

fn of_scenario(scenario: &Scenario, runs: &[&RunResult], shifts: [Option<f64>; 4]) -> ScenarioFigures {
    let mine: Vec<&RunResult> = runs.iter().copied().filter(|run| run.scenario == scenario.id).collect();
    let found: Vec<&RunResult> = mine.iter().copied().filter(|run| run.risk >= 50).collect();
    let met = |run: &RunResult| match scenario.verdict {
        Verdict::Alert(severity) => Severity::of(run.risk) >= severity,
        Verdict::Drift => run.margin.is_some(),
        Verdict::AtMost(severity) => Severity::of(run.risk) <= severity,
        Verdict::OneMedium => run.alerts <= 1 && run.risk < 75,
    };
    let averted: Vec<f64> = mine.iter().filter(|run| run.rows > 1_000).map(|run| 1.0 - run.rows_before as f64 / run.rows as f64).collect();
    let explained = share(&found, |run| run.explained == Some(true));
    ScenarioFigures {
        id: scenario.id.to_owned(),
        title: scenario.title.to_owned(),
        runs: mine.len() as u32,
        medium: share(&mine, |run| run.risk >= 50),
        verdict: share(&mine, met),
        high: share(&mine, |run| run.risk >= 75),
        at_budget: shifts.map(|shift| share(&mine, |run| is_found(run, shift))),
        events: quantiles(mine.iter().filter_map(|run| run.events_to_medium).collect()),
        seconds: quantiles(mine.iter().filter_map(|run| run.seconds_to_medium).collect()),
        bar: scenario.bar,
        within_bar: scenario.bar.map(|bar| share(&mine, |run| run.events_to_medium.is_some_and(|n| n <= bar))),
        alerts: mean(&found.iter().map(|run| f64::from(run.alerts)).collect::<Vec<_>>()).unwrap_or(0.0),
        explained: (!found.is_empty() && scenario.is_attack()).then_some(explained),
        averted: mean(&averted).filter(|_| scenario.is_attack()),
        risk: mine.iter().map(|run| run.risk).max().unwrap_or(0),
        weak: weak(scenario, &mine, &met),
    }
}
