//! Hard rules of one event: a workload's credential away from its home (S09), the first credential or self-grant of an
//! identity that never had a hand in access (S21), watching switched off (D22), an identity that ended and still acts
//! (D24). It must not know the score they add to.

use super::{Hit, Step, weight};
use crate::detect::judge::Bench;
use crate::detect::privilege::Privilege;
use crate::detect::profile::Dim;
use crate::detect::strand::Strand;
use crate::model::alert::EventRef;
use crate::model::{ActionClass, Observation, Outcome, Sym};

/// Symbol of S09 among rules.
const S09: Sym = Sym(0x52 << 56 | 9);
/// Symbol of S21 among rules.
const S21: Sym = Sym(0x52 << 56 | 0x21);
/// Symbol of D22 among rules.
const SILENCED: Sym = Sym(0x52 << 56 | 0x122);
/// Symbol of D24 among rules.
const ZOMBIE: Sym = Sym(0x52 << 56 | 0x124);

fn hit(id: &str, bans: f64, floor: u8, name: &str, o: &Observation, at: EventRef, clause: String) -> Hit {
    let steps = vec![Step { name: name.to_owned(), time: o.time, event: at }];
    Hit { id: id.to_owned(), bans, floor, steps, missing: Vec::new(), clause, hold: None }
}

/// The rules this event breaks.
pub(super) fn step(bench: &Bench<'_>, strand: &mut Strand, o: &Observation, at: EventRef) -> Vec<(Sym, Hit)> {
    let mut out = Vec::new();
    if let Some((since, why)) = bench.declared.ended(o.time).filter(|_| !strand.fired(ZOMBIE)) {
        let when = since.map_or_else(String::new, |t| format!(" on {}", t.day()));
        out.push((ZOMBIE, hit("zombie", 2.0, 75, why, o, at, format!("acts though it was {why}{when}"))));
    }
    if !matches!(o.outcome, Outcome::Success | Outcome::Unknown) {
        return out;
    }
    if strand.hands.home.is_some() && bench.is_bound() && !strand.fired(S09) {
        let weight = weight(bench, S09);
        let clause = "had a credential that belongs to its workload used elsewhere".to_owned();
        out.push((S09, hit("S09", 2.5 * weight, if weight >= 0.99 { 75 } else { 0 }, "used away from home", o, at, clause)));
    }
    match bench.privilege {
        Some(Privilege::Silence) if !strand.fired(SILENCED) => {
            // Habit excuses it wholly only where the purpose declares it: whoever hides often is not less hidden.
            let declared = bench.declared.entry.as_ref().is_some_and(|e| e.approved.class(ActionClass::Logging) == Some(true));
            let weight = weight(bench, SILENCED).max(if declared { 0.0 } else { 0.5 });
            let what = bench.names.show(o.action);
            let floor = if weight >= 0.99 { 50 } else { 0 };
            out.push((SILENCED, hit("logging-impaired", 2.0 * weight, floor, &what, o, at, format!("took logging away ({what})"))));
        }
        Some(Privilege::Mint | Privilege::Grant) if !strand.fired(S21) => {
            let admin = !bench.profile.values(Dim::Privileged).is_empty() || !bench.profile.values(Dim::Minting).is_empty();
            if !admin && bench.profile.days >= bench.settings.young_days {
                let what = bench.names.show(o.action);
                out.push((
                    S21,
                    hit("S21", 1.5, 50, &what, o, at, format!("made credentials or gave permissions for the first time ({what})")),
                ));
            }
        }
        _ => {}
    }
    for (rule, _) in &out {
        strand.rules.push(*rule);
    }
    out
}
