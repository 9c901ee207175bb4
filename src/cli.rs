//! The command line: one file a subcommand, and here what they share: which one runs and how the process ends. The rule:
//! results go to standard output, everything else to standard error, and the exit code is that of the contract. It must
//! not know how anything is read, stored or judged.

mod alerts;
#[expect(clippy::doc_markdown, reason = "its comments are the help text, where backticks are noise")]
pub mod args;
mod clock;
mod context;
mod demo;
mod doctor;
mod evaluate;
mod events;
mod explain;
mod find;
mod identities;
mod intel;
mod interrupt;
mod inventory;
mod load;
mod mappings;
mod open;
mod output;
mod pages;
mod place;
mod rejects;
mod review;
mod select;
mod session;
mod show;
mod simulate;
mod table;
mod triage;
mod watch;

use args::{Cli, Command};
use clap::{CommandFactory, Parser};
use output::{Closed, Output};
use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done,
    /// Failed, and it has been said why.
    Failed,
    /// `--fail-on` found an open alert.
    Found,
    /// With `--strict`: some records were rejected.
    Rejected,
    /// Interrupted; what was committed stays.
    Interrupted,
}

impl Exit {
    const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Found => 3,
            Self::Rejected => 4,
            Self::Interrupted => 130,
        }
    }
}

/// The arguments or the configuration are off: the process ends with 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Usage(pub String);

impl Usage {
    /// As an error of a command.
    pub fn error<T>(text: impl Into<String>) -> anyhow::Result<T> {
        Err(Self(text.into()).into())
    }
}

/// Runs what the arguments of the process ask for.
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are results; a reader that has gone is no failure.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    tell_more(cli.global.verbose);
    let out = Output::new(&cli.global);
    let result = dispatch(cli, &out).and_then(|exit| out.flush().map(|()| exit));
    match result {
        Ok(exit) => ExitCode::from(exit.code()),
        Err(error) if error.is::<Closed>() => ExitCode::SUCCESS,
        Err(error) => {
            // What was found before it failed is still a result.
            let _ = out.flush();
            output::complain(&error);
            ExitCode::from(if error.is::<Usage>() || error.is::<context::Refused>() { 2 } else { 1 })
        }
    }
}

fn dispatch(cli: Cli, out: &Output) -> anyhow::Result<Exit> {
    let global = &cli.global;
    if !matches!(cli.command, Some(Command::Completions { .. } | Command::Man)) {
        mappings::install(&global.format)?;
    }
    let Some(command) = cli.command else {
        known_words(&cli.paths)?;
        return open::run(&cli.paths, global, out);
    };
    if let Some(path) = cli.paths.first() {
        return Usage::error(format!("\"{}\" stands before a command; put paths behind it", path.display()));
    }
    match command {
        Command::Demo(args) => demo::run(&args, global, out),
        Command::Load(args) => load::run(&args, global, out),
        Command::Watch(args) => watch::run(&args, global, out),
        Command::Alerts(args) => alerts::run(&args, alerts::Which::Alerts, global, out),
        Command::Findings(args) => alerts::run(&args, alerts::Which::Findings, global, out),
        Command::Identities(args) => identities::run(&args, global, out),
        Command::Events(args) => events::run(&args, global, out),
        Command::Rejects(args) => rejects::run(&args, global, out),
        Command::Show(args) => show::run(&args, global, out),
        Command::Explain(args) => explain::run(&args, global, out),
        Command::Review(args) => review::run(&args, global, out),
        Command::Inventory(args) => inventory::run(&args, global, out),
        Command::Intel(args) => intel::run(&args, global, out),
        Command::Triage(args) => triage::run(&args, global, out),
        Command::Simulate(args) => simulate::run(&args, out),
        Command::Evaluate(args) => evaluate::run(&args, out),
        Command::Doctor => doctor::run(global, out),
        Command::Completions { shell } => pages::completions(shell, out),
        Command::Man => pages::man(out),
    }
}

/// A mistyped command looks like a path; one that is no file and looks like a word gets the nearest command.
fn known_words(paths: &[std::path::PathBuf]) -> anyhow::Result<()> {
    for path in paths {
        let Some(word) = path.to_str() else { continue };
        let is_word = !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase());
        if is_word && !path.exists() {
            let command = Cli::command();
            let names: Vec<&str> = command.get_subcommands().map(clap::Command::get_name).collect();
            let nearest = crate::query::nearest(word, names).unwrap_or_default();
            return Usage::error(format!("\"{word}\" is neither a command nor a file; nearest is \"{nearest}\""));
        }
    }
    Ok(())
}

fn tell_more(verbose: u8) {
    let level = match verbose {
        0 => return,
        1 => tracing::Level::INFO,
        2 => tracing::Level::DEBUG,
        _ => tracing::Level::TRACE,
    };
    // A second subscriber cannot be there: this is the first thing the process does.
    let _ = tracing_subscriber::fmt().with_max_level(level).with_writer(std::io::stderr).with_ansi(false).with_target(false).try_init();
}
