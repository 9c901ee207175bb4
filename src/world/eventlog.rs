//! Rows of Salesforce event log files: each type with its own header and quoting, as the provider exports them. It must
//! not know why a call is made.

use super::chance::Chance;
use super::ledger::{Family, Ledger, write_clock, write_millis, write_seconds};

/// The organisation's id (15 characters).
pub(super) const ORGANISATION: &str = "00D5e000001HLDN";

const LOGIN: &str = r#""EVENT_TYPE","TIMESTAMP","REQUEST_ID","ORGANIZATION_ID","USER_ID","RUN_TIME","CPU_TIME","URI","SESSION_KEY","LOGIN_KEY","USER_TYPE","REQUEST_STATUS","DB_TOTAL_TIME","LOGIN_TYPE","BROWSER_TYPE","API_TYPE","API_VERSION","USER_NAME","TLS_PROTOCOL","CIPHER_SUITE","AUTHENTICATION_METHOD_REFERENCE","LOGIN_SUB_TYPE","TIMESTAMP_DERIVED","USER_ID_DERIVED","CLIENT_IP","URI_ID_DERIVED","LOGIN_STATUS","SOURCE_IP""#;
const API_TOTAL_USAGE: &str = r#""EVENT_TYPE","TIMESTAMP","REQUEST_ID","ORGANIZATION_ID","USER_ID","API_FAMILY","API_VERSION","API_RESOURCE","CLIENT_NAME","HTTP_METHOD","CLIENT_IP","COUNTS_AGAINST_API_LIMIT","CONNECTED_APP_ID","ENTITY_NAME","STATUS_CODE","CONNECTED_APP_NAME","USER_NAME","TIMESTAMP_DERIVED""#;
const REST_API: &str = r#""EVENT_TYPE","TIMESTAMP","REQUEST_ID","ORGANIZATION_ID","USER_ID","RUN_TIME","CPU_TIME","URI","SESSION_KEY","LOGIN_KEY","USER_TYPE","REQUEST_STATUS","DB_TOTAL_TIME","METHOD","MEDIA_TYPE","STATUS_CODE","USER_AGENT","ROWS_PROCESSED","NUMBER_FIELDS","DB_BLOCKS","DB_CPU_TIME","REQUEST_SIZE","RESPONSE_SIZE","ENTITY_NAME","TIMESTAMP_DERIVED","USER_ID_DERIVED","CLIENT_IP","URI_ID_DERIVED""#;
const UNIQUE_QUERY: &str = r#""EVENT_TYPE","TIMESTAMP","REQUEST_ID","ORGANIZATION_ID","USER_ID","SESSION_KEY","LOGIN_KEY","USER_TYPE","SQL_ID","QUERY_IDENTIFIER","QUERY_TYPE","TIMESTAMP_DERIVED","USER_ID_DERIVED""#;
const BULK_API_2: &str = r#""EVENT_TYPE","TIMESTAMP","REQUEST_ID","ORGANIZATION_ID","USER_ID","RUN_TIME","CPU_TIME","URI","SESSION_KEY","LOGIN_KEY","JOB_ID","OPERATION_TYPE","ENTITY_TYPE","JOB_STATUS","RECORDS_PROCESSED","RECORDS_FAILED","MESSAGE","RESULT_SIZE_MB","TIMESTAMP_DERIVED","USER_ID_DERIVED","CLIENT_IP","URI_ID_DERIVED""#;

/// Name and header of an event type; `None` for CloudTrail, which has neither.
pub(super) fn header(family: Family) -> Option<(&'static str, &'static str)> {
    match family {
        Family::Login => Some(("Login", LOGIN)),
        Family::ApiTotalUsage => Some(("ApiTotalUsage", API_TOTAL_USAGE)),
        Family::RestApi => Some(("RestApi", REST_API)),
        Family::UniqueQuery => Some(("UniqueQuery", UNIQUE_QUERY)),
        Family::BulkApi2 => Some(("BulkApi2", BULK_API_2)),
        Family::ProductionEu | Family::ProductionUs | Family::DataEu => None,
    }
}

/// Who calls: a connected application acting as its user, or a person at a browser.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    /// Name of the connected application; empty for a person.
    pub(super) app: &'static str,
    /// Its id, 0H4…; empty for a person.
    pub(super) app_id: &'static str,
    /// The user's id (15 characters).
    pub(super) user: &'static str,
    /// The user's name.
    pub(super) user_name: String,
    /// API version.
    pub(super) version: &'static str,
    /// The client as it calls itself.
    pub(super) agent: String,
    /// Its address.
    pub(super) address: String,
    /// Ties the records of one login together.
    pub(super) login_key: String,
    /// Ties the records of one session together.
    pub(super) session_key: String,
    /// Whose records they are.
    pub(super) owner: &'static str,
}

