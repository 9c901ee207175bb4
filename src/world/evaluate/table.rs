//! The figures as text for a person. It must not know where they are printed.

use super::figures::{A_DAY, BUDGETS, Figures, Interval};
use std::fmt::Write;

/// The figures as lines.
pub fn of(figures: &Figures) -> String {
    let mut out = String::new();
    // Writing into a string cannot fail.
    let _ = write(figures, &mut out);
    out
}

fn interval(i: Interval) -> String {
    format!("{:.3} ({:.3}–{:.3})", i.value, i.low, i.high)
}

fn write(f: &Figures, out: &mut String) -> std::fmt::Result {
    let seeds: Vec<String> = f.seeds.iter().map(u64::to_string).collect();
    writeln!(out, "seeds {}; {} records in the clean passes; p95 of a state {} bytes", seeds.join(" "), f.events, f.bytes)?;
    writeln!(out, "\nfalse alerts per identity and month (95 % interval over identities)")?;
    writeln!(out, "  kind   months   medium and above         high and above")?;
    for kind in &f.kinds {
        writeln!(out, "  {:<5}{:>8.0}   {:<24} {}", kind.kind, kind.months, interval(kind.medium), interval(kind.high))?;
    }
    writeln!(out, "\nrealised and expected false alerts")?;
    writeln!(out, "  budget  threshold  expected  realised  ratio")?;
    for c in &f.calibration {
        let ratio = if c.expected > 0.0 { f64::from(c.realised) / c.expected } else { 0.0 };
        let note = if c.clamped { "  (the floor of evidence stands above)" } else { "" };
        writeln!(out, "  {:<7} {:>9.2}  {:>8.1}  {:>8}  {:>5.2}{note}", c.budget, c.threshold, c.expected, c.realised, ratio)?;
    }
    let shift = |s: Option<f64>| s.map_or_else(|| "any finding".to_owned(), |s| format!("{s:+.2}"));
    writeln!(out, "\nmean recall over attacks")?;
    writeln!(out, "  default threshold        {}", interval(f.recall))?;
    for ((budget, recall), at) in BUDGETS.iter().zip(&f.recall_at_budget).zip(&f.shifts) {
        writeln!(out, "  {budget:<5} false a month     {}   threshold {} bans", interval(*recall), shift(*at))?;
    }
    let days: Vec<String> = A_DAY.iter().zip(f.cumulative).map(|(k, recall)| format!("{k}: {recall:.2}")).collect();
    writeln!(out, "  by alerts a day          {}", days.join("  "))?;
    writeln!(
        out,
        "area under precision and recall at one attack in 1,000 identity-months {:.3}; partial area (1 identity-day in 1,000) {:.3}",
        f.precision_recall, f.partial
    )?;
    writeln!(out, "oddities as expected {:.3}", f.benign)?;
    writeln!(
        out,
        "\nscenarios: share found (medium, as demanded, high), at 0.5 / 0.1 / 0.02 / 0.005 false a month; events and seconds to the alert"
    )?;
    writeln!(
        out,
        "  id   runs  med  dem. high | .5   .1   .02  .005 | events p50/p90 (bar, kept) | seconds p50/p90 | alerts expl. avert. max"
    )?;
    for s in &f.scenarios {
        let [a, b, c, d] = s.at_budget;
        let events = s.events.map_or_else(|| "–".to_owned(), |(m, n)| format!("{m}/{n}"));
        let bar = s.bar.map_or_else(String::new, |bar| format!(" ({bar}, {:.2})", s.within_bar.unwrap_or(0.0)));
        let seconds = s.seconds.map_or_else(|| "–".to_owned(), |(m, n)| format!("{m}/{n}"));
        let some = |v: Option<f64>| v.map_or_else(|| "–".to_owned(), |v| format!("{v:.2}"));
        writeln!(
            out,
            "  {:<4} {:>4} {:.2} {:.2} {:.2} | {a:.2} {b:.2} {c:.2} {d:.2} | {:<26} | {:<15} | {:>5.2} {:>5} {:>5} {:>4}  {}",
            s.id,
            s.runs,
            s.medium,
            s.verdict,
            s.high,
            format!("{events}{bar}"),
            seconds,
            s.alerts,
            some(s.explained),
            some(s.averted),
            s.risk,
            s.title,
        )?;
        if !s.weak.is_empty() {
            writeln!(out, "       as demanded: {}", s.weak.join(", "))?;
        }
    }
    if !f.worst.is_empty() {
        writeln!(out, "\nlargest false alerts")?;
        for text in &f.worst {
            writeln!(out, "  {text}")?;
        }
    }
    Ok(())
}
