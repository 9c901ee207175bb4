//! An invented company behind the console: few identities, readable numbers, every state a screen can be in. It keeps
//! triage in memory, so that key flows can be followed to their end.

use driftline::console::desk::{AlertFilter, Answer, Desk};
use driftline::model::alert::{BlastRadius, Framework, Guidance, Provenance, Score, Sequence, SequenceStep, Signal, Support};
use driftline::model::decision::{AuditRow, Triage};
use driftline::model::event::EventId;
use driftline::model::identity::IdentityRef;
use driftline::model::page::{
    AlertRow, EventIdentity, EventRow, IdentityPage, IdentityRow, JobRow, NowView, Origin, ProfileView, Range, Totals, UsualNow,
};
use driftline::model::time::{DAY, HOUR, MINUTE};
use driftline::model::{ActionClass, Alert, AlertId, Class, Kind, Network, Outcome, Severity, Status, Timestamp};

/// What the company is like today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// One connector is being misused.
    Busy,
    /// Nothing is open.
    Quiet,
    /// Nothing is stored.
    Empty,
    /// Every text is an attack on the terminal.
    Hostile,
}

/// The moment everything is told from.
pub fn now() -> Timestamp {
    Timestamp::parse("2026-11-19T14:32:07Z").unwrap()
}

fn ago(ms: i64) -> Timestamp {
    now().plus(-ms)
}

/// The desk.
#[derive(Debug)]
pub struct Invented {
    state: State,
    rows: Vec<IdentityRow>,
    alerts: Vec<AlertRow>,
    history: Vec<AuditRow>,
    before: Vec<(AlertId, AlertRow)>,
    /// Questions that fail, for error screens.
    pub broken: bool,
}

/// Texts that attack: escapes, controls, reordering, invisible, wide, long.
pub const HOSTILE: &[&str] = &[
    "\u{1b}]0;owned\u{7}\u{1b}[2J\u{1b}[31m",
    "crm\u{202e}cnys-",
    "crm\u{200b}-sync",
    "adm\0in\r\n\tx\u{8}\u{7f}",
    "\u{9b}2Jx\u{85}",
    "漢字漢字漢字漢字漢字漢字漢字漢字",
    "a\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}b",
    "👩\u{200d}💻\u{fe0f}\u{e0041}",
];

impl Invented {
    /// A desk in a state.
    pub fn new(state: State) -> Self {
        let mut desk = Self { state, rows: Vec::new(), alerts: Vec::new(), history: Vec::new(), before: Vec::new(), broken: false };
        if state == State::Empty {
            return desk;
        }
        desk.rows = identities();
        if state != State::Quiet {
            desk.alerts = alerts();
        }
        for row in &mut desk.rows {
            if state == State::Quiet {
                row.activity = shape("");
                row.usual_day = 120.0;
            }
            let open: Vec<&AlertRow> = desk.alerts.iter().filter(|alert| alert.identity == row.identity.id).collect();
            row.open_alerts = open.len() as u32;
            row.worst = open.iter().map(|alert| alert.severity).max();
            row.risk = open.iter().map(|alert| alert.risk).max().unwrap_or(row.risk);
        }
        if state == State::Hostile {
            for (n, row) in desk.rows.iter_mut().enumerate() {
                row.identity.name = HOSTILE[n % HOSTILE.len()].into();
                row.identity.owner = Some(HOSTILE[(n + 1) % HOSTILE.len()].to_owned());
            }
            for (n, row) in desk.alerts.iter_mut().enumerate() {
                let text = |by: usize| HOSTILE[(n + by) % HOSTILE.len()].to_owned();
                (row.name, row.headline, row.detector, row.from, row.sentence) = (text(0), text(1), text(2), text(3), text(4));
            }
        }
        desk
    }

    fn text(&self, plain: &str, n: usize) -> String {
        if self.state == State::Hostile { HOSTILE[n % HOSTILE.len()].to_owned() } else { plain.to_owned() }
    }

    /// Raises another alert, newest of all.
    pub fn raise(&mut self, n: u64) {
        let Some(mut row) = self.alerts.get(1).cloned() else { return };
        (row.id, row.raised) = (AlertId(0xffff_0000 + n), now().plus(n as i64 * MINUTE));
        self.alerts.insert(0, row);
    }

