//! What the methods of Google Cloud do: the class and the reconnaissance of each, by service first and by verb where no
//! service knows better. Methods are written in many ways (`google.iam.admin.v1.CreateRole`, `v1.compute.instances.insert`,
//! `storage.objects.get`, `SetIamPolicy`); what counts is the last word and the thing before it.

use super::super::verb;
use crate::model::ActionClass::{
    self, Admin, Auth, Delete, Describe, Export, Iam, Invoke, List, Logging, Query, Read, Secret, Token, Write,
};
use crate::model::Probe;

/// A method taken apart.
pub struct Method {
    /// The service without `.googleapis.com`.
    service: String,
    /// The last word, as written.
    name: String,
    /// The word before it: `instances`, `ConfigServiceV2`.
    thing: String,
    /// The first word of the name, in lower case: `get` of `GetIamPolicy`.
    verb: String,
}

impl Method {
    /// Takes a method of a service apart.
    pub fn of(service: &str, method: &str) -> Self {
        let mut parts = method.trim().rsplit(['.', '/', ' ']).filter(|part| !part.is_empty());
        let name = parts.next().unwrap_or_default().to_owned();
        let thing = parts.next().unwrap_or_default().to_owned();
        let second_word = name.char_indices().skip(1).find(|(_, c)| c.is_ascii_uppercase()).map_or(name.len(), |(at, _)| at);
        let verb = name.get(..second_word).unwrap_or(&name).to_ascii_lowercase();
        let service = service.trim().to_ascii_lowercase();
        Self { service: service.strip_suffix(".googleapis.com").unwrap_or(&service).to_owned(), name, thing, verb }
    }

    /// Whether the name without its verb is about `noun`.
    fn about(&self, noun: &str) -> bool {
        let lower = |text: &str| text.to_ascii_lowercase().contains(noun);
        lower(&self.name) || lower(&self.thing)
    }

    fn named(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.name.eq_ignore_ascii_case(name))
    }

    fn lists(&self) -> bool {
        ["list", "aggregated", "search", "enumerate"].contains(&self.verb.as_str())
    }

    fn gets(&self) -> bool {
        ["get", "batch", "lookup", "fetch", "describe", "check", "validate", "analyze", "read"].contains(&self.verb.as_str())
            && (self.verb != "batch" || self.name.to_ascii_lowercase().starts_with("batchget"))
    }
}

/// What a method does. `data` is whether the log says that the call reads data rather than configuration; unknown is `None`.
pub fn classify(method: &Method, data: Option<bool>) -> ActionClass {
    if method.named(&["testIamPermissions", "queryTestablePermissions"]) {
        return Describe;
    }
    if method.named(&["setIamPolicy", "setIamPermissions", "setOrgPolicy", "setIamPolicies"]) {
        return Iam;
    }
    if method.about("iampolicy") || method.about("iampermissions") {
        return Describe;
    }
    of_service(method).unwrap_or_else(|| by_verb(method, data))
}

/// Methods that mean something of their own in their service.
fn of_service(method: &Method) -> Option<ActionClass> {
    let reading = method.lists() || method.gets();
    let plain = if method.lists() { List } else { Describe };
    Some(match method.service.as_str() {
        "sts" | "iamcredentials" => Token,
        "oslogin" if method.about("sshpublickey") && !reading => Secret,
        "oauth2" | "accounts" | "oslogin" => Auth,
        "iap" if method.name.starts_with("Authorize") => Auth,
        "secretmanager" if method.named(&["AccessSecretVersion"]) => Secret,
        "secretmanager" | "cloudkms" | "apikeys" | "privateca" | "certificatemanager" => match method.name.as_str() {
            "GetKeyString" | "getKeyString" | "LookupKey" => Secret,
            _ if reading => plain,
            _ => Secret,
        },
        "iam" if reading || method.named(&["QueryGrantableRoles", "queryAuditableServices", "LintPolicy"]) => plain,
        "iam" if method.about("key") => Secret,
        "iam" | "accesscontextmanager" | "cloudidentity" | "orgpolicy" | "policytroubleshooter" | "privilegedaccessmanager" => {
            if reading {
                plain
            } else {
                Iam
            }
        }
        "storage" if method.about("hmackey") && !reading => Secret,
        "storage" if method.thing.eq_ignore_ascii_case("objects") && method.verb == "get" => Read,
        "logging" => match method.name.as_str() {
            "ListLogEntries" | "entries.list" | "TailLogEntries" | "QueryData" => Query,
            "WriteLogEntries" => Write,
            "CopyLogEntries" => Export,
            _ if reading => plain,
            _ => Logging,
        },
        "securitycenter" | "securitycentermanagement" | "monitoring" | "websecurityscanner" if !reading => Logging,
        "aiplatform" | "generativelanguage" | "discoveryengine" | "dialogflow" | "ml" | "cloudaicompanion" if invokes(method) => Invoke,
        "bigquery" | "bigquerystorage" | "bigquery.reservation" => return bigquery(method),
        "spanner" | "datastore" | "firestore" | "bigtable" | "bigtableadmin" | "cloudsql" | "sqladmin" | "alloydb" | "redis" => {
            return database(method);
        }
        "pubsub" if method.named(&["Pull", "StreamingPull"]) => Read,
        "pubsub" if method.named(&["Publish"]) => Write,
        "storagetransfer" | "datatransfer" | "transferappliance" | "backupdr" if !reading && method.verb != "delete" => Export,
        "cloudfunctions" | "run" | "workflowexecutions" | "cloudscheduler" | "cloudtasks" | "dataproc" | "dataflow" | "composer"
        | "cloudbuild"
            if runs(method) =>
        {
            Invoke
        }
        "compute" => return compute(method),
        "admin" | "login" | "cloudresourcemanager" | "serviceusage" | "servicemanagement" | "cloudbilling" if !reading => Admin,
        _ => return None,
    })
}

