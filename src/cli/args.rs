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
  driftline watch --listen 127.0.0.1:8089 take records over HTTP
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
    /// Owners, purpose, lifecycle; else inventory.toml in a loaded folder, else what was given before.
    #[arg(long, global = true, value_name = "FILE", env = "DRIFTLINE_INVENTORY", hide_env_values = true)]
    pub inventory: Option<PathBuf>,
    /// Announced changes; else changes.toml in a loaded folder, else what was given before.
    #[arg(long, global = true, value_name = "FILE", env = "DRIFTLINE_CHANGES", hide_env_values = true)]
    pub changes: Option<PathBuf>,
    /// Addresses, indicators, leaked-credential lists to take in first: a file or a folder; may be repeated.
    #[arg(long, global = true, value_name = "PATH", env = "DRIFTLINE_INTEL", hide_env_values = true)]
    pub intel: Vec<PathBuf>,
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
    /// List records that could not be read, or try them again.
    Rejects(RejectArgs),
    /// Everything known of an alert or an identity; the text is the ticket text.
    Show(ShowArgs),
    /// One connector for one meeting: the console on it, or Markdown when piped.
    Review(ReviewArgs),
    /// What a detector, rule or term measures, its settings, how often it was false here.
    Explain(ExplainArgs),
    /// Change the triage of alerts.
    Triage(TriageArgs),
    /// Owners, purpose, lifecycle: validate a file, or draft one from what was seen.
    Inventory(InventoryArgs),
    /// Addresses, indicators, leaked-credential lists: take files in, list what is known.
    Intel(IntelArgs),
    /// Write a labelled company of raw provider logs.
    Simulate(SimulateArgs),
    /// Measure detection on a simulated world: false alerts, recall, time to detect.
    Evaluate(EvaluateArgs),
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

/// Arguments of `explain`.
#[derive(Args, Debug)]
pub struct ExplainArgs {
    /// Name of a detector, rule or term as alerts carry it, or its number (D14, S05); without one all are listed.
    #[arg(value_name = "DETECTOR")]
    pub detector: Option<String>,
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
    /// Files, folders or globs to follow; `-` for standard input.
    #[arg(required_unless_present = "listen", value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Take records over HTTP POST at this address (host:port; port 0 for a free one): NDJSON, JSON lists or documents,
    /// plain or gzip. 200 with the counts once they are committed, 429 when they come too fast. Without a key only on
    /// loopback.
    #[arg(long, value_name = "ADDR", value_parser = address)]
    pub listen: Option<std::net::SocketAddr>,
    /// File with the bearer token senders must bring; else DRIFTLINE_LISTEN_TOKEN.
    #[arg(long, value_name = "FILE", requires = "listen")]
    pub token_file: Option<PathBuf>,
    /// File with the key bodies must be signed with (HMAC-SHA256, header X-Driftline-Signature or X-Hub-Signature-256:
    /// sha256=HEX); else DRIFTLINE_LISTEN_HMAC.
    #[arg(long, value_name = "FILE", requires = "listen")]
    pub hmac_key_file: Option<PathBuf>,
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
    #[arg(long, value_name = "N", conflicts_with = "retry")]
    pub limit: Option<usize>,
    /// Read them again with the formats known now, store what can be read, and print the counts.
    #[arg(long)]
    pub retry: bool,
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

/// Arguments of `inventory`.
#[derive(Args, Debug)]
pub struct InventoryArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: InventoryCommand,
}

/// Subcommands of `inventory`.
#[derive(Debug, Subcommand)]
pub enum InventoryCommand {
    /// Validate inventory.toml or changes.toml; every mistake is a line.
    Check {
        /// The file, `-` for standard input.
        file: PathBuf,
    },
    /// Draft the entries of machine identities that no inventory lists yet.
    Draft {
        /// A new file; `-` or nothing for standard output.
        file: Option<PathBuf>,
    },
}

/// Arguments of `intel`.
#[derive(Args, Debug)]
pub struct IntelArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: IntelCommand,
}

