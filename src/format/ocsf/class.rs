//! Classes and activities: which records tell of an identity's activity, which are findings, and what an activity does.
//! The numbers are OCSF's (`class_uid`, `activity_id`). It must not know products.

use super::super::tree::Node;
use super::super::{Refusal, verb};
use crate::model::ActionClass;

/// What a record is to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// An identity did something.
    Activity,
    /// A product found something about an identity.
    Finding,
}

/// A record's class and activity.
#[derive(Clone, Copy, Debug)]
pub struct Class {
    /// `class_uid`.
    pub uid: u64,
    /// `activity_id`; 0 where absent.
    pub activity: u64,
    /// What it is to us.
    pub sort: Sort,
}

/// The class of requests over the web.
const HTTP: u64 = 4002;

/// The class of sign-ins.
pub const AUTHENTICATION: u64 = 3002;

/// Reads the class.
///
/// # Errors
/// Classes without an identity's activity: traffic, processes, inventories.
pub fn of(root: Node<'_>) -> Result<Class, Refusal> {
    let uid = root.at("class_uid").count().ok_or(Refusal::Missing { field: "class_uid", expected: "a class of OCSF such as 6003" })?;
    let activity = root.at("activity_id").count().or_else(|| Some(root.at("type_uid").count()? % 100)).unwrap_or(0);
    // Extensions write their own number before the class: 302001.
    let sort = match uid % 100_000 / 1_000 {
        3 | 6 => Sort::Activity,
        2 => Sort::Finding,
        // Configuration of the platform, and calls over the web, where they are told with their actor.
        5 if acted(root) => Sort::Activity,
        4 if uid % 100_000 == HTTP && acted(root) => Sort::Activity,
        1 => return Err(Refusal::NotActivity { what: "an OCSF record of what a host does" }),
        4 => return Err(Refusal::NotActivity { what: "an OCSF record of network traffic" }),
        5 => return Err(Refusal::NotActivity { what: "an OCSF record of an inventory" }),
        _ => return Err(Refusal::NotActivity { what: "an OCSF record of a class without identities" }),
    };
    Ok(Class { uid: uid % 100_000, activity, sort })
}

fn acted(root: Node<'_>) -> bool {
    ["actor.user.uid", "actor.user.name", "actor.app_uid", "actor.app_name"].iter().any(|path| root.get(path).is_some())
}

impl Class {
    /// What the operation called `name` does; the activity decides where the name's words tell nothing.
    pub fn action(self, name: Option<&str>) -> ActionClass {
        use ActionClass::{Admin, Auth, Delete, Export, Iam, List, Query, Read, Secret, Token, Write};
        let by_name = || name.map_or(Admin, verb::classify);
        let told = |fallback: ActionClass| match by_name() {
            Admin => fallback,
            known => known,
        };
        match (self.uid, self.activity) {
            // Tickets of Kerberos and their renewal.
            (AUTHENTICATION, 3..=5 | 7) => Token,
            (AUTHENTICATION, _) => Auth,
            (3001 | 3006, _) => match by_name() {
                Secret => Secret,
                Auth | Token => by_name(),
                _ => Iam,
            },
            (3003, 1..=4) => Iam,
            (3004 | 6001 | 6003, 2) | (6006, 9 | 14) | (HTTP, 3 | 4) => told(Read),
            (3004 | 6001 | 6003 | 6006, 4) | (HTTP, 2) => told(Delete),
            (3003..=3005, _) => told(Iam),
            // Datastore activity.
            (6005, 1) => Read,
            (6005, 4) => Query,
            (6005, 8) => List,
            (6005, 2 | 5 | 6) => Write,
            (6005, 7) => Delete,
            // Web resources: search, export; files: download; requests: by method (delete, get, head, post, put).
            (6001, 5) => told(List),
            (6001, 7) | (6006, 2) => Export,
            (6001 | 6003, 1 | 3) | (6006, 1 | 3 | 5..=8) | (HTTP, 6 | 7) => told(Write),
            _ => by_name(),
        }
    }
}
