//! Tests of alerts, decisions and the audit chain.

use super::sample::{MONDAY, reader, store_of, twenty};
use super::*;
use crate::govern::triage::Refusal;
use crate::model::alert::{BlastRadius, EventRef, Guidance, Provenance, Score, Signal, Support};
use crate::model::decision::{AuditRow, Triage};
use crate::model::identity::IdentityRef;
use crate::model::time::{DAY, HOUR};
use crate::model::{Alert, AlertId, Class, EventId, Kind, Severity, Status, Timestamp, Verdict};

const NOW: Timestamp = Timestamp(MONDAY + 40 * DAY);

fn folded(first: u64, events: &[u64], risk: u8) -> FoldedAlert {
    let time = |id: u64| Timestamp(MONDAY + id as i64 * HOUR);
    let newest = events.iter().copied().max().unwrap();
    let signal = |detector: &str, family: &str, points| Signal {
        detector: detector.to_owned(),
        family: family.to_owned(),
        observed: format!("{detector} seen"),
        baseline: String::new(),
        p: Some(1e-4),
        bans: 4.0,
        points,
    };
    let alert = Alert {
        id: AlertId::of("role/a", EventId(first)),
        aliases: vec![],
        identity: IdentityRef {
            id: "role/a".to_owned(),
            name: "a".to_owned(),
            kind: Kind::WorkloadRole,
            class: Class::Machine,
            platform: "aws".to_owned(),
            tenant: None,
            owner: None,
        },
        severity: Severity::of(risk),
        risk,
        status: Status::New,
        verdict: None,
        assigned: None,
        snoozed_until: None,
        duplicate_of: None,
        onset: time(first),
        raised: time(newest),
        updated: time(newest),
        sentence: format!("alert of {first}"),
        signals: vec![signal("new-source", "source", 20), signal("api-mix", "action", 40)],
        sequences: vec![],
        mitigations: vec![],
        counterfactuals: vec![],
        not_observable: vec![],
        blast_radius: BlastRadius::default(),
        events: Support { count: events.len() as u64, sample: vec![] },
        frameworks: vec![],
        guidance: Guidance::default(),
        score: Score::default(),
        provenance: Provenance { model: "m1".to_owned(), ..Provenance::default() },
    };
    let support = events.iter().map(|id| EventRef { time: time(*id), id: EventId(*id), principal: 1 }).collect();
    FoldedAlert { alert, support }
}

fn save(writer: &mut Writer, alerts: &[FoldedAlert]) -> Saved {
    writer.save_alerts("role/a", Timestamp(0), alerts).unwrap()
}

fn id(first: u64) -> AlertId {
    AlertId::of("role/a", EventId(first))
}

fn to(status: Status) -> Triage {
    Triage { status: Some(status), ..Triage::default() }
}

fn close(verdict: Verdict) -> Triage {
    Triage { verdict: Some(verdict), note: Some("looked".to_owned()), ..to(Status::Closed) }
}

