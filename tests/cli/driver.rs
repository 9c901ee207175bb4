//! Runs the real program against a store of its own, and writes the logs it reads.

use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A folder with a store that is not there yet.
pub struct Desk {
    dir: tempfile::TempDir,
}

/// What a run left behind.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Desk {
    pub fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    /// A desk with three weeks of Halden Freight loaded.
    pub fn loaded() -> Self {
        let desk = Self::new();
        let ran = desk.run(&["load", &sample()]);
        assert_eq!(ran.code, 0, "{ran:?}");
        desk
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn db(&self) -> PathBuf {
        self.path("store/driftline.db")
    }

    /// Writes a file and names it.
    pub fn file(&self, name: &str, text: &str) -> String {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path.to_string_lossy().into_owned()
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_driftline"));
        for name in ["DRIFTLINE_FORMAT", "DRIFTLINE_COLOR", "COLUMNS", "NO_COLOR", "CLICOLOR_FORCE"] {
            command.env_remove(name);
        }
        command.args(args).env("DRIFTLINE_DB", self.db()).env("DRIFTLINE_ANALYST", "anna").current_dir(self.dir.path());
        command.stdin(Stdio::null());
        command
    }

    pub fn run(&self, args: &[&str]) -> Ran {
        run(&mut self.command(args))
    }

    pub fn run_as(&self, who: &str, args: &[&str]) -> Ran {
        run(self.command(args).env("DRIFTLINE_ANALYST", who))
    }

    /// The objects a command prints with `--json`.
    pub fn objects(&self, args: &[&str]) -> Vec<Value> {
        let ran = self.run(&[args, &["--json"]].concat());
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{args:?}");
        ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

pub fn run(command: &mut Command) -> Ran {
    let output = command.output().unwrap();
    Ran {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The log files of the repository.
pub fn sample() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-data").to_string_lossy().into_owned()
}

/// A CloudTrail record of a user with a static key; `more` is laid over it.
pub fn record(user: &str, number: u32, mut more: Value) -> String {
    let mut record = json!({
        "eventVersion": "1.08",
        "userIdentity": {
            "type": "IAMUser", "principalId": "AIDAEXAMPLE", "accountId": "111122223333", "accessKeyId": "AKIAEXAMPLE",
            "arn": format!("arn:aws:iam::111122223333:user/{user}"), "userName": user
        },
        "eventTime": format!("2026-11-{:02}T{:02}:{:02}:00Z", 1 + number / 1440 % 28, number / 60 % 24, number % 60),
        "eventSource": "s3.amazonaws.com", "eventName": "GetObject", "awsRegion": "eu-central-1",
        "sourceIPAddress": "198.51.100.7", "userAgent": "Boto3/1.34.131", "requestParameters": {"bucketName": "orders", "key": "a"},
        "responseElements": null, "eventID": format!("00000000-0000-0000-0000-{number:012}"), "eventType": "AwsApiCall",
        "recipientAccountId": "111122223333"
    });
    record.as_object_mut().unwrap().append(more.as_object_mut().unwrap());
    record.to_string()
}

/// Keys of an object.
pub fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

/// The words of a text.
pub fn words(text: &str) -> BTreeSet<&str> {
    text.split_whitespace().collect()
}