/// Subcommands of `intel`.
#[derive(Debug, Subcommand)]
pub enum IntelCommand {
    /// Take files in: MMDB, iptoasn TSV, CSV ranges, AWS/GCP/Azure JSON, address lists, indicators, reports of leaks.
    Import(IntelImportArgs),
    /// List what is known, with source and date.
    List,
}

/// Arguments of `intel import`.
#[derive(Args, Debug)]
pub struct IntelImportArgs {
    /// Files, or folders of files.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// What the addresses of a plain list are: tor, vpn, hosting, cloud:NAME, corp, isp, residential or indicators.
    #[arg(long = "as", value_name = "WHAT")]
    pub meaning: Option<String>,
    /// Name among the imports; one of the same name is replaced.
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Nothing of it holds from then on: a span from now like 90d, or a time.
    #[arg(long, value_name = "TIME")]
    pub expires: Option<String>,
}

/// Arguments of `simulate`.
#[derive(Args, Debug)]
pub struct SimulateArgs {
    /// Folder to write into; it must be empty or new.
    pub dir: PathBuf,
    /// Seed of the company.
    #[arg(long, default_value_t = 7)]
    pub seed: u64,
    /// What is simulated: the company of the demo, or the world that detection is measured on.
    #[arg(long, value_enum, default_value_t = SimulatedWorld::Demo)]
    pub world: SimulatedWorld,
    /// Identities of each of the twelve kinds of w1.
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub identities_per_kind: u32,
    /// Days of w1.
    #[arg(long, value_name = "N", default_value_t = 120, value_parser = clap::value_parser!(i32).range(1..=3650))]
    pub days: i32,
    /// Scenarios to put into w1, each into one identity; may be repeated.
    #[arg(long, value_name = "ID", num_args = 1..)]
    pub scenario: Vec<String>,
    /// Also write w1's normalised events into this file, one JSON object a line.
    #[arg(long, value_name = "FILE")]
    pub normalised: Option<PathBuf>,
}

/// What `simulate` writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SimulatedWorld {
    /// The company of the demo: eight weeks and a theft.
    Demo,
    /// Twelve kinds of identities, 120 days, scenarios on demand.
    W1,
}

/// Arguments of `evaluate`.
#[derive(Args, Debug)]
pub struct EvaluateArgs {
    /// Seeds, one or a range such as 4-13. Settings were chosen on 1-3.
    #[arg(long, value_name = "N-M", default_value = "4-13", value_parser = seeds)]
    pub seeds: (u64, u64),
    /// Five identities of each kind instead of fifty.
    #[arg(long)]
    pub mini: bool,
    /// Identities of each kind.
    #[arg(long, value_name = "N")]
    pub identities_per_kind: Option<u32>,
    /// Injections of each scenario and seed.
    #[arg(long, value_name = "N")]
    pub runs: Option<u32>,
    /// Only these scenarios; may be repeated.
    #[arg(long, value_name = "ID")]
    pub scenario: Vec<String>,
    /// Folder of the results, one file a seed; seeds that are there are not done again.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Also write the normalised events of each seed and of its injections into this folder, for other detectors.
    #[arg(long, value_name = "DIR")]
    pub normalised: Option<PathBuf>,
}

fn seeds(text: &str) -> Result<(u64, u64), String> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    match (first.trim().parse(), last.trim().parse()) {
        (Ok(first), Ok(last)) if first <= last => Ok((first, last)),
        _ => Err("a seed such as 7, or a range such as 4-13".to_owned()),
    }
}

fn address(text: &str) -> Result<std::net::SocketAddr, String> {
    let numbers = text.strip_prefix("localhost:").map_or_else(|| text.to_owned(), |port| format!("127.0.0.1:{port}"));
    numbers.parse().map_err(|_| "an address and a port, such as 127.0.0.1:8089 or [::1]:8089".to_owned())
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
    fn seeds_are_one_or_a_range() {
        assert_eq!(seeds("7"), Ok((7, 7)));
        assert_eq!(seeds("4-13"), Ok((4, 13)));
        for wrong in ["", "x", "5-2", "1-", "-3"] {
            assert!(seeds(wrong).is_err(), "{wrong}");
        }
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
