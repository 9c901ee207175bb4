//! Invented events of one identity, for tests that drive a fold without store or screen: whom it is, where and with what it
//! calls, what it usually does. It knows nothing of detectors.

use driftline::detect::{Context, Declared, Fleet, Folded, IdentityFold, Settings};
use driftline::model::identity::{Class, IdentityRef, Kind};
use driftline::model::observation::{Agent, AgentSort, Names};
use driftline::model::time::{HOUR, MINUTE, SECOND};
use driftline::model::{ActionClass, Day, EventId, JobStep, Network, Observation, Outcome, Probe, Source, Sym, Timestamp};
use std::collections::HashMap;
use std::sync::Arc;

/// Where a call comes from and with what.
pub type Caller = (Arc<Source>, Arc<Agent>);

/// Texts behind the symbols of a trace.
#[derive(Default)]
pub struct Texts(HashMap<Sym, Arc<str>>);

impl Names for Texts {
    fn text(&self, sym: Sym) -> Option<Arc<str>> {
        self.0.get(&sym).cloned()
    }
}

/// Builds observations of one identity.
#[derive(Default)]
pub struct Trace {
    /// What happened, in the order it was written down until [`Trace::sort`].
    pub events: Vec<Observation>,
    /// What the symbols stand for.
    pub texts: Texts,
}

/// A source with the /24 block of its address.
pub fn source(ip: &str, asn: u32, org: &str, network: Network, label: &str) -> Arc<Source> {
    let block = format!("{}.0/24", ip.rsplit_once('.').unwrap().0);
    Arc::new(Source {
        text: ip.to_owned(),
        ip: Sym::of(ip),
        block: Sym::of(&block),
        block_text: block,
        asn,
        org: org.to_owned(),
        country: "US".to_owned(),
        network,
        label: label.to_owned(),
    })
}

/// A client whose family is what stands before the slash.
pub fn agent(text: &str, sort: AgentSort) -> Arc<Agent> {
    let family = text.split('/').next().unwrap().to_lowercase();
    Arc::new(Agent { text: text.to_owned(), sym: Sym::of(text), family_sym: Sym::of(&family), family, major: 1, sort })
}

/// The usual caller.
pub fn home() -> Caller {
    (source("52.10.20.30", 16_509, "Amazon", Network::Cloud, "aws"), agent("conn/1", AgentSort::Other))
}

/// Somebody else: a rented server and a script.
pub fn thief() -> Caller {
    (source("165.22.1.2", 14_061, "DigitalOcean", Network::Hosting, "digitalocean"), agent("python-requests/2.31", AgentSort::Script))
}

/// A moment of a day.
pub fn at(day: i32, hour: i64, minute: i64) -> i64 {
    Day(day).start().0 + hour * HOUR + minute * MINUTE
}

/// One call being written down.
pub struct Call<'a> {
    trace: &'a mut Trace,
    at: usize,
}

impl Call<'_> {
    fn with(self, text: &str, set: impl FnOnce(&mut Observation, Sym)) -> Self {
        let sym = self.trace.sym(text);
        set(&mut self.trace.events[self.at], sym);
        self
    }

    /// The kind of data it touches.
    pub fn domain(self, text: &str) -> Self {
        self.with(text, |o, sym| o.domain = sym)
    }

    /// How the caller authenticated.
    pub fn auth(self, text: &str) -> Self {
        self.with(text, |o, sym| o.auth_method = sym)
    }

    /// What the credential may do.
    pub fn scopes(self, text: &str) -> Self {
        self.with(text, |o, sym| o.scopes = sym)
    }

    /// The credential.
    pub fn credential(self, text: &str) -> Self {
        self.with(text, |o, sym| o.credential = sym)
    }

    /// The thing it acts on.
    pub fn resource(self, text: &str) -> Self {
        self.with(text, |o, sym| o.resource = sym)
    }

    /// The region.
    pub fn region(self, text: &str) -> Self {
        self.with(text, |o, sym| o.region = sym)
    }

    /// The question asked.
    pub fn shape(self, text: &str) -> Self {
        self.with(text, |o, sym| o.query_shape = sym)
    }

    /// What is said about it.
    pub fn tags(self, text: &str) -> Self {
        self.with(text, |o, sym| o.tags = sym)
    }

    /// The identity it acts on.
    pub fn target(self, text: &str) -> Self {
        self.with(text, |o, sym| o.target = sym)
    }

    /// A step of a bulk job.
    pub fn job(self, text: &str, step: JobStep) -> Self {
        self.with(text, |o, sym| (o.job, o.job_step) = (sym, Some(step)))
    }

    /// Records moved.
    pub fn rows(self, rows: u64) -> Self {
        self.trace.events[self.at].rows = Some(rows);
        self
    }

    /// It was refused.
    pub fn denied(self) -> Self {
        self.trace.events[self.at].outcome = Outcome::Denied;
        self
    }

    /// It amounts to reconnaissance.
    pub fn probe(self, probe: Probe) -> Self {
        self.trace.events[self.at].probe = Some(probe);
        self
    }
}

impl Trace {
    /// The symbol of a text.
    pub fn sym(&mut self, text: &str) -> Sym {
        let sym = Sym::of(text);
        self.texts.0.insert(sym, Arc::from(text));
        sym
    }

