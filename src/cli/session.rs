//! A session behind the console: loads, then follows or plays, on a thread of its own, and tells the console what came of
//! it. It must not know how anything is drawn.

use super::clock::wall;
use crate::console::app::notice::{Command, Notice, Progress};
use crate::detect::Settings;
use crate::engine::folding::Folding;
use crate::engine::live::Live;
use crate::engine::load::FileState;
use crate::engine::parser::Parser;
use crate::engine::{history, load};
use crate::feed::{self, FileFeed};
use crate::format::Format;
use crate::model::Timestamp;
use crate::store::Store;
use crate::world::{Company, Stage};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// How often feeds are looked at.
const LOOK: Duration = Duration::from_millis(150);
/// Files that could not be read told one by one.
const TOLD: usize = 5;
/// Event seconds a second at which the incident day is played: 24 hours in four minutes.
const PLAY_SPEED: f64 = 360.0;

/// Where the session tells what happens; a full channel drops what the next notice will say better.
#[derive(Clone)]
pub struct Teller(pub mpsc::Sender<Notice>);

impl Teller {
    fn tell(&self, notice: Notice) {
        // Progress and clock come again in a moment; losing one is harmless.
        let _ = self.0.try_send(notice);
    }

    /// Waits for room: for what is said once.
    fn say(&self, notice: Notice) {
        // The console has gone: nobody is left to be told.
        let _ = self.0.blocking_send(notice);
    }
}

/// What a session does.
pub struct Plan {
    /// The store.
    pub store: Store,
    /// Read everything as this format.
    pub format: Option<&'static dyn Format>,
    /// Loaded first, then followed.
    pub paths: Vec<PathBuf>,
    /// A company whose history is written and loaded, and whose incident day is played.
    pub company: Option<(Company, PathBuf)>,
}

/// Runs a session until `stop`; what goes wrong is told.
pub fn run(plan: &Plan, teller: &Teller, commands: mpsc::Receiver<Command>, stop: &AtomicBool) {
    if let Err(error) = work(plan, teller, commands, stop) {
        teller.say(Notice::Error(format!("{error:#}")));
    }
}

fn work(plan: &Plan, teller: &Teller, mut commands: mpsc::Receiver<Command>, stop: &AtomicBool) -> anyhow::Result<()> {
    let knowledge = Parser::new(plan.store.redaction_key(), None)
        .with_enricher(crate::engine::context::enricher(&plan.store)?)
        .with_intel(crate::engine::context::intel(&plan.store)?);
    let parser = load::Parser { knowledge: &knowledge, format: plan.format };
    let mut paths = plan.paths.clone();
    let mut ingested = wall();
    if let Some((company, dir)) = &plan.company {
        teller.tell(Notice::Progress(Progress::default()));
        company.write_history(dir)?;
        paths = vec![dir.join("AWSLogs"), dir.join("salesforce")];
        ingested = company.incident_day().start();
        teller.tell(Notice::Clock(ingested));
    }
    if !paths.is_empty() {
        let began = Instant::now();
        let cancel = Arc::new(AtomicBool::new(false));
        let last = std::cell::Cell::new(Instant::now());
        let heard = std::cell::RefCell::new(&mut commands);
        let progress = |p: load::Progress| {
            if let Ok(Command::Cancel) = heard.borrow_mut().try_recv() {
                cancel.store(true, Ordering::Relaxed);
            }
            if stop.load(Ordering::Relaxed) {
                cancel.store(true, Ordering::Relaxed);
            }
            if last.get().elapsed() > Duration::from_millis(100) {
                last.set(Instant::now());
                let rate = p.bytes_done as f64 / began.elapsed().as_secs_f64().max(0.001);
                teller.tell(Notice::Progress(Progress {
                    files_done: p.files_done,
                    files: p.files,
                    bytes_done: p.bytes_done,
                    bytes_total: p.bytes_total,
                    rate,
                }));
            }
        };
        let files = find(&paths, teller);
        let (summary, _) = history::load(&plan.store, &parser, &files, ingested, history::shards(), &progress, &cancel)?;
        teller.say(Notice::Loaded(loaded(&summary, began.elapsed(), plan.company.is_none())));
        let bad = |file: &&load::FileOutcome| matches!(file.state, FileState::Foreign | FileState::Failed);
        for file in summary.per_file.iter().filter(bad).take(TOLD) {
            teller.say(Notice::Error(format!("{}: {}", file.path, file.note)));
        }
    }
    let folding = Folding::new(Settings::default(), &knowledge.context(), history::shards(), true);
    if let Some((company, dir)) = &plan.company {
        let live = dir.join("live");
        fs::create_dir_all(&live)?;
        let mut following = Live::new(&plan.store, plan.store.writer()?, folding, &parser, &[live])?;
        return play(company, dir, &mut following, teller, &mut commands, stop);
    }
    if plan.paths.is_empty() {
        return Ok(());
    }
    let mut following = Live::new(&plan.store, plan.store.writer()?, folding, &parser, &plan.paths)?;
    while !stop.load(Ordering::Relaxed) {
        let turn = following.turn(wall())?;
        for problem in &turn.problems {
            teller.tell(Notice::Error(problem.clone()));
        }
        if turn.is_idle() {
            std::thread::sleep(LOOK);
        } else {
            teller.tell(Notice::Committed { events: turn.stored });
        }
    }
    Ok(())
}

