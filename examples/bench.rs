//! Loads a heap of generated `CloudTrail` records with everything on (redaction, dedupe, raw kept, roll-ups, enrichment,
//! detection over all cores), the way `driftline load` does, and prints events a second, peak memory and bytes per event;
//! in turn with the measuring stick, when that is there. Usage: `cargo run --release --example bench -- [EVENTS] [ROUNDS] [STICK]`.

use anyhow::{Context, Result, bail};
use driftline::detect::Settings;
use driftline::engine::folding::Folding;
use driftline::engine::load::{self, Committed};
use driftline::engine::parser::Parser;
use driftline::feed;
use driftline::model::Timestamp;
use driftline::store::{Store, StoreError};
use std::collections::HashMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::AtomicBool;
use std::time::Instant;

/// Seed of the heap.
const SEED: u64 = 1;
/// Where the measuring stick lies unless told otherwise, beside the project.
const STICK: &str = "../shared/tools/limit";
/// Tells another place of the measuring stick.
const STICK_VARIABLE: &str = "DRIFTLINE_BENCH_LIMIT";
/// The goal: at least this share of the measuring stick's rate.
const GOAL: f64 = 0.6;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some("generate") => generate(&arguments[1..]),
        Some("load") => load_here(&arguments[1..]),
        _ => measure(&arguments),
    }
}

/// One line on standard output.
fn report(line: &str) -> Result<()> {
    writeln!(std::io::stdout().lock(), "{line}")?;
    Ok(())
}

/// Writes a heap where it is wanted: `generate PATH [EVENTS] [SEED]`.
fn generate(arguments: &[String]) -> Result<()> {
    let path = arguments.first().context("bench generate: which PATH?")?;
    let number = |place: usize, default: u64| arguments.get(place).map_or(Ok(default), |text| text.parse::<u64>());
    let (events, seed) = (number(1, 1_000_000)?, number(2, SEED)?);
    driftline::world::bench::write_cloudtrail(Path::new(path), events, seed)?;
    let bytes = fs::metadata(path)?.len();
    report(&format!("{events} events, {bytes} bytes ({} an event)", bytes / events.max(1)))
}

/// The rounds: ours and the stick's, in turn, so that whatever else the machine does falls on both.
fn measure(arguments: &[String]) -> Result<()> {
    let number = |place: usize, default: usize| arguments.get(place).map_or(Ok(default), |text| text.parse::<usize>());
    let usage = "usage: bench [EVENTS] [ROUNDS] [STICK] | generate PATH [EVENTS] [SEED] | load DATABASE PATH…";
    let (events, rounds) = (number(0, 1_000_000).context(usage)?, number(1, 3).context(usage)?);
    if events == 0 || rounds == 0 {
        bail!("{usage}");
    }
    let work = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench");
    fs::create_dir_all(&work)?;
    let heap = heap(&work, events as u64)?;
    let bytes = fs::metadata(&heap)?.len();
    let told = arguments.get(2).cloned().or_else(|| std::env::var(STICK_VARIABLE).ok());
    let place = told.map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join(STICK), PathBuf::from);
    let stick = if place.join("Cargo.toml").is_file() { Some(build_stick(&place, &work)?) } else { None };
    report(&format!("{events} events, {:.0} MB ({} bytes an event); load average {}", mega(bytes), bytes / events as u64, load_average()))?;
    let (mut own, mut limits) = (Vec::new(), Vec::new());
    for round in 1..=rounds {
        let run = run_own(&heap, &work)?;
        let both = run.load + run.fold;
        report(&format!(
            "round {round}: driftline {:>7.0} events/s  {:>5.0} MB/s  (load {:.0}, fold {:.0} events/s, cpu {:.2} s)  peak {:.0} MB  {:.0} bytes an event  {} alerts and findings",
            events as f64 / both,
            mega(bytes) / both,
            events as f64 / run.load,
            events as f64 / run.fold,
            run.cpu,
            mega(run.peak),
            run.disk as f64 / events as f64,
            run.alerts
        ))?;
        own.push(run);
        if let Some(stick) = &stick {
            let (took, cpu) = run_stick(stick, &heap, &work)?;
            report(&format!(
                "round {round}: limit     {:>7.0} events/s  {:>5.0} MB/s  (cpu {cpu:.2} s)",
                events as f64 / took,
                mega(bytes) / took
            ))?;
            limits.push((took, cpu));
        }
    }
    let middle = |of: &dyn Fn(&Run) -> f64| median(own.iter().map(of).collect());
    let (load, fold, both) = (middle(&|r| r.load), middle(&|r| r.fold), middle(&|r| r.load + r.fold));
    report(&format!("driftline, median of {rounds}, detection on:"))?;
    report(&format!("  load         {:>9.0} events/s  {load:.2} s", events as f64 / load))?;
    report(&format!("  fold         {:>9.0} events/s  {fold:.2} s", events as f64 / fold))?;
    report(&format!("  both         {:>9.0} events/s  {both:.2} s  {:.0} MB/s", events as f64 / both, mega(bytes) / both))?;
    report(&format!("  peak memory  {:>9.0} MB", mega(middle(&|r| r.peak as f64) as u64)))?;
    report(&format!("  on disk      {:>9.0} bytes an event", middle(&|r| r.disk as f64) / events as f64))?;
    if limits.is_empty() {
        return report(&format!("limit: not there ({}), no ratio; {STICK_VARIABLE} names another place", place.display()));
    }
    let limit_cpu = median(limits.iter().map(|(_, cpu)| *cpu).collect());
    let limit = median(limits.into_iter().map(|(took, _)| took).collect());
    report(&format!("  limit        {:>9.0} events/s  {limit:.2} s", events as f64 / limit))?;
    let (clock, cpu) = (limit / both, limit_cpu / middle(&|r| r.cpu));
    report(&format!("ratio to the limit: {clock:.2} (goal {GOAL}), of processor time {cpu:.2}; load average {}", load_average()))
}

