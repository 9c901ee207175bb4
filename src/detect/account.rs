//! The account of an episode: it becomes an [`Alert`] with its sentence, its evidence rows whose points add up to the
//! risk, what would change the verdict, and what could not be seen (`detection.md` 2.16). It decides nothing.

use super::context::Context;
use super::episode::{Episode, Reach, Row, points};
use super::guidance;
use crate::model::alert::{BlastRadius, Provenance, Sequence, SequenceStep, Signal, Support};
use crate::model::{Alert, AlertId, Severity, Status};

/// Writes the alert of an episode; `reach` is what its callers moved and touched so far.
pub fn write(episode: &Episode, reach: Reach, ctx: &Context<'_>) -> Alert {
    let rows = episode.rows(ctx.settings);
    let terms: Vec<f64> = rows.iter().map(|r| r.term).collect();
    let shares = points(episode.risk, &terms);
    let mut signals: Vec<Signal> = rows
        .iter()
        .zip(&shares)
        .map(|(row, points)| Signal {
            detector: row.detector.clone(),
            family: row.family.clone(),
            observed: row.evidence.observed.clone(),
            baseline: row.evidence.baseline.clone(),
            p: row.statistic.then(|| significant(row.evidence.p)),
            bans: hundredth(row.bans),
            points: *points,
        })
        .collect();
    let mut order: Vec<usize> = (0..signals.len()).collect();
    order.sort_by_key(|i| (std::cmp::Reverse(signals[*i].points), *i));
    let (guidance, frameworks) = guidance::for_detectors(order.iter().map(|i| signals[*i].detector.as_str()));
    let sentence = sentence(episode, &rows, &order, ctx);
    let mut score = episode.score(ctx.settings);
    let counterfactuals = counterfactuals(episode, &rows, &order, &shares, ctx);
    // In a small fleet that is less than a hundredth a day.
    score.expected_false_per_day = significant(ctx.settings.budget * f64::from(ctx.fleet.active));
    for x in [&mut score.total, &mut score.threshold, &mut score.statistics, &mut score.sum] {
        *x = hundredth(*x);
    }
    signals.sort_by_key(|s| std::cmp::Reverse(s.points));
    Alert {
        id: AlertId::of(&ctx.identity.id, episode.first.id),
        aliases: Vec::new(),
        identity: ctx.identity.clone(),
        severity: Severity::of(episode.risk),
        risk: episode.risk,
        status: Status::New,
        verdict: None,
        assigned: None,
        snoozed_until: None,
        duplicate_of: None,
        onset: episode.first.time,
        raised: episode.raised.unwrap_or(episode.risen),
        updated: episode.updated,
        sentence,
        signals,
        sequences: episode
            .hits
            .iter()
            .map(|hit| Sequence {
                id: hit.id.clone(),
                steps: hit
                    .steps
                    .iter()
                    .map(|s| SequenceStep { name: s.name.clone(), time: s.time, event: s.event.id.to_string() })
                    .collect(),
                missing: match hit.hold {
                    Some(until) => hit.missing.iter().map(|step| format!("{step} (waited for until {until})")).collect(),
                    None => hit.missing.clone(),
                },
            })
            .collect(),
        mitigations: mitigations(episode, ctx),
        counterfactuals,
        not_observable: episode.not_observable.clone(),
        blast_radius: BlastRadius {
            rows: reach.rows,
            bytes: reach.bytes,
            objects: reach.objects,
            credentials: reach.credentials,
            identities: reach.identities,
            tenants: u64::from(ctx.identity.tenant.is_some()),
        },
        events: Support { count: reach.events, sample: Vec::new() },
        frameworks,
        guidance,
        score,
        provenance: Provenance {
            model: ctx.hashes.0.to_owned(),
            context: ctx.hashes.1.to_owned(),
            baseline_day: episode.baseline_day.clone(),
            use_case: "pooled".to_owned(),
            active_days: episode.days,
        },
    }
}

fn sentence(episode: &Episode, rows: &[Row], order: &[usize], ctx: &Context<'_>) -> String {
    let mut clauses: Vec<&str> = Vec::new();
    // Where from comes first: it is what everybody asks first. Then by weight.
    let source = order.iter().find(|i| rows[**i].detector == "new-source");
    for i in source.into_iter().chain(order.iter()) {
        let clause = rows[*i].evidence.clause.as_str();
        if !clause.is_empty() && !clauses.contains(&clause) && clauses.len() < 4 {
            clauses.push(clause);
        }
    }
    let what = match clauses.as_slice() {
        // Nothing but context: the weightiest speaks for itself.
        [] => order.first().map_or_else(String::new, |i| format!("shows {}: {}", rows[*i].detector, rows[*i].evidence.observed)),
        [one] => (*one).to_owned(),
        [init @ .., last] => format!("{} and {last}", init.join(", ")),
    };
    let kind = ctx.identity.kind.as_str().replace('_', " ");
    // A source that is usual has no clause of its own, and is asked for all the same.
    let places = match episode.places.as_slice() {
        [] => "an address its records do not tell".to_owned(),
        places => places.join(" and "),
    };
    format!(
        "{} ({kind}, {}) {what}; since {}, from {places}. An investigation trigger, not proof of compromise.",
        ctx.identity.name, ctx.identity.platform, episode.first.time
    )
}

/// What takes from the risk, and what was considered and does not.
fn mitigations(episode: &Episode, ctx: &Context<'_>) -> Vec<String> {
    let mut out = episode.explained.clone();
    if out.is_empty() {
        out.push("none applied: no change window or exception covers it".to_owned());
    }
    let more = ctx.settings.threshold(episode.days) - ctx.settings.threshold(ctx.settings.young_days);
    if more > 0.0 {
        out.push(format!("young baseline ({} active days): an alert needs {more:.1} bans more", episode.days));
    }
    if episode.is_held(ctx.settings) {
        out.push("held at 89, below critical: no bulk or sensitive data, credential or permission was touched so far".to_owned());
    }
    out
}

fn counterfactuals(episode: &Episode, rows: &[Row], order: &[usize], points: &[i32], ctx: &Context<'_>) -> Vec<String> {
    let mut out: Vec<String> = order
        .iter()
        .take(3)
        .filter(|i| points[**i] > 0)
        .map(|i| {
            let row = &rows[*i];
            let risk = episode.without(row, ctx.settings);
            let still = if risk == episode.risk { "still be" } else { "be" };
            format!("without {} the risk would {still} {risk}", row.detector)
        })
        .collect();
    out.push("it would be harmless if it was announced, or once the same is seen on three more days without an open alert".to_owned());
    out
}

fn hundredth(x: f64) -> f64 {
    libm::round(x * 100.0) / 100.0
}

/// Two significant digits: enough for a probability, and the same text everywhere.
fn significant(p: f64) -> f64 {
    if p <= 0.0 {
        return 0.0;
    }
    let scale = libm::pow(10.0, 1.0 - libm::floor(libm::log10(p)));
    libm::round(p * scale) / scale
}
