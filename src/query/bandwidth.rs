//! `/api/stats/bandwidth`: rates over the last five seconds, by the time that really passed.

use super::Query;
use super::ask::Ask;
use super::recent::Light;
use super::select::Selection;
use super::shape::{Counts, time};
use crate::store::order;
use serde::Serialize;
use utoipa::ToSchema;

const SECONDS: usize = 5;

/// Rates are `null` where nothing was watched.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Bandwidth {
    /// The end of the last second that is in it.
    pub as_of: Option<String>,
    /// How much time was watched.
    pub window_s: f64,
    pub provisional: bool,
    pub bytes_in_per_s: Option<f64>,
    pub bytes_out_per_s: Option<f64>,
    pub packets_in_per_s: Option<f64>,
    pub packets_out_per_s: Option<f64>,
}

impl Query {
    pub fn bandwidth(&self, ask: &Ask) -> Bandwidth {
        let selection = Selection::of(&ask.interfaces);
        let lately = self.recent.lately(SECONDS);
        let mut counts = Counts::default();
        let mut watched_s = 0.0;
        for light in &lately {
            let (traffic, gap_ms) = total(light, &selection);
            counts += traffic;
            watched_s += (light.width.0 as f64 / 1e9 - gap_ms as f64 / 1e3).max(0.0);
        }
        let last = lately.last().map(|light| light.moment);
        let rate = |count: u64| (watched_s > 0.0).then(|| count as f64 / watched_s);
        let through = self.recent.committed().through().map(order);
        Bandwidth {
            as_of: last.map(|moment| time(crate::units::Second(moment.second.0 + 1))),
            window_s: watched_s,
            provisional: last.map(order) > through,
            bytes_in_per_s: rate(counts.bytes_in),
            bytes_out_per_s: rate(counts.bytes_out),
            packets_in_per_s: rate(counts.packets_in),
            packets_out_per_s: rate(counts.packets_out),
        }
    }
}

/// What counts of a second, and how long none of it was watched.
fn total(light: &Light, selection: &Selection) -> (Counts, u64) {
    let counted = selection.counted(light.nics.iter().map(|one| &one.nic));
    let chosen = light
        .nics
        .iter()
        .zip(counted)
        .filter(|(_, counted)| *counted);
    let mut counts = Counts::default();
    let mut gap_ms = u64::MAX;
    for (nic, _) in chosen {
        counts += nic.traffic.into();
        gap_ms = gap_ms.min(nic.loss.gap_ms);
    }
    (counts, gap_ms)
}
