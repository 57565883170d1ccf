//! Whose flows are, as a worker tells it of frames whose processes the capture tells.

use super::config::Config;
use super::owners::Owner;
use super::row::Part;
use super::test_frames::{End as Host, Scene, udp};
use crate::capture::{Batch, DirectionRule, Pool, Process};
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
