//! What a connected application is and how it behaves: its jobs, its queries, its tokens. Which there are stands at the
//! end. It must not know the theft.

use super::chance::Chance;
use super::eventlog::{self, Caller, JobEvent, Request};
use super::ledger::Ledger;
use super::network::{Network, OFFICE};
use super::rhythm::Rhythm;
use super::workload::Draw;

/// What a job does in one run.
#[derive(Clone, Copy, Debug)]
pub(super) enum Work {
    /// Narrow queries for what changed, over these objects; a row count around exp(`rows`) each.
    Changes {
        /// Objects.
        objects: &'static [&'static str],
        /// Mean of the logarithm of rows.
        rows: f64,
    },
    /// One query read page by page, least and most rows.
    Pages {
        /// Object.
        object: &'static str,
        /// Rows of the run.
        rows: (u64, u64),
    },
    /// Bulk API 2.0 query jobs, one per object.
    Bulk {
        /// Objects.
        objects: &'static [&'static str],
        /// Rows of a job, about.
        rows: u64,
        /// Whether it deletes its jobs when they are done.
        deletes: bool,
    },
    /// Records written one by one.
    Writes {
        /// Object.
        object: &'static str,
    },
    /// Records read one by one.
    Reads {
        /// Objects.
        objects: &'static [&'static str],
    },
}

/// One of the things a connector does.
#[derive(Clone, Copy, Debug)]
pub(super) struct Job {
    /// When; `calls` of the rhythm is the number of queries, reads or writes of a run.
    pub(super) rhythm: Rhythm,
    /// What.
    pub(super) work: Work,
    /// Its client.
    pub(super) agent: &'static str,
    /// Where it calls from.
    pub(super) network: Network,
}

/// A connected application with its integration user.
#[derive(Clone, Copy, Debug)]
pub(super) struct Connector {
    /// Name of the application.
    pub(super) name: &'static str,
    /// Its id.
    pub(super) app_id: &'static str,
    /// Its user's id.
    pub(super) user: &'static str,
    /// API version.
    pub(super) version: &'static str,
    /// What it does.
    pub(super) jobs: &'static [Job],
}

/// Rows of one page of a query.
const PAGE: u64 = 2_000;

impl Connector {
    /// Who calls in a session that begins at `at`.
    pub(super) fn caller(&self, chance: &mut Chance, agent: &str, address: String) -> Caller {
        Caller {
            app: self.name,
            app_id: self.app_id,
            user: self.user,
            user_name: format!("{}@halden.example", self.name),
            version: self.version,
            agent: agent.to_owned(),
            address,
            login_key: chance.mixed::<16>().to_string(),
            session_key: chance.mixed::<16>().to_string(),
            owner: self.name,
        }
    }

    /// Enters the calls of one day.
    pub(super) fn live(&self, draw: Draw, ledger: &mut Ledger) {
        for (number, job) in self.jobs.iter().enumerate() {
            let who = draw.who << 4 | number as u64;
            let mut chance = Chance::of(draw.seed, 10, who, draw.number as u64);
            for run in job.rhythm.runs(Draw { who, ..draw }, &mut chance) {
                let slot = chance.below(64);
                let address = job.network.address(draw.seed, who, slot, 0);
                let caller = self.caller(&mut chance, job.agent, address);
                eventlog::login(ledger, &mut chance, &caller, run.at, true);
                job.work.run(ledger, &mut chance, &caller, run.at + 900, run.calls);
            }
        }
    }
}

/// What a connector asks of an object: always the same fields, since the last run.
fn changes(object: &str) -> String {
    let fields = match object {
        "Account" => "Id, Name, Industry, OwnerId, LastModifiedDate",
        "Contact" => "Id, AccountId, Email, LastModifiedDate",
        "Opportunity" => "Id, StageName, Amount, CloseDate, LastModifiedDate",
        "Case" => "Id, CaseNumber, Status, Priority, LastModifiedDate",
        _ => "Id, Name, LastModifiedDate",
    };
    format!("SELECT {fields} FROM {object} WHERE LastModifiedDate > :since")
}