/// What a load brought, in one line; whoever follows reads on from there.
fn loaded(summary: &load::LoadSummary, took: Duration, follows: bool) -> String {
    let brought = match summary {
        load::LoadSummary { files: 0, .. } => "no file there yet".to_owned(),
        load::LoadSummary { read: 0, .. } => "no record there yet".to_owned(),
        s if s.read == s.duplicate => format!("all {} records were here already", s.read),
        s => format!(
            "{} records read, {} stored, {} duplicate, {} rejected in {:.1} s",
            s.read,
            s.stored,
            s.duplicate,
            s.rejected,
            took.as_secs_f64()
        ),
    };
    if follows { format!("{brought}; following") } else { brought }
}

/// The files that `paths` name; a path that is not there is told and hides no other.
fn find(paths: &[PathBuf], teller: &Teller) -> Vec<FileFeed> {
    let mut files = BTreeMap::new();
    for path in paths {
        match feed::discover(std::slice::from_ref(path)) {
            Ok(found) => files.extend(found.into_iter().map(|file| (file.path.clone().into_os_string(), file))),
            Err(error) => teller.say(Notice::Error(error.to_string())),
        }
    }
    files.into_values().collect()
}

/// Plays the incident day: lines are appended to files when their time has come, and those files are followed like any
/// others.
fn play(
    company: &Company,
    dir: &Path,
    following: &mut Live<'_>,
    teller: &Teller,
    commands: &mut mpsc::Receiver<Command>,
    stop: &AtomicBool,
) -> anyhow::Result<()> {
    let mut stage = Stage::new(dir);
    let mut lines = company.incident().peekable();
    let end = company.incident_day().next().start();
    let mut clock = company.incident_day().start();
    let mut speed = PLAY_SPEED;
    let mut beat = Instant::now();
    while !stop.load(Ordering::Relaxed) {
        while let Ok(command) = commands.try_recv() {
            if let Command::Speed(wanted) = command {
                speed = wanted;
            }
        }
        let passed = beat.elapsed();
        beat = Instant::now();
        clock = Timestamp((clock.0 + (passed.as_secs_f64() * speed * 1_000.0) as i64).min(end.0));
        while let Some(line) = lines.next_if(|line| line.time <= clock) {
            stage.append(&line.file, line.header.as_deref(), &line.text)?;
        }
        let turn = following.turn(clock)?;
        teller.tell(Notice::Clock(clock));
        if !turn.is_idle() {
            teller.tell(Notice::Committed { events: turn.stored });
        }
        std::thread::sleep(LOOK);
    }
    Ok(())
}