/// Calls of models and agents.
fn invokes(method: &Method) -> bool {
    let name = method.name.to_ascii_lowercase();
    ["predict", "generatecontent", "explain", "tokens", "completion", "embed", "query", "converse", "detectintent", "answer", "assist"]
        .iter()
        .any(|word| name.contains(word))
        || method.about("batchpredictionjob") && method.verb == "create"
}

/// Calls that run code somebody wrote.
fn runs(method: &Method) -> bool {
    let name = method.name.to_ascii_lowercase();
    ["call", "run", "invoke", "execut", "submit", "launch"].iter().any(|word| name.starts_with(word))
        || ["createexecution", "createbuild", "createjob", "submitjob", "runbuildtrigger", "createtask"].contains(&name.as_str())
}

fn bigquery(method: &Method) -> Option<ActionClass> {
    let name = method.name.to_ascii_lowercase();
    let thing = method.thing.to_ascii_lowercase();
    Some(match name.as_str() {
        "insertjob" | "query" | "getqueryresults" | "getjob" => Query,
        "insert" if thing.starts_with("job") => Query,
        "list" if thing.starts_with("tabledata") => Read,
        "createreadsession" | "readrows" | "splitreadstream" => Read,
        "insertall" | "appendrows" | "createwritestream" => Write,
        "canceljob" | "cancel" => Admin,
        "gettable" | "getdataset" | "getmodel" | "getroutine" => Describe,
        _ if name.contains("jobcompleted") => Query,
        _ => return None,
    })
}

fn database(method: &Method) -> Option<ActionClass> {
    let name = method.name.to_ascii_lowercase();
    Some(if name.starts_with("export") || name == "createbackup" {
        Export
    } else if name.contains("execute") && name.ends_with("sql")
        || name.contains("runquery")
        || name.contains("runaggregationquery")
        || name == "query"
        || name.contains("partitionquery")
    {
        Query
    } else if ["read", "streamingread", "readrows", "lookup", "getdocument", "batchgetdocuments", "listdocuments", "listen"]
        .contains(&name.as_str())
    {
        Read
    } else if ["commit", "write", "batchwrite", "mutaterow", "mutaterows", "import", "createdocument", "updatedocument"]
        .contains(&name.as_str())
    {
        Write
    } else if name == "connect" || name == "login" || name == "generateephemeralcert" {
        Auth
    } else if method.thing.to_ascii_lowercase().contains("user") && !method.lists() && !method.gets() {
        Iam
    } else {
        return None;
    })
}

fn compute(method: &Method) -> Option<ActionClass> {
    let name = method.name.to_ascii_lowercase();
    let thing = method.thing.to_ascii_lowercase();
    Some(match name.as_str() {
        // Keys that open machines are put into metadata.
        "setmetadata" | "setcommoninstancemetadata" | "setserviceaccount" => Iam,
        "getserialportoutput" | "getscreenshot" => Read,
        "start" | "resume" | "reset" | "stop" | "suspend" => Write,
        // A copy of a disk can be taken elsewhere.
        "createsnapshot" | "export" => Export,
        "insert" if ["snapshots", "images", "machineimages"].contains(&thing.as_str()) => Export,
        _ => return None,
    })
}

