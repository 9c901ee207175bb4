//! One connector for one meeting, as Markdown: what is usual, what changed, what is open, who owns it.

use super::declared::Declared;
use super::{lineage, short, shown};
use crate::model::Timestamp;
use crate::model::page::{IdentityPage, Range, UsualNow};
use crate::resolve::look_alike_note;
use std::fmt::Write as _;

/// The review of an identity; `now` is the end of the last 24 hours it compares.
pub fn write(page: &IdentityPage, declared: &Declared, now: Timestamp) -> String {
    let mut out = String::new();
    let Some(row) = &page.row else { return out };
    let id = &row.identity;
    // Writing to a String cannot fail.
    let _ = writeln!(out, "# {}\n", cell(&id.name));
    let _ = writeln!(
        out,
        "`{}` · {} on {} · {} · owner: {}\n",
        shown(&id.id).replace('`', "'"),
        id.kind,
        id.platform,
        shown(&row.reason),
        id.owner.as_deref().map_or_else(|| "not known".to_owned(), shown)
    );
    if let Some(note) = look_alike_note(&id.name) {
        let _ = writeln!(out, "Its name {note}.\n");
    }
    let credentials = if row.credentials == 1 { "1 credential".to_owned() } else { format!("{} credentials", row.credentials) };
    let _ = writeln!(
        out,
        "{} events on {} active days from {} to {}, {}. Baseline: {} active days. Now: the 24 hours up to {now}.\n",
        row.events, row.active_days, row.first_seen, row.last_seen, credentials, page.usual.days
    );
    let facts = declared.facts();
    if !facts.is_empty() {
        let _ = writeln!(out, "## Declared\n\n| | |\n|---|---|");
        for (title, text) in facts {
            let _ = writeln!(out, "| {title} | {} |", cell(&text));
        }
        out.push('\n');
    }
    for (title, lines) in [("Outside what is declared", declared.outside.clone()), ("Announced changes", declared.announced(now))] {
        if !lines.is_empty() {
            let _ = writeln!(out, "## {title}\n");
            for line in &lines {
                out.extend(["- ", &cell(line), "\n"]);
            }
            out.push('\n');
        }
    }
    let _ = writeln!(out, "## Usual and now\n\n| | usual (5–95 %) | now |\n|---|---|---|");
    let (usual, at) = (&page.usual, &page.now);
    for (name, range, value) in [
        ("source networks a day", usual.sources, at.sources),
        ("kinds of data a day", usual.breadth, at.breadth),
        ("bulk jobs a day", usual.jobs, at.jobs),
        ("rows a day", usual.rows, at.rows),
        ("events a day", usual.events, at.events as f64),
    ] {
        let _ = writeln!(out, "| {name} | {} | {} |", band(range), short(value));
    }
    if usual.mix.days > 0 {
        // A distance has no lower bound worth telling: what counts is how far a usual day goes at most.
        let _ = writeln!(out, "| distance of the event mix, bits | up to {} | {} |", short(usual.mix.p95), short(at.mix));
    }
    if !page.not_observable.is_empty() {
        let _ = writeln!(out, "\nNot observable: {}.", cell(&page.not_observable.join("; ")));
    }
    changes(&mut out, "Sources", &page.sources);
    changes(&mut out, "Clients", &page.agents);
    changes(&mut out, "Operations", &page.actions);
    changes(&mut out, "Data", &page.domains);
    if !page.jobs.is_empty() {
        let _ = writeln!(out, "\n## Bulk jobs\n\n| time | data | rows | |\n|---|---|---|---|");
        for job in &page.jobs {
            let _ = writeln!(
                out,
                "| {} | {} | {} | {} |",
                job.time,
                cell(&job.domain),
                short(job.rows as f64),
                if job.deleted { "deleted" } else { "" }
            );
        }
    }
    if !page.lineage.is_empty() {
        let _ = writeln!(out, "\n## Lineage\n\n| | identity | first | last | events |\n|---|---|---|---|---|");
        for row in &page.lineage {
            let _ = writeln!(out, "| {} | {} | {} | {} | {} |", lineage::words(row.tie), cell(&row.id), row.first, row.last, row.events);
        }
    }
    let _ = writeln!(out, "\n## Alerts and findings\n");
    if page.alerts.is_empty() {
        let _ = writeln!(out, "None.");
    }
    for alert in &page.alerts {
        let _ = writeln!(out, "- {} `{}` {} ({}): {}", alert.onset, alert.id, alert.severity, alert.status, cell(&alert.sentence));
    }
    out
}

fn band(range: Range) -> String {
    if range.days == 0 { "not known yet".to_owned() } else { format!("{} – {}", short(range.p5), short(range.p95)) }
}

fn changes(out: &mut String, title: &str, values: &[UsualNow]) {
    if values.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n## {title}\n\n| | usual | now | |\n|---|---|---|---|");
    for v in values.iter().take(12) {
        let detail = if v.detail.is_empty() { String::new() } else { format!(" ({})", cell(&v.detail)) };
        let _ = writeln!(
            out,
            "| {}{detail} | {:.0} % | {:.0} % | {} |",
            cell(&v.text),
            v.usual * 100.0,
            v.now * 100.0,
            if v.new { "NEW" } else { "" }
        );
    }
}

/// Text that cannot leave its table cell or become markup.
fn cell(text: &str) -> String {
    let mut out = String::new();
    for c in shown(text).chars() {
        if matches!(c, '|' | '`' | '<' | '>' | '[' | ']' | '!' | '*' | '_' | '\\' | '#') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_its_cell() {
        assert_eq!(cell("a|b<script>"), "a\\|b\\<script\\>");
    }
}