impl Work {
    fn run(&self, ledger: &mut Ledger, chance: &mut Chance, caller: &Caller, from: i64, calls: u64) {
        let mut at = from;
        match *self {
            Self::Changes { objects, rows } => {
                if chance.happens(0.02) {
                    let resource = format!("sobjects/{}/describe", objects[0]);
                    let request =
                        Request { method: "GET", resource: &resource, entity: objects[0], status: 200, rows: None, answer: 48_211 };
                    eventlog::rest(ledger, chance, caller, at, &request);
                }
                for turn in 0..calls {
                    let object = objects[(turn % objects.len() as u64) as usize];
                    at += 300 + chance.wait(4_000.0) as i64;
                    if chance.happens(0.003) {
                        let request = Request { method: "GET", resource: "query", entity: object, status: 503, rows: None, answer: 118 };
                        eventlog::rest(ledger, chance, caller, at, &request);
                        continue;
                    }
                    let count = chance.lognormal(rows, 0.5) as u64;
                    eventlog::query(ledger, chance, caller, at, object, &changes(object), count);
                }
            }
            Self::Pages { object, rows } => {
                let total = chance.between(rows.0, rows.1);
                let first = total.min(PAGE);
                eventlog::query(ledger, chance, caller, at, object, &changes(object), first);
                let cursor = chance.mixed::<15>();
                let mut done = first;
                while done < total {
                    at += 700 + chance.wait(900.0) as i64;
                    let some = (total - done).min(PAGE);
                    let resource = format!("query/01g{cursor}-{done}");
                    let request =
                        Request { method: "GET", resource: &resource, entity: object, status: 200, rows: Some(some), answer: some * 410 };
                    eventlog::rest(ledger, chance, caller, at, &request);
                    done += some;
                }
            }
            Self::Bulk { objects, rows, deletes } => {
                for object in objects {
                    let count = (chance.normal(1.0, 0.04) * rows as f64) as u64;
                    at = bulk(ledger, chance, caller, at, &Export { object, rows: count, polls: 3, gap: 9_000, deletes });
                    at += 4_000;
                }
            }
            Self::Writes { object } => {
                for _ in 0..calls {
                    at += 200 + chance.wait(2_500.0) as i64;
                    let (method, status) = if chance.happens(0.7) { ("PATCH", 204) } else { ("POST", 201) };
                    let resource = if method == "POST" {
                        format!("sobjects/{object}")
                    } else {
                        format!("sobjects/{object}/00Q5e{}", chance.mixed::<10>())
                    };
                    let request = Request { method, resource: &resource, entity: object, status, rows: Some(1), answer: 96 };
                    eventlog::rest(ledger, chance, caller, at, &request);
                }
            }
            Self::Reads { objects } => {
                for _ in 0..calls {
                    at += 200 + chance.wait(3_500.0) as i64;
                    let object = *chance.pick(objects);
                    let status = if chance.happens(0.004) { 404 } else { 200 };
                    let resource = format!("sobjects/{object}/5005e{}", chance.mixed::<10>());
                    let request = Request { method: "GET", resource: &resource, entity: object, status, rows: Some(1), answer: 2_340 };
                    eventlog::rest(ledger, chance, caller, at, &request);
                }
            }
        }
    }
}

/// A bulk job from its creation to its end.
pub(super) struct Export<'a> {
    /// Object.
    pub(super) object: &'a str,
    /// Rows.
    pub(super) rows: u64,
    /// How often its state is asked before it is done.
    pub(super) polls: u32,
    /// Milliseconds between two questions.
    pub(super) gap: i64,
    /// Whether it is deleted at the end.
    pub(super) deletes: bool,
}

/// Enters a Bulk API 2.0 query job: creation, progress, results, perhaps deletion. Gives back when it is over.
pub(super) fn bulk(ledger: &mut Ledger, chance: &mut Chance, caller: &Caller, from: i64, export: &Export) -> i64 {
    let Export { object, rows, polls, gap, deletes } = *export;
    let id = format!("7505e{}", chance.mixed::<10>());
    let step = |status, records| JobEvent { job: &id, operation: "query", entity: object, status, records };
    let path = format!("jobs/query/{id}");
    let mut at = from;
    let create = Request { method: "POST", resource: "jobs/query", entity: object, status: 200, rows: None, answer: 402 };
    eventlog::rest(ledger, chance, caller, at, &create);
    eventlog::job(ledger, chance, caller, at + 40, &step("Created", None));
    eventlog::job(ledger, chance, caller, at + 210, &step("UploadComplete", None));
    eventlog::job(ledger, chance, caller, at + 900, &step("InProgress", None));
    for _ in 0..polls {
        at += gap;
        let poll = Request { method: "GET", resource: &path, entity: object, status: 200, rows: None, answer: 430 };
        eventlog::rest(ledger, chance, caller, at, &poll);
    }
    eventlog::job(ledger, chance, caller, at - gap / 3, &step("JobComplete", Some(rows)));
    // Results come in parts of at most 250,000 rows.
    let results = format!("{path}/results");
    let mut left = rows;
    while left > 0 {
        let some = left.min(250_000);
        at += 1_200 + (some / 60) as i64;
        let get = Request { method: "GET", resource: &results, entity: object, status: 200, rows: None, answer: some * 305 };
        eventlog::rest(ledger, chance, caller, at, &get);
        left -= some;
    }
    if deletes {
        at += 24_000;
        let delete = Request { method: "DELETE", resource: &path, entity: object, status: 204, rows: None, answer: 0 };
        eventlog::rest(ledger, chance, caller, at, &delete);
        eventlog::job(ledger, chance, caller, at + 60, &step("Deleted", None));
    }
    at
}

