//! What an alert says, held against the evidence contract: the linter runs over everything that the invented events of the
//! other tests make the fold say, and what an alert says would be otherwise is played through.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop where it is")]

#[path = "mutations/detectors.rs"]
mod detectors;
#[path = "mutations/families.rs"]
mod families;
#[path = "mutations/gates.rs"]
mod gates;
#[path = "evidence/linter.rs"]
mod linter;
#[expect(dead_code, reason = "what is switched off is another test's")]
#[path = "mutations/row.rs"]
mod row;
#[expect(dead_code, reason = "the names are another test's")]
#[path = "mutations/rules.rs"]
mod rules;
#[expect(dead_code, reason = "other tests tell more of a call")]
#[path = "mutations/trace.rs"]
mod trace;

use driftline::detect::Settings;
use driftline::model::{Alert, Severity};
use row::{Case, Row, Switch};

/// Every fixture there is, by what it shows.
fn everything() -> Vec<(String, Case)> {
    let rows = detectors::rows().into_iter().chain(families::rows()).chain(gates::rows()).chain(rules::rows());
    let mut out: Vec<(String, Case)> = rows.map(|Row { switch, case, .. }| (format!("{switch:?}"), case())).collect();
    out.push(("a theft".to_owned(), Case::of(trace::theft(56))));
    out.push(("the second day".to_owned(), Case::of(trace::theft(6))));
    out.push(("a failing role".to_owned(), Case::of(trace::failing(5))));
    out
}

#[test]
fn every_alert_says_what_it_must() {
    let settings = Settings::default();
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for (name, case) in everything() {
        for folded in case.fold(&settings) {
            let alert = &folded.alert;
            seen += 1;
            let mut all = linter::violations(alert, &settings);
            // Here the events are at hand: the sentence names a place they came from, and the alert stands on them.
            let places = || case.trace.events.iter().filter_map(|o| o.source.as_deref()).map(driftline::model::Source::describe);
            if !places().any(|place| alert.sentence.contains(&place)) {
                all.push("1: the sentence names no place the events came from".to_owned());
            }
            let support = &folded.support;
            if support.is_empty() || support.len() > 50 || alert.events.count < support.len() as u64 {
                all.push(format!("10: {} events of {} are kept as support", support.len(), alert.events.count));
            }
            if !support.iter().all(|e| case.trace.events.iter().any(|o| o.id == e.id && o.time == e.time)) {
                all.push("10: it stands on an event that never was".to_owned());
            }
            wrong.extend(all.into_iter().map(|what| format!("{name}: {what}\n      {}", alert.sentence)));
        }
    }
    assert!(seen >= 70, "only {seen} alerts and findings to look at");
    assert!(wrong.is_empty(), "{} violations in {seen}:\n{}", wrong.len(), wrong.join("\n"));
}

/// Protects the analyst from a false "without it": where a term of threat or context is among the first three rows, the risk
/// it names is the one the model gives when that term is switched off.
#[test]
fn what_an_alert_says_would_be_is_what_the_model_then_says() {
    let mut played = 0;
    for row in rules::rows() {
        let (case, Switch::Rule(rule)) = ((row.case)(), row.switch) else { continue };
        let (with, without) = (case.fold(&Settings::default()), case.fold(&row.switch.off()));
        let begins = format!("without {rule} the risk would ");
        for folded in &with {
            // Without a sequence its events are no longer held together: that is another alert, not this one without a row.
            if !folded.alert.signals.iter().any(|s| s.detector == rule && ["threat", "context"].contains(&s.family.as_str())) {
                continue;
            }
            let said = folded.alert.counterfactuals.iter().find_map(|c| c.strip_prefix(&begins));
            let Some(risk) = said.and_then(|s| s.rsplit(' ').next()).and_then(|n| n.parse::<u8>().ok()) else { continue };
            let then = without.iter().filter(|f| f.alert.onset == folded.alert.onset).map(|f| f.alert.risk).max().unwrap_or(0);
            assert_eq!(risk, then, "{rule}: {:#?}\n{}", folded.alert.counterfactuals, row::told(&without));
            played += 1;
        }
    }
    assert!(played >= 12, "only {played} were played through");
}

/// What the linter should say, and what takes it from an alert.
type Taken = (&'static str, fn(&mut Alert));

/// Protects against a linter that sees nothing: whatever is taken from a good alert, it misses.
#[test]
fn the_linter_misses_whatever_is_taken_away() {
    let settings = Settings::default();
    let good = Case::of(trace::theft(56)).fold(&settings).swap_remove(0).alert;
    assert_eq!(linter::violations(&good, &settings), Vec::<String>::new());
    let taken: Vec<Taken> = vec![
        ("1: the sentence does not begin with who", |a| a.sentence.insert(0, ' ')),
        ("1: the sentence does not say from where", |a| a.sentence = a.sentence.replace(", from ", ", ")),
        ("1: the sentence does not say what it is not", |a| a.sentence = a.sentence.replace("not proof", "proof")),
        ("2: severity is not that of the risk", |a| a.severity = Severity::Low),
        ("2: A is not what G is worth", |a| a.score.statistics -= 0.5),
        ("2: the risk is not what L says", |a| a.score.total -= 4.0),
        ("2: no false alerts are expected", |a| a.score.expected_false_per_day = 0.0),
        ("2: onset, first alert and last event are out of order", |a| a.raised = a.updated.plus(1)),
        ("3: points do not add up to the risk", |a| a.signals[0].points += 1),
        ("nothing to compare with", |a| a.signals[0].baseline.clear()),
        ("bans are not those of the probability", |a| {
            for row in a.signals.iter_mut().filter(|s| s.p.is_some()) {
                row.bans += 0.5;
            }
        }),
        ("4: no word on mitigations", |a| a.mitigations.clear()),
        ("5: not told what the risk would be without", |a| drop(a.counterfactuals.remove(0))),
        ("5: not told what would make it harmless", |a| drop(a.counterfactuals.pop())),
        ("no step", |a| a.sequences[0].steps.clear()),
        ("no steps", |a| a.sequences.clear()),
        ("7: not told what could not be seen", |a| a.not_observable.clear()),
        ("8: it belongs to a tenant and reaches none", |a| a.identity.tenant = Some("acme".to_owned())),
        ("9: no framework", |a| a.frameworks.clear()),
        ("9: no containment", |a| a.guidance.contain.clear()),
        ("10: stands on no events", |a| a.events.count = 0),
        ("10: shows more than fifty events", |a| {
            a.events.count = 51;
            a.events.sample = vec!["event".to_owned(); 51];
        }),
        ("10: no model", |a| a.provenance.model.clear()),
        ("10: no day of the baseline", |a| a.provenance.baseline_day.clear()),
        ("10: no use case", |a| a.provenance.use_case.clear()),
    ];
    for (what, take) in taken {
        let mut alert = good.clone();
        take(&mut alert);
        let found = linter::violations(&alert, &settings);
        assert!(found.iter().any(|v| v.contains(what)), "{what}: {found:?}");
    }
}