/// The heap of so many events; written anew unless the one there is whole.
fn heap(work: &Path, events: u64) -> Result<PathBuf> {
    let path = work.join(format!("cloudtrail-{events}-{SEED}.ndjson"));
    if !path.is_file() {
        // Renamed when it is whole, so that a half-written one is never taken for it.
        let half = path.with_extension("half");
        report(&format!("writing {events} events to {} …", path.display()))?;
        driftline::world::bench::write_cloudtrail(&half, events, SEED)?;
        fs::rename(&half, &path)?;
    }
    Ok(path)
}

/// One load of ours.
struct Run {
    /// Processor seconds of the process: what is left to compare by when others keep the machine busy.
    cpu: f64,
    /// Seconds until everything was stored.
    load: f64,
    /// Seconds of detection and the last checkpoint.
    fold: f64,
    /// Peak resident memory in bytes.
    peak: u64,
    /// Size of the database in bytes.
    disk: u64,
    alerts: u64,
}

/// Loads in a process of its own, so that its peak memory is that of loading alone.
fn run_own(heap: &Path, work: &Path) -> Result<Run> {
    let database = work.join("bench.db");
    remove_database(&database)?;
    let before = children_cpu()?;
    let output = Command::new(std::env::current_exe()?).arg("load").arg(&database).arg(heap).stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        bail!("the load failed: {}", output.status);
    }
    let text = String::from_utf8(output.stdout)?;
    let values: HashMap<&str, &str> = text.lines().filter_map(|line| line.split_once(' ')).collect();
    let value = |name: &str| values.get(name).copied().with_context(|| format!("the load told no {name}"));
    let run = Run {
        cpu: children_cpu()? - before,
        load: value("load_s")?.parse()?,
        fold: value("fold_s")?.parse()?,
        peak: value("peak_bytes")?.parse()?,
        disk: value("disk_bytes")?.parse()?,
        alerts: value("alerts")?.parse()?,
    };
    remove_database(&database)?;
    Ok(run)
}

