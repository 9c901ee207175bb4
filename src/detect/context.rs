//! What a fold is given besides events: the model, the fleet of the day before, who the identity is, what was decided. It
//! never changes while a day is folded.

use super::declared::Declared;
use super::settings::Settings;
use crate::model::decision::Decision;
use crate::model::identity::IdentityRef;
use crate::model::observation::Names;
use serde::{Deserialize, Serialize};

/// What spans identities, frozen at a day's close.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fleet {
    /// Machine identities active in the last thirty days, rounded so that one more or less rarely changes it.
    pub active: u32,
}

impl Fleet {
    /// F of a number of active identities: rounded to two leading digits in steps of five.
    pub fn of(active: u32) -> Self {
        let mut step = 1;
        while active / step >= 50 {
            step *= if step % 4 == 0 { 5 } else { 2 };
        }
        Self { active: (active.max(1) + step / 2) / step * step.max(1) }
    }
}

/// What the fold needs to know besides the events.
pub struct Context<'a> {
    /// The model.
    pub settings: &'a Settings,
    /// Texts behind symbols.
    pub names: &'a dyn Names,
    /// Whom the identity is.
    pub identity: &'a IdentityRef,
    /// Its decisions, in order of (watermark, sequence).
    pub decisions: &'a [Decision],
    /// What people declared of it.
    pub declared: &'a Declared,
    /// F of the day before.
    pub fleet: Fleet,
    /// Hash of settings and context, for provenance.
    pub hashes: (&'a str, &'a str),
}
