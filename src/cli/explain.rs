//! `explain`: what a detector, a rule or a term of context measures, with which settings, and how often it was right here:
//! by the verdicts people gave, not by what we hope. It must not judge.

use super::args::{ExplainArgs, Global};
use super::output::Output;
use super::place::Place;
use super::{Exit, Usage};
use crate::detect::{Settings, catalog, guidance};
use crate::engine::folding::reader;
use crate::model::alert::{Framework, Guidance, Verdict};
use crate::model::time::DAY;
use crate::query::nearest;
use crate::report::shown;
use crate::store::{AlertFilter, Reader};
use serde::Serialize;

/// Days of an identity-month.
const MONTH: f64 = 30.0;

/// `explain DETECTOR --json`.
#[derive(Serialize)]
struct Explained {
    name: &'static str,
    family: &'static str,
    #[serde(flatten)]
    entry: &'static catalog::Entry,
    values: Vec<(String, String)>,
    guidance: Guidance,
    frameworks: Vec<Framework>,
    measured: Option<Measured>,
}

/// What came of alerts it has a part in.
#[derive(Default, Serialize)]
struct Measured {
    alerts: u64,
    true_positive: u64,
    benign: u64,
    false_positive: u64,
    undecided: u64,
    identity_months: f64,
    false_per_identity_month: f64,
}

/// Runs `driftline explain`.
pub fn run(args: &ExplainArgs, global: &Global, out: &Output) -> anyhow::Result<Exit> {
    let Some(asked) = args.detector.as_deref() else { return list(out) };
    let found = catalog::all().find(|(name, entry)| name.eq_ignore_ascii_case(asked) || entry.design.eq_ignore_ascii_case(asked));
    let Some((name, entry)) = found else {
        let names: Vec<&str> = catalog::all().map(|(name, _)| name).collect();
        let nearest = nearest(asked, names).unwrap_or_default();
        return Usage::error(format!("no detector \"{}\"; nearest is \"{nearest}\"; `driftline explain` lists them", shown(asked)));
    };
    let (guidance, frameworks) = guidance::for_detectors([name].into_iter());
    let measured = match Place::of(global)?.look() {
        Ok(store) => Some(measure(&reader(&store)?, name)?),
        // It can be explained before anything was loaded.
        Err(_) => None,
    };
    let values = catalog::settings(entry, &Settings::default());
    let explained = Explained { name, family: catalog::family(name), entry, values, guidance, frameworks, measured };
    if out.json {
        out.object(&explained)?;
    } else {
        print(&explained, out)?;
    }
    Ok(Exit::Done)
}

fn list(out: &Output) -> anyhow::Result<Exit> {
    for (name, entry) in catalog::all() {
        if out.json {
            out.object(&serde_json::json!({ "name": name, "family": catalog::family(name), "entry": entry }))?;
        } else {
            out.line(&format!("{name:<18} {:<8} {}", entry.design, entry.measures))?;
        }
    }
    Ok(Exit::Done)
}

fn print(it: &Explained, out: &Output) -> anyhow::Result<()> {
    out.line(&format!("{} ({}), {}", it.name, it.entry.design, it.family))?;
    out.line(&format!("  measures   {}", it.entry.measures))?;
    out.line(&format!("  evidence   {}", it.entry.statistic))?;
    out.line(&format!("  window     {}", it.entry.window))?;
    for (key, value) in &it.values {
        out.line(&format!("  setting    {key} = {value}"))?;
    }
    match &it.measured {
        Some(m) if m.alerts > 0 => {
            out.line(&format!(
                "  here       part of {} alerts: {} true, {} benign, {} false, {} undecided",
                m.alerts, m.true_positive, m.benign, m.false_positive, m.undecided
            ))?;
            out.line(&format!(
                "             {:.3} dismissed alerts per identity and month, over {:.0} identity-months",
                m.false_per_identity_month, m.identity_months
            ))?;
        }
        Some(m) => out.line(&format!("  here       no alert in {:.0} identity-months", m.identity_months))?,
        None => out.line("  here       nothing was loaded yet")?,
    }
    for (title, lines) in [("check", &it.guidance.check), ("harmless", &it.guidance.benign), ("contain", &it.guidance.contain)] {
        for line in lines {
            out.line(&format!("  {title:<10} {line}"))?;
        }
    }
    let tags: Vec<String> = it.frameworks.iter().map(|tag| format!("{} {} {}", tag.framework, tag.version, tag.id)).collect();
    out.line(&format!("  frameworks {}", tags.join("; ")))
}

/// What people said of the alerts a detector has points in, over the time and the identities of the store.
fn measure(reader: &Reader, name: &str) -> anyhow::Result<Measured> {
    let mut it = Measured::default();
    reader.visit_alerts(&AlertFilter { limit: usize::MAX, ..AlertFilter::default() }, &mut |alert| {
        if !alert.signals.iter().any(|signal| signal.detector == name && signal.points != 0) {
            return;
        }
        it.alerts += 1;
        match alert.verdict {
            Some(Verdict::TruePositive) => it.true_positive += 1,
            Some(Verdict::BenignTruePositive | Verdict::Expected) => it.benign += 1,
            Some(Verdict::FalsePositive) => it.false_positive += 1,
            None => it.undecided += 1,
        }
    })?;
    for row in reader.principals()? {
        if let (Some(first), Some(last)) = (row.first, row.last)
            && crate::engine::folding::is_judged(reader.kind_of(&row)?.1)
        {
            it.identity_months += (last.since(first) as f64 / DAY as f64 + 1.0) / MONTH;
        }
    }
    it.false_per_identity_month = (it.benign + it.false_positive) as f64 / it.identity_months.max(1.0 / MONTH);
    Ok(it)
}
