//! What every alert must say, point by point of the evidence contract (`docs/detection.md`), as a function that names every
//! violation. It reads an alert as anybody outside gets it, and knows nothing of how it was made.

use driftline::detect::Settings;
use driftline::detect::evidence::Family;
use driftline::model::{Alert, Severity};

/// Events an alert shows at most.
const SHOWN: usize = 50;
/// Rows whose absence an alert must play through.
const PLAYED: usize = 3;

/// Everything an alert fails to say, or says wrongly; empty for a good one. `settings` are those of the model that made it.
pub fn violations(alert: &Alert, settings: &Settings) -> Vec<String> {
    let mut out = Vec::new();
    let mut must = |holds: bool, what: &str| {
        if !holds {
            out.push(what.to_owned());
        }
    };
    sentence(alert, &mut must);
    score(alert, settings, &mut must);
    rows(alert, &mut must);
    what_if(alert, settings, &mut must);
    sequences(alert, &mut must);
    surroundings(alert, &mut must);
    out
}

/// Point 1.
fn sentence(alert: &Alert, must: &mut impl FnMut(bool, &str)) {
    let says = &alert.sentence;
    must(says.starts_with(&alert.identity.name), "1: the sentence does not begin with who");
    let kind = alert.identity.kind.as_str().replace('_', " ");
    must(says.contains(&kind) && says.contains(&alert.identity.platform), "1: the sentence does not say what sort of identity");
    must(!says.contains("behaved unusually"), "1: the sentence does not say what");
    must(says.contains(&format!("since {}", alert.onset)), "1: the sentence does not say when");
    let place = says.split_once(&format!("since {}, from ", alert.onset)).map(|(_, rest)| rest);
    must(place.is_some_and(|p| p.len() > 3), "1: the sentence does not say from where");
    must(says.ends_with("An investigation trigger, not proof of compromise."), "1: the sentence does not say what it is not");
    must(!says.contains('\n') && says.chars().count() <= 1_200, "1: the sentence is no sentence");
}

/// Point 2.
fn score(alert: &Alert, settings: &Settings, must: &mut impl FnMut(bool, &str)) {
    let score = &alert.score;
    let all = [score.total, score.threshold, score.statistics, score.sum, score.expected_false_per_day];
    must(all.iter().all(|x| x.is_finite()), "2: a number of the score is none");
    must(alert.risk <= 100 && alert.severity == Severity::of(alert.risk), "2: severity is not that of the risk");
    must((2.5..=5.5).contains(&score.threshold), "2: the threshold lies outside its bounds");
    must(score.expected_false_per_day > 0.0, "2: no false alerts are expected");
    must(score.sum >= 0.0 && (0.0..=6.0).contains(&score.statistics), "2: the statistics lie outside their bounds");
    must((settings.calibrate(score.sum) - score.statistics).abs() < 0.02, "2: A is not what G is worth");
    must(alert.onset <= alert.raised && alert.raised <= alert.updated, "2: onset, first alert and last event are out of order");
    // Risk is what L says; at least the floor of a whole sequence, at most 89 without anything grave.
    let plain = settings.risk(score.total, score.threshold);
    let same = (plain - f64::from(alert.risk)).abs() <= 1.0;
    let floored = alert.sequences.iter().any(|s| s.missing.is_empty()) && matches!(alert.risk, 50 | 75) && f64::from(alert.risk) > plain;
    must(same || floored || (alert.risk == 89 && plain > 89.0), "2: the risk is not what L says");
    let of = |families: &[&str]| alert.signals.iter().filter(|s| families.contains(&s.family.as_str())).map(|s| s.bans).sum::<f64>();
    let most = score.statistics + of(&["threat", "sequence", "context"]).max(0.0);
    must(score.total <= most + 0.52, "2: L is more than its terms");
}

/// Point 3.
fn rows(alert: &Alert, must: &mut impl FnMut(bool, &str)) {
    must(!alert.signals.is_empty(), "3: no row of evidence");
    must(alert.signals.iter().map(|s| s.points).sum::<i32>() == i32::from(alert.risk), "3: points do not add up to the risk");
    must(alert.signals.windows(2).all(|w| w[0].points >= w[1].points), "3: rows are not in the order of their points");
    for row in &alert.signals {
        let name = &row.detector;
        let mut must = |holds: bool, what: &str| must(holds, &format!("3: {name}: {what}"));
        must(!row.observed.is_empty(), "nothing observed");
        must(!row.baseline.is_empty(), "nothing to compare with");
        must(row.points >= 0 && row.bans.is_finite(), "points below nothing");
        let statistic = row.p.is_some();
        must(!statistic || Family::ALL.iter().any(|f| f.as_str() == row.family), "a probability outside the families");
        if let Some(p) = row.p {
            must(p > 0.0 && p <= 1.0, "no probability");
            // Two digits of p and two of bans.
            must((-p.log10() - row.bans).abs() < 0.03, "bans are not those of the probability");
            must(row.baseline.contains("active day"), "does not say what it rests on");
        } else {
            let sorts = ["threat", "context", "sequence"];
            must(sorts.contains(&row.family.as_str()) || name == "outside-purpose", "no probability where one belongs");
        }
    }
}

