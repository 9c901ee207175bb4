//! What a filter reads: a row's value for each field. Implemented here for the rows of lists and for whole alerts. It must
//! not know how a filter was written.

use super::field::Field;
use crate::model::page::{AlertRow, EventRow, IdentityRow};
use crate::model::{Alert, AlertId, Timestamp};
use std::borrow::Cow;

/// A row's value for one field.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// A text, also for words of a list.
    Text(Cow<'a, str>),
    /// A number.
    Number(f64),
    /// An instant.
    Time(Timestamp),
    /// Several texts, any of which may match.
    List(Vec<Cow<'a, str>>),
    /// The row does not say.
    Absent,
}

/// Anything a filter can be held against.
pub trait Fields {
    /// Its value for a field; [`Value::Absent`] where it has none.
    fn field(&self, field: Field) -> Value<'_>;
}

fn text(value: &str) -> Value<'_> {
    Value::Text(Cow::Borrowed(value))
}

fn id<'a>(value: AlertId) -> Value<'a> {
    Value::Text(Cow::Owned(value.to_string()))
}

fn maybe(value: Option<&String>) -> Value<'_> {
    value.map_or(Value::Absent, |value| text(value))
}

fn number<'a>(value: impl Into<Option<u64>>) -> Value<'a> {
    // Above 2^53 the comparison is as coarse as a double.
    value.into().map_or(Value::Absent, |n| Value::Number(n as f64))
}

fn instant<'a>(value: Option<Timestamp>) -> Value<'a> {
    value.map_or(Value::Absent, Value::Time)
}

fn truth<'a>(value: Option<bool>) -> Value<'a> {
    value.map_or(Value::Absent, |yes| text(if yes { "true" } else { "false" }))
}

fn list<'a>(values: impl IntoIterator<Item = &'a str>) -> Value<'a> {
    Value::List(values.into_iter().map(Cow::Borrowed).collect())
}

/// An id by its whole and by what stands behind its last `/`; a name where there is one.
fn id_and_name<'a>(id: &'a str, name: Option<&'a str>) -> Value<'a> {
    list([Some(id), id.rsplit_once('/').map(|(_, last)| last), name].into_iter().flatten())
}

impl Fields for EventRow {
    fn field(&self, field: Field) -> Value<'_> {
        use Field as F;
        match field {
            F::Since | F::Until | F::Time => Value::Time(self.time),
            F::Ingested => Value::Time(self.ingested),
            F::Format => text(&self.format),
            F::Feed => text(&self.feed),
            F::Uid => text(&self.uid),
            F::EventId => maybe(self.event_id.as_ref()),
            F::Tenant => maybe(self.tenant.as_ref()),
            F::CloudAccount => maybe(self.cloud_account.as_ref()),
            F::Principal => id_and_name(&self.principal, None),
            F::Identity => id_and_name(&self.identity.id, Some(&self.identity.name)),
            F::IdentityId => text(&self.identity.id),
            F::Name => text(&self.identity.name),
            F::Kind => text(self.identity.kind.as_str()),
            F::IdentityClass => text(self.identity.class.as_str()),
            F::Reason => text(&self.identity.reason),
            // Both meanings: what the action does and, as everywhere else, what the identity is.
            F::Class => list([self.class.as_str(), self.identity.class.as_str()]),
            F::Credential => self.credential.as_ref().map_or(Value::Absent, |c| text(&c.id)),
            F::CredentialKind => self.credential.as_ref().map_or(Value::Absent, |c| text(&c.kind)),
            F::Session => self.session.as_ref().map_or(Value::Absent, |s| maybe(s.id.as_ref())),
            F::SessionMfa => truth(self.session.as_ref().and_then(|s| s.mfa)),
            F::SessionIssued => instant(self.session.as_ref().and_then(|s| s.issued_at)),
            F::SessionLength => number(self.session.as_ref().and_then(|s| s.length_s)),
            F::OnBehalfOf => maybe(self.on_behalf_of.as_ref()),
            F::Ip => maybe(self.ip.as_ref()),
            F::Asn => number(self.asn.map(u64::from)),
            F::AsOrg => maybe(self.as_org.as_ref()),
            F::Network => text(self.network.as_str()),
            F::Cloud => maybe(self.cloud.as_ref()),
            F::Region => maybe(self.region.as_ref()),
            F::Country => maybe(self.country.as_ref()),
            F::UserAgent => maybe(self.user_agent.as_ref()),
            // `boto3` finds `boto3/1`.
            F::Agent => {
                self.agent.as_deref().map_or(Value::Absent, |a| list([Some(a), a.rsplit_once('/').map(|(f, _)| f)].into_iter().flatten()))
            }
            F::AuthMethod => maybe(self.auth_method.as_ref()),
            F::Action => text(&self.action),
            // `s3` finds `s3.amazonaws.com`.
            F::Service => self
                .service
                .as_deref()
                .map_or(Value::Absent, |s| list([Some(s), s.split_once('.').map(|(first, _)| first)].into_iter().flatten())),
            F::Resource => maybe(self.resource.as_ref()),
            F::DataDomain => maybe(self.data_domain.as_ref()),
            F::TargetIdentity => self.target_identity.as_deref().map_or(Value::Absent, |id| id_and_name(id, None)),
            F::Scopes => list(self.scopes.iter().map(String::as_str)),
            F::Tool => maybe(self.tool.as_ref()),
            F::QueryShape => maybe(self.query_shape.as_ref()),
            F::Outcome => text(self.outcome.as_str()),
            F::Error => maybe(self.error.as_ref()),
            F::Rows => number(self.rows),
            F::Bytes => number(self.bytes),
            F::Job => maybe(self.job.as_ref()),
            F::JobStep => self.job_step.map_or(Value::Absent, |step| text(step.as_str())),
            F::Probe => self.probe.map_or(Value::Absent, |probe| text(probe.as_str())),
            F::ViaProvider => truth(Some(self.via_provider)),
            F::Tags => list(self.tags.iter().map(String::as_str)),
            F::File => text(&self.origin.file),
            F::Offset => number(self.origin.offset),
            _ => Value::Absent,
        }
    }
}

