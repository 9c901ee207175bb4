//! The command line, declared once: help, completions and the manual page are made from it.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Watches machine identities: learns what is usual for each, raises explained alerts when one leaves its bounds.
#[derive(Debug, Parser)]
#[command(name = "driftline", version, max_term_width = 100, after_help = EXAMPLES)]
pub struct Cli {
    /// What to do; without it the console opens.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Files, folders or globs to load and then follow in the console.
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// What every command understands.
    #[command(flatten)]
    pub global: Global,
}

const EXAMPLES: &str = "Examples:
  driftline demo                          a simulated company, its incident day played live
  driftline load ~/trails                 load a folder of audit logs and detect
  driftline alerts --filter 'severity>=high'
  driftline watch /var/log/audit          follow a folder, one JSON line per alert
  driftline                               open the console on what was loaded

Exit codes: 0 done, 1 failed, 2 wrong arguments, 3 --fail-on found an open alert, 4 --strict met rejects, 130 interrupted";

/// Options every command understands.
#[derive(Args, Debug, Clone)]
#[command(next_help_heading = "Common options")]
pub struct Global {
    /// The store; `:memory:` is a private temporary file removed at exit.
    #[arg(long, global = true, value_name = "FILE", env = "DRIFTLINE_DB", hide_env_values = true)]
    pub db: Option<PathBuf>,
    /// Read every file as this format (a name, or a mapping file) instead of recognising it.
    #[arg(long, global = true, value_name = "NAME", default_value = "auto", env = "DRIFTLINE_FORMAT", hide_env_values = true)]
    pub format: String,
    /// When to colour: never, auto (on a terminal, unless NO_COLOR is set) or always.
    #[arg(long, global = true, value_enum, value_name = "WHEN", hide_possible_values = true, default_value_t = Color::Auto, env = "DRIFTLINE_COLOR", hide_env_values = true)]
    pub color: Color,
    /// One JSON object per line instead of text.
    #[arg(long, global = true)]
    pub json: bool,
    /// Print results only.
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Tell more on standard error; twice for even more.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// When to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// Never.
    Never,
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// A simulated company: eight weeks of history, then its incident day played live.
    Demo(DemoArgs),
    /// Load and detect, print a summary.
    Load(LoadArgs),
    /// Follow feeds without a screen; one JSON line per alert as it is raised or changes.
    Watch(WatchArgs),
    /// List alerts, newest first.
    Alerts(AlertArgs),
    /// List identities, riskiest first.
    Identities(IdentityArgs),
    /// List events, newest first.
    Events(EventArgs),
    /// List findings below the alert threshold, newest first.
    Findings(AlertArgs),
    /// List records that could not be read.
    Rejects(RejectArgs),
    /// Everything known of an alert or an identity; the text is the ticket text.
    Show(ShowArgs),
    /// One connector for one meeting: the console on it, or Markdown when piped.
    Review(ReviewArgs),
    /// Change the triage of alerts.
    Triage(TriageArgs),
    /// Write a labelled company of raw provider logs.
    Simulate(SimulateArgs),
    /// Where files are, versions, integrity, data dates, feed health.
    Doctor,
    /// Print a completion script.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page.
    Man,
}

/// Arguments of `demo`.
#[derive(Args, Debug)]
pub struct DemoArgs {
    /// No pacing and no screen: print the alerts and end.
    #[arg(long)]
    pub headless: bool,
    /// Seed of the company.
    #[arg(long, default_value_t = 7)]
    pub seed: u64,
}

/// Arguments of `load`.
#[derive(Args, Debug)]
pub struct LoadArgs {
    /// Files, folders, globs, `-` for standard input.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Leave with 4 when records were rejected.
    #[arg(long)]
    pub strict: bool,
    /// Leave with 3 when an open alert of this severity or above exists.
    #[arg(long, value_name = "SEVERITY", value_parser = severity)]
    pub fail_on: Option<crate::model::Severity>,
    /// Shards of the fold; the result is the same for any number.
    #[arg(long, value_name = "N", hide = true)]
    pub shards: Option<usize>,
}

/// Arguments of `watch`.
#[derive(Args, Debug)]
pub struct WatchArgs {
    /// Files or folders to follow.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Stop once everything present was read and folded.
    #[arg(long, hide = true)]
    pub once: bool,
}

/// Arguments of lists.
#[derive(Args, Debug)]
pub struct ListArgs {
    /// Only what the filter language selects.
    #[arg(long, value_name = "EXPR")]
    pub filter: Option<String>,
    /// From this time on (RFC 3339, a date, or an age such as 24h).
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Up to this time.
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// At most this many.
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
}

