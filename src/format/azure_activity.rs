//! Azure: the activity log of subscriptions in the shapes of diagnostic settings, the REST interface, Event Grid and Log
//! Analytics, and the resource logs that every service writes in the same envelope (Key Vault and Storage in full, others
//! by what the envelope says). It owns how they are recognised.
//!
//! Which ids occur where: management calls carry the claims of their token (object id, application id, principal name),
//! so the principal is the object id; flattened tables carry only `Caller`, a principal name or the object id of a service
//! principal; storage calls carry the requester's object id, or only the account's key or signature, which then is the
//! principal. A user's token names the application that holds it as credential, as in Entra's own logs.

mod actor;
mod event;
mod operation;
#[cfg(test)]
mod tests;

use super::entra_id::record::{self, View};
use super::{Card, Format, Refusal, Shape};
use crate::model::Event;

/// The format's name.
pub const NAME: &str = "azure_activity";

/// What stands in `docs/formats.md`.
const CARD: Card = Card {
    title: "Azure activity and resource logs",
    shapes: &[
        "diagnostic settings: one record a line, or Event Hub `{\"records\":[…]}`",
        "REST interface and `az monitor activity-log list` (`eventTimestamp`, `operationName.value`)",
        "Event Grid and CloudEvents (`Microsoft.Resources.*`)",
        "Log Analytics and Sentinel, CSV or JSON: `AzureActivity`, `AzureDiagnostics`, `StorageBlobLogs` and its kin, `AZKVAuditLogs`",
        "the activity log's list downloaded as CSV (`Event initiated by`)",
        "resource logs: Key Vault, Storage, and any other with `resourceId` and `operationName`; `kube-audit` of AKS where the record within is whole",
    ],
    reads: &[
        ("time", "`time`, `eventTimestamp`, `TimeGenerated`"),
        ("event id", "`eventDataId`"),
        (
            "identity",
            "claim `objectidentifier`, else `appid`, `upn`, `caller`; `identity.requester` of storage; the account key where only that acts",
        ),
        ("session", "claim `uti`: the sign-in's `uniqueTokenIdentifier`"),
        ("source, client", "`callerIpAddress`; `userAgentHeader`, `clientInfo`"),
        ("action", "`operationName`"),
        ("resource, data", "`resourceId` in lower case, `objectKey`, the vault's URI; container, vault, type of resource"),
        ("outcome", "`resultType`, `resultSignature`, `status`, `statusCode`"),
        ("bytes", "`responseBodySize`, `requestBodySize` of storage"),
        ("permissions", "the role that allowed it"),
    ],
    unobservable: &["reads of the management interface", "rows", "clients of management calls", "the client behind an unnamed caller"],
    export: "az monitor activity-log list --offset 90d --max-events 100000 > activity.json",
};

/// Reads Azure records.
pub struct AzureActivity;

impl Format for AzureActivity {
    fn name(&self) -> &'static str {
        NAME
    }

    fn card(&self) -> &'static Card {
        &CARD
    }

    fn recognises(&self, shape: &Shape<'_>) -> bool {
        // A whole record of a cluster inside is that format's.
        let cluster = shape.get("category").is_some_and(|category| category.starts_with("kube-audit"))
            && super::by_name("kubernetes_audit").is_some_and(|format| format.recognises(shape));
        !cluster && record::wrapped(shape).as_ref().map_or_else(|| recognises(shape), recognises)
    }

    fn read(&self, text: &str, sink: &mut dyn FnMut(Event<'_>)) -> Result<(), Refusal> {
        let value = record::open(text)?;
        let view = View::of(&value);
        let category = view.root.get("category").unwrap_or_default();
        if category.to_ascii_lowercase().starts_with("kube-audit") && cluster(view, sink).is_some() {
            return Ok(());
        }
        sink(event::event(view)?);
        Ok(())
    }
}

/// The record of a cluster that AKS carries as text: its own format reads it where it is whole.
fn cluster(view: View<'_>, sink: &mut dyn FnMut(Event<'_>)) -> Option<()> {
    let inner = view.payload.at("log");
    let text = inner
        .text()
        .map_or_else(|| inner.value().filter(|value| value.is_object()).map(ToString::to_string), |text| Some(text.into_owned()))?;
    super::by_name("kubernetes_audit")?.read(&text, sink).ok()
}

/// Tables of Log Analytics that hold these records.
const TABLES: &[&str] = &[
    "azureactivity",
    "azureactivityv2",
    "azurediagnostics",
    "storagebloblogs",
    "storagefilelogs",
    "storagequeuelogs",
    "storagetablelogs",
    "azkvauditlogs",
];

fn recognises(shape: &Shape<'_>) -> bool {
    let all = |keys: &[&str]| keys.iter().all(|key| shape.has(key));
    let any = |keys: &[&str]| keys.iter().any(|key| shape.has(key));
    let table = ["Type", "$table", "TableName"].iter().find_map(|key| shape.get(key)).map(str::to_ascii_lowercase);
    if table.as_deref().is_some_and(|table| TABLES.contains(&table)) {
        return any(&["OperationName", "OperationNameValue", "CallerIpAddress", "ResourceId"]);
    }
    let path = shape.get("resourceId").map(str::to_ascii_lowercase).unwrap_or_default();
    let of_azure = path.starts_with("/subscriptions/") || path.starts_with("/providers/microsoft.");
    let timed = any(&["time", "EventTimeString", "eventTimestamp", "timeStamp"]);
    let resource_log = of_azure
        && timed
        && any(&["operationName", "EventName"])
        && any(&["category", "callerIpAddress", "properties", "resultType", "correlationId"]);
    let rest = all(&["eventTimestamp", "operationName"])
        && any(&["caller", "authorization", "eventDataId"])
        && any(&["resourceId", "subscriptionId", "correlationId"]);
    let rows = any(&["OperationNameValue", "OperationName"])
        && any(&["ActivityStatus", "ActivityStatusValue"])
        && any(&["Caller", "CallerIpAddress", "Authorization"])
        && any(&["SubscriptionId", "ResourceId", "_ResourceId", "CorrelationId"]);
    // Storage names its account in the address, so that some collectors drop the path.
    let storage = shape.get("category").is_some_and(|c| matches!(c, "StorageRead" | "StorageWrite" | "StorageDelete"))
        && all(&["operationName", "uri"])
        && timed;
    let listed = all(&["Event initiated by", "Operation name"]);
    let kind = shape.get("eventType").or_else(|| shape.get("type")).unwrap_or_default();
    let grid = kind.starts_with("Microsoft.Resources.") && shape.has("data");
    resource_log || rest || rows || storage || listed || grid
}
