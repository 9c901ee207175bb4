//! What an AWS identity is and how it behaves: its rhythm, its sessions, its calls on one day. Which identities there
//! are stands in `roster`. It must not know the theft.

use super::chance::Chance;
use super::cloudtrail::{Call, DATA, PRODUCTION, Refusal, Session};
use super::label::Mark;
use super::ledger::{Family, Ledger};
use super::network::Network;
use super::oddity;
use super::operation::{ONCE, Operation};
use super::rhythm::Rhythm;
use crate::model::time::HOUR;
use crate::model::{Day, Timestamp};

/// How an identity signs its calls.
#[derive(Clone, Copy, Debug)]
pub(super) enum Login {
    /// A role on instances: so many at a time.
    Instances(u32),
    /// A role of a function, whose sessions carry its name.
    Function,
    /// A role of a container task.
    Task,
    /// A role of a pod, by web identity.
    Pod,
    /// A role that builds take over.
    Build,
    /// A role whose sessions always have this name.
    Named(&'static str),
    /// A role the provider itself uses; calls come from this service.
    Linked(&'static str),
    /// A user's static key.
    Key,
    /// A person, through single sign-on.
    Person,
}

/// One AWS identity.
#[derive(Clone, Copy, Debug)]
pub(super) struct Workload {
    /// Name of role or user; for a person, the e-mail name.
    pub(super) name: &'static str,
    /// Where it lives.
    pub(super) family: Family,
    /// How it signs.
    pub(super) login: Login,
    /// Where it calls from.
    pub(super) network: Network,
    /// Its client.
    pub(super) agent: &'static str,
    /// When it runs.
    pub(super) rhythm: Rhythm,
    /// What it calls.
    pub(super) operations: &'static [Operation],
    /// What it acts on, in short.
    pub(super) thing: &'static str,
    /// Of how many of those.
    pub(super) breadth: u64,
    /// Share of calls that are refused, always.
    pub(super) refused: f64,
}

/// What the day is drawn with.
#[derive(Clone, Copy)]
pub(super) struct Draw {
    /// The company's seed.
    pub(super) seed: u64,
    /// Number of the identity.
    pub(super) who: u64,
    /// Days since the first.
    pub(super) number: i32,
    /// The day.
    pub(super) day: Day,
}

/// Share of calls that fail for no reason of their own.
const FAILS: f64 = 0.003;
/// Chance of a call that is made once, a day.
const ONCE_A_DAY: f64 = 0.005;

impl Workload {
    /// Enters the calls of one day.
    pub(super) fn live(&self, draw: Draw, ledger: &mut Ledger) {
        let mut chance = Chance::of(draw.seed, 1, draw.who, draw.number as u64);
        let weights: u64 = self.operations.iter().map(|operation| u64::from(operation.weight)).sum();
        for (turn, run) in self.rhythm.runs(draw, &mut chance).into_iter().enumerate() {
            let begin = run.at + oddity::delay(self.name, draw.number);
            let session = self.session(draw, begin, turn as u64, &mut chance);
            let mark = oddity::mark(self.name, draw.number, begin);
            ledger.mark(mark);
            let mut at = begin;
            for _ in 0..run.calls {
                let mut left = chance.below(weights);
                let mut operation = &self.operations[0];
                for candidate in self.operations {
                    if left < u64::from(candidate.weight) {
                        operation = candidate;
                        break;
                    }
                    left -= u64::from(candidate.weight);
                }
                let refusal =
                    if chance.happens(self.refused) { Some(Refusal::Denied) } else { chance.happens(FAILS).then_some(Refusal::Failed) };
                self.call(ledger, &mut chance, &session, operation, at, refusal);
                at += 40 + chance.wait(2_200.0) as i64;
            }
            if oddity::throttled(self.name, draw.number, begin) {
                self.retry(ledger, &mut chance, &session, at, mark);
            }
            ledger.mark(None);
        }
        if chance.happens(ONCE_A_DAY) {
            let at = chance.between(8 * HOUR as u64, 18 * HOUR as u64) as i64;
            let session = self.session(draw, at, 0, &mut chance);
            let operation = *chance.pick(ONCE);
            self.call(ledger, &mut chance, &session, &operation, at, None);
        }
    }

    /// A burst of retries of one usual call, all refused for their number.
    fn retry(&self, ledger: &mut Ledger, chance: &mut Chance, session: &Session, from: i64, mark: Option<Mark>) {
        ledger.mark(mark);
        let operation = &self.operations[0];
        for turn in 0..40 {
            self.call(ledger, chance, session, operation, from + turn * 700, Some(Refusal::Throttled));
        }
    }

    fn call(&self, ledger: &mut Ledger, chance: &mut Chance, session: &Session, operation: &Operation, at: i64, refusal: Option<Refusal>) {
        let number = chance.rank(self.breadth);
        let bytes = if refusal.is_none() { chance.lognormal(11.0, 1.2) as u64 } else { 0 };
        let call = Call { session, operation, at, thing: self.thing, number, bytes, refusal, key: "" };
        call.enter(ledger, chance);
    }

    /// Whether it is a person.
    pub(super) fn is_person(&self) -> bool {
        matches!(self.login, Login::Person)
    }

    /// The static key of a user in its `generation` (0 first).
    pub(super) fn key(&self, seed: u64, who: u64, generation: u64) -> String {
        debug_assert!(matches!(self.login, Login::Key), "{} has no static key", self.name);
        format!("AKIA{}", Chance::of(seed, 2, who, generation).upper::<16>())
    }

    /// The session this identity uses at `at` milliseconds into the day; `turn` counts its runs of the day.
    pub(super) fn session(&self, draw: Draw, at: i64, turn: u64, chance: &mut Chance) -> Session {
        let Draw { seed, who, number, day } = draw;
        let fresh = oddity::fresh_fleet(self.name, number);
        // Which instance, pod or address of several; each has its own address and its own credential.
        let slot = match self.login {
            Login::Instances(fleet) => chance.below(fleet.into()),
            Login::Build => (number as u64) << 16 | turn,
            Login::Task | Login::Pod | Login::Function => chance.below(6),
            _ => chance.below(2),
        };
        // Instances are replaced every few days, and with them their addresses.
        let epoch = match self.login {
            Login::Instances(_) | Login::Task | Login::Pod => (number as u64 + slot) / 4,
            _ => 0,
        };
        let machine = slot + epoch * 97;
        let address =
            oddity::address(self.name, number, at, turn).map_or_else(|| self.network.address(seed, who, machine, fresh), str::to_owned);
        let agent = oddity::agent(self.name, number).unwrap_or(self.agent).to_owned();
        let mut family = self.family;
        if matches!(self.network, Network::TwoRegions(_)) && machine.is_multiple_of(3) {
            family = Family::ProductionUs;
        }
        let account = if family == Family::DataEu { DATA } else { PRODUCTION };
        // Temporary credentials are renewed every six hours, those of builds for each run.
        let hours = if matches!(self.login, Login::Build) { 1 } else { 6 };
        let issued_at = at - at.rem_euclid(hours * HOUR);
        let issued = if matches!(self.login, Login::Build) { at - 4_000 } else { issued_at };
        let issued = Timestamp(day.start().plus(issued).0 / 1_000 * 1_000);
        let mut own = Chance::of(seed, 3, who, machine);
        let mut lease = Chance::of(seed, 4, who << 20 | machine, (issued.0 / 1_000) as u64);
        let name = match self.login {
            Login::Instances(_) => format!("i-0{}", own.hex::<16>()),
            Login::Function => self.name.to_owned(),
            Login::Task => own.hex::<32>().to_string(),
            Login::Pod => format!("botocore-session-{}", issued.0 / 1_000),
            Login::Build => "GitHubActions".to_owned(),
            Login::Named(name) => name.to_owned(),
            Login::Linked(_) => "AWSConfig-Describe".to_owned(),
            Login::Key => String::new(),
            Login::Person => format!("{}@halden.example", self.name),
        };
        if matches!(self.login, Login::Key) {
            let generation = oddity::key_generation(self.name, number, at);
            let key = self.key(seed, who, generation);
            let arn = format!("arn:aws:iam::{account}:user/{}", self.name);
            let person = Chance::of(seed, 5, who, 0).upper::<17>();
            let identity = format!(
                r#"{{"type":"IAMUser","principalId":"AIDA{person}","arn":"{arn}","accountId":"{account}","accessKeyId":"{key}","userName":"{}"}}"#,
                self.name
            );
            return Session { identity, arn, address, agent, console: self.is_person(), owner: self.name, family };
        }
        let mut role_id = Chance::of(seed, 5, who, 0);
        let role = match self.login {
            Login::Person => format!("AWSReservedSSO_PowerUser_{}", Chance::of(seed, 5, 0, 0).hex::<16>()),
            Login::Linked(_) => "AWSServiceRoleForConfig".to_owned(),
            _ => self.name.to_owned(),
        };
        if matches!(self.login, Login::Person) {
            role_id = Chance::of(seed, 5, u64::MAX, 0);
        }
        let principal = format!("AROA{}", role_id.upper::<17>());
        let path = match self.login {
            Login::Person => "aws-reserved/sso.amazonaws.com/eu-central-1/",
            Login::Linked(_) => "aws-service-role/config.amazonaws.com/",
            _ => "",
        };
        let arn = format!("arn:aws:sts::{account}:assumed-role/{role}/{name}");
        let mfa = if matches!(self.login, Login::Person) { "true" } else { "false" };
        let tail = match self.login {
            Login::Instances(_) => r#","ec2RoleDelivery":"2.0""#,
            _ => "",
        };
        let web = match self.login {
            Login::Build => format!(
                r#"{{"federatedProvider":"arn:aws:iam::{account}:oidc-provider/token.actions.githubusercontent.com","attributes":{{}}}}"#
            ),
            Login::Pod => format!(
                r#"{{"federatedProvider":"arn:aws:iam::{account}:oidc-provider/oidc.eks.eu-central-1.amazonaws.com/id/5C7A","attributes":{{}}}}"#
            ),
            _ => "{}".to_owned(),
        };
        let behalf = match self.login {
            Login::Linked(service) => format!(r#","invokedBy":"{service}""#),
            _ => String::new(),
        };
        let key = lease.upper::<16>();
        let identity = format!(
            r#"{{"type":"AssumedRole","principalId":"{principal}:{name}","arn":"{arn}","accountId":"{account}","accessKeyId":"ASIA{key}","sessionContext":{{"sessionIssuer":{{"type":"Role","principalId":"{principal}","arn":"arn:aws:iam::{account}:role/{path}{role}","accountId":"{account}","userName":"{role}"}},"webIdFederationData":{web},"attributes":{{"creationDate":"{issued}","mfaAuthenticated":"{mfa}"}}{tail}}}{behalf}}}"#
        );
        let (address, agent) = match self.login {
            Login::Linked(service) => (service.to_owned(), service.to_owned()),
            _ => (address, agent),
        };
        Session { identity, arn, address, agent, console: self.is_person(), owner: self.name, family }
    }
}
