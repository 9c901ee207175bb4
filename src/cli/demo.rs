//! `demo`: a simulated company in a fresh temporary store; its history is loaded, its incident day played live. Without a
//! screen everything is read at once and the alerts are printed.

use super::Exit;
use super::args::{DemoArgs, Global};
use super::output::Output;
use super::place::Place;
use super::session::Plan;
use crate::detect::Settings;
use crate::engine::context;
use crate::engine::folding::{self, Folding};
use crate::engine::live::Live;
use crate::engine::parser::Parser;
use crate::engine::{history, load};
use crate::feed;
use crate::model::Severity;
use crate::report::shown;
use crate::store::{AlertFilter, Store};
use crate::world::{Company, Stage};
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

/// Runs `driftline demo`, in a temporary store unless the user named another.
pub fn run(args: &DemoArgs, global: &Global, out: &Output) -> anyhow::Result<Exit> {
    let store = if global.db.is_some() { Place::of(global)?.make()? } else { Store::temporary()? };
    let company = Company::new(args.seed, Company::first_day());
    let scratch = tempfile::Builder::new().prefix("driftline-demo-").tempdir()?;
    let dir = scratch.path();
    if args.headless {
        headless(&company, dir, &store, out)?;
        return Ok(Exit::Done);
    }
    let plan = Plan { store, format: None, paths: Vec::new(), company: Some((company, dir.to_owned())) };
    super::open::console(plan, global.color, None)
}

fn headless(company: &Company, dir: &Path, store: &Store, out: &Output) -> anyhow::Result<()> {
    let began = Instant::now();
    company.write_history(dir)?;
    let knowledge = Parser::new(store.redaction_key(), None).with_intel(context::intel(store)?);
    let parser = load::Parser { knowledge: &knowledge, format: None };
    let files = feed::discover(&[dir.join("AWSLogs"), dir.join("salesforce")])?;
    let start = company.incident_day().start();
    let (summary, _) = history::load(store, &parser, &files, start, history::shards(), &|_| {}, &AtomicBool::new(false))?;
    let mut stage = Stage::new(dir);
    let mut lines = 0;
    for line in company.incident() {
        stage.append(&line.file, line.header.as_deref(), &line.text)?;
        lines += 1;
    }
    let folding = Folding::new(Settings::default(), &knowledge.context(), history::shards(), true);
    let mut live = Live::new(store, store.writer()?, folding, &parser, &[dir.join("live")])?;
    while !live.turn(company.incident_day().next().start())?.is_idle() {}
    out.note(&format!("{} records of history and {lines} of the incident day in {:.1} s", summary.read, began.elapsed().as_secs_f64()));
    let reader = folding::reader(store)?;
    let filter = AlertFilter { min_severity: Severity::Medium, ..AlertFilter::default() };
    if out.json {
        let mut result = Ok(());
        reader.visit_alerts(&filter, &mut |alert| {
            if result.is_ok() {
                result = out.object(&alert);
            }
        })?;
        return result;
    }
    let mut rows = reader.alerts(&filter)?;
    rows.sort_by_key(|r| (std::cmp::Reverse(r.risk), r.raised));
    for row in rows {
        out.line(&format!("{:<8} {:>3}  {}  {}", row.severity.as_str(), row.risk, row.raised, shown(&row.name)))?;
        out.line(&format!("              {}", shown(&row.sentence)))?;
    }
    Ok(())
}
