//! A sign-in: of a user at a screen, of a user's token behind the scenes, of a service principal, of a managed identity.
//! It must not know containers.

use super::super::{Refusal, moment, status};
use super::NAME;
use super::directory::{self, said};
use super::record::View;
use crate::model::event::{Credential, Text};
use crate::model::{ActionClass, Event, KindEvidence, Outcome, Principal};
use std::borrow::Cow;

/// Who signs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flavour {
    /// A person, or what has a person's kind of account.
    User,
    /// A client that renews or trades a user's token.
    NonInteractive,
    /// An application with a secret, a certificate or a federated token.
    ServicePrincipal,
    /// A workload in Azure.
    ManagedIdentity,
    /// Microsoft's own service.
    Provider,
    /// The record does not say; its fields do.
    Unsaid,
}

/// Codes with which the sign-in service refuses: wrong or expired secrets, disabled accounts, policies, missing consent.
/// From the list of AADSTS error codes. What is not here (an interruption, a fault) is an error.
const REFUSED: &[u32] = &[
    16_005, 50_008, 50_020, 50_034, 50_053, 50_055, 50_056, 50_057, 50_064, 50_071, 50_080, 50_105, 50_126, 50_131, 50_132, 50_133, 50_135,
    50_144, 50_173, 50_177, 50_178, 50_186, 53_000, 53_001, 53_002, 53_003, 53_004, 53_009, 53_011, 65_001, 65_004, 65_005, 70_000, 70_002,
    70_008, 70_043, 70_044, 75_005, 80_002, 80_012, 81_004, 90_025, 90_072, 90_094, 90_095, 90_097, 120_000, 130_004, 130_500, 135_010,
    500_011, 500_014, 500_021, 500_022, 500_112, 500_121, 500_133, 500_212, 500_571, 501_241, 501_291, 530_001, 530_002, 530_003, 530_004,
    530_031, 530_032, 530_034, 530_035, 700_016, 700_023, 700_024, 700_027, 700_030, 700_081, 700_082, 700_084, 700_211, 700_212, 700_213,
    700_222, 7_000_112, 7_000_212, 7_000_214, 7_000_215, 7_000_216, 7_000_218, 7_000_222, 7_000_229, 7_500_514, 9_001_023,
];

