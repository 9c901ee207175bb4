//! Rows of Salesforce event log files as JSON objects of their columns.

use super::{Call, Failure, What};
use crate::world::chance::Chance;
use crate::world::w1::member::Member;
use std::fmt::Write;

/// The organisation's id.
const ORGANISATION: &str = "00D5e000001HLDN";

pub(super) fn render(call: &Call, member: &Member, chance: &mut Chance) -> String {
    let mut out = String::with_capacity(640);
    let kind = match &call.what {
        What::Token => "Login",
        What::Bulk { .. } => "BulkApi2",
        _ => "RestApi",
    };
    // Writing into a string cannot fail.
    let _ = write!(
        out,
        r#"{{"EVENT_TYPE":"{kind}","TIMESTAMP_DERIVED":"{}","REQUEST_ID":"4{}-","ORGANIZATION_ID":"{}","USER_ID":"{}","USER_NAME":"{}","SESSION_KEY":"{}","CLIENT_IP":"{}""#,
        call.at,
        chance.mixed::<20>(),
        call.grant.tenant.as_deref().unwrap_or(ORGANISATION),
        member.id,
        member.name,
        call.grant.session,
        call.from,
    );
    let app = &call.grant.credential;
    if !app.is_empty() {
        let _ = write!(out, r#","CONNECTED_APP_ID":"{app}""#);
    }
    let (status, code) = match call.failure {
        None => ("S", 200),
        Some(Failure::Denied) => ("A", 403),
        Some(Failure::Throttled) => ("F", 503),
        Some(Failure::Broken) => ("F", 500),
    };
    let _ = match &call.what {
        What::Token => {
            let answer = if call.failure.is_none() { "LOGIN_NO_ERROR" } else { "LOGIN_ERROR_INVALID_PASSWORD" };
            let sub = if app.is_empty() { "A" } else { "i" };
            write!(
                out,
                r#","URI":"/services/oauth2/token","LOGIN_TYPE":"{sub}","BROWSER_TYPE":"{}","API_TYPE":"f","LOGIN_STATUS":"{answer}","SOURCE_IP":"{}""#,
                call.agent, call.from
            )
        }
        What::Bulk { job, entity, status: state, rows } => {
            // A call that failed moved nothing and is told as failed, as everywhere else.
            let rows = rows.filter(|_| call.failure.is_none()).map_or_else(String::new, |n| format!(r#","RECORDS_PROCESSED":"{n}""#));
            let success = u8::from(call.failure.is_none());
            write!(
                out,
                r#","URI":"/services/data/v62.0/jobs/query/{job}","JOB_ID":"{job}","OPERATION_TYPE":"query","ENTITY_TYPE":"{entity}","JOB_STATUS":"{state}","SUCCESS":"{success}","USER_AGENT":"{}"{rows}"#,
                call.agent
            )
        }
        What::Rest { method, path, entity, rows } => {
            let rows = rows.filter(|_| call.failure.is_none());
            let bytes = 300 + rows.unwrap_or(0) * 410;
            let rows = rows.map_or_else(String::new, |n| format!(r#","ROWS_PROCESSED":"{n}""#));
            write!(
                out,
                r#","URI":"/services/data/v62.0{path}","METHOD":"{method}","STATUS_CODE":"{code}","REQUEST_STATUS":"{status}","USER_AGENT":"{}","ENTITY_NAME":"{entity}","RESPONSE_SIZE":"{bytes}"{rows}"#,
                call.agent
            )
        }
        _ => Ok(()),
    };
    out.push('}');
    out
}
