//! The twelve kinds of identities (`docs/detection.md`, the evaluation). It must not know what they do.

use crate::model::Kind;
use serde::{Deserialize, Serialize};

/// A kind of identity of the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum KindId {
    /// `SaaS` OAuth connector of Salesforce.
    K01,
    /// Nightly batch export.
    K02,
    /// CI token of GitHub.
    K03,
    /// Autoscaled workload role of AWS.
    K04,
    /// Monitoring key of AWS.
    K05,
    /// Connector of Salesforce shared by two use cases.
    K06,
    /// Month-end finance job with a certificate.
    K07,
    /// AI agent with a federated session.
    K08,
    /// API key that is hardly used.
    K09,
    /// Deployer of infrastructure.
    K10,
    /// Entra service principal that copies the directory.
    K11,
    /// Log shipper.
    K12,
}

impl KindId {
    /// Every kind.
    pub const ALL: [Self; 12] = [
        Self::K01,
        Self::K02,
        Self::K03,
        Self::K04,
        Self::K05,
        Self::K06,
        Self::K07,
        Self::K08,
        Self::K09,
        Self::K10,
        Self::K11,
        Self::K12,
    ];

    /// `K01`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::K01 => "K01",
            Self::K02 => "K02",
            Self::K03 => "K03",
            Self::K04 => "K04",
            Self::K05 => "K05",
            Self::K06 => "K06",
            Self::K07 => "K07",
            Self::K08 => "K08",
            Self::K09 => "K09",
            Self::K10 => "K10",
            Self::K11 => "K11",
            Self::K12 => "K12",
        }
    }

    /// What it is, in few words.
    pub const fn describe(self) -> &'static str {
        match self {
            Self::K01 => "SaaS OAuth connector",
            Self::K02 => "nightly batch export",
            Self::K03 => "CI token",
            Self::K04 => "autoscaled workload role",
            Self::K05 => "monitoring key",
            Self::K06 => "shared connector",
            Self::K07 => "month-end finance job",
            Self::K08 => "AI agent",
            Self::K09 => "low-activity API key",
            Self::K10 => "infrastructure deployer",
            Self::K11 => "directory sync",
            Self::K12 => "log shipper",
        }
    }

    /// First part of its identities' names.
    pub(super) const fn stem(self) -> &'static str {
        match self {
            Self::K01 => "crm-connector",
            Self::K02 => "nightly-export",
            Self::K03 => "ci-builds",
            Self::K04 => "orders-service",
            Self::K05 => "svc-monitoring",
            Self::K06 => "bi-connector",
            Self::K07 => "finance-close",
            Self::K08 => "helpdesk-agent",
            Self::K09 => "svc-partner",
            Self::K10 => "terraform-deploy",
            Self::K11 => "directory-sync",
            Self::K12 => "log-shipper",
        }
    }

    /// The system its records come from.
    pub const fn provider(self) -> &'static str {
        match self {
            Self::K01 | Self::K02 | Self::K06 => "salesforce",
            Self::K03 => "github",
            Self::K07 | Self::K11 => "entra",
            _ => "aws",
        }
    }

    /// Whether it is a role of AWS, not a user.
    pub(super) const fn is_role(self) -> bool {
        matches!(self, Self::K04 | Self::K08 | Self::K10 | Self::K12)
    }

    /// What the inventory says it is.
    pub const fn declared(self) -> Kind {
        match self {
            Self::K01 | Self::K02 | Self::K06 => Kind::OauthConnector,
            Self::K03 => Kind::CiToken,
            Self::K04 | Self::K10 | Self::K12 => Kind::WorkloadRole,
            Self::K05 | Self::K09 => Kind::ApiKey,
            Self::K07 | Self::K11 => Kind::ServiceAccount,
            Self::K08 => Kind::AiAgent,
        }
    }
}
