//! The few names inside `requestParameters`, `responseElements`, `additionalEventData` and `resources` that say what a
//! call was about. Everything else in there is skipped unread.

use crate::format::cell::{Cell, First};
use crate::format::shape::Key;
use crate::model::event::Text;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;

macro_rules! names {
    ($($name:ident = $($key:literal)|+),+ $(,)?) => {
        /// A name in `requestParameters` that says what a call was about.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Name { $($name),+ }

        impl Name {
            /// The name a key is.
            pub fn of(key: &str) -> Option<Self> {
                match key { $($($key)|+ => Some(Self::$name),)+ _ => None }
            }
        }
    };
}

names! {
    Bucket = "bucketName",
    Key = "key",
    Secret = "secretId" | "SecretId" | "secretIdList",
    KeyId = "keyId",
    Function = "functionName",
    Table = "tableName",
    S3Bucket = "s3Bucket" | "s3BucketName",
    RoleArn = "roleArn",
    Role = "roleName",
    User = "userName",
    Group = "groupName",
    AccessKey = "accessKeyId",
    Policy = "policyArn",
    Instances = "instancesSet",
    Instance = "instanceId",
    Snapshot = "snapshotId",
    Volume = "volumeId",
    Image = "imageId",
    DbSnapshot = "dBSnapshotIdentifier" | "dbSnapshotIdentifier",
    DbClusterSnapshot = "dBClusterSnapshotIdentifier",
    Database = "dBInstanceIdentifier" | "dBClusterIdentifier",
    ExportTask = "exportTaskIdentifier",
    QueryExecution = "queryExecutionId",
    WorkGroup = "workGroup",
    Task = "taskId",
    LogGroup = "logGroupName",
    Trail = "trailName",
    Repository = "repositoryName",
    Queue = "queueUrl",
    Topic = "topicArn",
    Stream = "streamName",
    Model = "modelId",
    ResourceArn = "resourceArn",
    SourceArn = "sourceArn",
    Plain = "name",
}

/// `requestParameters`: what the call named. Few of the names come in one call, so they are a list.
#[cfg_attr(test, derive(Debug))]
#[derive(Default)]
pub struct Parameters<'a>(Vec<(Name, Cell<'a>)>);

impl<'a> Parameters<'a> {
    /// Adds what stands under a name, unless it is nothing.
    pub fn add(&mut self, name: Name, cell: Cell<'a>) {
        if cell.is_some() {
            self.0.push((name, cell));
        }
    }

    /// The text under a name; borrowed where the record holds it verbatim.
    pub fn get(&self, name: Name) -> Option<Text<'a>> {
        self.0.iter().find(|(n, _)| *n == name).and_then(|(_, cell)| cell.clone().take())
    }

    /// The first of several names that is there.
    pub fn first(&self, names: &[Name]) -> Option<Text<'a>> {
        if self.0.is_empty() { None } else { names.iter().find_map(|name| self.get(*name)) }
    }
}

struct Named;

impl<'de> Visitor<'de> for Named {
    type Value = Parameters<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of parameters")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Self::Value, A::Error> {
        let mut found = Parameters::default();
        while let Some(Key(key)) = fields.next_key::<Key<'de>>()? {
            match Name::of(&key) {
                Some(name) => {
                    let First(cell) = fields.next_value::<First<'de>>()?;
                    found.add(name, cell);
                }
                None => {
                    fields.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(found)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Parameters<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(Named)
    }
}

/// `responseElements`: what the call made.
#[cfg_attr(test, derive(Debug))]
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Response<'a> {
    #[serde(borrow, rename = "ConsoleLogin")]
    pub console_login: Cell<'a>,
    #[serde(borrow)]
    pub access_key: Option<MadeKey<'a>>,
    #[serde(borrow)]
    pub query_execution_id: Cell<'a>,
    #[serde(borrow)]
    pub snapshot_id: Cell<'a>,
    #[serde(borrow)]
    pub export_task_identifier: Cell<'a>,
    #[serde(borrow)]
    pub task_id: Cell<'a>,
    #[serde(borrow)]
    pub export_description: Option<Export<'a>>,
    #[serde(borrow)]
    pub export_task: First<'a>,
}

/// `responseElements.accessKey`: the key that was made and whose it is.
#[cfg_attr(test, derive(Debug))]
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct MadeKey<'a> {
    #[serde(borrow)]
    pub access_key_id: Cell<'a>,
    #[serde(borrow)]
    pub user_name: Cell<'a>,
}

/// `responseElements.exportDescription`.
#[cfg_attr(test, derive(Debug))]
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Export<'a> {
    #[serde(borrow)]
    pub export_arn: Cell<'a>,
}

/// `additionalEventData`.
#[cfg_attr(test, derive(Debug))]
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Additional<'a> {
    #[serde(borrow, rename = "bytesTransferredIn")]
    pub bytes_in: Cell<'a>,
    #[serde(borrow, rename = "bytesTransferredOut")]
    pub bytes_out: Cell<'a>,
    #[serde(borrow, rename = "MFAUsed")]
    pub mfa: Cell<'a>,
}

/// The first ARN of `resources`.
#[cfg_attr(test, derive(Debug))]
#[derive(Default)]
pub struct Resources<'a> {
    pub arn: Cell<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Resource<'a> {
    #[serde(borrow, rename = "ARN", alias = "arn")]
    arn: Cell<'a>,
}

struct List;

impl<'de> Visitor<'de> for List {
    type Value = Resources<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of resources")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut first = Cell::default();
        while let Some(item) = items.next_element::<Resource<'de>>()? {
            if !first.is_some() {
                first = item.arn;
            }
        }
        Ok(Resources { arn: first })
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Resources<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_seq(List)
    }
}
