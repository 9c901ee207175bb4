//! The few names inside `requestParameters`, `responseElements`, `additionalEventData` and `resources` that say what a
//! call was about. Everything else in there is skipped unread.

use crate::format::cell::{Cell, First};
use serde::Deserialize;
use serde::de::{Deserializer, SeqAccess, Visitor};
use std::fmt;

/// `requestParameters`: what the call named.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Parameters<'a> {
    #[serde(borrow)]
    pub bucket_name: First<'a>,
    #[serde(borrow)]
    pub key: First<'a>,
    #[serde(borrow, alias = "SecretId")]
    pub secret_id: First<'a>,
    #[serde(borrow)]
    pub secret_id_list: First<'a>,
    #[serde(borrow)]
    pub key_id: First<'a>,
    #[serde(borrow)]
    pub function_name: First<'a>,
    #[serde(borrow)]
    pub table_name: First<'a>,
    #[serde(borrow, alias = "s3BucketName")]
    pub s3_bucket: First<'a>,
    #[serde(borrow)]
    pub role_arn: First<'a>,
    #[serde(borrow)]
    pub role_name: First<'a>,
    #[serde(borrow)]
    pub role_session_name: First<'a>,
    #[serde(borrow)]
    pub user_name: First<'a>,
    #[serde(borrow)]
    pub group_name: First<'a>,
    #[serde(borrow)]
    pub access_key_id: First<'a>,
    #[serde(borrow)]
    pub policy_arn: First<'a>,
    #[serde(borrow)]
    pub instances_set: First<'a>,
    #[serde(borrow)]
    pub instance_id: First<'a>,
    #[serde(borrow)]
    pub snapshot_id: First<'a>,
    #[serde(borrow)]
    pub volume_id: First<'a>,
    #[serde(borrow)]
    pub image_id: First<'a>,
    #[serde(borrow, rename = "dBSnapshotIdentifier", alias = "dbSnapshotIdentifier")]
    pub db_snapshot: First<'a>,
    #[serde(borrow, rename = "dBClusterSnapshotIdentifier")]
    pub db_cluster_snapshot: First<'a>,
    #[serde(borrow, rename = "dBInstanceIdentifier", alias = "dBClusterIdentifier")]
    pub database: First<'a>,
    #[serde(borrow)]
    pub export_task_identifier: First<'a>,
    #[serde(borrow)]
    pub query_execution_id: First<'a>,
    #[serde(borrow)]
    pub query_string: First<'a>,
    #[serde(borrow)]
    pub work_group: First<'a>,
    #[serde(borrow)]
    pub task_id: First<'a>,
    #[serde(borrow)]
    pub log_group_name: First<'a>,
    #[serde(borrow)]
    pub trail_name: First<'a>,
    #[serde(borrow)]
    pub repository_name: First<'a>,
    #[serde(borrow)]
    pub queue_url: First<'a>,
    #[serde(borrow)]
    pub topic_arn: First<'a>,
    #[serde(borrow)]
    pub stream_name: First<'a>,
    #[serde(borrow)]
    pub model_id: First<'a>,
    #[serde(borrow)]
    pub resource_arn: First<'a>,
    #[serde(borrow)]
    pub source_arn: First<'a>,
    #[serde(borrow)]
    pub name: First<'a>,
}

/// `responseElements`: what the call made.
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
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct MadeKey<'a> {
    #[serde(borrow)]
    pub access_key_id: Cell<'a>,
    #[serde(borrow)]
    pub user_name: Cell<'a>,
}

/// `responseElements.exportDescription`.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Export<'a> {
    #[serde(borrow)]
    pub export_arn: Cell<'a>,
}

/// `additionalEventData`.
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
