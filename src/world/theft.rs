//! The theft: the connector's token, used by somebody else from a rented server. Two evenings of looking around, days of
//! silence, then one bulk export whose job is deleted when it is done. The times are the story; nothing here is drawn
//! but ids. It must not know what a detector looks for.

use super::chance::Chance;
use super::connector::{CONNECTORS, Export, VICTIM, bulk};
use super::eventlog::{self, Caller, Request};
use super::label::{Mark, Nature};
use super::ledger::Ledger;

/// Name of the story in labels.
pub(super) const SCENARIO: &str = "stolen-connector-token";
/// Day on which the token is first used by the thief.
pub(super) const FIRST_DAY: i32 = 52;
/// Day of the export.
pub(super) const EXPORT_DAY: i32 = 56;
/// Rows of the export.
pub(super) const ROWS: u64 = 2_104_388;

const FIRST_SERVER: &str = "164.92.201.77";
const SECOND_SERVER: &str = "157.245.38.14";
const FETCHER: &str = "Salesforce-Multi-Org-Fetcher/1.0";
const SCRIPT: &str = "python-requests/2.32.4";

const fn clock(hour: i64, minute: i64, second: i64) -> i64 {
    (hour * 3_600 + minute * 60 + second) * 1_000
}

/// What the thief does, call by call.
enum Step {
    /// A token is renewed.
    Login,
    /// A GET of this resource about this object.
    Get(&'static str, &'static str),
    /// A query: object, text, rows.
    Query(&'static str, &'static str, u64),
}

use Step::{Get, Login, Query};

const FIRST_EVENING: &[(i64, &str, Step)] = &[
    (clock(19, 41, 52), "token used from a rented server", Login),
    (clock(19, 41, 53), "lists all objects", Get("sobjects", "")),
    (clock(19, 42, 20), "asks how objects are built", Get("sobjects/Case/describe", "Case")),
    (clock(19, 42, 24), "asks how objects are built", Get("sobjects/Account/describe", "Account")),
    (clock(19, 42, 27), "asks how objects are built", Get("sobjects/Contact/describe", "Contact")),
    (clock(19, 42, 31), "asks how objects are built", Get("sobjects/User/describe", "User")),
    (clock(19, 43, 5), "asks for limits", Get("limits", "")),
    (clock(19, 44, 40), "counts", Query("Account", "SELECT COUNT() FROM Account", 1)),
    (clock(19, 44, 46), "counts", Query("Contact", "SELECT COUNT() FROM Contact", 1)),
    (clock(19, 44, 51), "counts", Query("Case", "SELECT COUNT() FROM Case", 1)),
    (clock(19, 44, 58), "counts", Query("User", "SELECT COUNT() FROM User", 1)),
    (clock(19, 47, 12), "samples", Query("Case", "SELECT Id, Subject, Description, SuppliedEmail FROM Case LIMIT 200", 200)),
    (clock(19, 48, 33), "samples", Query("User", "SELECT Id, Username, Email, Profile.Name, IsActive FROM User LIMIT 20", 20)),
    (clock(19, 49, 7), "samples", Query("Organization", "SELECT Id, Name, OrganizationType, InstanceName FROM Organization", 1)),
];

const SECOND_DAY: &[(i64, &str, Step)] = &[
    (clock(0, 17, 31), "token used from a rented server", Login),
    (clock(0, 17, 40), "counts", Query("Account", "SELECT COUNT() FROM Account", 1)),
    (clock(0, 17, 48), "counts", Query("Contact", "SELECT COUNT() FROM Contact", 1)),
    (clock(0, 18, 0), "counts", Query("User", "SELECT COUNT() FROM User", 1)),
    (clock(11, 9, 14), "token used from a rented server", Login),
    (clock(11, 9, 22), "counts", Query("Case", "SELECT COUNT() FROM Case WHERE CreatedDate > 2020-01-01T00:00:00Z", 1)),
    (clock(11, 9, 41), "asks for limits", Get("limits", "")),
];

const INCIDENT: &[(i64, &str, Step)] = &[
    (clock(11, 11, 23), "token used from a rented server", Login),
    (clock(11, 11, 55), "counts", Query("Case", "SELECT COUNT() FROM Case", 1)),
];

fn play(ledger: &mut Ledger, chance: &mut Chance, caller: &Caller, steps: &[(i64, &'static str, Step)]) {
    for (at, step, act) in steps {
        ledger.mark(Some(Mark { nature: Nature::Attack, scenario: SCENARIO, step }));
        match act {
            Login => eventlog::login(ledger, chance, caller, *at, true),
            Get(resource, entity) => {
                let request = Request { method: "GET", resource, entity, status: 200, rows: None, answer: 61_408 };
                eventlog::rest(ledger, chance, caller, *at, &request);
            }
            Query(entity, soql, rows) => eventlog::query(ledger, chance, caller, *at, entity, soql, *rows),
        }
    }
    ledger.mark(None);
}

/// Enters what the thief does on day `number`.
pub(super) fn live(seed: u64, number: i32, ledger: &mut Ledger) {
    let victim = &CONNECTORS[VICTIM];
    let mut chance = Chance::of(seed, 20, 0, number as u64);
    match number {
        FIRST_DAY => {
            let caller = victim.caller(&mut chance, FETCHER, FIRST_SERVER.to_owned());
            play(ledger, &mut chance, &caller, FIRST_EVENING);
        }
        day if day == FIRST_DAY + 1 => {
            let caller = victim.caller(&mut chance, FETCHER, FIRST_SERVER.to_owned());
            play(ledger, &mut chance, &caller, SECOND_DAY);
        }
        EXPORT_DAY => {
            let caller = victim.caller(&mut chance, SCRIPT, SECOND_SERVER.to_owned());
            play(ledger, &mut chance, &caller, INCIDENT);
            ledger.mark(Some(Mark {
                nature: Nature::Attack,
                scenario: SCENARIO,
                step: "exports everything in one bulk job and deletes the job",
            }));
            let export = Export { object: "Case", rows: ROWS, polls: 14, gap: 11_600, deletes: true };
            bulk(ledger, &mut chance, &caller, clock(11, 11, 56), &export);
            ledger.mark(None);
        }
        _ => {}
    }
}