/// Points 4 and 5.
fn what_if(alert: &Alert, settings: &Settings, must: &mut impl FnMut(bool, &str)) {
    must(!alert.mitigations.is_empty(), "4: no word on mitigations");
    must(alert.mitigations.iter().all(|m| !m.trim().is_empty()), "4: an empty mitigation");
    let young = alert.provenance.active_days < settings.young_days;
    must(!young || alert.mitigations.iter().any(|m| m.contains("young baseline")), "4: a young baseline is not told");
    for row in alert.signals.iter().filter(|s| s.points > 0).take(PLAYED) {
        let begins = format!("without {} the risk would ", row.detector);
        let said = alert.counterfactuals.iter().find_map(|c| c.strip_prefix(&begins));
        let risk = said.and_then(|s| s.rsplit(' ').next()).and_then(|n| n.parse::<u8>().ok());
        must(risk.is_some_and(|r| r <= alert.risk), &format!("5: not told what the risk would be without {}", row.detector));
    }
    must(alert.counterfactuals.iter().any(|c| c.contains("harmless if")), "5: not told what would make it harmless");
}

/// Point 6.
fn sequences(alert: &Alert, must: &mut impl FnMut(bool, &str)) {
    for sequence in &alert.sequences {
        let id = &sequence.id;
        let mut must = |holds: bool, what: &str| must(holds, &format!("6: {id}: {what}"));
        must(!sequence.steps.is_empty(), "no step");
        must(sequence.steps.iter().all(|s| !s.name.is_empty()), "a step without a name");
        must(sequence.steps.iter().all(|s| s.event.len() == 16 && u64::from_str_radix(&s.event, 16).is_ok()), "a step without its event");
        must(sequence.steps.windows(2).all(|w| w[0].time <= w[1].time), "steps out of order");
        must(sequence.steps.iter().all(|s| s.time <= alert.updated), "a step after the last event");
        must(sequence.missing.iter().all(|m| m.contains("waited for until ")), "a missing step without its window");
        must(alert.signals.iter().any(|s| s.family == "sequence" && s.detector == *id), "no row of evidence");
    }
    for row in alert.signals.iter().filter(|s| s.family == "sequence") {
        must(alert.sequences.iter().any(|s| s.id == row.detector), &format!("6: {}: no steps", row.detector));
    }
}

/// Points 7 to 10.
fn surroundings(alert: &Alert, must: &mut impl FnMut(bool, &str)) {
    must(!alert.not_observable.is_empty(), "7: not told what could not be seen");
    must(alert.not_observable.iter().all(|n| n.split_once(": ").is_some()), "7: not told why something could not be seen");
    let blast = &alert.blast_radius;
    let minted = alert.signals.iter().any(|s| s.detector == "minted-credential");
    must(!minted || blast.credentials > 0, "8: a credential was made and none is counted");
    must(alert.identity.tenant.is_none() || blast.tenants > 0, "8: it belongs to a tenant and reaches none");
    must(!alert.frameworks.is_empty(), "9: no framework");
    let whole = |f: &driftline::model::alert::Framework| !f.framework.is_empty() && !f.version.is_empty() && !f.id.is_empty();
    must(alert.frameworks.iter().all(whole), "9: a tag without framework, version or id");
    for (name, list) in
        [("checks", &alert.guidance.check), ("harmless explanations", &alert.guidance.benign), ("containment", &alert.guidance.contain)]
    {
        must(!list.is_empty() && list.len() <= 5 && list.iter().all(|l| !l.is_empty()), &format!("9: no {name}"));
    }
    let provenance = &alert.provenance;
    must(alert.events.count > 0 && alert.events.count >= alert.events.sample.len() as u64, "10: stands on no events");
    must(alert.events.sample.len() <= SHOWN, "10: shows more than fifty events");
    must(provenance.model.len() == 16 && u64::from_str_radix(&provenance.model, 16).is_ok(), "10: no model");
    must(!provenance.context.is_empty(), "10: no context");
    let date = |text: &str| text.len() == 10 && text.bytes().filter(|b| *b == b'-').count() == 2;
    must(provenance.active_days == 0 || date(&provenance.baseline_day), "10: no day of the baseline");
    must(!provenance.use_case.is_empty(), "10: no use case");
}