/// Protects a person's work from a fold that says things differently.
#[test]
fn triage_follows_its_alert_through_folds() {
    let store = store_of(&twenty());
    let mut writer = store.writer().unwrap();
    let saved = save(&mut writer, &[folded(3, &[3, 4, 5], 60), folded(9, &[9], 30)]);
    assert_eq!(saved.changed.len(), 2);
    assert_eq!(save(&mut writer, &[folded(3, &[3, 4, 5], 60), folded(9, &[9], 30)]), Saved::default());
    writer.triage(id(3), &to(Status::InProgress), "ann", NOW).unwrap();
    // An earlier event came late: the episode begins earlier and has another id. The finding is gone, nobody saw it.
    let saved = save(&mut writer, &[folded(2, &[2, 3, 4, 5], 80)]);
    assert_eq!((saved.changed, saved.vanished), (vec![id(2)], vec![id(9)]));
    let reader = reader(&store);
    let (alert, support) = reader.alert(id(3)).unwrap().unwrap();
    assert_eq!((alert.id, alert.aliases.as_slice(), support.len()), (id(2), &[id(3)][..], 4));
    assert_eq!((alert.status, alert.assigned.as_deref(), alert.risk), (Status::InProgress, Some("ann"), 80));
    assert_eq!(reader.history(id(2)).unwrap().len(), 1);
    writer.triage(id(3), &close(Verdict::FalsePositive), "ann", NOW).unwrap();
    assert_eq!(reader.history(id(3)).unwrap().len(), 2);
    let decisions = reader.decisions("role/a").unwrap();
    assert_eq!(decisions.len(), 1);
    assert_eq!((decisions[0].alert, decisions[0].verdict, decisions[0].sequence), (id(2), Some(Verdict::FalsePositive), 2));
    assert_eq!(decisions[0].watermark, Timestamp(MONDAY + 19 * 4 * HOUR), "newest event committed");
    // Its ground goes: it stays, as superseded, with the reason, and comes back with its verdict.
    let saved = save(&mut writer, &[]);
    assert_eq!(saved.superseded, vec![id(2)]);
    assert_eq!(save(&mut writer, &[]), Saved::default());
    assert_eq!(reader.alerts(&AlertFilter::default()).unwrap(), vec![]);
    let rows = reader.alerts(&AlertFilter { include_superseded: true, ..AlertFilter::default() }).unwrap();
    assert_eq!((rows.len(), rows[0].status), (1, Status::Superseded));
    assert!(reader.superseded_reason(id(3)).unwrap().is_some());
    save(&mut writer, &[folded(2, &[2, 3, 4, 5], 80)]);
    let (alert, _) = reader.alert(id(2)).unwrap().unwrap();
    assert_eq!((alert.status, alert.verdict), (Status::Closed, Some(Verdict::FalsePositive)));
    assert_eq!(alert.aliases, vec![id(3)]);
}

/// Protects a verdict from a new model: what somebody decided on keeps its words and its model.
#[test]
fn a_new_model_leaves_decided_alerts_alone() {
    let store = store_of(&twenty());
    let mut writer = store.writer().unwrap();
    save(&mut writer, &[folded(3, &[3], 60), folded(7, &[7], 60)]);
    writer.triage(id(3), &to(Status::Acknowledged), "ann", NOW).unwrap();
    let of_model_two = |mut folded: FoldedAlert| {
        folded.alert.provenance.model = "m2".to_owned();
        folded
    };
    save(&mut writer, &[of_model_two(folded(3, &[3], 90)), of_model_two(folded(7, &[7], 90))]);
    let reader = reader(&store);
    assert_eq!(reader.alert(id(3)).unwrap().unwrap().0.risk, 60);
    assert_eq!(reader.alert(id(7)).unwrap().unwrap().0.risk, 90);
}

/// Protects what was shown to somebody from vanishing.
#[test]
fn a_published_alert_is_superseded_an_unpublished_one_vanishes() {
    let store = store_of(&twenty());
    let mut writer = store.writer().unwrap();
    save(&mut writer, &[folded(3, &[3], 60), folded(7, &[7], 60)]);
    writer.publish(&[id(3), id(99)], "opened").unwrap();
    let saved = save(&mut writer, &[]);
    assert_eq!((saved.superseded, saved.vanished), (vec![id(3)], vec![id(7)]));
}

/// Protects the span: alerts that ended before it are not touched.
#[test]
fn alerts_before_the_span_stay() {
    let store = store_of(&twenty());
    let mut writer = store.writer().unwrap();
    save(&mut writer, &[folded(3, &[3], 60), folded(7, &[7], 60)]);
    let saved = writer.save_alerts("role/a", Timestamp(MONDAY + 5 * HOUR), &[]).unwrap();
    assert_eq!(saved.vanished, vec![id(7)]);
    assert!(reader(&store).alert(id(3)).unwrap().is_some());
}