/// Arguments of `identities`.
#[derive(Args, Debug)]
pub struct IdentityArgs {
    /// What every list understands.
    #[command(flatten)]
    pub list: ListArgs,
    /// With what is usual for each.
    #[arg(long)]
    pub full: bool,
}

/// Arguments of `rejects`, which have no time.
#[derive(Args, Debug)]
pub struct RejectArgs {
    /// Only what the filter language selects (fields feed, origin.file, origin.offset, reason).
    #[arg(long, value_name = "EXPR")]
    pub filter: Option<String>,
    /// At most this many.
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
}

/// Arguments of `alerts` and `findings`.
#[derive(Args, Debug)]
pub struct AlertArgs {
    /// What every list understands.
    #[command(flatten)]
    pub list: ListArgs,
    /// Also those whose ground later events took away.
    #[arg(long)]
    pub superseded: bool,
    /// Leave with 3 when an open alert of this severity or above is listed.
    #[arg(long, value_name = "SEVERITY", value_parser = severity)]
    pub fail_on: Option<crate::model::Severity>,
}

/// Arguments of `events`.
#[derive(Args, Debug)]
pub struct EventArgs {
    /// What every list understands.
    #[command(flatten)]
    pub list: ListArgs,
    /// Add the raw record, redacted.
    #[arg(long)]
    pub raw: bool,
}

/// Arguments of `show`.
#[derive(Args, Debug)]
pub struct ShowArgs {
    /// Id of an alert, or id or name of an identity.
    #[arg(value_name = "ALERT|IDENTITY")]
    pub what: String,
}

/// Arguments of `review`.
#[derive(Args, Debug)]
pub struct ReviewArgs {
    /// Id or name of an identity.
    pub identity: String,
    /// Only alerts and events from this time on.
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
}

/// Arguments of `triage`.
#[derive(Args, Debug)]
pub struct TriageArgs {
    /// Ids of alerts.
    #[arg(required = true, value_name = "ALERT")]
    pub alerts: Vec<String>,
    /// New status: new, acknowledged, in_progress, closed.
    #[arg(long, value_name = "S")]
    pub status: Option<String>,
    /// Verdict, to close: true_positive, benign_true_positive, false_positive, expected.
    #[arg(long, value_name = "V")]
    pub verdict: Option<String>,
    /// Why: known_source, expected_change, maintenance, test_or_exercise, rule_too_loud, inaccurate_data, duplicate, other.
    #[arg(long, value_name = "R")]
    pub reason: Option<String>,
    /// In your words; needed for every verdict but true_positive.
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// Who holds it from now on.
    #[arg(long, value_name = "WHO")]
    pub assign: Option<String>,
    /// Hide until then; with verdict expected: until when it is expected.
    #[arg(long, value_name = "T")]
    pub until: Option<String>,
    /// The alert it repeats.
    #[arg(long, value_name = "ALERT")]
    pub duplicate_of: Option<String>,
    /// Take the last change back.
    #[arg(long, conflicts_with_all = ["status", "verdict", "reason", "note", "assign", "until", "duplicate_of"])]
    pub undo: bool,
}

/// Arguments of `simulate`.
#[derive(Args, Debug)]
pub struct SimulateArgs {
    /// Folder to write into; it must be empty or new.
    pub dir: PathBuf,
    /// Seed of the company.
    #[arg(long, default_value_t = 7)]
    pub seed: u64,
}

fn severity(word: &str) -> Result<crate::model::Severity, String> {
    crate::model::Severity::from_word(word).ok_or_else(|| "one of info, low, medium, high, critical".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_declaration_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn paths_alone_open_the_console_and_words_are_commands() {
        let cli = Cli::try_parse_from(["driftline", "some/file", "--db", "x.db"]).unwrap();
        assert!(cli.command.is_none() && cli.paths.len() == 1);
        assert!(matches!(Cli::try_parse_from(["driftline", "demo", "--headless"]).unwrap().command, Some(Command::Demo(a)) if a.headless));
        assert!(Cli::try_parse_from(["driftline", "load"]).is_err());
        // What every command understands may stand before it.
        let cli = Cli::try_parse_from(["driftline", "--db", "x.db", "alerts", "--json"]).unwrap();
        assert!(matches!(cli.command, Some(Command::Alerts(_))) && cli.paths.is_empty() && cli.global.json && cli.global.db.is_some());
    }
}
