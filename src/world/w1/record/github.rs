//! Entries of GitHub's audit log, as the stream writes them.

use super::{Call, Failure, What};
use crate::world::chance::Chance;
use crate::world::w1::member::Member;

pub(super) fn render(call: &Call, member: &Member, chance: &mut Chance) -> String {
    let What::Git { action, repo, path } = &call.what else { return String::new() };
    let code = match call.failure {
        None => String::new(),
        Some(Failure::Denied) => r#","status_code":403"#.to_owned(),
        Some(Failure::Throttled) => r#","status_code":429"#.to_owned(),
        Some(Failure::Broken) => r#","status_code":500"#.to_owned(),
    };
    let request = if path.is_empty() { String::new() } else { format!(r#","request_method":"GET","url_path":"{path}""#) };
    format!(
        r#"{{"@timestamp":{},"_document_id":"{}","action":"{action}","actor":"{}","actor_is_bot":true,"actor_ip":"{}","user_agent":"{}","org":"halden","repo":"halden/{repo}","hashed_token":"{}","programmatic_access_type":"GitHub App server-to-server token"{request}{code}}}"#,
        call.at.0,
        chance.mixed::<22>(),
        member.id,
        call.from,
        call.agent,
        call.grant.credential,
    )
}