    /// Holds two findings below medium, newest of all.
    pub fn notice(&mut self) {
        for (n, (severity, risk)) in [(Severity::Low, 31), (Severity::Info, 12)].into_iter().enumerate() {
            let Some(mut row) = self.alerts.first().cloned() else { return };
            (row.id, row.severity, row.risk, row.raised) = (AlertId(0x10 + n as u64), severity, risk, now());
            row.detector = "off-hours".into();
            self.alerts.push(row);
        }
    }

    fn change(&mut self, id: AlertId, what: &str, note: &str) -> AuditRow {
        let row = AuditRow {
            sequence: self.history.len() as u64 + 1,
            time: now(),
            watermark: now(),
            who: "dana".into(),
            what: what.into(),
            object: id.to_string(),
            before: "{}".into(),
            after: "{}".into(),
            note: note.into(),
            hash: "00".into(),
        };
        self.history.push(row.clone());
        row
    }
}

fn shape(name: &str) -> Vec<u32> {
    let hours: [u32; 24] = match name {
        "crm-sync" => [8, 6, 7, 6, 9, 8, 7, 8, 9, 30, 41, 38, 44, 40, 36, 42, 38, 40, 12, 9, 60, 410, 620, 380],
        "warehouse-loader" => [40, 41, 39, 44, 60, 62, 40, 38, 41, 44, 40, 42, 58, 61, 40, 41, 43, 44, 90, 110, 96, 70, 66, 80],
        "bi-extract-emea" => [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 90, 120, 80, 0, 0, 0, 0, 0, 0, 0, 4, 0],
        "backup-agent" => [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 200, 210, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        "legacy-etl" => [0; 24],
        _ => [3, 2, 4, 3, 2, 3, 4, 5, 6, 9, 8, 9, 10, 9, 8, 9, 9, 8, 5, 4, 3, 3, 4, 4],
    };
    hours.to_vec()
}

fn identities() -> Vec<IdentityRow> {
    use Kind::{AiAgent, ApiKey, CiToken, OauthConnector, ServiceAccount, WorkloadRole};
    [
        ("crm-sync", OauthConnector, "salesforce", Some("revops"), 94, 8, 412.0),
        ("warehouse-loader", WorkloadRole, "aws", Some("data-platform"), 71, 60, 800.0),
        ("gh-actions-deploy", CiToken, "aws", Some("platform"), 53, 240, 120.0),
        ("zap-intake", OauthConnector, "salesforce", None, 51, 1_140, 110.0),
        ("scim-provision", ApiKey, "salesforce", Some("it"), 22, 120, 130.0),
        ("bi-extract-emea", ServiceAccount, "aws", Some("bi"), 18, 10_800, 290.0),
        ("backup-agent", WorkloadRole, "aws", Some("infra"), 11, 25_200, 410.0),
        ("support-copilot", AiAgent, "salesforce", Some("support"), 9, 300, 0.0),
        ("invoice-export", ServiceAccount, "salesforce", Some("finance"), 7, 3_600, 118.0),
        ("terraform-ci", CiToken, "aws", Some("platform"), 5, 5_400, 125.0),
        ("log-shipper", WorkloadRole, "aws", Some("infra"), 3, 20, 131.0),
        ("legacy-etl", ApiKey, "salesforce", None, 9, 41 * 86_400, 15.0),
    ]
    .into_iter()
    .map(|(name, kind, platform, owner, risk, last, usual)| IdentityRow {
        identity: IdentityRef {
            id: format!("{platform}:{name}"),
            name: name.into(),
            kind,
            class: Class::Machine,
            platform: platform.into(),
            tenant: Some("00D-example".into()),
            owner: owner.map(Into::into),
        },
        third_party: Some(kind == OauthConnector),
        reason: "signs in as a connected app".into(),
        first_seen: ago(if name == "support-copilot" { 3 * DAY } else { 250 * DAY }),
        last_seen: ago(last * 1000),
        active_days: if name == "support-copilot" { 3 } else { 30 },
        events: 41_208,
        credentials: 2,
        risk: if risk >= 50 { 12 } else { risk },
        open_alerts: 0,
        worst: None,
        activity: shape(name),
        usual_day: usual,
    })
    .collect()
}

fn alerts() -> Vec<AlertRow> {
    use Severity::{Critical, High, Medium};
    [
        (
            "crm-sync",
            "salesforce",
            Critical,
            94,
            1,
            "bulk-volume",
            "2.1M rows of Account in one job, usual at most 40k",
            "198.51.100.7 VPS",
        ),
        ("crm-sync", "salesforce", High, 82, 18, "breadth", "29 objects used for the first time in 24 h", "198.51.100.7 VPS"),
        ("warehouse-loader", "aws", High, 76, 183, "rate", "query rate above its p99 for 20 minutes", "203.0.113.50 AWS"),
        ("zap-intake", "salesforce", Medium, 51, 1_264, "new-source", "first call from AS64500, inside its usual country", "192.0.2.80"),
        ("gh-actions-deploy", "aws", Medium, 53, 2_027, "off-hours", "deployed at 13:58Z, never before outside Mo–Fr 07–12Z", "OIDC"),
        ("crm-sync", "salesforce", Medium, 58, 3_086, "event-mix", "query 61 % of calls, usual 19 %", "203.0.113.10 AWS"),
        ("warehouse-loader", "aws", Medium, 50, 90_000, "new-client", "Boto3/1.39 beside the usual aws-sdk-go", "203.0.113.50 AWS"),
    ]
    .into_iter()
    .enumerate()
    .map(|(n, (name, platform, severity, risk, seconds, detector, headline, from))| AlertRow {
        id: AlertId(0xa1b2_c3d4_0000_0000 + n as u64),
        identity: format!("{platform}:{name}"),
        name: name.into(),
        severity,
        risk,
        status: if n == 3 { Status::Acknowledged } else { Status::New },
        assigned: (n == 3).then(|| "dana".into()),
        onset: ago(seconds * 1000 + HOUR),
        raised: ago(seconds * 1000),
        updated: ago(seconds * 1000),
        detector: detector.into(),
        headline: headline.into(),
        sentence: format!("{name}: {headline}."),
        from: from.into(),
    })
    .collect()
}

fn range(values: [f64; 6]) -> Range {
    let [p5, p25, p50, p75, p95, max] = values;
    Range { p5, p25, p50, p75, p95, max, days: 30 }
}

fn value(text: &str, detail: &str, usual: f64, now: f64, new: bool) -> UsualNow {
    UsualNow { text: text.into(), detail: detail.into(), usual, now, first: Some(ago(if new { 3 * HOUR } else { 250 * DAY })), new }
}

impl Desk for Invented {
    fn totals(&mut self, _: Timestamp) -> Answer<Totals> {
        if self.state == State::Empty {
            return Ok(Totals::default());
        }
        let mut open = [0; 5];
        for row in self.alerts.iter().filter(|row| row.status != Status::Closed) {
            open[row.severity as usize] += 1;
        }
        let oldest = self.alerts.iter().filter(|row| row.status == Status::New).map(|row| row.onset).min();
        Ok(Totals {
            events: 4_100_000,
            identities: 1_204,
            machines: 312,
            first: Some(ago(180 * DAY)),
            last: Some(ago(800)),
            open,
            rejects: if self.state == State::Busy { 3 } else { 0 },
            youngest_days: 3,
            oldest_new: oldest,
            feeds: 3,
        })
    }

    fn identities(&mut self, filter: &str, _: Timestamp, limit: usize) -> Answer<Vec<IdentityRow>> {
        if filter.starts_with("knd:") {
            return Err("no field knd; did you mean kind?".into());
        }
        let kind = filter.strip_prefix("kind:");
        Ok(self.rows.iter().filter(|row| kind.is_none_or(|kind| row.identity.kind.as_str() == kind)).take(limit).cloned().collect())
    }

    fn identity(&mut self, id: &str, _: Timestamp) -> Answer<IdentityPage> {
        if self.broken {
            return Err("the store cannot be read: disk I/O error; free space and press f5".into());
        }
        let row = self.rows.iter().find(|row| row.identity.id == id).cloned().ok_or_else(|| format!("no identity {id}"))?;
        let drifting = row.identity.name == "crm-sync" || self.state == State::Hostile;
        let days = row.active_days;
        let mut hours = vec![0.0; 168];
        for day in 0..5 {
            for hour in 5..13 {
                hours[day * 24 + hour] = if (7..11).contains(&hour) { 0.032 } else { 0.018 };
            }
        }
        let with = |values| Range { days, ..range(values) };
        let usual = ProfileView {
            days,
            sources: with([1.0, 1.0, 1.0, 2.0, 2.0, 2.0]),
            mix: with([0.02, 0.05, 0.08, 0.12, 0.2, 0.24]),
            breadth: with([6.0, 7.0, 7.0, 8.0, 9.0, 11.0]),
            jobs: with([0.0, 1.0, 1.0, 1.0, 1.0, 2.0]),
            rows: with([8e3, 12e3, 20e3, 31e3, 40e3, 44e3]),
            job_rows: with([2e3, 3e3, 9e3, 22e3, 31e3, 40e3]),
            events: with([280.0, 350.0, 410.0, 460.0, 520.0, 610.0]),
            hours,
            ..ProfileView::default()
        };
        let now_view = if drifting {
            NowView {
                events: 1_908,
                sources: 5.0,
                mix: 0.61,
                breadth: 41.0,
                jobs: 14.0,
                rows: 2.4e6,
                job_rows: 2.1e6,
                in_hours: 0.61,
                hours: vec![(80, 41), (81, 38), (82, 40), (84, 60), (85, 410), (86, 620)],
            }
        } else {
            NowView {
                events: 406,
                sources: 1.0,
                mix: 0.07,
                breadth: 7.0,
                jobs: 1.0,
                rows: 21e3,
                job_rows: 9e3,
                in_hours: 1.0,
                hours: vec![(80, 41), (81, 38)],
            }
        };
        let mut sources = vec![value("203.0.113.10", "aws", 0.97, 0.2, false), value("203.0.113.11", "aws", 0.6, 0.0, false)];
        let mut domains =
            vec![value("Contact", "", 1.0, 0.3, false), value("Opportunity", "", 0.9, 0.1, false), value("Case", "", 0.4, 0.05, false)];
        let mut agents = vec![value("crm-sync/4.2", "connector", 1.0, 0.2, false)];
        if drifting {
            let new = [
                value("198.51.100.7", "hosting", 0.0, 0.7, true),
                value("198.51.100.9", "hosting", 0.0, 0.4, true),
                value("192.0.2.44", "tor", 0.0, 0.1, true),
            ];
            sources = new.into_iter().chain(sources).collect();
            let new = [
                value("Account", "2.1M rows", 0.0, 0.8, true),
                value("User", "1.2k rows", 0.0, 0.2, true),
                value("AuthSession", "", 0.0, 0.1, true),
            ];
            domains = new.into_iter().chain(domains).collect();
            agents.insert(0, value("python-requests/2.31", "library", 0.0, 0.8, true));
        }
        let actions = vec![
            value("query", "", 0.19, if drifting { 0.61 } else { 0.2 }, false),
            value("login", "", 0.38, if drifting { 0.04 } else { 0.37 }, false),
            value("bulk export", "", 0.01, if drifting { 0.18 } else { 0.01 }, false),
            value("create", "", 0.27, if drifting { 0.09 } else { 0.27 }, false),
            value("update", "", 0.15, if drifting { 0.08 } else { 0.15 }, false),
            value("describe", "", 0.0, if drifting { 0.05 } else { 0.0 }, drifting),
        ];
        let jobs = if drifting {
            [("Account", 1, 2_100_000, true), ("Contact", 30, 180_000, false), ("Case", 52, 41_000, false), ("Lead", 752, 3_000, false)]
                .into_iter()
                .map(|(domain, minutes, rows, deleted)| JobRow {
                    job: format!("750-{domain}"),
                    time: ago(minutes * MINUTE),
                    domain: self.text(domain, minutes as usize),
                    rows,
                    bytes: rows * 212,
                    deleted,
                })
                .collect()
        } else {
            Vec::new()
        };
        if self.state == State::Hostile {
            for (n, value) in sources.iter_mut().chain(&mut domains).chain(&mut agents).enumerate() {
                value.text = HOSTILE[n % HOSTILE.len()].into();
            }
        }
        let alerts = self.alerts.iter().filter(|alert| alert.identity == id).cloned().collect();
        let events = events(self, 9);
        Ok(IdentityPage {
            row: Some(row),
            usual,
            now: now_view,
            sources,
            agents,
            actions,
            domains,
            jobs,
            events,
            alerts,
            not_observable: Vec::new(),
            lineage: Vec::new(),
        })
    }

    fn alerts(&mut self, filter: &AlertFilter) -> Answer<Vec<AlertRow>> {
        let open = |row: &&AlertRow| !filter.open_only || !matches!(row.status, Status::Closed | Status::Superseded);
        let one = |row: &&AlertRow| filter.identity.as_ref().is_none_or(|id| row.identity == *id);
        let grave = |row: &&AlertRow| row.severity >= filter.least;
        Ok(self.alerts.iter().filter(open).filter(one).filter(grave).take(filter.limit).cloned().collect())
    }

    fn alert(&mut self, id: AlertId) -> Answer<(Alert, Vec<AuditRow>)> {
        let row = self.alerts.iter().find(|row| row.id == id).cloned().ok_or_else(|| format!("no alert {id}"))?;
        let identity = self.rows.iter().find(|of| of.identity.id == row.identity).map(|of| of.identity.clone());
        let mut identity = identity.ok_or("the identity is gone")?;
        identity.name.clone_from(&row.name);
        let history = self.history.iter().filter(|audit| audit.object == id.to_string()).cloned().collect();
        Ok((card(self, &row, identity), history))
    }

    fn alert_events(&mut self, _: AlertId) -> Answer<Vec<EventRow>> {
        Ok(events(self, 5))
    }

    fn raw(&mut self, event: &EventRow) -> Answer<String> {
        let user = self.text("005-example", 0);
        Ok(format!(
            "{{\"EVENT_TYPE\":\"{}\",\"TIMESTAMP\":\"{}\",\"USER_ID\":{},\"CLIENT_IP\":\"198.51.100.7\",\"ROWS_PROCESSED\":2100000,\
             \"QUERY\":\"SELECT Id, Name, Phone FROM Account\",\"session\":{{\"mfa\":false,\"key\":\"‹redacted:session:9f3c›\"}}}}",
            event.action,
            event.time,
            serde_json::to_string(&user).unwrap()
        ))
    }

    fn publish(&mut self, _: AlertId) -> Answer<()> {
        Ok(())
    }

    fn triage(&mut self, id: AlertId, change: Triage) -> Answer<AuditRow> {
        let row = self.alerts.iter_mut().find(|row| row.id == id).ok_or_else(|| format!("no alert {id}"))?;
        if row.assigned.as_deref() == Some("bob") {
            return Err(format!("{id}: bob closed it 3 s ago"));
        }
        self.before.push((id, row.clone()));
        row.status = change.status.unwrap_or(row.status);
        if let Some(holder) = change.assign {
            row.assigned = Some(holder);
        }
        Ok(self.change(id, "triage", change.note.as_deref().unwrap_or("")))
    }

    fn undo(&mut self, id: AlertId) -> Answer<AuditRow> {
        let at = self.before.iter().rposition(|(of, _)| *of == id).ok_or("nothing to take back")?;
        let (_, before) = self.before.remove(at);
        if let Some(row) = self.alerts.iter_mut().find(|row| row.id == id) {
            *row = before;
        }
        Ok(self.change(id, "undo", ""))
    }

    fn summary_text(&mut self, id: AlertId) -> Answer<String> {
        let row = self.alerts.iter().find(|row| row.id == id).ok_or_else(|| format!("no alert {id}"))?;
        Ok(format!("{} {} risk {}\n{}\n", row.id, row.severity, row.risk, row.sentence))
    }
}

fn card(desk: &Invented, row: &AlertRow, identity: IdentityRef) -> Alert {
    let signal = |detector: &str, family: &str, observed: &str, baseline: &str, p, bans, points| Signal {
        detector: desk.text(detector, 2),
        family: family.into(),
        observed: desk.text(observed, 3),
        baseline: desk.text(baseline, 1),
        p,
        bans,
        points,
    };
    let text = |plain: &str, n| desk.text(plain, n);
    Alert {
        id: row.id,
        aliases: Vec::new(),
        severity: row.severity,
        risk: row.risk,
        status: row.status,
        verdict: None,
        assigned: row.assigned.clone(),
        snoozed_until: None,
        duplicate_of: None,
        onset: row.onset,
        raised: row.raised,
        updated: row.updated,
        sentence: text(
            &format!(
                "{} exported 2.1M Account rows in one bulk job at 14:31Z from 198.51.100.7 (VPS, never used before); its largest job in 30 days held 40k rows.",
                identity.name
            ),
            0,
        ),
        identity,
        signals: vec![
            signal(
                "bulk-volume",
                "volume",
                "2.1M rows of Account in one job",
                "at most 40k rows, p95 31k, over 30 active days",
                Some(1.2e-6),
                3.9,
                i32::from(row.risk) - 52,
            ),
            signal(
                "new-source",
                "source",
                "198.51.100.7, AS64496 (VPS)",
                "203.0.113.10–11, AS64500 (aws), on 30 of 30 days",
                Some(2.4e-4),
                2.2,
                28,
            ),
            signal("first-use", "breadth", "29 objects for the first time", "0–1 new objects a day", Some(1.1e-3), 1.4, 16),
            signal("off-hours", "timing", "14:31Z on a Thursday", "05–13Z on weekdays", Some(0.02), 0.7, 8),
        ],
        sequences: vec![Sequence {
            id: "S05".into(),
            steps: vec![
                SequenceStep { name: text("looked around: describe of 61 objects", 2), time: ago(52 * MINUTE), event: "00".into() },
                SequenceStep { name: text("bulk export of Account", 3), time: ago(MINUTE), event: "01".into() },
            ],
            missing: vec![text("job deleted after the export", 4)],
        }],
        mitigations: vec![text("no change window is open for this identity", 5), text("no other connector of this vendor moved today", 6)],
        counterfactuals: vec![text("had it come from 203.0.113.10, the risk would be 66", 7)],
        not_observable: vec![text("what was in the rows: EventLogFile counts them, it does not hold them", 0)],
        blast_radius: BlastRadius { rows: 2_400_000, bytes: 445_000_000, objects: 29, credentials: 0, identities: 0, tenants: 1 },
        events: Support { count: 212, sample: Vec::new() },
        frameworks: vec![Framework { framework: "mitre-attack".into(), version: "17".into(), id: "T1530".into() }],
        guidance: Guidance {
            check: vec![
                text("ask revops whether the vendor announced a new egress range", 1),
                text("look for the same token at other sources", 2),
            ],
            benign: vec![text("the vendor moved its platform, with a ticket", 3)],
            contain: vec![text("restrict the connected app to its known addresses", 4), text("revoke its refresh tokens", 5)],
        },
        score: Score { total: 8.2, threshold: 4.1, statistics: 6.3, sum: 8.2, expected_false_per_day: 0.3 },
        provenance: Provenance {
            model: "9f3c21".into(),
            context: "04aa17".into(),
            baseline_day: "2026-11-18".into(),
            use_case: "crm connector".into(),
            active_days: 30,
        },
    }
}

fn events(desk: &Invented, count: usize) -> Vec<EventRow> {
    (0..count)
        .map(|n| EventRow {
            time: ago(n as i64 * 61_000 + 9_000),
            ingested: ago(0),
            format: "salesforce_elf".into(),
            feed: "elf".into(),
            uid: EventId(0xe0 + n as u64).to_string(),
            event_id: None,
            tenant: None,
            cloud_account: None,
            principal: "005-example".into(),
            identity: EventIdentity {
                id: "salesforce:crm-sync".into(),
                name: desk.text("crm-sync", n),
                kind: Kind::OauthConnector,
                class: Class::Machine,
                reason: String::new(),
            },
            credential: None,
            session: None,
            on_behalf_of: None,
            ip: Some(desk.text(if n % 3 == 0 { "198.51.100.7" } else { "203.0.113.10" }, n)),
            asn: None,
            as_org: None,
            network: Network::Hosting,
            cloud: None,
            region: None,
            country: None,
            user_agent: None,
            agent: None,
            auth_method: None,
            action: desk.text(["BulkApi", "UniqueQuery", "RestApi"][n % 3], n),
            service: None,
            class: ActionClass::Export,
            resource: None,
            data_domain: Some(desk.text(["Account", "Contact", "User"][n % 3], n)),
            target_identity: None,
            scopes: Vec::new(),
            tool: None,
            query_shape: None,
            outcome: if n == 3 { Outcome::Denied } else { Outcome::Success },
            error: None,
            rows: Some(if n % 3 == 0 { 2_100_000 } else { 412 }),
            bytes: None,
            job: None,
            job_step: None,
            probe: None,
            via_provider: false,
            tags: Vec::new(),
            origin: Origin { file: desk.text("elf/2026-11-19_BulkApi.csv", n), offset: 4_096 + n as u64 },
        })
        .collect()
}
