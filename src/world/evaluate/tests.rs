//! What holds of an evaluation: it is repeatable, whatever the number of threads.

use super::*;

fn small(threads: usize) -> Options {
    Options { per_kind: 1, days: 40, scenarios: vec!["A02".into(), "A06".into(), "B10".into()], runs: 2, threads }
}

/// Protects every figure: the same seed gives the same file, by one thread or by several.
#[test]
fn an_evaluation_is_repeatable_and_does_not_depend_on_threads() {
    let one = seed(1, &small(1), &|_, _, _| {}).unwrap();
    let two = seed(1, &small(3), &|_, _, _| {}).unwrap();
    let text = serde_json::to_string(&one).unwrap();
    assert_eq!(text, serde_json::to_string(&two).unwrap());
    assert_eq!(serde_json::from_str::<SeedResult>(&text).unwrap(), one);
    assert_eq!(one.identities.len(), 12);
    assert!(one.runs.len() == 6 && one.runs.iter().all(|run| run.injected > 0), "{:?}", one.runs);
    let figures = figures::of(&[one]);
    assert!(table::of(&figures).contains("A02"));
    assert!(figures.scenarios.iter().any(|s| s.id == "A02" && s.medium > 0.0), "a bulk theft from elsewhere must be found: {figures:?}");
}