impl Fields for AlertRow {
    fn field(&self, field: Field) -> Value<'_> {
        use Field as F;
        match field {
            F::Since | F::Until | F::Time | F::Raised => Value::Time(self.raised),
            F::Id => id(self.id),
            F::Identity => id_and_name(&self.identity, Some(&self.name)),
            F::IdentityId => text(&self.identity),
            F::Name => text(&self.name),
            F::Severity => text(self.severity.as_str()),
            F::Risk => number(u64::from(self.risk)),
            F::Status => text(self.status.as_str()),
            F::Assigned => maybe(self.assigned.as_ref()),
            F::Onset => Value::Time(self.onset),
            F::Updated => Value::Time(self.updated),
            F::Sentence => text(&self.sentence),
            F::Detector => text(&self.detector),
            F::Headline => text(&self.headline),
            F::From => text(&self.from),
            _ => Value::Absent,
        }
    }
}

impl Fields for Alert {
    fn field(&self, field: Field) -> Value<'_> {
        use Field as F;
        match field {
            F::Since | F::Until | F::Time | F::Raised => Value::Time(self.raised),
            F::Id => id(self.id),
            F::Aliases => Value::List(self.aliases.iter().map(|id| Cow::Owned(id.to_string())).collect()),
            F::Identity => id_and_name(&self.identity.id, Some(&self.identity.name)),
            F::IdentityId => text(&self.identity.id),
            F::Name => text(&self.identity.name),
            F::Kind => text(self.identity.kind.as_str()),
            F::Class | F::IdentityClass => text(self.identity.class.as_str()),
            F::Platform => text(&self.identity.platform),
            F::Tenant => maybe(self.identity.tenant.as_ref()),
            F::Owner => maybe(self.identity.owner.as_ref()),
            F::Severity => text(self.severity.as_str()),
            F::Risk => number(u64::from(self.risk)),
            F::Status => text(self.status.as_str()),
            F::Verdict => self.verdict.map_or(Value::Absent, |verdict| text(verdict.as_str())),
            F::Assigned => maybe(self.assigned.as_ref()),
            F::SnoozedUntil => instant(self.snoozed_until),
            F::DuplicateOf => self.duplicate_of.map_or(Value::Absent, id),
            F::Onset => Value::Time(self.onset),
            F::Updated => Value::Time(self.updated),
            F::Sentence => text(&self.sentence),
            F::Detector => list(self.signals.iter().map(|s| s.detector.as_str())),
            F::Family => list(self.signals.iter().map(|s| s.family.as_str())),
            F::Headline => list(self.signals.iter().map(|s| s.observed.as_str())),
            F::Sequence => list(self.sequences.iter().map(|s| s.id.as_str())),
            F::Mitigations => list(self.mitigations.iter().map(String::as_str)),
            F::Counterfactuals => list(self.counterfactuals.iter().map(String::as_str)),
            F::NotObservable => list(self.not_observable.iter().map(String::as_str)),
            F::BlastRows => number(self.blast_radius.rows),
            F::BlastBytes => number(self.blast_radius.bytes),
            F::BlastObjects => number(self.blast_radius.objects),
            F::BlastCredentials => number(self.blast_radius.credentials),
            F::BlastIdentities => number(self.blast_radius.identities),
            F::BlastTenants => number(self.blast_radius.tenants),
            F::Events => number(self.events.count),
            F::Framework => list(self.frameworks.iter().map(|f| f.id.as_str())),
            F::UseCase => text(&self.provenance.use_case),
            F::BaselineDay => text(&self.provenance.baseline_day),
            _ => Value::Absent,
        }
    }
}

impl Fields for IdentityRow {
    fn field(&self, field: Field) -> Value<'_> {
        use Field as F;
        match field {
            // Seen since, seen until: the two ends of its life.
            F::Since | F::Time | F::LastSeen => Value::Time(self.last_seen),
            F::Until | F::FirstSeen => Value::Time(self.first_seen),
            F::Id | F::IdentityId => text(&self.identity.id),
            F::Identity => id_and_name(&self.identity.id, Some(&self.identity.name)),
            F::Name => text(&self.identity.name),
            F::Kind => text(self.identity.kind.as_str()),
            F::Class | F::IdentityClass => text(self.identity.class.as_str()),
            F::Platform => text(&self.identity.platform),
            F::Tenant => maybe(self.identity.tenant.as_ref()),
            F::Owner => maybe(self.identity.owner.as_ref()),
            F::ThirdParty => truth(self.third_party),
            F::Reason => text(&self.reason),
            F::ActiveDays => number(u64::from(self.active_days)),
            F::Events => number(self.events),
            F::Credentials => number(self.credentials),
            F::Risk => number(u64::from(self.risk)),
            F::OpenAlerts => number(u64::from(self.open_alerts)),
            F::Severity => self.worst.map_or(Value::Absent, |severity| text(severity.as_str())),
            _ => Value::Absent,
        }
    }
}