/// One REST call.
pub(super) struct Request<'a> {
    /// HTTP method.
    pub(super) method: &'a str,
    /// What comes after the API version in the URI (`query`, `sobjects/Case/describe`).
    pub(super) resource: &'a str,
    /// The object it is about; may be empty.
    pub(super) entity: &'a str,
    /// HTTP status.
    pub(super) status: u16,
    /// Rows, where the call has any.
    pub(super) rows: Option<u64>,
    /// Bytes of the answer.
    pub(super) answer: u64,
}

/// A step of a Bulk API 2.0 job.
pub(super) struct JobEvent<'a> {
    /// The job's id (15 characters).
    pub(super) job: &'a str,
    /// `query` or `upsert`.
    pub(super) operation: &'a str,
    /// The object.
    pub(super) entity: &'a str,
    /// `Created`, `UploadComplete`, `InProgress`, `JobComplete`, `Deleted`.
    pub(super) status: &'a str,
    /// Rows, at the end of the job.
    pub(super) records: Option<u64>,
}

/// Writes quoted fields, comma between them.
struct Row<'a> {
    out: &'a mut Vec<u8>,
    first: bool,
}

impl Row<'_> {
    fn field(&mut self, text: &str) -> &mut Self {
        self.open();
        for byte in text.bytes() {
            if byte == b'"' {
                self.out.push(b'"');
            }
            self.out.push(byte);
        }
        self.out.push(b'"');
        self
    }

    fn fields<const N: usize>(&mut self, texts: [&str; N]) -> &mut Self {
        for text in texts {
            self.field(text);
        }
        self
    }

    fn number(&mut self, number: Option<u64>) -> &mut Self {
        match number {
            Some(number) => self.field(&number.to_string()),
            None => self.field(""),
        }
    }

    fn open(&mut self) {
        if !self.first {
            self.out.push(b',');
        }
        self.first = false;
        self.out.push(b'"');
    }

    /// `yyyyMMddHHmmss.SSS`.
    fn stamp(&mut self, date: &str, at: i64) -> &mut Self {
        self.open();
        self.out.extend(date.bytes().filter(|byte| *byte != b'-'));
        write_clock(self.out, at, None);
        write_millis(self.out, at);
        self.out.push(b'"');
        self
    }

    /// RFC 3339 with milliseconds.
    fn derived(&mut self, date: &str, at: i64) -> &mut Self {
        self.open();
        write_seconds(self.out, date, at);
        write_millis(self.out, at);
        self.out.extend_from_slice(b"Z\"");
        self
    }
}

/// The 18-character form of a 15-character id: three characters that tell which letters are capitals.
pub(super) fn long_id(id: &str) -> String {
    const CODE: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
    let suffix = id.as_bytes().chunks(5).map(|part| {
        let bits = part.iter().enumerate().fold(0, |bits, (place, byte)| bits | usize::from(byte.is_ascii_uppercase()) << place);
        char::from(CODE[bits])
    });
    id.chars().chain(suffix).collect()
}

fn request_id(chance: &mut Chance) -> String {
    format!("4{}-", chance.mixed::<20>())
}

fn begin<'a>(out: &'a mut Vec<u8>, kind: &str, date: &str, at: i64, id: &str, caller: &Caller) -> Row<'a> {
    let mut row = Row { out, first: true };
    row.field(kind).stamp(date, at).fields([id, ORGANISATION, caller.user]);
    row
}

/// Enters a login: a token handed out or renewed, or a person at the sign-in page. `kind` is `i` for OAuth, `A` for people.
pub(super) fn login(ledger: &mut Ledger, chance: &mut Chance, caller: &Caller, at: i64, oauth: bool) {
    let id = request_id(chance);
    let date = ledger.date.clone();
    let (run, cpu, db) = (chance.between(60, 240), chance.between(10, 60), chance.between(20_000_000, 120_000_000));
    ledger.add(Family::Login, at, &id, caller.owner, |out| {
        let uri = if oauth { "/services/oauth2/token" } else { "/index.jsp" };
        let mut row = begin(out, "Login", &date, at, &id, caller);
        row.number(Some(run))
            .number(Some(cpu))
            .fields([uri, &caller.session_key, &caller.login_key, "Standard", "Success"])
            .number(Some(db));
        row.fields([if oauth { "i" } else { "A" }, &caller.agent, if oauth { "" } else { "f" }, "9998.0", &caller.user_name, "TLSv1.3"]);
        row.fields(["TLS_AES_256_GCM_SHA384", "", if oauth { "oauthrefreshtoken" } else { "" }]).derived(&date, at);
        row.fields([&long_id(caller.user), &caller.address, "", "LOGIN_NO_ERROR", &caller.address]);
    });
}

