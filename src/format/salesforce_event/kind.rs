//! The types of real-time events: their names, what they are, and by which fields one without a channel is known. It must
//! not know what an event is made of beyond that.

use crate::format::tree::Node;
use crate::model::event::ActionClass;

macro_rules! kinds {
    ($($variant:ident = $name:literal),+ $(,)?) => {
        /// A type of event.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Kind { $(#[doc = concat!("`", $name, "`.")] $variant),+ }

        impl Kind {
            const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Its name, without `Stream`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }
    };
}

kinds! {
    Api = "ApiEvent",
    ApiAnomaly = "ApiAnomalyEvent",
    BulkResult = "BulkApiResultEvent",
    ConcurrentErrors = "ConcurLongRunApexErrEvent",
    CredentialStuffing = "CredentialStuffingEvent",
    File = "FileEvent",
    GuestAnomaly = "GuestUserAnomalyEvent",
    IdentityProvider = "IdentityProviderEvent",
    IdentityVerification = "IdentityVerificationEvent",
    LightningUri = "LightningUriEvent",
    ListView = "ListViewEvent",
    Login = "LoginEvent",
    LoginAnomaly = "LoginAnomalyEvent",
    LoginAs = "LoginAsEvent",
    Logout = "LogoutEvent",
    PermissionSet = "PermissionSetEvent",
    Report = "ReportEvent",
    ReportAnomaly = "ReportAnomalyEvent",
    SessionHijacking = "SessionHijackingEvent",
    Uri = "UriEvent",
    Other = "RealTimeEvent",
}

impl Kind {
    /// The type a channel or object name says (`/event/ApiEventStream`), else the one whose fields the payload has.
    pub fn of(named: Option<&str>, payload: Node<'_>) -> Self {
        let word = named.map(|text| text.rsplit('/').next().unwrap_or(text));
        let stored = |word: &str| word.trim_end_matches("Store").trim_end_matches("Stream").to_owned();
        if let Some(kind) = word.and_then(|word| Self::ALL.iter().copied().find(|kind| kind.name().eq_ignore_ascii_case(&stored(word)))) {
            return kind;
        }
        let has = |path: &str| payload.member(path).is_some();
        let scored = has("Score") || has("SecurityEventData");
        match () {
            () if scored && has("Report") => Self::ReportAnomaly,
            () if scored && (has("CurrentIp") || has("PreviousIp")) => Self::SessionHijacking,
            () if has("AcceptLanguage") && has("LoginUrl") => Self::CredentialStuffing,
            () if scored && has("RequestedEntities") => Self::GuestAnomaly,
            () if scored && (has("QueriedEntities") || has("RowsProcessed")) => Self::ApiAnomaly,
            () if scored => Self::LoginAnomaly,
            () if has("DelegatedUsername") || has("DelegatedOrganizationId") => Self::LoginAs,
            () if has("LoginHistoryId") || has("LoginUrl") || has("LoginType") => Self::Login,
            () if has("PermissionType") || has("PermissionList") => Self::PermissionSet,
            () if has("ReportId") => Self::Report,
            () if has("ListViewId") => Self::ListView,
            () if has("FileAction") || has("ContentDocumentId") => Self::File,
            () if has("VerificationMethod") => Self::IdentityVerification,
            () if has("IdpEntityUrl") || has("SamlEntityUrl") => Self::IdentityProvider,
            () if has("ApiType") || has("QueriedEntities") || has("Query") => Self::Api,
            () if has("PageUrl") || has("UserInterfaceType") => Self::LightningUri,
            () if has("QueriedEntity") || has("OperationStatus") => Self::Uri,
            () if has("SessionKey") && has("LoginKey") && !has("Operation") => Self::Logout,
            () => Self::Other,
        }
    }

    /// Whether the type has an operation worth telling apart.
    pub const fn has_operation(self) -> bool {
        matches!(self, Self::Api | Self::Report | Self::PermissionSet | Self::Uri | Self::LightningUri | Self::Other)
    }

    /// Whether it is Salesforce's own finding about a user.
    pub const fn is_finding(self) -> bool {
        matches!(
            self,
            Self::ApiAnomaly
                | Self::CredentialStuffing
                | Self::GuestAnomaly
                | Self::LoginAnomaly
                | Self::ReportAnomaly
                | Self::SessionHijacking
        )
    }

    /// What it does.
    pub fn class(self, operation: Option<&str>) -> ActionClass {
        match self {
            Self::Login | Self::Logout | Self::LoginAs | Self::IdentityVerification | Self::IdentityProvider => ActionClass::Auth,
            Self::BulkResult => ActionClass::Export,
            Self::File => ActionClass::Read,
            Self::ListView => ActionClass::List,
            Self::Report => match operation {
                Some(word) if word.to_ascii_lowercase().contains("export") => ActionClass::Export,
                _ => ActionClass::Query,
            },
            Self::PermissionSet => ActionClass::Iam,
            Self::Api => operation.map_or(ActionClass::Query, super::operation_class),
            Self::Uri | Self::LightningUri => operation.map_or(ActionClass::Read, super::operation_class),
            Self::ConcurrentErrors => ActionClass::Invoke,
            Self::Other => operation.map_or(ActionClass::Admin, super::operation_class),
            _ => ActionClass::Logging,
        }
    }
}