/// Protects two analysts from each other: one wins, the other is told who.
#[test]
fn of_two_who_decide_one_wins_and_the_other_is_told() {
    let store = store_of(&twenty());
    save(&mut store.writer().unwrap(), &[folded(3, &[3], 60)]);
    let barrier = std::sync::Barrier::new(2);
    let results: Vec<Result<AuditRow, StoreError>> = std::thread::scope(|scope| {
        let threads: Vec<_> = ["ann", "bo"]
            .map(|who| {
                let (store, barrier) = (store.clone(), &barrier);
                scope.spawn(move || {
                    let mut writer = store.writer().unwrap();
                    barrier.wait();
                    writer.triage(id(3), &to(Status::Acknowledged), who, NOW)
                })
            })
            .into_iter()
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let winner = results.iter().find_map(|result| result.as_ref().ok()).unwrap().who.clone();
    let lost = results.iter().find_map(|result| result.as_ref().err()).unwrap();
    assert!(matches!(lost, StoreError::Lost { who, .. } if *who == winner), "{lost}");
    assert_eq!(reader(&store).alert(id(3)).unwrap().unwrap().0.assigned, Some(winner));

    let seen = reader(&store).alert_version(id(3)).unwrap();
    let mut writer = store.writer().unwrap();
    let note = Triage { note: Some("one".to_owned()), ..Triage::default() };
    writer.triage_at(id(3), seen, &note, "cy", NOW).unwrap();
    assert!(matches!(writer.triage_at(id(3), seen, &note, "di", NOW), Err(StoreError::Lost { who, .. }) if who == "cy"));
}

/// Protects against slips: undo takes decisions back one by one, as new rows, and verdicts with them.
#[test]
fn undo_takes_decisions_back_one_by_one() {
    let store = store_of(&twenty());
    let mut writer = store.writer().unwrap();
    save(&mut writer, &[folded(3, &[3], 60)]);
    let reader = reader(&store);
    assert!(matches!(writer.undo(id(3), "ann", NOW), Err(StoreError::NothingToUndo(_))));
    assert!(matches!(writer.triage(id(4), &to(Status::Acknowledged), "ann", NOW), Err(StoreError::NoAlert(_))));
    let refused = writer.triage(id(3), &to(Status::Closed), "ann", NOW);
    assert!(matches!(refused, Err(StoreError::Refused { refusal: Refusal::VerdictNeeded, .. })));
    writer.triage(id(3), &to(Status::Acknowledged), "ann", NOW).unwrap();
    writer.triage(id(3), &close(Verdict::Expected), "ann", NOW).unwrap();
    let status = || reader.alert(id(3)).unwrap().unwrap().0;
    assert_eq!(status().status, Status::Closed);
    writer.undo(id(3), "ann", NOW).unwrap();
    assert_eq!((status().status, status().verdict, status().assigned.as_deref()), (Status::Acknowledged, None, Some("ann")));
    writer.undo(id(3), "bo", NOW).unwrap();
    assert_eq!((status().status, status().assigned), (Status::New, None));
    assert!(matches!(writer.undo(id(3), "ann", NOW), Err(StoreError::NothingToUndo(_))));
    assert_eq!(
        reader.history(id(3)).unwrap().iter().map(|row| row.what.as_str()).collect::<Vec<_>>(),
        ["triage", "triage", "undo", "undo"]
    );
    let verdicts: Vec<_> = reader.decisions("role/a").unwrap().iter().map(|decision| decision.verdict).collect();
    assert_eq!(verdicts, [Some(Verdict::Expected), None]);
    assert_eq!(reader.audit(2).unwrap().len(), 2);
}

/// Protects the chain: every flipped byte, a deleted, a swapped, an inserted row and a cut tail are found and named.
#[test]
fn tampering_with_the_chain_is_found() {
    let build = || {
        let store = store_of(&twenty());
        let mut writer = store.writer().unwrap();
        save(&mut writer, &[folded(3, &[3], 60)]);
        for note in ["one", "two", "three"] {
            writer.triage(id(3), &Triage { note: Some(note.to_owned()), ..Triage::default() }, "ann", NOW).unwrap();
        }
        (store, writer)
    };
    let (store, writer) = build();
    let check = reader(&store).verify_audit().unwrap();
    assert_eq!((check.rows, check.bad), (3, None));
    for sql in ["UPDATE audit SET note = 'x'", "DELETE FROM audit", "INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE seq = 2"] {
        assert!(writer.conn.execute(sql, []).unwrap_err().to_string().contains("append-only"), "{sql}");
    }
    let tampered = |sql: &str| {
        let (store, writer) = build();
        writer.conn.execute_batch("DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete; DROP TRIGGER audit_no_replace;").unwrap();
        writer.conn.execute_batch(sql).unwrap();
        reader(&store).verify_audit().unwrap().bad.map(|(row, _)| row)
    };
    for column in [
        "time = time + 1",
        "watermark = watermark + 1",
        "who = 'bo'",
        "what = 'undo'",
        "object = 'x'",
        "note = 'tw'",
        "hash = lower(hash) || '0'",
    ] {
        assert_eq!(tampered(&format!("UPDATE audit SET {column} WHERE seq = 2")), Some(2), "{column}");
    }
    for column in ["before", "after"] {
        for at in 1..20 {
            let sql =
                format!("UPDATE audit SET {column} = substr({column}, 1, {at} - 1) || '~' || substr({column}, {at} + 1) WHERE seq = 2");
            assert_eq!(tampered(&sql), Some(2), "{column} {at}");
        }
    }
    assert_eq!(tampered("DELETE FROM audit WHERE seq = 1"), Some(1));
    assert_eq!(tampered("DELETE FROM audit WHERE seq = 2"), Some(2));
    assert_eq!(tampered("DELETE FROM audit WHERE seq = 3"), Some(3));
    assert_eq!(tampered("DELETE FROM audit"), Some(1));
    assert_eq!(
        tampered("UPDATE audit SET seq = 9 WHERE seq = 1; UPDATE audit SET seq = 1 WHERE seq = 2; UPDATE audit SET seq = 2 WHERE seq = 9"),
        Some(1)
    );
    assert_eq!(
        tampered("INSERT INTO audit SELECT 4, time, watermark, who, what, object, before, after, note, hash FROM audit WHERE seq = 3"),
        Some(4)
    );
}

/// Protects the queue's filters.
#[test]
fn lists_are_filtered_ordered_and_bounded() {
    let store = store_of(&twenty());
    let mut writer = store.writer().unwrap();
    save(&mut writer, &[folded(3, &[3], 60), folded(5, &[5], 95), folded(7, &[7], 30), folded(9, &[9], 80)]);
    writer.triage(id(5), &to(Status::Acknowledged), "ann", NOW).unwrap();
    writer.triage(id(9), &Triage { until: Some(NOW.plus(DAY)), ..Triage::default() }, "ann", NOW).unwrap();
    let reader = reader(&store);
    let list = |filter: AlertFilter| reader.alerts(&filter).unwrap().into_iter().map(|row| row.id).collect::<Vec<_>>();
    let all = AlertFilter::default;
    assert_eq!(list(all()), [id(9), id(5), id(3)]);
    assert_eq!(list(AlertFilter { min_severity: Severity::Info, ..all() }), [id(9), id(7), id(5), id(3)]);
    assert_eq!(list(AlertFilter { limit: 1, ..all() }), [id(9)]);
    assert_eq!(list(AlertFilter { statuses: vec![Status::Acknowledged], ..all() }), [id(5)]);
    assert_eq!(list(AlertFilter { statuses: vec![Status::New, Status::Closed], ..all() }), [id(9), id(3)]);
    assert_eq!(list(AlertFilter { awake_at: Some(NOW), ..all() }), [id(5), id(3)]);
    assert_eq!(list(AlertFilter { identity: Some("role/b".to_owned()), ..all() }), []);
    assert_eq!(
        list(AlertFilter { identity: Some("role/a".to_owned()), since: Some(Timestamp(MONDAY + 5 * HOUR)), ..all() }),
        [id(9), id(5)]
    );
    assert_eq!(list(AlertFilter { until: Some(Timestamp(MONDAY + 5 * HOUR)), ..all() }), [id(3)]);
    let row = reader.alerts(&all()).unwrap().pop().unwrap();
    assert_eq!((row.detector.as_str(), row.headline.as_str(), row.from.as_str()), ("api-mix", "api-mix seen", "new-source seen"));
    let totals = reader.totals(NOW).unwrap();
    assert_eq!((totals.open, totals.oldest_new), ([0, 1, 1, 0, 1], Some(Timestamp(MONDAY + 3 * HOUR))));
    let identities = reader.identities(NOW, &IdentityFilter::default()).unwrap();
    assert_eq!((identities[0].identity.id.as_str(), identities[0].risk, identities[0].open_alerts), ("role/a", 95, 2));
    assert_eq!((identities[0].worst, identities[1].worst, identities[1].risk), (Some(Severity::Critical), None, 0));
}