    /// A call that worked.
    pub fn push(&mut self, at: i64, caller: &Caller, action: &str, class: ActionClass) -> &mut Observation {
        let n = self.events.len() as u64 + 1;
        let action = self.sym(action);
        let family = caller.1.family.clone();
        self.sym(&family);
        self.events.push(Observation {
            time: Timestamp(at),
            id: EventId(n.wrapping_mul(0x9e37_79b9_7f4a_7c15)),
            principal: 1,
            source: Some(caller.0.clone()),
            agent: Some(caller.1.clone()),
            action,
            class,
            probe: None,
            auth_method: Sym::NONE,
            credential: Sym::NONE,
            resource: Sym::NONE,
            domain: Sym::NONE,
            region: Sym::NONE,
            query_shape: Sym::NONE,
            job: Sym::NONE,
            job_step: None,
            outcome: Outcome::Success,
            rows: None,
            bytes: None,
            scopes: Sym::NONE,
            tool: Sym::NONE,
            target: Sym::NONE,
            tags: Sym::NONE,
            flags: 0,
        });
        self.events.last_mut().unwrap()
    }

    /// A call that worked, to be told more of.
    pub fn call(&mut self, at: i64, caller: &Caller, action: &str, class: ActionClass) -> Call<'_> {
        self.push(at, caller, action, class);
        let at = self.events.len() - 1;
        Call { trace: self, at }
    }

    /// Every two hours a token and some queries over four objects, a few hundred rows each.
    pub fn connector_day(&mut self, day: i32) {
        let caller = home();
        for run in 0..12i64 {
            let start = Day(day).start().0 + run * 2 * HOUR + 5 * MINUTE;
            self.push(start, &caller, "token", ActionClass::Token);
            for q in 0..10i64 {
                let object = ["Account", "Contact", "Lead", "Opportunity"][(q % 4) as usize];
                let domain = self.sym(object);
                let rows = 300 + ((i64::from(day) * 31 + run * 7 + q * 13) % 120) as u64;
                let o = self.push(start + q * 20 * SECOND, &caller, "query", ActionClass::Query);
                (o.domain, o.rows) = (domain, Some(rows));
            }
        }
    }

    /// In the order of the fold.
    pub fn sort(&mut self) {
        self.events.sort_by_key(Observation::key);
    }
}

/// Some days of the connector.
pub fn history(days: i32) -> Trace {
    let mut trace = Trace::default();
    for day in 0..days {
        trace.connector_day(day);
    }
    trace
}

/// A call of the thief that looks around.
fn probe(trace: &mut Trace, at: i64, action: &str, probe: Probe) {
    let class = if probe == Probe::Describe { ActionClass::Describe } else { ActionClass::List };
    trace.push(at, &thief(), action, class).probe = Some(probe);
}

/// Days of the connector; a thief looks around on one and runs a bulk job on the last.
pub fn theft(days: i32) -> Trace {
    let mut trace = history(days);
    let t = Day(days - 5).start().0 + 22 * HOUR;
    trace.push(t, &thief(), "token", ActionClass::Token);
    probe(&mut trace, t + SECOND, "GET sobjects", Probe::ListAll);
    probe(&mut trace, t + 60 * SECOND, "describe", Probe::Describe);
    probe(&mut trace, t + 90 * SECOND, "limits", Probe::Limits);
    probe(&mut trace, t + 120 * SECOND, "count", Probe::Count);
    let t = Day(days - 1).start().0 + 11 * HOUR;
    let (job, case) = (trace.sym("750xx0000000001"), trace.sym("Case"));
    for (minute, step, rows) in
        [(0, JobStep::Create, 0), (1, JobStep::Progress, 0), (3, JobStep::Complete, 2_100_004), (4, JobStep::Delete, 0)]
    {
        let o = trace.push(t + minute * MINUTE, &thief(), &format!("jobs/query {step}"), ActionClass::Export);
        (o.job, o.job_step, o.domain) = (job, Some(step), case);
        o.rows = (rows > 0).then_some(rows);
    }
    trace.sort();
    trace
}

/// A role that is refused 124 times an hour, every hour, for days.
pub fn failing(days: i32) -> Trace {
    let mut trace = Trace::default();
    let caller = home();
    for day in 0..days {
        for hour in 0..24 {
            for n in 0..124 {
                let o = trace.push(Day(day).start().0 + hour * HOUR + n * 29 * SECOND, &caller, "logs:PutLogEvents", ActionClass::Write);
                o.outcome = Outcome::Denied;
            }
            trace.push(Day(day).start().0 + hour * HOUR + 100, &caller, "sts:GetCallerIdentity", ActionClass::Describe);
        }
    }
    trace
}

/// An identity of a kind.
pub fn identity_of(kind: Kind) -> IdentityRef {
    IdentityRef {
        id: "0055g00000ABCDE".to_owned(),
        name: "crm-sync".to_owned(),
        kind,
        class: Class::Machine,
        platform: "salesforce".to_owned(),
        tenant: None,
        owner: None,
    }
}

/// The connector.
pub fn identity() -> IdentityRef {
    identity_of(Kind::OauthConnector)
}

/// Folds a trace whole; what was found, and the fold as it stands.
pub fn fold(trace: &Trace, identity: &IdentityRef, declared: &Declared, settings: &Settings) -> (Vec<Folded>, IdentityFold) {
    let hash = settings.hash();
    let ctx = Context {
        settings,
        names: &trace.texts,
        identity,
        decisions: &[],
        declared,
        fleet: Fleet::of(40),
        hashes: (&hash, "0123456789abcdef"),
    };
    let mut fold = IdentityFold::default();
    for o in &trace.events {
        fold.step(o, &ctx);
    }
    (fold.since(Timestamp(i64::MIN), &ctx).1, fold)
}
