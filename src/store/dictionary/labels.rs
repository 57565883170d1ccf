//! The numbers of the labels that rows had lately, found by where a label lies in memory: a flow with
//! a name or an owner keeps its label from second to second. Rows come in much the same order each
//! second, so that the label after the last one found is tried first, which reads memory in order.

use crate::label::Label;
use crate::store::second::LabelId;
use ahash::AHashMap;
use std::sync::Arc;

/// Labels that are kept; more, and the memory starts afresh.
const KEPT: usize = 16_384;

/// Labels of this run and their numbers.
#[derive(Debug, Default)]
pub(super) struct Labels {
    /// In the order in which they came; each is held, so that no other can lie where it lies.
    known: Vec<(Arc<Label>, LabelId)>,
    places: AHashMap<usize, u32>,
    next: usize,
}

impl Labels {
    pub(super) fn get(&mut self, label: &Arc<Label>) -> Option<LabelId> {
        if let Some((known, id)) = self.known.get(self.next)
            && Arc::ptr_eq(known, label)
        {
            self.next += 1;
            return Some(*id);
        }
        let place = *self.places.get(&Arc::as_ptr(label).addr())? as usize;
        self.next = place + 1;
        self.known.get(place).map(|(_, id)| *id)
    }

    /// Remembers one that is not known.
    pub(super) fn insert(&mut self, label: &Arc<Label>, id: LabelId) {
        if self.known.len() >= KEPT {
            self.clear();
        }
        let place = self.known.len() as u32;
        self.places.insert(Arc::as_ptr(label).addr(), place);
        self.known.push((label.clone(), id));
        self.next = self.known.len();
    }

    pub(super) fn clear(&mut self) {
        self.known.clear();
        self.places.clear();
    }
}

#[cfg(test)]
#[allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]
mod tests {
    use super::*;
    use crate::label::{OwnerSource, Site, SiteSource};
    use crate::store::sample::label;
    use crate::store::word::{AppId, SiteId};
    use proptest::prelude::*;

    fn number(number: u32) -> LabelId {
        LabelId {
            app: AppId(number),
            site: SiteId(number),
            owner_source: OwnerSource::Exact,
            site_source: SiteSource::Sni,
        }
    }

    proptest! {
        /// Whatever order rows come in, each label has the number that it was given.
        #[test]
        fn a_label_has_its_number(asked in prop::collection::vec(0..40_usize, 1..400)) {
            let all: Vec<_> = (0..40).map(|_| label("curl", Site::Other)).collect();
            let (mut labels, mut given) = (Labels::default(), [false; 40]);
            for which in asked {
                let expected = given[which].then_some(number(which as u32));
                prop_assert_eq!(labels.get(&all[which]), expected);
                if !std::mem::replace(&mut given[which], true) {
                    labels.insert(&all[which], number(which as u32));
                }
            }
        }
    }

    #[test]
    fn a_label_that_is_remembered_keeps_its_place_and_a_full_memory_starts_afresh() {
        let mut labels = Labels::default();
        for place in 0..KEPT as u32 {
            // Each is dropped by whoever made it: the next may not lie where it lay.
            let one = label("curl", Site::Other);
            assert_eq!(labels.get(&one), None);
            labels.insert(&one, number(place));
        }
        let (first, one_more) = (labels.known[0].0.clone(), label("curl", Site::Other));
        assert_eq!(labels.get(&first), Some(number(0)));
        labels.insert(&one_more, number(7));
        assert_eq!(labels.get(&first), None);
        assert_eq!(labels.get(&one_more), Some(number(7)));
        assert_eq!(labels.known.len(), 1);
    }
}
