//! What changes who may do what: privileged operations (D19), credentials and identities made (D21). What is refused
//! counts in the same family and is judged with the amounts.

use super::{ANNOUNCED, Bench, LISTED, plural};
use crate::context::changes::Dimension;
use crate::detect::evidence::{Detector, Evidence, Family, grouped, listed};
use crate::detect::privilege::Privilege;
use crate::detect::profile::{Dim, Metric};
use crate::detect::strand::Strand;
use crate::model::{Observation, Sym};

impl Bench<'_> {
    pub(super) fn privileged(&self, strand: &mut Strand, o: &Observation) -> bool {
        let Some(privilege) = self.privilege.filter(|_| !o.failed()) else { return false };
        strand.ledger.set_applicable(Family::Privilege, 2);
        if self.profile.days == 0 {
            return false;
        }
        let mut changed = self.kind_of_privilege(strand, o, Dim::Privileged, Detector::PrivilegedAction, Metric::PrivilegedDay);
        if privilege == Privilege::Mint {
            changed |= self.kind_of_privilege(strand, o, Dim::Minting, Detector::MintedCredential, Metric::MintedDay);
        }
        changed
    }

    fn kind_of_privilege(&self, strand: &mut Strand, o: &Observation, dim: Dim, detector: Detector, metric: Metric) -> bool {
        let (what, made) = match detector {
            Detector::MintedCredential => ("operation that makes credentials or identities", "credentials or identities made today"),
            _ => ("privileged operation", "privileged operations today"),
        };
        let operation = self.names.show(o.action);
        let known = self.profile.values(dim);
        let mut changed = false;
        let new = if dim == Dim::Minting { &mut strand.new_minting } else { &mut strand.new_privileged };
        if !known.knows(o.action) && !new.contains(&o.action) && new.len() < 64 {
            new.push(o.action);
            let list: Vec<Sym> = new.clone();
            // How many there were today is looked at too.
            let p = (2.0 * self.p_new(dim, list.len())).min(1.0);
            let covered = self.announced(strand, o.time, Dimension::Privilege, &operation, |change| {
                change.allow.action.is_empty() || change.allows_action(&self.names.detail(o.action), &operation)
            });
            let (texts, all) = (self.first_texts(&list), list.len());
            let evidence = Evidence {
                p,
                share: if covered { ANNOUNCED } else { 1.0 },
                observed: format!("{all} {what}{} for the first time: {}", plural(all), listed(&texts, all, LISTED)),
                baseline: format!("0 of {}; {} known", self.days(), known.len()),
                clause: format!("used {all} {what}{} for the first time ({})", plural(all), listed(&texts, all, 3)),
            };
            changed |= self.enter(strand, detector, evidence);
        }
        let value = self.today.size(metric, 0);
        if value >= self.gate(metric) && self.profile.sizes(metric).ever() {
            let sizes = self.profile.sizes(metric);
            let p = (2.0 * self.tail(sizes, value)).min(1.0);
            if self.matters(strand, detector, p) {
                let covered = self.announced(strand, o.time, Dimension::Privilege, &operation, |change| {
                    change.allow.action.is_empty() || change.allows_action(&self.names.detail(o.action), &operation)
                });
                let evidence = Evidence {
                    p,
                    share: if covered { ANNOUNCED } else { 1.0 },
                    observed: format!("{} {made}", grouped(value)),
                    baseline: format!("at most {} in {}", grouped(sizes.max()), self.days()),
                    clause: format!("had {} {made}", grouped(value)),
                };
                changed |= self.enter(strand, detector, evidence);
            }
        }
        changed
    }
}
