//! Threat context: what is known about a source or a client beyond this identity's habit (`detection.md` 2.15.1). Terms
//! are bans; all but the marked ones need unusual source evidence beside them. It must not know the score.

use crate::model::observation::AgentSort;
use crate::model::{Agent, Kind, Network, Source};

/// One term of threat context.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    /// Short name.
    pub name: &'static str,
    /// Size in bans.
    pub bans: f64,
    /// What was observed.
    pub observed: String,
    /// Why it matters.
    pub baseline: &'static str,
    /// Counts without unusual source evidence too.
    pub always: bool,
}

/// Largest sum of threat terms.
pub const MAX: f64 = 3.0;

/// What is usual for the identity, as far as threat context depends on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Habit {
    /// It never used this class of network.
    pub new_network: bool,
    /// Nor this client.
    pub new_client: bool,
    /// It was only ever seen from clouds.
    pub cloud_only: bool,
}

/// The terms of a caller.
pub fn terms(source: Option<&Source>, agent: Option<&Agent>, kind: Kind, habit: Habit) -> Vec<Term> {
    let Habit { new_network, new_client, cloud_only } = habit;
    let mut out = Vec::new();
    if let Some(source) = source {
        let at = source.describe();
        match source.network {
            Network::Tor => {
                let workload = matches!(kind, Kind::WorkloadRole | Kind::CiToken | Kind::OauthConnector);
                let bans = if workload { 2.5 } else { 2.0 };
                out.push(Term {
                    name: "tor-exit",
                    bans,
                    observed: at,
                    baseline: "software has no reason to hide behind Tor",
                    always: true,
                });
            }
            Network::Vpn => {
                out.push(Term { name: "anonymiser", bans: 1.2, observed: at, baseline: "an anonymising VPN or proxy", always: false });
            }
            Network::Hosting if new_network => {
                out.push(Term { name: "hosting", bans: 0.8, observed: at, baseline: "a hosting network never used before", always: false });
            }
            Network::Residential | Network::Isp if new_network && cloud_only => {
                out.push(Term { name: "access-network", bans: 1.2, observed: at, baseline: "only ever seen from clouds", always: false });
            }
            _ => {}
        }
    }
    if let Some(agent) = agent {
        match agent.sort {
            AgentSort::Offensive => out.push(Term {
                name: "attack-tool",
                bans: 1.5,
                observed: agent.text.clone(),
                baseline: "a tool made to find or abuse credentials",
                always: true,
            }),
            AgentSort::Script if new_client => out.push(Term {
                name: "script-client",
                bans: 0.4,
                observed: agent.text.clone(),
                baseline: "a general scripting client never used before",
                always: false,
            }),
            _ => {}
        }
    }
    out
}
