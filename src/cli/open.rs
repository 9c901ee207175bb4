//! wip
use super::session::Plan;
/// wip
pub fn console(_plan: Plan, _identity: Option<String>) -> anyhow::Result<()> {
    Ok(())
}
