//! The command line.
pub mod args;
pub mod demo;
pub mod open;
pub mod output;
pub mod session;
/// wip
pub fn run() -> anyhow::Result<()> {
    use clap::Parser;
    let cli = args::Cli::parse();
    let out = output::Output { json: cli.global.json, quiet: false };
    let store = match &cli.global.db {
        Some(p) => crate::store::Store::open(p)?,
        None => crate::store::Store::temporary()?,
    };
    match cli.command {
        Some(args::Command::Demo(a)) => demo::run(&a, &store, cli.global.color, out),
        Some(args::Command::Load(a)) => {
            let k = crate::engine::parser::Parser::new(store.redaction_key(), None);
            let p = crate::engine::load::Parser { knowledge: &k, format: None };
            let t = std::time::Instant::now();
            let s = session::load(
                &store,
                &p,
                &a.paths,
                session::now(),
                a.shards.unwrap_or(2),
                &|_| {},
                &std::sync::atomic::AtomicBool::new(false),
            )?;
            out.note(&format!("read {} stored {} dup {} rej {} in {:?}", s.read, s.stored, s.duplicate, s.rejected, t.elapsed()));
            Ok(())
        }
        _ => open::console(session::Plan { store, format: None, paths: cli.paths, company: None }, cli.global.color, None),
    }
}