/// Enters a REST call: one row that counts it, one that details it. Gives back the id both carry.
pub(super) fn rest(ledger: &mut Ledger, chance: &mut Chance, caller: &Caller, at: i64, request: &Request) -> String {
    let id = request_id(chance);
    let date = ledger.date.clone();
    let status = request.status.to_string();
    let family = if request.resource.starts_with("jobs/") { "BULK" } else { "REST" };
    let resource = format!("/v{}/{}", caller.version, request.resource);
    ledger.add(Family::ApiTotalUsage, at, &id, caller.owner, |out| {
        let mut row = begin(out, "ApiTotalUsage", &date, at, &id, caller);
        row.fields([family, caller.version, &resource, caller.app, request.method, &caller.address, "1", caller.app_id, request.entity]);
        row.fields([&status, caller.app, &caller.user_name]).derived(&date, at);
    });
    let run = chance.between(15, 400) + request.rows.unwrap_or(0) / 20;
    let (cpu, blocks, sent) = (run / 3, chance.between(20, 900) + request.rows.unwrap_or(0) / 2, chance.between(300, 1_800));
    ledger.add(Family::RestApi, at, &id, caller.owner, |out| {
        let mut row = begin(out, "RestApi", &date, at, &id, caller);
        row.number(Some(run)).number(Some(cpu)).field(&format!("/services/data{resource}"));
        row.fields([&caller.session_key, &caller.login_key, "Standard", if request.status < 400 { "S" } else { "F" }])
            .number(Some(run * 400_000));
        row.fields([request.method, "application/json;charset=UTF-8", &status, &caller.agent]).number(request.rows);
        row.field("").number(Some(blocks)).number(Some(cpu / 2)).number(Some(sent)).number(Some(request.answer)).field(request.entity);
        row.derived(&date, at).fields([&long_id(caller.user), &caller.address, ""]);
    });
    id
}

/// Enters a query: the REST call and the text of the query.
pub(super) fn query(ledger: &mut Ledger, chance: &mut Chance, caller: &Caller, at: i64, entity: &str, soql: &str, rows: u64) {
    let answer = 220 + rows * 410;
    let request = Request { method: "GET", resource: "query", entity, status: 200, rows: Some(rows), answer };
    let id = rest(ledger, chance, caller, at, &request);
    let date = ledger.date.clone();
    let sql = crate::model::Sym::of(soql).0;
    ledger.add(Family::UniqueQuery, at, &id, caller.owner, |out| {
        let mut row = begin(out, "UniqueQuery", &date, at, &id, caller);
        row.fields([&caller.session_key, &caller.login_key, "Standard", &format!("{sql:016x}"), soql, "soql"]).derived(&date, at);
        row.field(&long_id(caller.user));
    });
}

/// Enters a step of a bulk job.
pub(super) fn job(ledger: &mut Ledger, chance: &mut Chance, caller: &Caller, at: i64, event: &JobEvent) {
    let id = request_id(chance);
    let date = ledger.date.clone();
    let (run, cpu) = (chance.between(30, 900), chance.between(10, 90));
    ledger.add(Family::BulkApi2, at, &id, caller.owner, |out| {
        let mut row = begin(out, "BulkApi2", &date, at, &id, caller);
        row.number(Some(run)).number(Some(cpu)).field(&format!("/services/data/v{}/jobs/query/{}", caller.version, event.job));
        row.fields([&caller.session_key, &caller.login_key, event.job, event.operation, event.entity, event.status]).number(event.records);
        row.number(event.records.map(|_| 0)).fields(["", ""]).derived(&date, at);
        row.fields([&long_id(caller.user), &caller.address, ""]);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_long_form_of_an_id_tells_its_capitals() {
        // Each fifth of the id is five bits, lowest first: "001A0" has a capital in place 3, which is 8, which is I.
        for (short, long) in [
            ("001A0000006Vm9r", "001A0000006Vm9rIAC"),
            ("000000000000000", "000000000000000AAA"),
            ("AAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAA555"),
        ] {
            assert_eq!(long_id(short), long);
        }
    }
}
