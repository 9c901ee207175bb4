//! What an entry tells of a job of `BigQuery`: what kind it is, how far it has come, how many rows and bytes it moved, which
//! tables, and the shape of its statement. It reads today's metadata (`BigQueryAuditMetadata`) and the service data of older
//! entries.

use super::super::tree::Node;
use super::sql;
use crate::model::event::Text;
use crate::model::{ActionClass, JobStep, Probe};
use std::borrow::Cow;

/// What an entry tells of a job.
#[derive(Default)]
pub struct Job<'a> {
    pub class: Option<ActionClass>,
    pub probe: Option<Probe>,
    pub id: Option<Text<'a>>,
    pub step: Option<JobStep>,
    pub rows: Option<u64>,
    pub bytes: Option<u64>,
    /// The table it is about.
    pub table: Option<Text<'a>>,
    /// Where an export goes.
    pub destination: Option<Text<'a>>,
    pub query_shape: Option<String>,
    /// Code and words of its failure.
    pub failure: Option<(Option<u64>, Option<Text<'a>>)>,
}

/// Reads the metadata and service data of an entry.
pub fn job(payload: Node<'_>) -> Job<'_> {
    let (metadata, data) = (payload.at("metadata"), payload.at("serviceData"));
    let job = [
        metadata.at("jobInsertion.job"),
        metadata.at("jobChange.job"),
        data.at("jobCompletedEvent.job"),
        data.at("jobInsertResponse.resource"),
        data.at("jobInsertRequest.resource"),
        data.at("jobQueryResponse.job"),
        data.at("jobGetQueryResultsResponse.job"),
        data.at("jobQueryDoneResponse.job"),
    ]
    .into_iter()
    .find(|node| node.is_nested());
    let mut told = job.map(of_job).unwrap_or_default();
    let read = metadata.at("tableDataRead");
    let changed = metadata.at("tableDataChange");
    if read.is_nested() {
        told.class = Some(ActionClass::Read);
    } else if changed.is_nested() {
        told.class = Some(ActionClass::Write);
        told.rows = sum(&[changed.at("insertedRowsCount"), changed.at("deletedRowsCount")]);
    } else if metadata.at("tableDeletion").is_nested() || metadata.at("datasetDeletion").is_nested() {
        told.class = Some(ActionClass::Delete);
    }
    told.id = told.id.or_else(|| {
        ["tableDataRead.jobName", "tableDataChange.jobName", "jobDeletion.jobName", "tableCreation.jobName", "tableDeletion.jobName"]
            .iter()
            .find_map(|path| metadata.get(path))
            .map(last_part)
    });
    let results = data.first(&["jobGetQueryResultsResponse.totalResults", "jobQueryResponse.totalResults"]);
    told.rows = told.rows.or_else(|| results.count());
    told.step = told.id.is_some().then(|| step(payload, metadata, data));
    told
}

fn step(payload: Node<'_>, metadata: Node<'_>, data: Node<'_>) -> JobStep {
    let method = payload.get("methodName").unwrap_or_default().to_ascii_lowercase();
    if metadata.at("jobDeletion").is_nested() || method.ends_with("canceljob") || method.ends_with("deletejob") {
        JobStep::Delete
    } else if metadata.at("jobInsertion").is_nested() || data.at("jobInsertRequest").is_nested() || data.at("jobInsertResponse").is_nested()
    {
        JobStep::Create
    } else if data.at("jobCompletedEvent").is_nested() || metadata.get("jobChange.after").is_some_and(|state| state == "DONE") {
        JobStep::Complete
    } else {
        JobStep::Progress
    }
}

fn of_job(job: Node<'_>) -> Job<'_> {
    let config = job.first(&["jobConfig", "jobConfiguration"]);
    let stats = job.first(&["jobStats", "jobStatistics"]);
    let query = config.first(&["queryConfig", "query"]);
    let extract = config.first(&["extractConfig", "extract"]);
    let shape = query.get("query").and_then(|text| sql::shape(&text));
    let kind = config.get("type").unwrap_or_default();
    let statement = query.get("statementType").or_else(|| stats.get("queryStats.statementType")).unwrap_or_default();
    let copied = config.first(&["tableCopyConfig", "tableCopy", "loadConfig", "load"]).is_nested();
    let class = if kind == "EXPORT" || extract.is_nested() || statement == "EXPORT_DATA" {
        Some(ActionClass::Export)
    } else if matches!(&*kind, "COPY" | "IMPORT") || copied {
        Some(ActionClass::Write)
    } else if query.is_nested() || kind == "QUERY" {
        Some(of_statement(&statement, shape.as_ref().map_or("", |shape| shape.text.as_str())))
    } else {
        None
    };
    let referenced = stats.first(&["queryStats.referencedTables.0", "referencedTables.0"]);
    let source = extract.first(&["sourceTable", "sourceModel"]);
    let destination = config.first(&[
        "tableCopyConfig.destinationTable",
        "tableCopy.destinationTable",
        "loadConfig.destinationTable",
        "load.destinationTable",
    ]);
    let named = [referenced, source, destination].into_iter().find_map(table);
    let failure = job.first(&["jobStatus.errorResult", "jobStatus.error"]);
    let query_stats = stats.at("queryStats");
    Job {
        class,
        probe: shape.as_ref().and_then(|shape| if shape.counts { Some(Probe::Count) } else { shape.describes.then_some(Probe::Describe) }),
        id: job_name(job.at("jobName")),
        rows: query_stats.at("outputRowCount").count().or_else(|| stats.at("queryOutputRowCount").count()),
        bytes: [
            query_stats.at("totalProcessedBytes"),
            stats.at("totalProcessedBytes"),
            stats.at("extractStats.totalInputBytes"),
            stats.at("loadStats.totalOutputBytes"),
            stats.at("totalLoadOutputBytes"),
        ]
        .into_iter()
        .find_map(Node::count),
        table: named.or_else(|| shape.as_ref().and_then(|shape| shape.table.clone()).map(Cow::Owned)),
        destination: extract.get_first(&["destinationUris.0", "destinationUris"]),
        query_shape: shape.map(|shape| shape.text),
        failure: failure.is_nested().then(|| (failure.at("code").count(), failure.get_first(&["message", "reason"]))),
        ..Job::default()
    }
}

/// What a statement does, by Google's word for it, else by its own first word.
fn of_statement(kind: &str, text: &str) -> ActionClass {
    let first = if kind.is_empty() { text.split([' ', '(']).next().unwrap_or_default() } else { kind };
    match first {
        "GRANT" | "REVOKE" => ActionClass::Iam,
        "EXPORT" | "EXPORT_DATA" => ActionClass::Export,
        "CALL" | "SCRIPT" | "SELECT" | "WITH" | "" => ActionClass::Query,
        _ if first.starts_with("DELETE") || first.starts_with("DROP") || first.starts_with("TRUNCATE") => ActionClass::Delete,
        _ if ["INSERT", "UPDATE", "MERGE", "CREATE", "ALTER", "LOAD", "UNDROP"].iter().any(|word| first.starts_with(word)) => {
            ActionClass::Write
        }
        _ => ActionClass::Query,
    }
}

/// `projects/p/jobs/id`, or an object of parts.
fn job_name(name: Node<'_>) -> Option<Text<'_>> {
    name.text().map(last_part).or_else(|| name.get("jobId"))
}

fn last_part(name: Text<'_>) -> Text<'_> {
    super::super::cell::part(name, |name| name.rsplit('/').next().unwrap_or(name))
}

/// `dataset.table` of a table's resource name or of its parts.
fn table(name: Node<'_>) -> Option<Text<'_>> {
    if let (Some(dataset), Some(table)) = (name.get("datasetId"), name.get("tableId")) {
        return Some(Cow::Owned(format!("{dataset}.{table}")));
    }
    table_of_path(&name.text()?).map(Cow::Owned)
}

/// `projects/p/datasets/d/tables/t` is `d.t`.
pub fn table_of_path(path: &str) -> Option<String> {
    let (_, rest) = path.split_once("datasets/")?;
    let mut parts = rest.split('/');
    let dataset = parts.next().filter(|name| !name.is_empty())?;
    let inner = parts.nth(1).filter(|name| !name.is_empty());
    Some(inner.map_or_else(|| dataset.to_owned(), |inner| format!("{dataset}.{inner}")))
}

/// The sum of the counts that are there.
fn sum(counts: &[Node<'_>]) -> Option<u64> {
    counts.iter().filter_map(|node| node.count()).fold(None, |sum, n| Some(sum.unwrap_or(0_u64).saturating_add(n)))
}
