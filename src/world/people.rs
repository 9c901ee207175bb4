//! People at the sign-in page of Salesforce. It must not know connectors.

use super::Company;
use super::chance::Chance;
use super::eventlog::{self, Caller};
use super::ledger::Ledger;
use super::network::{Network, OFFICE};
use super::rhythm::Rhythm;
use super::workload::Draw;
use crate::model::Day;

const BROWSER: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0.0.0 Safari/537.36";

/// Name and user id.
const PEOPLE: &[(&str, &str)] = &[("clara.nilsson", "0055e000004WHp1"), ("dev.patel", "0055e000004WHp2")];

/// Enters the logins of one day.
pub(super) fn live(company: &Company, number: i32, day: Day, ledger: &mut Ledger) {
    for (who, (name, user)) in PEOPLE.iter().enumerate() {
        if !company.plays(name) {
            continue;
        }
        let draw = Draw { seed: company.seed, who: 2_000 + who as u64, number, day };
        let mut chance = Chance::of(draw.seed, 11, draw.who, number as u64);
        let rhythm = Rhythm::Daytime { runs: (1, 3), calls: (1, 1), peak: 9.5, spread: 2.0, weekend: 0.02 };
        for run in rhythm.runs(draw, &mut chance) {
            let caller = Caller {
                app: "",
                app_id: "",
                user,
                user_name: format!("{name}@halden.example"),
                version: "62.0",
                agent: BROWSER.to_owned(),
                address: Network::Fixed(OFFICE).address(draw.seed, draw.who, run.at as u64, 0),
                login_key: chance.mixed::<16>().to_string(),
                session_key: chance.mixed::<16>().to_string(),
                owner: name,
            };
            eventlog::login(ledger, &mut chance, &caller, run.at, false);
        }
    }
}
