//! Owners that come late, and names, in any order, through labels, store and query: bytes move to
//! them, those of a minute at most, and no sum ever changes.

use super::tests::{ask, query};
use crate::capture::{Cut, Interface, Slot};
use crate::capture::{DirectionRule, Link};
use crate::flow::{Ended, Ending, Part, Row};
use crate::key::{End, FlowKey, InterfaceId, Protocol, RawAddress, Tuple};
use crate::label::{App, Classes, Marks, OwnerSource, SiteSource};
use crate::names::{self, Claim, Heard, Name, Said};
use crate::owners::{Owned, Process};
use crate::platform::{Role, Run};
use crate::store::sample::{START, at, traffic};
use crate::tick::{Config, Cost, Delta, Gather, Labeller, Labels};
use crate::units::{FrameNumber, NANOS, Nanos, Second, Traffic};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The seconds that are played.
const SECONDS: i64 = 160;
/// As far back an owner moves bytes.
const LATE: i64 = 60;

/// What happens to a flow, in seconds from the start.
#[derive(Clone, Debug)]
struct Story {
    begins: i64,
    /// Bytes of each second from there on.
    bytes: Vec<u32>,
    /// So long after its beginning its owner is found out, and who that is.
    owner: Option<(i64, u8)>,
    /// So long after its beginning its name is heard.
    name: Option<i64>,
}

impl Story {
    fn rows(&self) -> impl Iterator<Item = (i64, u32)> + '_ {
        let rows = self.bytes.iter().enumerate();
        rows.map(|(after, bytes)| (self.begins + after as i64, *bytes))
            .filter(|(_, bytes)| *bytes > 0)
    }

    /// Whose the bytes of a second are in the end.
    fn owner_of(&self, second: i64) -> String {
        let known = self
            .owner
            .filter(|(after, _)| second >= self.begins + after - LATE);
        known.map_or("unknown".into(), |(_, app)| format!("app{app}"))
    }

    /// What they are called in the end.
    fn site_of(&self, second: i64, number: u64) -> String {
        let known = self
            .name
            .filter(|after| second >= self.begins + after - LATE);
        // An owner's label bears the name that is known by then.
        let owned = self
            .owner
            .zip(self.name)
            .filter(|((owner, _), name)| owner >= name && second >= self.begins + owner - LATE);
        match (known, owned) {
            (None, None) => "203.0.113.7".into(),
            _ => format!("name{number}.example"),
        }
    }
}

fn stories() -> impl Strategy<Value = Vec<Story>> {
    let bytes = prop::collection::vec(prop_oneof![Just(0u32), 1..100_000u32], 1..70);
    let story = (
        0..80i64,
        bytes,
        prop::option::of((0..75i64, 0..3u8)),
        prop::option::of(0..75i64),
    );
    let story = story.prop_map(|(begins, mut bytes, owner, name)| {
        bytes[0] = bytes[0].max(1);
        Story {
            begins,
            bytes,
            owner,
            name,
        }
    });
    prop::collection::vec(story, 1..6)
}

fn key(number: u64) -> (FlowKey, End) {
    let tuple = Tuple {
        source: RawAddress::v4([192, 0, 2, 1]),
        destination: RawAddress::v4([203, 0, 113, 7]),
        ports: Some((number as u16, 443)),
        protocol: Protocol::TCP,
        six: false,
    };
    FlowKey::of(&tuple, InterfaceId(0))
}

fn row(number: u64, second: i64, bytes: u32, opened: bool) -> Row {
    let (key, local) = key(number);
    let first = Second(START + second).start();
    Row {
        key,
        flow: FrameNumber(number),
        first,
        last: first,
        traffic: traffic(1, bytes.into(), 0, 0),
        classes: Classes::default(),
        local,
        opened,
        listening: false,
    }
}

fn owned(number: u64, story: &Story, app: u8) -> Owned {
    let process = Process {
        run: Run {
            pid: app.into(),
            since: 1,
        },
        started: None,
        app: App {
            name: format!("app{app}").into(),
            path: Some(format!("/usr/bin/app{app}").into()),
            user: Some(1_000),
        },
        via: None,
        container: None,
        unit: None,
        parents: Vec::new(),
    };
    Owned {
        flow: FrameNumber(number),
        at: Second(START + story.begins).start(),
        remote: [203, 0, 113, 7].into(),
        source: OwnerSource::Kernel,
        process: Some(Arc::new(process)),
        peer: None,
    }
}

fn heard(number: u64) -> Heard {
    let (key, local) = key(number);
    let name = format!("name{number}.example");
    Heard {
        key,
        flow: FrameNumber(number),
        frame: FrameNumber(number),
        at: Nanos(0),
        from: local,
        local,
        said: Said::Claim(Claim {
            source: SiteSource::Sni,
            name: Name::of(name.as_bytes()).unwrap(),
            marks: Marks::default(),
        }),
    }
}

