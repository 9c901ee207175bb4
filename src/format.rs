//! What a record means: one framed record (always the text of one JSON object) becomes an [`Event`], or a [`Refusal`]
//! that says in one line why not. A format keeps no state and guesses nothing: an absent path stays absent. It must not
//! know files, framing, the time of day, or what is done with the event.

mod aws_cloudtrail;
mod aws_guardduty;
mod aws_s3access;
mod azure_activity;
mod card;
mod cell;
mod ecs;
mod entra_id;
mod fields;
mod gcp_audit;
mod github_audit;
mod google_workspace;
mod kubernetes_audit;
mod m365_ual;
mod machine;
mod mapping;
mod moment;
mod msft_alerts;
mod ocsf;
mod okta;
mod page;
mod query_text;
mod salesforce_elf;
mod salesforce_event;
mod salesforce_setup;
mod shape;
mod status;
mod tree;
mod verb;

pub use aws_cloudtrail::stem;
pub use card::Card;
pub use mapping::{Mapping, MappingError};
pub use page::page;

use crate::model::Event;
pub use shape::Shape;
use std::borrow::Cow;
use std::sync::OnceLock;

/// Reads the records of one provider.
pub trait Format: Send + Sync {
    /// The word that names it everywhere: `aws_cloudtrail`, `salesforce_elf`.
    fn name(&self) -> &'static str;

    /// What is read, what is not in it, and how to get it from the provider.
    fn card(&self) -> &'static Card;

    /// Whether a record looks like one of this format, in any shape it is delivered in. The answer must be sure: records
    /// of other formats, known or not, are not this one's.
    fn recognises(&self, shape: &Shape<'_>) -> bool;

    /// Reads one framed record: the text of one JSON object (CSV rows arrive as objects of their non-empty columns, all
    /// values strings). Every event found goes to `sink`: one, or more only where the object is an envelope of several.
    ///
    /// # Errors
    /// A record that is no activity of an identity, or lacks what an event cannot be without.
    fn read(&self, record: &str, sink: &mut dyn FnMut(Event<'_>)) -> Result<(), Refusal>;
}

/// Why a record gives no event: the reason a reject is stored with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The text is not JSON.
    #[error("not valid JSON ({reason}); expected one JSON object")]
    NotJson {
        /// The parser's words, with line and column.
        reason: String,
    },
    /// A field an event cannot be without is absent.
    #[error("no {field}; expected {expected}")]
    Missing {
        /// The field.
        field: &'static str,
        /// What should be there.
        expected: &'static str,
    },
    /// A field an event cannot be without makes no sense.
    #[error("{field} is “{found}”; expected {expected}")]
    Malformed {
        /// The field.
        field: &'static str,
        /// Its first 64 characters.
        found: String,
        /// What should be there.
        expected: &'static str,
    },
    /// A sound record that tells of no identity's activity.
    #[error("{what}; expected a record of an identity's activity")]
    NotActivity {
        /// What it is.
        what: &'static str,
    },
    /// The header of a table once more, in the middle of the rows.
    #[error("a repeated header row; expected data")]
    HeaderRow,
    /// Envelopes in envelopes.
    #[error("envelopes nested deeper than {limit}; expected the record within")]
    TooDeep {
        /// The most that is followed.
        limit: usize,
    },
}

impl Refusal {
    fn not_json(error: &serde_json::Error) -> Self {
        Self::NotJson { reason: error.to_string() }
    }

    fn malformed(field: &'static str, found: &str, expected: &'static str) -> Self {
        Self::Malformed { field, found: found.chars().take(64).map(|c| if c.is_control() { ' ' } else { c }).collect(), expected }
    }
}

/// The formats that need more than a mapping. Those that carry other records (OCSF, ECS) come before the records' own
/// formats, some of which look into envelopes too.
const WRITTEN: &[&dyn Format] = &[
    // Shipped sign-ins of Google have an `eventName` in their text, by which CloudTrail knows its own.
    &gcp_audit::GcpAudit,
    &aws_cloudtrail::AwsCloudtrail,
    &salesforce_elf::SalesforceElf,
    &salesforce_event::SalesforceEvent,
    &salesforce_setup::SalesforceSetup,
    &ocsf::Ocsf,
    &ecs::Ecs,
    &okta::Okta,
    &github_audit::GithubAudit,
    &aws_s3access::AwsS3Access,
    &aws_guardduty::AwsGuardduty,
    &google_workspace::GoogleWorkspace,
    &kubernetes_audit::KubernetesAudit,
    &entra_id::EntraId,
    &azure_activity::AzureActivity,
    &m365_ual::M365Ual,
    &msft_alerts::MsftAlerts,
];

/// Every format, once it has been asked for.
static ALL: OnceLock<Vec<&'static dyn Format>> = OnceLock::new();

fn gather(yours: Vec<Mapping>) -> Vec<&'static dyn Format> {
    let mut formats = WRITTEN.to_vec();
    for mapping in mapping::embedded().chain(yours) {
        formats.push(Box::leak(Box::new(mapping)));
    }
    formats
}

/// Adds the mappings of the user to the formats. There is one set of formats in a process, because an event names its
/// format by a word that must mean the same everywhere, in every thread and in the store: so this is done once, before
/// anything is read.
///
/// # Errors
/// When a name is taken already, or formats have been asked for before.
pub fn install(yours: Vec<Mapping>) -> Result<(), InstallError> {
    let formats = gather(yours);
    for (n, format) in formats.iter().enumerate() {
        if formats.iter().take(n).any(|other| other.name() == format.name()) {
            return Err(InstallError::Taken { name: format.name() });
        }
    }
    ALL.set(formats).map_err(|_| InstallError::Late)
}

/// Why mappings cannot be added to the formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InstallError {
    /// Two formats with one name.
    #[error("there is a format called {name} already; give the mapping another name")]
    Taken {
        /// The name.
        name: &'static str,
    },
    /// Something has been read already.
    #[error("formats are in use already; mappings are added when the program starts")]
    Late,
}

/// Every format there is, in the order in which they are tried: those written for their provider, then the mappings of
/// the program, then those of the user.
pub fn all() -> &'static [&'static dyn Format] {
    ALL.get_or_init(|| gather(Vec::new()))
}

/// The format of that name.
pub fn by_name(name: &str) -> Option<&'static dyn Format> {
    all().iter().copied().find(|format| format.name() == name)
}

/// The format a record is of, from the shape of that one record; `None` when it looks like none of them.
pub fn recognise(record: &str) -> Option<&'static dyn Format> {
    let shape = Shape::of(record)?;
    all().iter().copied().find(|format| format.recognises(&shape))
}

/// The provider's own id in a raw record of the format called `name`; `None` where it has none.
pub fn provider_id(name: &str, record: &str) -> Option<String> {
    let mut found = None;
    // A record that cannot be read has no id; it was stored, so it could be.
    let _ = by_name(name)?.read(record, &mut |event| {
        if found.is_none() {
            found = event.provider_id.map(Cow::into_owned);
        }
    });
    found
}

#[cfg(test)]
mod corpus;
#[cfg(test)]
mod mangle;
#[cfg(test)]
mod quirks;
#[cfg(test)]
mod speed;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod told;