/// Makes the event of a sign-in.
///
/// # Errors
/// When it has no time or names nobody.
pub fn event(view: View<'_>, flavour: Flavour) -> Result<Event<'_>, Refusal> {
    let flavour = settle(view, flavour);
    let time = moment::read(view.root, &["time", "createdDateTime", "TimeGenerated", "properties.createdDateTime"])?;
    let tenant = view.tenant();
    let agent = view.any(&["userAgent"]);
    let application = view.inner(&["appId", "appliedAppId", "clientAppId"]);
    let principal = principal(view, flavour, application.as_ref(), tenant.as_deref(), agent.as_deref())?;
    let software = matches!(flavour, Flavour::ServicePrincipal | Flavour::ManagedIdentity);
    let also = directory::also(&principal, application.as_ref().filter(|_| software));
    let (outcome, error) = ending(view);
    let class = if flavour == Flavour::NonInteractive { ActionClass::Token } else { ActionClass::Auth };
    let action = said(view.root, &["operationName", "properties.operationName"]).filter(|_| view.root.at("operationName").is_some());

    let mut event = Event::new(NAME, time, principal, action.unwrap_or(Cow::Borrowed("Sign-in activity")), class);
    event.also = also;
    event.provider_id = view.inner(&["id", "requestId"]);
    event.service = Some(Cow::Borrowed("Microsoft Entra ID"));
    event.source = directory::address(view.payload, &["ipAddress", "callerIpAddress"])
        .or_else(|| directory::address(view.root, &["callerIpAddress", "ipAddress"]));
    event.cloud_account = view
        .inner(&["homeTenantId"])
        .map(directory::id)
        .filter(|home| tenant.as_deref().is_some_and(|tenant| !tenant.eq_ignore_ascii_case(home)));
    event.tenant = tenant;
    event.session = view.inner(&["uniqueTokenIdentifier", "uniqueTokenId"]);
    event.domain = view.inner(&["resourceDisplayName"]);
    event.resource =
        event.domain.clone().or_else(|| view.inner(&["ResourceIdentity"])).or_else(|| said(view.payload, &["resourceServicePrincipalId"]));
    event.credential = credential(view, flavour, application);
    event.auth_method = method(view, flavour);
    event.mfa = second_factor(view, flavour, outcome);
    event.scopes = scopes(view);
    event.tags = risk(view);
    event.agent = agent;
    event.outcome = outcome;
    event.error = error;
    Ok(event)
}

/// Who signs in, where the category does not say (the Graph API puts all four in one list).
fn settle(view: View<'_>, flavour: Flavour) -> Flavour {
    if flavour != Flavour::Unsaid {
        return flavour;
    }
    let kinds = view.payload.at("signInEventTypes").joined().unwrap_or_default().to_ascii_lowercase();
    let user = said(view.payload, &["userId", "userPrincipalName"]).is_some();
    if kinds.contains("managedidentity") || said(view.payload, &["managedIdentityType"]).is_some() {
        Flavour::ManagedIdentity
    } else if kinds.contains("serviceprincipal") || (!user && said(view.payload, &["servicePrincipalId", "servicePrincipalName"]).is_some())
    {
        Flavour::ServicePrincipal
    } else if kinds.contains("noninteractive")
        || view.payload.at("isInteractive").flag() == Some(false)
        || said(view.payload, &["incomingTokenType"]).is_some()
    {
        Flavour::NonInteractive
    } else {
        Flavour::User
    }
}

fn principal<'a>(
    view: View<'a>,
    flavour: Flavour,
    application: Option<&Text<'a>>,
    tenant: Option<&str>,
    agent: Option<&str>,
) -> Result<Principal<'a>, Refusal> {
    let software = matches!(flavour, Flavour::ServicePrincipal | Flavour::ManagedIdentity | Flavour::Provider);
    let agentic = view.inner(&["agent.agentType", "agentType"]).is_some_and(|kind| !kind.eq_ignore_ascii_case("notAgentic"));
    let evidence = if agentic { KindEvidence::AGENT } else { KindEvidence::NONE };
    let found = if software {
        let owner = view.inner(&["appOwnerTenantId", "appOwnerTenantID"]);
        let evidence = evidence.with(match flavour {
            Flavour::Provider => KindEvidence::PROVIDER_SERVICE,
            Flavour::ManagedIdentity => KindEvidence::SERVICE_ACCOUNT,
            _ => directory::owner_evidence(owner.as_deref(), tenant),
        });
        let name = view.inner(&["servicePrincipalName", "appDisplayName"]).or_else(|| said(view.root, &["identity"]));
        directory::software(view.inner(&["servicePrincipalId"]), application, name, evidence)
    } else {
        let at_screen = flavour == Flavour::User && view.payload.at("isInteractive").flag() != Some(false);
        let screen = if at_screen { KindEvidence::UI } else { KindEvidence::NONE };
        let client = directory::agent_evidence(agent);
        let client = if client.has(KindEvidence::UI) && !at_screen { KindEvidence::NONE } else { client };
        let display = view.inner(&["userDisplayName"]).or_else(|| said(view.root, &["identity"]));
        let name = view.inner(&["userPrincipalName", "signInIdentifier", "alternateSignInName"]);
        directory::user(view.inner(&["userId"]), name, display, evidence.with(screen).with(client))
    };
    found.ok_or(Refusal::Missing { field: "userId or servicePrincipalId", expected: "who signed in" })
}

fn ending(view: View<'_>) -> (Outcome, Option<Text<'_>>) {
    let code = view.inner(&["status.errorCode", "Status.errorCode", "errorCode"]).or_else(|| said(view.root, &["resultType"]));
    let Some(code) = code else {
        let word = view.any(&["result", "resultSignature"]);
        return (word.and_then(|word| status::word(&word)).unwrap_or(Outcome::Unknown), None);
    };
    match code.parse::<u32>() {
        Ok(0) if view.inner(&["conditionalAccessStatus"]).is_some_and(|status| status.eq_ignore_ascii_case("failure")) => {
            (Outcome::Denied, None)
        }
        Ok(0) => (Outcome::Success, None),
        Ok(number) if REFUSED.contains(&number) => (Outcome::Denied, Some(code)),
        Ok(_) => (Outcome::Error, Some(code)),
        Err(_) => match status::word(&code) {
            Some(Outcome::Success) => (Outcome::Success, None),
            other => (other.unwrap_or(Outcome::Unknown), Some(code)),
        },
    }
}