fn ended(number: u64, story: &Story) -> Ended {
    let (key, local) = key(number);
    let last = story.begins + story.bytes.len() as i64 - 1;
    Ended {
        key,
        flow: FrameNumber(number),
        local,
        client: local,
        first: Second(START + story.begins).start(),
        last: Second(START + last).start(),
        sent: Default::default(),
        traffic: Traffic::default(),
        classes: Classes::default(),
        encapsulations: crate::decode::Encapsulations::NONE,
        ending: Ending::Closed,
    }
}

fn interface() -> Arc<Interface> {
    Arc::new(Interface {
        id: InterfaceId(0),
        name: "eth0".into(),
        link: Link::Ethernet,
        role: Role::Uplink,
        snaplen: 2_048,
        direction: DirectionRule::ClientToServer,
    })
}

/// What the tick makes of it, second by second. A flow ends a second after its last bytes, whatever
/// is still to be known of it; a name that is not heard by then is never heard.
fn deltas(stories: &[Story]) -> Vec<Arc<Delta>> {
    let mut labels = Labels::new(&names::Config::default(), 100);
    labels.expect_owners();
    let mut labeller = Labeller::new(Config::default());
    let mut gather = Gather::new(1);
    let numbered = || (1u64..).zip(stories);
    let second = |second: i64| {
        let cut = Arc::new(Cut {
            moment: at(START + second, 1),
            slot: Slot(0),
            open: None,
            width: Nanos(NANOS),
            facts: Vec::new(),
            last: second == SECONDS - 1,
            sent: Nanos(0),
        });
        let rows = numbered().flat_map(|(number, story)| {
            let rows = story.rows().filter(move |(at, _)| *at == second);
            rows.map(move |(at, bytes)| row(number, at, bytes, at == story.begins))
        });
        let over = |story: &Story| story.begins + story.bytes.len() as i64 == second;
        let part = Part {
            rows: rows.collect(),
            interfaces: if second == 0 {
                vec![interface()]
            } else {
                Vec::new()
            },
            heard: numbered()
                .filter(|(_, story)| {
                    story
                        .name
                        .is_some_and(|after| story.begins + after == second)
                })
                .map(|(number, _)| heard(number))
                .collect(),
            ended: numbered()
                .filter(|(_, story)| over(story))
                .map(|(number, story)| ended(number, story))
                .collect(),
            ..Part::empty(cut)
        };
        let mut merged = gather.add(part).unwrap();
        let found = numbered().filter_map(|(number, story)| {
            let (after, app) = story.owner?;
            (story.begins + after == second).then(|| owned(number, story, app))
        });
        merged.owned = found.collect();
        labels.learn(&mut merged);
        Arc::new(labeller.label(merged, &mut labels, Cost::default()).0)
    };
    (0..SECONDS).map(second).collect()
}

fn expected(stories: &[Story]) -> [BTreeMap<String, u64>; 2] {
    let (mut apps, mut sites) = (BTreeMap::new(), BTreeMap::new());
    for (number, story) in (1u64..).zip(stories) {
        for (second, bytes) in story.rows() {
            *apps.entry(story.owner_of(second)).or_default() += u64::from(bytes);
            *sites.entry(story.site_of(second, number)).or_default() += u64::from(bytes);
        }
    }
    [apps, sites]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn bytes_move_to_owners_and_names_that_come_late_and_no_sum_changes(
        mut stories in stories(), written in prop::sample::select(vec![0usize, 30, 100, 160])
    ) {
        for story in &mut stories {
            // Payload is heard while there is one.
            let length = story.bytes.len() as i64;
            story.name = story.name.filter(|after| *after < length);
        }
        let deltas = deltas(&stories);
        let folder = tempfile::tempdir().unwrap();
        let (on_file, waiting) = deltas.split_at(written);
        let query = query(&folder, on_file, waiting);
        let summary = query.summary(&ask(START - 10, START + SECONDS + 10)).unwrap();
        let [apps, sites] = expected(&stories);
        let told = summary.applications.items.iter();
        let told: BTreeMap<String, u64> = told.map(|it| (it.name.clone(), it.counts.bytes())).collect();
        prop_assert_eq!(told, apps);
        let told = summary.sites.items.iter();
        let told: BTreeMap<String, u64> = told.map(|it| (it.name.clone(), it.counts.bytes())).collect();
        prop_assert_eq!(told, sites);
        let all: u64 = stories.iter().flat_map(Story::rows).map(|(_, bytes)| u64::from(bytes)).sum();
        prop_assert_eq!(summary.total.bytes(), all);
        prop_assert_eq!(summary.applications.other.bytes(), 0);
    }
}