/// By the first word of the name.
fn by_verb(method: &Method, data: Option<bool>) -> ActionClass {
    if method.lists() {
        return List;
    }
    if method.gets() {
        return if data == Some(true) { Read } else { Describe };
    }
    match method.verb.as_str() {
        "query" | "run" if method.about("query") => Query,
        "export" | "download" | "dump" => Export,
        "delete" | "destroy" | "remove" | "purge" => Delete,
        "update" | "patch" | "replace" | "move" if data_plane(method) => Write,
        "insert" | "create" | "add" | "upload" | "import" | "write" | "copy" | "rewrite" | "compose" | "restore" | "undelete"
        | "publish" | "start" | "stop" => {
            if method.about("firewall") {
                Admin
            } else {
                Write
            }
        }
        "update" | "patch" | "replace" | "move" | "set" | "attach" | "detach" | "resize" | "enable" | "disable" | "accept" | "approve"
        | "reject" | "activate" | "deactivate" | "modify" => Admin,
        "invoke" | "execute" | "call" | "run" | "trigger" => Invoke,
        "watch" => List,
        _ => verb::classify(&method.name),
    }
}

/// Things whose change is a change of data, not of configuration.
fn data_plane(method: &Method) -> bool {
    ["objects", "documents", "rows", "entities", "tabledata", "messages", "tables"]
        .iter()
        .any(|thing| method.thing.eq_ignore_ascii_case(thing))
}