/// The key an application used; of a user's token the application that holds it.
fn credential<'a>(view: View<'a>, flavour: Flavour, application: Option<Text<'a>>) -> Option<Credential<'a>> {
    match flavour {
        Flavour::User | Flavour::NonInteractive | Flavour::Unsaid => {
            application.map(|id| Credential { id: directory::id(id), kind: "oauth_access" })
        }
        Flavour::ManagedIdentity | Flavour::Provider | Flavour::ServicePrincipal => {
            let thumbprint = view.inner(&["servicePrincipalCredentialThumbprint"]);
            let federated = view.inner(&["federatedCredentialId"]);
            let kind = view.inner(&["clientCredentialType"]).unwrap_or_default().to_ascii_lowercase();
            let kind = if federated.is_some() || kind.contains("federated") {
                "oidc"
            } else if kind.contains("secret") {
                "password"
            } else if kind.contains("assertion")
                || kind.contains("certificate")
                || thumbprint.is_some()
                || flavour == Flavour::ManagedIdentity
            {
                // The platform keeps a certificate for each managed identity, and changes it by itself.
                "cert"
            } else {
                "static_key"
            };
            let id = view.inner(&["servicePrincipalCredentialKeyId"]).or(federated).or(thumbprint)?;
            Some(Credential { id, kind })
        }
    }
}

fn method(view: View<'_>, flavour: Flavour) -> Option<Text<'_>> {
    if flavour == Flavour::ManagedIdentity {
        return Some(Cow::Borrowed("managed_identity"));
    }
    let step = view.payload.at("authenticationDetails").items().find_map(|step| said(step, &["authenticationMethod"]));
    let told = match flavour {
        Flavour::ServicePrincipal | Flavour::Provider => view.inner(&["clientCredentialType", "authenticationProtocol"]),
        _ => view.inner(&["authenticationProtocol"]).or_else(|| view.inner(&["incomingTokenType"])).or(step),
    };
    told.map(directory::lower)
}

/// A second factor was asked for and given, or was not asked for.
fn second_factor(view: View<'_>, flavour: Flavour, outcome: Outcome) -> Option<bool> {
    if !matches!(flavour, Flavour::User | Flavour::NonInteractive) {
        return None;
    }
    let asked = view.inner(&["authenticationRequirement"])?;
    match asked.to_ascii_lowercase().as_str() {
        "multifactorauthentication" if outcome == Outcome::Success => Some(true),
        "singlefactorauthentication" => Some(false),
        _ => None,
    }
}

/// The scopes a token was asked for with: a JSON list, or words between brackets.
fn scopes(view: View<'_>) -> Option<Text<'_>> {
    let told = view.payload.at("authenticationProcessingDetails").keyed("key", "Oauth Scope Info", "value").text()?;
    let words: Vec<&str> =
        told.split(|c: char| matches!(c, '[' | ']' | '"' | ',') || c.is_whitespace()).filter(|word| !word.is_empty()).collect();
    (!words.is_empty()).then(|| Cow::Owned(words.join(" ")))
}

/// What the provider's own judgement says of this sign-in, as a tag: `risk:entra:high:unfamiliarFeatures`.
fn risk(view: View<'_>) -> Option<Text<'_>> {
    let level = view
        .inner(&["riskLevelDuringSignIn"])
        .filter(|level| !level.eq_ignore_ascii_case("hidden") && !level.eq_ignore_ascii_case("low"))?;
    let why = ["riskEventTypes_v2", "riskEventTypes"].iter().find_map(|path| view.payload.at(path).joined());
    Some(Cow::Owned(format!("risk:entra:{}:{}", directory::lower(level), why.unwrap_or_default()).trim_end_matches(':').to_owned()))
}