fn remove_database(database: &Path) -> Result<()> {
    for end in ["", "-wal", "-shm"] {
        let mut path = database.as_os_str().to_owned();
        path.push(end);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    Ok(())
}

/// Loads and folds: `load DATABASE PATH…`. Tells what it took, a name and a number a line.
fn load_here(arguments: &[String]) -> Result<()> {
    let [database, paths @ ..] = arguments else { bail!("bench load: which DATABASE?") };
    let paths: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
    let begin = Instant::now();
    let store = Store::open(Path::new(database))?;
    let knowledge = Parser::new(store.redaction_key(), None);
    let parser = load::Parser { knowledge: &knowledge, format: None };
    let files = feed::discover(&paths)?;
    let mut writer = store.writer()?;
    writer.set_context(&knowledge.context());
    let positions: HashMap<_, _> = store.reader()?.feeds()?.into_iter().map(|p| (p.feed.clone(), p)).collect();
    let options = load::Options { workers: 0, ingested: Timestamp(chrono::Utc::now().timestamp_millis()) };
    let mut sink = |chunks| -> Result<Committed, StoreError> {
        let done = writer.commit(chunks)?;
        Ok(Committed { stored: done.stored, duplicate: done.duplicate, rejected: done.rejected })
    };
    let summary = load::load(&files, options, &parser, &positions, &mut sink, &|_| {}, &AtomicBool::new(false))?;
    let loaded = begin.elapsed().as_secs_f64();
    let loaded_peak = peak()?;
    let shards = std::thread::available_parallelism().map_or(2, usize::from).min(8);
    let folded = Folding::new(Settings::default(), &knowledge.context(), shards, false).catch_up(&store, &mut writer, &|_, _| {})?;
    writer.checkpoint()?;
    drop(writer);
    let both = begin.elapsed().as_secs_f64();
    report(&format!("read {}\nstored {}\nduplicate {}\nrejected {}", summary.read, summary.stored, summary.duplicate, summary.rejected))?;
    report(&format!("identities {}\nfolded {}\nalerts {}", folded.identities, folded.events, folded.alerts))?;
    report(&format!("load_s {loaded:.4}\nfold_s {:.4}\nload_peak_bytes {loaded_peak}\npeak_bytes {}", both - loaded, peak()?))?;
    report(&format!("disk_bytes {}", fs::metadata(database)?.len()))
}

/// The most resident memory this process has had, in bytes.
fn peak() -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status").context("peak memory is read from /proc, which only Linux has")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("no VmHWM in /proc/self/status")?;
    Ok(line.trim().trim_end_matches("kB").trim().parse::<u64>()? * 1_024)
}

/// Copies the measuring stick (it may be read-only) and builds it; its program.
fn build_stick(place: &Path, work: &Path) -> Result<PathBuf> {
    let copy = work.join("limit");
    let built = copy.join("target/release/real");
    if !built.is_file() {
        report(&format!("building the measuring stick of {} …", place.display()))?;
        copy_folder(place, &copy)?;
        let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
        let status = Command::new(cargo).args(["build", "--release", "--quiet", "--target-dir", "target"]).current_dir(&copy).status()?;
        if !status.success() {
            bail!("the measuring stick could not be built: {status}");
        }
    }
    Ok(built)
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            // Written, not copied: the copy must not inherit read-only modes.
            fs::write(target, fs::read(entry.path())?)?;
        }
    }
    Ok(())
}

/// Seconds the stick takes for the heap, the whole process, as ours: by the clock, and of processors.
fn run_stick(stick: &Path, heap: &Path, work: &Path) -> Result<(f64, f64)> {
    let database = work.join("limit.db");
    remove_database(&database)?;
    let assign = |name: &str, path: &Path| format!("{name}={}", path.display());
    let (before, begin) = (children_cpu()?, Instant::now());
    let output = Command::new(stick).args(["pipe", &assign("in", heap), &assign("out", &database), "raw=zblk"]).output()?;
    let took = begin.elapsed().as_secs_f64();
    if !output.status.success() {
        bail!("the measuring stick failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    remove_database(&database)?;
    Ok((took, children_cpu()? - before))
}

/// Processor seconds of the child processes that have ended, in hundredths as Linux counts them.
fn children_cpu() -> Result<f64> {
    let stat = fs::read_to_string("/proc/self/stat").context("processor time is read from /proc, which only Linux has")?;
    // The name in brackets may hold anything; user and system time of children are the 16th and 17th field of all.
    let after = stat.rsplit_once(')').map_or("", |(_, after)| after);
    let ticks = after.split_whitespace().skip(13).take(2).map(str::parse::<u64>).sum::<Result<u64, _>>()?;
    Ok(ticks as f64 / 100.0)
}

fn mega(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

/// Of an even number the lower one of the two in the middle.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len().saturating_sub(1) / 2).copied().unwrap_or_default()
}

/// Who else is busy: the load averages, as the system tells them.
fn load_average() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').take(3).collect::<Vec<_>>().join(" ")
}