/// The connector whose token is stolen; its place in [`CONNECTORS`].
pub(super) const VICTIM: usize = 0;

const SYNC: &str = "crm-warehouse-sync/4.2 (Java/17.0.12)";
const SYNC_FROM: Network = Network::Fixed(&["52.57.118.41", "18.184.203.77"]);

/// The connected applications; their place is their number.
#[rustfmt::skip]
pub(super) const CONNECTORS: &[Connector] = &[
    Connector { name: "crm-warehouse-sync", app_id: "0H45e000000Kq1tCAC", user: "0055e000004WHsA", version: "62.0", jobs: &[
        Job { rhythm: Rhythm::Every { minutes: 120, calls: (4, 8) }, work: Work::Changes { objects: &["Account", "Contact", "Opportunity", "Case"], rows: 3.4 }, agent: SYNC, network: SYNC_FROM },
        Job { rhythm: Rhythm::Nightly { minute: 140, calls: (1, 1) }, work: Work::Pages { object: "Opportunity", rows: (3_000, 8_000) }, agent: SYNC, network: SYNC_FROM },
    ] },
    Connector { name: "marketing-bridge", app_id: "0H45e000000Kq2bCAC", user: "0055e000004WHsB", version: "61.0", jobs: &[
        Job { rhythm: Rhythm::Nightly { minute: 45, calls: (1, 1) }, work: Work::Bulk { objects: &["Contact", "Lead"], rows: 46_000, deletes: false }, agent: "MarketingBridge/2024.3", network: Network::Google(4) },
        Job { rhythm: Rhythm::Every { minutes: 120, calls: (3, 6) }, work: Work::Changes { objects: &["Lead", "CampaignMember"], rows: 3.0 }, agent: "MarketingBridge/2024.3", network: Network::Google(4) },
    ] },
    Connector { name: "support-desk-connector", app_id: "0H45e000000Kq3cCAC", user: "0055e000004WHsC", version: "60.0", jobs: &[
        Job { rhythm: Rhythm::Every { minutes: 30, calls: (1, 4) }, work: Work::Changes { objects: &["Case", "CaseComment"], rows: 2.2 }, agent: "SupportDesk-Integration/7.1", network: Network::Frankfurt(6) },
        Job { rhythm: Rhythm::Daytime { runs: (4, 10), calls: (1, 5), peak: 13.0, spread: 3.0, weekend: 0.2 }, work: Work::Writes { object: "Case" }, agent: "SupportDesk-Integration/7.1", network: Network::Frankfurt(6) },
    ] },
    Connector { name: "cpq-quote-engine", app_id: "0H45e000000Kq4dCAC", user: "0055e000004WHsD", version: "62.0", jobs: &[
        Job { rhythm: Rhythm::Daytime { runs: (8, 18), calls: (2, 8), peak: 13.5, spread: 2.8, weekend: 0.05 }, work: Work::Reads { objects: &["Opportunity", "Product2", "PricebookEntry", "Account"] }, agent: "QuoteEngine/11.4 axios/1.7.2", network: Network::Frankfurt(4) },
        Job { rhythm: Rhythm::Daytime { runs: (3, 9), calls: (1, 4), peak: 14.0, spread: 2.5, weekend: 0.0 }, work: Work::Writes { object: "Quote" }, agent: "QuoteEngine/11.4 axios/1.7.2", network: Network::Frankfurt(4) },
    ] },
    Connector { name: "esign-envelopes", app_id: "0H45e000000Kq5eCAC", user: "0055e000004WHsE", version: "59.0", jobs: &[
        Job { rhythm: Rhythm::Daytime { runs: (2, 8), calls: (1, 4), peak: 13.0, spread: 3.0, weekend: 0.1 }, work: Work::Writes { object: "Contract" }, agent: "eSign-Salesforce/6.20", network: Network::Fixed(&["20.73.118.5", "20.51.40.12"]) },
    ] },
    Connector { name: "enrichment-vendor", app_id: "0H45e000000Kq6fCAC", user: "0055e000004WHsF", version: "58.0", jobs: &[
        Job { rhythm: Rhythm::Every { minutes: 180, calls: (2, 9) }, work: Work::Writes { object: "Lead" }, agent: "lead-enricher python-httpx/0.27.0", network: Network::Google(3) },
    ] },
    Connector { name: "bi-extract", app_id: "0H45e000000Kq7gCAC", user: "0055e000004WHsG", version: "62.0", jobs: &[
        Job { rhythm: Rhythm::Nightly { minute: 210, calls: (1, 1) }, work: Work::Bulk { objects: &["Account", "Opportunity", "OpportunityLineItem", "User"], rows: 240_000, deletes: false }, agent: "bi-extract/3.9 (Apache-HttpClient/5.3)", network: Network::Fixed(&["18.156.33.201"]) },
    ] },
    Connector { name: "revops-shared-connector", app_id: "0H45e000000Kq8hCAC", user: "0055e000004WHsH", version: "60.0", jobs: &[
        Job { rhythm: Rhythm::Every { minutes: 180, calls: (4, 8) }, work: Work::Changes { objects: &["Opportunity", "Account"], rows: 4.0 }, agent: "revops-sync/2.0", network: Network::Fixed(&["3.121.14.60"]) },
        Job { rhythm: Rhythm::Daytime { runs: (1, 4), calls: (2, 6), peak: 13.0, spread: 2.5, weekend: 0.0 }, work: Work::Changes { objects: &["Opportunity", "Forecast__c", "Account"], rows: 6.4 }, agent: "Microsoft Excel/16.0 (Power Query)", network: Network::Fixed(OFFICE) },
    ] },
    Connector { name: "billing-ledger-sync", app_id: "0H45e000000Kq9iCAC", user: "0055e000004WHsI", version: "61.0", jobs: &[
        Job { rhythm: Rhythm::Every { minutes: 180, calls: (3, 6) }, work: Work::Changes { objects: &["Account", "Invoice__c", "Order"], rows: 4.2 }, agent: "ledger-sync/1.14 Go-http-client/2.0", network: Network::Frankfurt(3) },
    ] },
    Connector { name: "telephony-cti", app_id: "0H45e000000KqAjCAK", user: "0055e000004WHsJ", version: "57.0", jobs: &[
        Job { rhythm: Rhythm::Daytime { runs: (10, 26), calls: (1, 3), peak: 12.5, spread: 2.4, weekend: 0.0 }, work: Work::Writes { object: "Task" }, agent: "CTI-Bridge/9.2", network: Network::Fixed(&["20.73.200.88"]) },
    ] },
    Connector { name: "vault-backup", app_id: "0H45e000000KqBkCAK", user: "0055e000004WHsK", version: "62.0", jobs: &[
        Job { rhythm: Rhythm::Nightly { minute: 20, calls: (1, 1) }, work: Work::Bulk { objects: &["Account", "Contact", "Lead", "Opportunity", "Task", "Contract"], rows: 120_000, deletes: true }, agent: "VaultBackup/5.5.1", network: Network::Fixed(&["20.40.151.9", "20.40.151.30"]) },
    ] },
    Connector { name: "identity-provisioner", app_id: "0H45e000000KqClCAK", user: "0055e000004WHsL", version: "60.0", jobs: &[
        Job { rhythm: Rhythm::Every { minutes: 120, calls: (2, 4) }, work: Work::Changes { objects: &["User", "PermissionSetAssignment"], rows: 1.6 }, agent: "scim-provisioner/3.3", network: Network::Frankfurt(2) },
    ] },
    Connector { name: "mail-activity-sync", app_id: "0H45e000000KqDmCAK", user: "0055e000004WHsM", version: "61.0", jobs: &[
        Job { rhythm: Rhythm::Every { minutes: 60, calls: (1, 5) }, work: Work::Writes { object: "EmailMessage" }, agent: "ActivitySync/8.0 okhttp/4.12.0", network: Network::Google(6) },
    ] },
    Connector { name: "partner-portal-api", app_id: "0H45e000000KqEnCAK", user: "0055e000004WHsN", version: "62.0", jobs: &[
        Job { rhythm: Rhythm::Daytime { runs: (14, 34), calls: (1, 5), peak: 14.0, spread: 4.5, weekend: 0.5 }, work: Work::Reads { objects: &["Order", "Case", "Account"] }, agent: "partner-portal/2024.11 node-fetch/3.3.2", network: Network::Frankfurt(10) },
    ] },
];
