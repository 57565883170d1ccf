//! One value of each kind, read by hand as `docs/storage.md` says: the page and the code agree.

mod blocks;
mod hand;
mod notes;
mod rest;

pub(super) use hand::{Hand, columns};

use super::super::layout::{META, Tier};
use super::*;
use crate::decode::{Encapsulation, Encapsulations, Reason};
use crate::label::{Marks, SiteSource};
use crate::names::{self, Claim, Ja4, Name};
use crate::owners::{Parent, Process};
use crate::platform::Run;
use crate::tick::Facts;
use hand::unpacked;

pub(super) fn sample() -> Arc<Delta> {
    let site = label("curl", Site::Name("example.org".into()));
    let mut one = delta(
        at(START + 7, 3),
        vec![
            row(9, site.clone(), 0b11, traffic(1, 1500, 2, 132)),
            row(4, site.clone(), 0, traffic(0, 0, 1, 66)),
        ],
    );
    one.interfaces[0].unflowed = vec![(Reason::Llc, traffic(1, 60, 0, 0))];
    one.interfaces[0].facts.gap_ms = 250;
    one.interfaces[0].carrier = Some(label("curl", Site::Other).app.clone());
    one.ended = vec![connection(
        9,
        Nanos(Time(START + 7).start().0 + 5),
        site.clone(),
    )];
    let ended = &mut one.ended[0];
    Arc::make_mut(&mut ended.label).marks = Marks::ECH_OUTER;
    ended.encapsulations = Encapsulations::of_number(Encapsulation::Vxlan as u64);
    ended.facts = Some(known());
    one.amendments = vec![Amendment {
        flow: FrameNumber(4),
        since: at(START + 6, 3),
        label: site,
    }];
    Arc::new(one)
}

fn known() -> Arc<Facts> {
    Arc::new(Facts {
        claims: vec![Claim {
            source: SiteSource::Sni,
            name: Name::of(b"a.example").unwrap(),
            marks: Marks::ECH_OUTER,
        }],
        spoke: Some(names::Protocol::Tls),
        fingerprint: Ja4::of_text(&"t".repeat(36)),
        name_age_ms: 12,
        named_after_ms: 34,
        via: Some("via".into()),
        owner: Some(process("", 7)),
        peer: Some(process("nginx", 8)),
    })
}

/// A process; one that is written without its app is read without.
fn process(name: &str, pid: u32) -> Arc<Process> {
    let named = App {
        name: name.into(),
        path: Some("/n".into()),
        user: Some(33),
    };
    Arc::new(Process {
        run: Run { pid, since: 9 },
        started: Some(Nanos(10)),
        app: if name.is_empty() {
            App::unknown()
        } else {
            named
        },
        via: None,
        container: Some("c1".into()),
        unit: None,
        parents: vec![Parent {
            pid: 1,
            name: "init".into(),
        }],
    })
}
