//! How widely: kinds of data, regions, questions never touched (D12). How many at once is counted with the amounts.

use super::{Bench, LISTED};
use crate::context::changes::Dimension;
use crate::detect::evidence::{Detector, Evidence, Family, listed};
use crate::detect::profile::Dim;
use crate::detect::strand::Strand;
use crate::model::{Observation, Sym};

/// The dimensions of D12 with what one and several of their values are called.
const DIMS: [(Dim, &str, &str); 3] =
    [(Dim::Domain, "kind of data", "kinds of data"), (Dim::Region, "region", "regions"), (Dim::Shape, "question", "questions")];

impl Bench<'_> {
    pub(super) fn breadth(&self, strand: &mut Strand, o: &Observation) -> bool {
        let mut changed = false;
        for (at, (dim, value)) in [(Dim::Domain, o.domain), (Dim::Region, o.region), (Dim::Shape, o.query_shape)].into_iter().enumerate() {
            if value.is_none() || !Self::first_sight(strand, dim, value) {
                continue;
            }
            let known = self.profile.values(dim);
            strand.ledger.set_applicable(Family::Breadth, 1 + u8::from(!known.is_empty()));
            if known.is_empty() || known.knows(value) || (dim == Dim::Domain && self.is_domain_announced(strand, o)) {
                continue;
            }
            if let Some(list) = strand.new_objects.get_mut(at) {
                list.push(value);
            }
            changed |= self.novel_objects(strand, at);
        }
        changed
    }

    fn is_domain_announced(&self, strand: &mut Strand, o: &Observation) -> bool {
        if self.declared.changes.is_empty() {
            return false;
        }
        let domain = self.names.show(o.domain);
        self.announced(strand, o.time, Dimension::Breadth, &domain, |change| change.allows_domain(&domain))
    }

    fn novel_objects(&self, strand: &mut Strand, at: usize) -> bool {
        let (Some((dim, one, many)), Some(list)) = (DIMS.get(at).copied(), strand.new_objects.get(at)) else { return false };
        let all = list.len();
        // Several dimensions share one detector: it pays for looking more than once.
        let looks = DIMS.iter().filter(|(d, _, _)| !self.profile.values(*d).is_empty()).count() as f64;
        let p = (looks * self.p_new(dim, all)).min(1.0);
        if !self.matters(strand, Detector::NewObject, p) && strand.ledger.get(Detector::NewObject).is_none() {
            return false;
        }
        let first: Vec<Sym> = list.iter().take(LISTED).copied().collect();
        let texts = self.first_texts(&first);
        let what = if all == 1 { one } else { many };
        let evidence = Evidence {
            p,
            share: 1.0,
            observed: format!("{all} {what} for the first time: {}", listed(&texts, all, LISTED)),
            baseline: format!("0 of {}; {} known", self.days(), self.profile.values(dim).len()),
            clause: format!("touched {all} {what} for the first time ({})", listed(&texts, all, 3)),
        };
        self.enter(strand, Detector::NewObject, evidence)
    }
}
