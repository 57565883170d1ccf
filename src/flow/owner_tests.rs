//! Whose flows are, as a worker tells it of frames whose processes the capture tells, or a header
//! before them.

use super::config::Config;
use super::owners::Owner;
use super::row::Part;
use super::test_frames::{End as Host, Scene, udp};
use crate::capture::pktap::test_headers::{NOBODY, Said, first, second};
use crate::capture::{Batch, DirectionRule, Link, Pool, Process};
use crate::label::Classes;
use crate::units::Nanos;
use std::sync::Arc;

const A: Host = (1, 4000);
const B: Host = (2, 80);

/// Reads frames of interface 0 with the processes that the capture tells of some, and cuts.
fn owners_of(scene: &mut Scene, second: i64, frames: &[(Vec<u8>, Option<&Arc<Process>>)]) -> Part {
    let mut pool = Pool::new(1 << 16);
    let mut filling = pool.filling();
    let mut owned = Vec::new();
    for (index, (bytes, process)) in frames.iter().enumerate() {
        filling.push(scene.stamp(second, bytes.len() as u32), bytes);
        owned.extend(process.map(|process| (index as u32, process.clone())));
    }
    let batch = Batch {
        owned,
        ..filling.finish(Nanos(0))
    };
    scene.worker.read(&batch);
    scene.cut(second, None)
}

/// The flows that a part tells owners of, and these.
fn told(part: &Part) -> Vec<(u64, i32)> {
    let owners = part.owners.iter();
    owners
        .map(|owner| (owner.flow.0, owner.process.pid))
        .collect()
}

#[test]
fn the_owner_of_a_flow_is_told_once_and_again_when_it_changes() {
    let [curl, other, kernel] = [7, 8, 0].map(|pid| {
        let process = Process::of(Process::named(pid, b""), None);
        Arc::new(process)
    });
    let mut scene = Scene::new(Config::default(), DirectionRule::ClientToServer);
    let (there, back) = (udp(A, B), udp(B, A));
    let fillers = vec![(udp(A, (9, 9)), None); 70];
    let mut first = vec![(there.clone(), None), (back.clone(), Some(&curl))];
    first.extend(fillers);
    first.push((udp((3, 3), B), Some(&other)));
    let part = owners_of(&mut scene, 1, &first);
    assert_eq!(told(&part), [(1, 7), (73, 8)]);
    let rows = part.rows.iter();
    let flows = rows.map(|row| (row.flow, row.key)).collect::<Vec<_>>();
    let told_of = |owner: &Owner| flows.contains(&(owner.flow, owner.key));
    assert!(part.owners.iter().all(told_of));
    let same = Arc::new((*curl).clone());
    let again = [(there.clone(), Some(&same)), (back.clone(), Some(&kernel))];
    assert_eq!(told(&owners_of(&mut scene, 2, &again)), []);
    let changed = [(there.clone(), Some(&other)), (back, Some(&other))];
    assert_eq!(told(&owners_of(&mut scene, 3, &changed)), [(1, 8)]);
    assert_eq!(told(&scene.last(4)), []);
    assert_eq!(told(&owners_of(&mut scene, 5, &[(there, None)])), []);
}

#[test]
fn owners_are_no_more_than_flows_may_be() {
    let process = Arc::new(Process::of(Process::named(7, b""), None));
    let config = Config {
        max: 4,
        ended_max: 4,
        ..Config::default()
    };
    let mut scene = Scene::new(config, DirectionRule::ClientToServer);
    let frames: Vec<_> = (1..=200)
        .map(|port| (udp((1, port), B), Some(&process)))
        .collect();
    assert_eq!(owners_of(&mut scene, 1, &frames).owners.len(), 4);
}

#[test]
fn a_header_before_the_frame_tells_its_flow_in_either_direction() {
    let rules = [Link::Raw, Link::Pktap].map(|link| (link, DirectionRule::ClientToServer));
    let mut scene = Scene::with(Config::default(), Box::new(|_, _| Classes(0)), &rules);
    let raw = Said { link: 12, ..NOBODY };
    let [curl, mail] = [(7, "curl"), (8, "mail")].map(|own| Said { own, ..raw });
    let sent = |said| Said { sent: true, ..said };
    let far = (9, 99);
    let frames = [
        (first(sent(curl)), udp(A, B)),
        (second(mail), udp(far, (1, 1))),
        (first(raw), udp(far, (1, 1))),
        (first(raw), udp(far, (1, 2))),
        // Within a host: each end's frames tell of that end, and the client's is the flow's.
        (first(sent(curl)), udp((5, 1), (5, 2))),
        (first(mail), udp((5, 1), (5, 2))),
        (first(sent(mail)), udp((5, 2), (5, 1))),
        (vec![1; 3], vec![]),
    ];
    for (head, frame) in &frames {
        let bytes = [&head[..], frame].concat();
        scene.take(Nanos(1), 1, 1, bytes.len() as u32, bytes);
    }
    // What an interface without such headers carries is taken for none.
    scene.frame(1, [first(sent(curl)), udp((6, 6), B)].concat());
    let part = scene.cut(1, None);
    assert_eq!(told(&part), [(1, 7), (2, 8), (5, 7)]);
}
