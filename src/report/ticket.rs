//! The text of an alert: what `show` prints, what `y` copies, what a ticket needs. Times are UTC, events by the provider's
//! ids.

use super::{history, shown};
use crate::model::Alert;
use crate::model::decision::AuditRow;
use std::fmt::Write as _;

/// The ticket text of an alert with its history, oldest first.
pub fn write(alert: &Alert, history: &[AuditRow]) -> String {
    let mut out = String::new();
    head(&mut out, alert);
    evidence(&mut out, alert);
    sequences(&mut out, alert);
    list(&mut out, "Mitigations considered", &alert.mitigations);
    list(&mut out, "What would change it", &alert.counterfactuals);
    list(&mut out, "Not observable", &alert.not_observable);
    reach(&mut out, alert);
    list(&mut out, "Check", &alert.guidance.check);
    list(&mut out, "Harmless if", &alert.guidance.benign);
    list(&mut out, "Contain, least destructive first", &alert.guidance.contain);
    tail(&mut out, alert, history);
    out
}

// Writing to a String cannot fail; the results are dropped for that reason throughout.
fn head(out: &mut String, a: &Alert) {
    let _ = writeln!(out, "{} {} · risk {} · {}", a.severity.as_str().to_uppercase(), shown(&a.identity.name), a.risk, a.status);
    let _ = writeln!(out, "alert {}   onset {}   raised {}   last {}", a.id, a.onset, a.raised, a.updated);
    if !a.aliases.is_empty() {
        let _ = writeln!(out, "also known as {}", a.aliases.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "));
    }
    let mut triage = Vec::new();
    if let Some(verdict) = a.verdict {
        triage.push(format!("verdict {verdict}"));
    }
    if let Some(who) = &a.assigned {
        triage.push(format!("held by {}", shown(who)));
    }
    if let Some(until) = a.snoozed_until {
        triage.push(format!("snoozed until {until}"));
    }
    if let Some(other) = a.duplicate_of {
        triage.push(format!("duplicate of {other}"));
    }
    if !triage.is_empty() {
        let _ = writeln!(out, "{}", triage.join(", "));
    }
    let _ = writeln!(
        out,
        "identity {} ({}, {}, {}){}",
        shown(&a.identity.id),
        a.identity.kind,
        a.identity.class,
        a.identity.platform,
        a.identity.tenant.as_deref().map(|t| format!(" in {}", shown(t))).unwrap_or_default()
    );
    let _ = writeln!(out, "\n{}\n", shown(&a.sentence));
}

fn evidence(out: &mut String, a: &Alert) {
    let _ = writeln!(out, "Evidence (points add up to the risk)");
    for s in &a.signals {
        let p = s.p.map(|p| format!(", p = {p}")).unwrap_or_default();
        let _ = writeln!(out, "  {:>3}  {:<14} {}", s.points, s.detector, shown(&s.observed));
        let _ = writeln!(out, "       {:<14} usual: {} ({:.1} bans{p})", s.family, shown(&s.baseline), s.bans);
    }
    let _ = writeln!(
        out,
        "  score {:.2} bans against {:.2} (statistics {:.2} of a raw sum {:.2}); at this threshold {:.2} false alerts a day are expected over all identities",
        a.score.total, a.score.threshold, a.score.statistics, a.score.sum, a.score.expected_false_per_day
    );
}

fn sequences(out: &mut String, a: &Alert) {
    for s in &a.sequences {
        let _ = writeln!(out, "\nSequence {}", s.id);
        for step in &s.steps {
            let _ = writeln!(out, "  {}  {}", step.time, shown(&step.name));
        }
        for missing in &s.missing {
            let _ = writeln!(out, "  not seen: {}", shown(missing));
        }
    }
}

fn list(out: &mut String, title: &str, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{title}");
    for line in lines {
        let _ = writeln!(out, "  - {}", shown(line));
    }
}

fn reach(out: &mut String, a: &Alert) {
    let b = &a.blast_radius;
    let _ = writeln!(
        out,
        "\nReach since onset\n  {} events of these callers, {} rows, {} bytes, {} distinct resources",
        a.events.count, b.rows, b.bytes, b.objects
    );
}

fn tail(out: &mut String, a: &Alert, history: &[AuditRow]) {
    if !a.frameworks.is_empty() {
        let tags: Vec<String> = a.frameworks.iter().map(|f| format!("{} {} {}", f.framework, f.version, f.id)).collect();
        let _ = writeln!(out, "\nFrameworks\n  {}", tags.join(", "));
    }
    if !a.events.sample.is_empty() {
        let _ = writeln!(out, "\nEvents ({} of {}, provider ids)", a.events.sample.len(), a.events.count);
        for id in &a.events.sample {
            let _ = writeln!(out, "  {}", shown(id));
        }
    }
    if !history.is_empty() {
        let _ = writeln!(out, "\nHistory");
        for row in history {
            let note = if row.note.is_empty() { String::new() } else { format!(": {}", shown(&row.note)) };
            let _ = writeln!(out, "  {}  {} {}{note}", row.time, shown(&row.who), shown(&history::tell(row)));
        }
    }
    let p = &a.provenance;
    let _ = writeln!(
        out,
        "\nmodel {} · context {} · baseline of {} ({} active days) · use case {}",
        p.model, p.context, p.baseline_day, p.active_days, p.use_case
    );
}
