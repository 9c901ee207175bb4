//! No part of the model is there for show: for every detector, family, gate and rule there are invented events with a
//! property that holds with the model as it is, and does not when exactly that part is switched off. Whoever adds a part
//! adds a row; whoever breaks one reads here what an analyst loses.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop where it is")]

#[path = "mutations/detectors.rs"]
mod detectors;
#[path = "mutations/families.rs"]
mod families;
#[path = "mutations/gates.rs"]
mod gates;
#[path = "mutations/row.rs"]
mod row;
#[path = "mutations/rules.rs"]
mod rules;
#[expect(dead_code, reason = "other tests tell more of a call")]
#[path = "mutations/trace.rs"]
mod trace;

use driftline::detect::evidence::{Detector, Family};
use driftline::detect::{Gate, Settings};
use row::{Row, Switch, alerted, told};

/// Events a row may invent.
const MOST: usize = 20_000;

/// Folds every row with and without its part; tells all that do not hold.
fn check(rows: Vec<Row>) {
    let mut wrong = Vec::new();
    for row in rows {
        let case = (row.case)();
        assert!(case.trace.events.len() <= MOST, "{:?} invents {} events", row.switch, case.trace.events.len());
        let (with, without) = (case.fold(&Settings::default()), case.fold(&row.switch.off()));
        if !(row.holds)(&with) {
            wrong.push(format!("{:?}: the model as it is does not show {}:\n{}", row.switch, row.protects, told(&with)));
        }
        if (row.holds)(&without) {
            wrong.push(format!("{:?}: nothing depends on it, {} shows without it:\n{}", row.switch, row.protects, told(&without)));
        }
        if row.decides && alerted(&with) == alerted(&without) {
            wrong.push(format!("{:?}: the queue does not depend on it:\n{}\n  without:\n{}", row.switch, told(&with), told(&without)));
        }
    }
    assert!(wrong.is_empty(), "{} rows:\n{}", wrong.len(), wrong.join("\n"));
}

/// Protects against a part that nobody shows to matter.
#[test]
fn every_part_of_the_model_has_a_row() {
    let has = |rows: &[Row], switch: Switch| rows.iter().any(|r| r.switch == switch);
    let (detectors, families, gates, rules) = (detectors::rows(), families::rows(), gates::rows(), rules::rows());
    let missing: Vec<String> = Detector::ALL
        .iter()
        .filter(|d| !has(&detectors, Switch::Detector(**d)))
        .map(|d| d.as_str())
        .chain(Family::ALL.iter().filter(|f| !has(&families, Switch::Family(**f))).map(|f| f.as_str()))
        .chain(Gate::ALL.iter().filter(|g| !has(&gates, Switch::Gate(**g))).map(|g| g.as_str()))
        .chain(rules::NAMES.iter().filter(|name| !has(&rules, Switch::Rule(name))).copied())
        .map(str::to_owned)
        .collect();
    assert!(missing.is_empty(), "no row shows that these matter: {missing:?}");
    // What an analyst is told something of, and what there are rows of, is the same.
    let headings = include_str!("../assets/guidance.toml").lines().filter_map(|line| line.strip_prefix('[')?.strip_suffix(']'));
    let mut told: Vec<&str> = headings.filter(|name| Detector::ALL.iter().all(|d| d.as_str() != *name)).collect();
    let mut rules: Vec<&str> = rules::NAMES.to_vec();
    told.sort_unstable();
    rules.sort_unstable();
    assert_eq!(told, rules);
}

#[test]
fn no_detector_is_there_for_show() {
    check(detectors::rows());
}

#[test]
fn no_family_is_there_for_show() {
    check(families::rows());
}

#[test]
fn no_gate_is_there_for_show() {
    check(gates::rows());
}

#[test]
fn no_rule_is_there_for_show() {
    check(rules::rows());
}
