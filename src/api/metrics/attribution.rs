//! How much of the last minute has an owner and a name, and how owners are found, as series whose
//! labels are closed lists: every word is told, also where it stands for nothing.

use super::super::openmetrics::{Labels, Page};
use super::super::owners::{OwnersState, OwnersStatus, RungState, RungStatus};
use crate::label::{OwnerSource, SiteSource};
use crate::query::Covered;
use std::collections::BTreeMap;

pub(super) fn coverage(page: &mut Page, minute: &Covered) {
    page.gauge(
        "coverage_counted_bytes",
        "Bytes that were counted in the last minute.",
        minute.counted_bytes as f64,
    );
    page.gauge(
        "coverage_interface_bytes",
        "Bytes of the last minute by the interfaces' own counters.",
        minute.interface_bytes as f64,
    );
    page.gauge(
        "coverage_unflowed_bytes",
        "Counted bytes of the last minute that are in no connection.",
        minute.unflowed_bytes as f64,
    );
    page.gauges(
        "coverage_owner_bytes",
        "Bytes of the last minute by how their owner is known.",
        by_word(
            "rung",
            OwnerSource::ALL.map(OwnerSource::word),
            &minute.by_owner,
        ),
    );
    page.gauges(
        "coverage_name_bytes",
        "Bytes of the last minute by how their site is known.",
        by_word(
            "source",
            SiteSource::ALL.map(SiteSource::word),
            &minute.by_name,
        ),
    );
}

pub(super) fn owners(page: &mut Page, owners: &OwnersStatus) {
    let states = OwnersState::ALL.map(|state| {
        let is = state == owners.state;
        (vec![("state", state.word().to_owned())], f64::from(is))
    });
    page.gauges("owners_helper", "1: how the helper is.", states);
    let rung = |rung: &RungStatus| vec![("rung", rung.rung.word().to_owned())];
    let used = owners.rungs.iter();
    let used = used.map(|one| (rung(one), f64::from(owners.rung == Some(one.rung))));
    page.gauges("owners_rung", "1: the best means that works now.", used);
    let works = owners.rungs.iter().map(|one| {
        let works = matches!(one.state, RungState::Works | RungState::Partly);
        (rung(one), f64::from(works))
    });
    page.gauges("owners_rung_works", "1: this means works.", works);
    page.counter(
        "owners_helper_restarts",
        "How often the helper was started again.",
        owners.helper.restarts,
    );
    page.counter(
        "owners_events_lost",
        "What the kernel told and nobody took in time.",
        owners.events_lost,
    );
    page.cap(
        "owners_asks_pending",
        "Flows whose owner was asked for.",
        owners.asks_pending,
        owners.asks_max,
    );
    page.cap(
        "owners_processes",
        "Processes that are remembered.",
        owners.processes,
        owners.processes_max,
    );
}

fn by_word<const N: usize>(
    label: &'static str,
    words: [&'static str; N],
    bytes: &BTreeMap<&'static str, u64>,
) -> [(Labels, f64); N] {
    words.map(|word| {
        let bytes = bytes.get(word).copied().unwrap_or_default();
        (vec![(label, word.to_owned())], bytes as f64)
    })
}
