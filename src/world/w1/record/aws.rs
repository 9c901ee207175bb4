//! CloudTrail, event version 1.11, one record a line.

use super::{ACCOUNT, Call, Failure, What};
use crate::model::Timestamp;
use crate::world::chance::Chance;
use crate::world::w1::member::Member;
use std::fmt::Write;

/// CloudTrail tells whole seconds.
fn seconds(at: Timestamp) -> String {
    let text = at.to_string();
    text.get(..19).map_or_else(|| text.clone(), |head| format!("{head}Z"))
}

pub(super) fn render(call: &Call, member: &Member, chance: &mut Chance) -> String {
    let What::Aws { service, name, params, response, bytes, region } = &call.what else { return String::new() };
    let mut out = String::with_capacity(1_200);
    let who = &member.name;
    let key = &call.grant.credential;
    out.push_str(r#"{"eventVersion":"1.11","userIdentity":"#);
    // Writing into a string cannot fail.
    let _ = if key.starts_with("AKIA") {
        write!(
            out,
            r#"{{"type":"IAMUser","principalId":"AIDA{:017}","arn":"{}","accountId":"{ACCOUNT}","accessKeyId":"{key}","userName":"{who}"}}"#,
            member.number, member.id,
        )
    } else {
        let session = &call.grant.session;
        let issued = seconds(Timestamp(call.at.0 - call.at.0.rem_euclid(3_600_000)));
        let delivery = if session.starts_with("i-") { r#","ec2RoleDelivery":"2.0""# } else { "" };
        let federation = if call.grant.behalf.is_some() {
            r#","webIdFederationData":{"federatedProvider":"arn:aws:iam::111122223333:oidc-provider/agents.halden.example","attributes":{}}"#
        } else {
            ""
        };
        let behalf = call.grant.behalf.as_ref().map_or_else(String::new, |user| {
            format!(r#","onBehalfOf":{{"userId":"{user}","identityStoreArn":"arn:aws:identitystore::{ACCOUNT}:identitystore/d-9067"}}"#)
        });
        write!(
            out,
            r#"{{"type":"AssumedRole","principalId":"AROA{:017}:{session}","arn":"arn:aws:sts::{ACCOUNT}:assumed-role/{who}/{session}","accountId":"{ACCOUNT}","accessKeyId":"{key}","sessionContext":{{"sessionIssuer":{{"type":"Role","principalId":"AROA{:017}","arn":"{}","accountId":"{ACCOUNT}","userName":"{who}"}},"attributes":{{"creationDate":"{issued}","mfaAuthenticated":"false"}}{delivery}{federation}}}{behalf}}}"#,
            member.number, member.number, member.id,
        )
    };
    let _ = write!(
        out,
        r#","eventTime":"{}","eventSource":"{service}.amazonaws.com","eventName":"{name}","awsRegion":"{region}","sourceIPAddress":"{}","userAgent":"{}","#,
        seconds(call.at),
        call.from,
        call.agent,
    );
    match call.failure {
        None => {}
        Some(Failure::Denied) => {
            let _ = write!(
                out,
                r#""errorCode":"AccessDenied","errorMessage":"User: {} is not authorized to perform: {service}:{name} because no identity-based policy allows the action","#,
                member.id
            );
        }
        Some(Failure::Throttled) => out.push_str(r#""errorCode":"ThrottlingException","errorMessage":"Rate exceeded","#),
        Some(Failure::Broken) => out.push_str(r#""errorCode":"InternalFailure","errorMessage":"An internal error occurred","#),
    }
    out.push_str(r#""requestParameters":"#);
    object(&mut out, params);
    out.push_str(r#","responseElements":"#);
    object(&mut out, if call.failure.is_some() { "" } else { response });
    let reads =
        ["Get", "List", "Describe", "Head", "Query", "Scan", "Receive", "Lookup", "Filter"].iter().any(|verb| name.starts_with(verb));
    if let (Some(bytes), None) = (bytes, call.failure) {
        let (inward, outward) = if reads { (0, *bytes) } else { (*bytes, 0) };
        let _ = write!(
            out,
            r#","additionalEventData":{{"SignatureVersion":"SigV4","bytesTransferredIn":{inward}.0,"AuthenticationMethod":"AuthHeader","bytesTransferredOut":{outward}.0}}"#
        );
    }
    let data = bytes.is_some() || matches!(*service, "lambda" | "dynamodb") && !name.starts_with("List");
    let (management, category) = if data { (false, "Data") } else { (true, "Management") };
    let _ = write!(
        out,
        r#","requestID":"{}","eventID":"{}","readOnly":{reads},"eventType":"AwsApiCall","managementEvent":{management},"recipientAccountId":"{ACCOUNT}","eventCategory":"{category}"}}"#,
        chance.upper::<16>(),
        chance.uuid(),
    );
    out
}

fn object(out: &mut String, members: &str) {
    if members.is_empty() {
        out.push_str("null");
    } else {
        out.push('{');
        out.push_str(members);
        out.push('}');
    }
}
