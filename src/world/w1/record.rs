//! A call as the world tells it, and the raw record its provider would write of it. One line of JSON a call, the way the
//! provider's export writes them. It must not know why a call is made.

mod aws;
mod entra;
mod github;
mod salesforce;

use super::member::Member;
use crate::model::Timestamp;
use crate::world::chance::Chance;
use std::borrow::Cow;
use std::net::Ipv4Addr;

/// Text of a call: mostly fixed.
pub(super) type Text = Cow<'static, str>;

/// The organisation's AWS account.
pub(super) const ACCOUNT: &str = "111122223333";
/// Somebody else's AWS account.
pub(super) const OTHER_ACCOUNT: &str = "999988887777";

/// Why a call did not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// No permission.
    Denied,
    /// Too many calls.
    Throttled,
    /// The service broke.
    Broken,
}

/// With what a caller came in.
#[derive(Clone, Debug, Default)]
pub(super) struct Grant {
    /// Id of the key, certificate, token or connected application; empty for a person's session.
    pub(super) credential: Text,
    /// Id or name of the session.
    pub(super) session: Text,
    /// For whom an agent acts.
    pub(super) behalf: Option<Text>,
    /// Organisation, where it is another than usual.
    pub(super) tenant: Option<Text>,
}

/// What is called.
#[derive(Clone, Debug)]
pub(super) enum What {
    /// An operation of AWS.
    Aws {
        /// `s3`.
        service: &'static str,
        /// `GetObject`.
        name: &'static str,
        /// Members of `requestParameters`, without braces; empty for null.
        params: String,
        /// Members of `responseElements`, without braces; empty for null.
        response: String,
        /// Bytes of an object.
        bytes: Option<u64>,
        /// Where.
        region: &'static str,
    },
    /// A token handed out to a connected application of Salesforce.
    Token,
    /// A REST call to Salesforce.
    Rest {
        /// `GET`.
        method: &'static str,
        /// Below `/services/data/v62.0`.
        path: String,
        /// Object asked of.
        entity: Text,
        /// Rows of the answer.
        rows: Option<u64>,
    },
    /// A step of a Salesforce bulk job.
    Bulk {
        /// Its id.
        job: String,
        /// Object asked of.
        entity: Text,
        /// `Open`, `JobComplete`.
        status: &'static str,
        /// Rows it moved.
        rows: Option<u64>,
    },
    /// An application signs in to Entra ID.
    SignIn,
    /// A call of Microsoft Graph.
    Graph {
        /// `GET`.
        method: &'static str,
        /// Below `https://graph.microsoft.com/v1.0`.
        path: String,
        /// Bytes of the answer.
        bytes: u64,
    },
    /// A change in the directory.
    Change {
        /// `Add app role assignment to service principal`.
        activity: &'static str,
        /// Name of what is changed.
        target: Text,
        /// Key that comes out of it.
        key: Option<String>,
    },
    /// Something in a repository of GitHub.
    Git {
        /// `git.clone`.
        action: &'static str,
        /// Repository.
        repo: String,
        /// Path, for calls of the interface.
        path: String,
    },
}

/// A call.
#[derive(Clone, Debug)]
pub(super) struct Call {
    /// When.
    pub(super) at: Timestamp,
    /// From where.
    pub(super) from: Ipv4Addr,
    /// The client.
    pub(super) agent: Text,
    /// With what.
    pub(super) grant: Grant,
    /// What.
    pub(super) what: What,
    /// How it failed.
    pub(super) failure: Option<Failure>,
    /// The step of a story it is; `None` for everyday work.
    pub(super) step: Option<&'static str>,
    /// Its number among those of its day: what its record draws follows from it.
    pub(super) serial: u32,
}

impl Call {
    /// The provider's record of it.
    pub(super) fn render(&self, member: &Member, chance: &mut Chance) -> String {
        match &self.what {
            What::Aws { .. } => aws::render(self, member, chance),
            What::Token | What::Rest { .. } | What::Bulk { .. } => salesforce::render(self, member, chance),
            What::SignIn | What::Graph { .. } | What::Change { .. } => entra::render(self, member, chance),
            What::Git { .. } => github::render(self, member, chance),
        }
    }

    /// The same call at another time.
    pub(super) fn again(&self, at: Timestamp, failure: Option<Failure>) -> Self {
        Self { at, failure, ..self.clone() }
    }
}

/// An AWS call's subject in short.
pub(super) fn aws(service: &'static str, name: &'static str, params: impl Into<String>) -> What {
    What::Aws { service, name, params: params.into(), response: String::new(), bytes: None, region: "us-east-1" }
}

/// Reading or writing an object of this many bytes.
pub(super) fn object(name: &'static str, bucket: &str, key: &str, bytes: u64) -> What {
    What::Aws {
        service: "s3",
        name,
        params: format!(r#""bucketName":"{bucket}","key":"{key}""#),
        response: String::new(),
        bytes: Some(bytes),
        region: "us-east-1",
    }
}

/// A query for `fields` of an object of Salesforce.
pub(super) fn query(object: &'static str, clause: &str, rows: u64) -> What {
    let path = format!("/query?q=SELECT+Id,Name+FROM+{object}{clause}");
    What::Rest { method: "GET", path, entity: Cow::Borrowed(object), rows: Some(rows) }
}

/// A plain GET of Salesforce.
pub(super) fn get(path: &str, entity: &'static str) -> What {
    What::Rest { method: "GET", path: path.to_owned(), entity: Cow::Borrowed(entity), rows: None }
}

impl What {
    /// Moves so many times as many rows and bytes.
    pub(super) fn scale(&mut self, factor: f64) {
        let scaled = |n: u64| (n as f64 * factor) as u64;
        match self {
            Self::Aws { bytes, .. } => *bytes = bytes.map(scaled),
            Self::Rest { rows, .. } | Self::Bulk { rows, .. } => *rows = rows.map(scaled),
            Self::Graph { bytes, .. } => *bytes = scaled(*bytes),
            _ => {}
        }
    }
}
