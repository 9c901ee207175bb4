//! Entra ID sign-ins, directory changes and Microsoft Graph activity, as diagnostic settings export them.

use super::{Call, Failure, What};
use crate::world::chance::Chance;
use crate::world::w1::member::Member;

const TENANT: &str = "7b1f5a54-3c1e-4a0e-9a6d-0f6f1c2b7e01";

pub(super) fn render(call: &Call, member: &Member, chance: &mut Chance) -> String {
    let (at, from, id) = (call.at, call.from, chance.uuid());
    let (principal, name, app) = (&member.id, &member.name, member.application());
    let code = match call.failure {
        None => 200,
        Some(Failure::Denied) => 403,
        Some(Failure::Throttled) => 429,
        Some(Failure::Broken) => 503,
    };
    let Call { grant, agent, .. } = call;
    match &call.what {
        What::SignIn => {
            let error = if call.failure.is_none() { 0 } else { 7_000_222 };
            format!(
                r#"{{"time":"{at}","operationName":"Sign-in activity","category":"ServicePrincipalSignInLogs","tenantId":"{TENANT}","resultType":"{error}","callerIpAddress":"{from}","properties":{{"id":"{id}","createdDateTime":"{at}","appId":"{app}","servicePrincipalId":"{principal}","servicePrincipalName":"{name}","ipAddress":"{from}","userAgent":"{agent}","resourceDisplayName":"Microsoft Graph","servicePrincipalCredentialKeyId":"{}","clientCredentialType":"certificate","uniqueTokenIdentifier":"{}","status":{{"errorCode":{error}}}}}}}"#,
                grant.credential, grant.session,
            )
        }
        What::Graph { method, path, bytes } => {
            let bytes = if call.failure.is_none() { *bytes } else { 200 };
            format!(
                r#"{{"time":"{at}","operationName":"Microsoft Graph Activity","category":"MicrosoftGraphActivityLogs","tenantId":"{TENANT}","callerIpAddress":"{from}","properties":{{"timeGenerated":"{at}","requestId":"{id}","appId":"{app}","servicePrincipalId":"{principal}","servicePrincipalName":"{name}","ipAddress":"{from}","userAgent":"{agent}","requestMethod":"{method}","requestUri":"https://graph.microsoft.com/v1.0{path}","responseStatusCode":{code},"responseSizeBytes":{bytes},"clientAuthMethod":2,"roles":"User.Read.All Group.Read.All","signInActivityId":"{}"}}}}"#,
                grant.session,
            )
        }
        What::Change { activity, target, key } => {
            let change = key.as_ref().map_or_else(String::new, |key| {
                format!(
                    r#","modifiedProperties":[{{"displayName":"KeyDescription","oldValue":"[]","newValue":"[\"[KeyIdentifier={key},KeyType=Password,KeyUsage=Verify,DisplayName=sync]\"]"}}]"#
                )
            });
            format!(
                r#"{{"time":"{at}","operationName":"{activity}","category":"AuditLogs","tenantId":"{TENANT}","callerIpAddress":"{from}","properties":{{"id":"{id}","activityDateTime":"{at}","activityDisplayName":"{activity}","loggedByService":"Core Directory","result":"success","initiatedBy":{{"app":{{"appId":"{app}","displayName":"{name}","servicePrincipalId":"{principal}"}}}},"targetResources":[{{"id":"5d0e5e2a-0000-4000-8000-00000000beef","displayName":"{target}","type":"ServicePrincipal"{change}}}],"additionalDetails":[{{"key":"User-Agent","value":"{agent}"}},{{"key":"ipaddr","value":"{from}"}}]}}}}"#
            )
        }
        _ => String::new(),
    }
}