/// The probe a method amounts to, if any.
pub fn probe(method: &Method) -> Option<Probe> {
    if method.named(&["testIamPermissions"]) {
        return Some(Probe::WhoAmI);
    }
    if method.about("quota") || method.about("limits") {
        return (method.lists() || method.gets()).then_some(Probe::Limits);
    }
    // Rows of a table are data, whatever the method is called.
    if method.lists() && !method.thing.to_ascii_lowercase().starts_with("tabledata") && method.name != "ListLogEntries" {
        return Some(Probe::ListAll);
    }
    let built = method.about("iampolicy")
        || method.about("iampermissions")
        || method.named(&["QueryGrantableRoles", "queryTestablePermissions", "GetPolicy", "GetEffectiveOrgPolicy"]);
    let things = ["buckets", "datasets", "tables"];
    let described = method.gets()
        && (things.iter().any(|thing| method.thing.eq_ignore_ascii_case(thing))
            || method.named(&[
                "GetTable",
                "GetDataset",
                "GetSecret",
                "GetCluster",
                "GetRole",
                "GetServiceAccount",
                "GetProject",
                "GetDatabaseDdl",
            ]));
    (built && !method.verb.starts_with("set") || described).then_some(Probe::Describe)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Protects the classes of the methods that matter, in every way methods are written.
    #[test]
    fn methods_have_classes_and_probes() {
        for (service, method, class, expected) in [
            ("iam", "google.iam.admin.v1.CreateServiceAccountKey", Secret, None),
            ("iam", "google.iam.admin.v1.CreateServiceAccount", Iam, None),
            ("iam", "google.iam.admin.v1.ListServiceAccountKeys", List, Some(Probe::ListAll)),
            ("iam", "google.iam.admin.v1.GetServiceAccount", Describe, Some(Probe::Describe)),
            ("iam", "google.iam.admin.v1.QueryGrantableRoles", Describe, Some(Probe::Describe)),
            ("iam", "google.iam.admin.v1.SetIAMPolicy", Iam, None),
            ("iam", "google.iam.admin.v1.UpdateRole", Iam, None),
            ("iam", "google.iam.v1.WorkloadIdentityPools.CreateWorkloadIdentityPoolProvider", Iam, None),
            ("cloudresourcemanager", "SetIamPolicy", Iam, None),
            ("cloudresourcemanager", "GetIamPolicy", Describe, Some(Probe::Describe)),
            ("cloudresourcemanager", "TestIamPermissions", Describe, Some(Probe::WhoAmI)),
            ("cloudresourcemanager", "GetProject", Describe, Some(Probe::Describe)),
            ("cloudresourcemanager", "DeleteProject", Admin, None),
            ("compute", "v1.compute.instances.setIamPolicy", Iam, None),
            ("compute", "beta.compute.instances.aggregatedList", List, Some(Probe::ListAll)),
            ("compute", "v1.compute.instances.insert", Write, None),
            ("compute", "v1.compute.projects.setCommonInstanceMetadata", Iam, None),
            ("compute", "v1.compute.firewalls.delete", Delete, None),
            ("compute", "v1.compute.firewalls.insert", Admin, None),
            ("compute", "v1.compute.instances.start", Write, None),
            ("compute", "v1.compute.disks.createSnapshot", Export, None),
            ("storage", "storage.buckets.update", Admin, None),
            ("storage", "storage.objects.update", Write, None),
            ("compute", "v1.compute.instances.get", Describe, None),
            ("iamcredentials", "GenerateAccessToken", Token, None),
            ("iamcredentials", "google.iam.credentials.v1.IAMCredentials.SignBlob", Token, None),
            ("sts", "google.identity.sts.v1.SecurityTokenService.ExchangeToken", Token, None),
            ("secretmanager", "google.cloud.secretmanager.v1.SecretManagerService.AccessSecretVersion", Secret, None),
            ("secretmanager", "google.cloud.secretmanager.v1.SecretManagerService.ListSecrets", List, Some(Probe::ListAll)),
            ("secretmanager", "google.cloud.secretmanager.v1.SecretManagerService.GetSecret", Describe, Some(Probe::Describe)),
            ("cloudkms", "Decrypt", Secret, None),
            ("cloudkms", "ListKeyRings", List, Some(Probe::ListAll)),
            ("cloudkms", "DestroyCryptoKeyVersion", Secret, None),
            ("logging", "google.logging.v2.ConfigServiceV2.DeleteSink", Logging, None),
            ("logging", "google.logging.v2.ConfigServiceV2.ListSinks", List, Some(Probe::ListAll)),
            ("logging", "google.logging.v2.LoggingServiceV2.ListLogEntries", Query, None),
            ("logging", "google.logging.v2.LoggingServiceV2.DeleteLog", Logging, None),
            ("storage", "storage.objects.get", Read, None),
            ("storage", "storage.objects.list", List, Some(Probe::ListAll)),
            ("storage", "storage.objects.delete", Delete, None),
            ("storage", "storage.objects.create", Write, None),
            ("storage", "storage.buckets.get", Describe, Some(Probe::Describe)),
            ("storage", "storage.setIamPermissions", Iam, None),
            ("storage", "storage.getIamPermissions", Describe, Some(Probe::Describe)),
            ("storage", "storage.hmacKeys.create", Secret, None),
            ("bigquery", "google.cloud.bigquery.v2.JobService.InsertJob", Query, None),
            ("bigquery", "jobservice.jobcompleted", Query, None),
            ("bigquery", "google.cloud.bigquery.v2.TableDataService.List", Read, None),
            ("bigquery", "google.cloud.bigquery.v2.DatasetService.ListDatasets", List, Some(Probe::ListAll)),
            ("bigquery", "google.cloud.bigquery.v2.TableService.GetTable", Describe, Some(Probe::Describe)),
            ("aiplatform", "google.cloud.aiplatform.v1.PredictionService.Predict", Invoke, None),
            ("aiplatform", "google.cloud.aiplatform.v1beta1.PredictionService.StreamGenerateContent", Invoke, None),
            ("aiplatform", "google.cloud.aiplatform.v1.EndpointService.ListEndpoints", List, Some(Probe::ListAll)),
            ("cloudsql", "cloudsql.instances.export", Export, None),
            ("firestore", "google.firestore.v1.Firestore.RunQuery", Query, None),
            ("spanner", "google.spanner.v1.Spanner.ExecuteStreamingSql", Query, None),
            ("storagetransfer", "google.storagetransfer.v1.TransferService.CreateTransferJob", Export, None),
            ("cloudfunctions", "google.cloud.functions.v1.CloudFunctionsService.CallFunction", Invoke, None),
            ("cloudfunctions", "google.cloud.functions.v1.CloudFunctionsService.CreateFunction", Write, None),
            ("serviceusage", "google.api.serviceusage.v1.ServiceUsage.EnableService", Admin, None),
            ("serviceusage", "google.api.serviceusage.v1beta1.ServiceUsage.ListConsumerQuotaMetrics", List, Some(Probe::Limits)),
            ("apikeys", "google.api.apikeys.v2.ApiKeys.GetKeyString", Secret, None),
            ("container", "google.container.v1.ClusterManager.GetCluster", Describe, Some(Probe::Describe)),
            ("oslogin", "google.cloud.oslogin.v1.OsLoginService.CheckPolicy", Auth, None),
            ("", "", Admin, None),
        ] {
            let taken = Method::of(&format!("{service}.googleapis.com"), method);
            assert_eq!((classify(&taken, None), probe(&taken)), (class, expected), "{service} {method}");
        }
        let lookup = Method::of("example.googleapis.com", "google.example.v1.Things.GetThing");
        assert_eq!((classify(&lookup, Some(true)), classify(&lookup, Some(false))), (Read, Describe));
    }
}
