//! Completion scripts and the manual page, made from the declaration of the arguments. Nothing is said here twice.

use super::Exit;
use super::args::Cli;
use super::output::Output;
use clap::CommandFactory;

/// Runs `driftline completions`.
pub fn completions(shell: clap_complete::Shell, out: &Output) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "driftline", &mut script);
    out.text(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}

/// Runs `driftline man`: the page of the program, then one for each command.
pub fn man(out: &Output) -> anyhow::Result<Exit> {
    let mut command = Cli::command();
    command.build();
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone()).render(&mut page)?;
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set() && sub.get_name() != "help") {
        clap_mangen::Man::new(sub.clone()).render(&mut page)?;
    }
    out.text(&String::from_utf8_lossy(&page))?;
    Ok(Exit::Done)
}
