//! Nothing is lost without being named, nothing overtakes a cut, and both directions meet.

use super::*;
use crate::capture::{DirectionRule, Pool};
use crate::platform::Role;
use crate::units::{FrameNumber, Moment};

fn batch(pool: &mut Pool, frames: u64, slot: u8) -> Batch {
    let mut filling = pool.filling();
    for number in 0..frames {
        let frame = Frame {
            number: FrameNumber(number),
            at: Nanos(0),
            offset: 0,
            captured: 0,
            length: 100,
            interface: InterfaceId(0),
            slot: Slot(slot),
        };
        filling.push(frame, &packet(number as u8, (number / 256) as u8));
    }
    filling.finish(Nanos(0))
}

/// A raw IPv4 header between two addresses.
fn packet(from: u8, to: u8) -> Vec<u8> {
    let mut bytes = vec![0; 20];
    bytes[0] = 0x45;
    bytes[12..20].copy_from_slice(&[10, 0, 0, from, 10, 1, 0, to]);
    bytes
}

fn cut(slot: u8) -> Message {
    Message::Cut(Cut {
        moment: Moment::default(),
        slot: Slot(slot),
        open: None,
        width: Nanos(1),
        facts: Vec::new(),
        last: false,
        sent: Nanos(0),
    })
}

fn raw_interface() -> Message {
    Message::Interface(Arc::new(Interface {
        id: InterfaceId(0),
        name: "test".into(),
        link: Link::Raw,
        role: Role::File,
        snaplen: 0,
        direction: DirectionRule::ClientToServer,
    }))
}

#[test]
fn what_a_full_ring_refuses_is_named_in_its_second() {
    let mut pool = Pool::new(65536);
    let (mut ring, workers) = Ring::new(1, WhenFull::Drop, pool.home());
    for _ in 0..CAPACITY + 3 {
        ring.send(Message::Batch(batch(&mut pool, 5, 1)), Nanos(0))
            .unwrap();
    }
    ring.send(cut(0), Nanos(0)).unwrap();
    ring.send(cut(1), Nanos(0)).unwrap();
    let mut frames = 0;
    let mut lost = Vec::new();
    drain(ring, &workers[0], |item| match item {
        Item::Batch(batch) => frames += batch.frames.len(),
        Item::Cut(cut) => lost.push(
            cut.facts
                .iter()
                .map(|f| f.ring_dropped.packets)
                .sum::<u64>(),
        ),
        Item::Interface(_) | Item::Many(_) => {}
    });
    assert_eq!(frames, CAPACITY * 5);
    assert_eq!(lost, [0, 15]);
}

/// Drains the worker's end while the ring lets go of what it holds.
fn drain(ring: Ring, worker: &Receiver<Item>, each: impl FnMut(Item)) {
    std::thread::scope(|scope| {
        scope.spawn(move || drop(ring));
        worker.iter().for_each(each);
    });
}

#[test]
fn a_batch_does_not_overtake_a_held_cut() {
    let mut pool = Pool::new(65536);
    let (mut ring, workers) = Ring::new(1, WhenFull::Drop, pool.home());
    for _ in 0..CAPACITY {
        ring.send(Message::Batch(batch(&mut pool, 1, 0)), Nanos(0))
            .unwrap();
    }
    ring.send(cut(0), Nanos(0)).unwrap();
    workers[0].recv().unwrap();
    ring.send(Message::Batch(batch(&mut pool, 1, 0)), Nanos(0))
        .unwrap();
    let kinds: Vec<bool> = workers[0]
        .try_iter()
        .map(|item| matches!(item, Item::Cut(_)))
        .collect();
    assert_eq!((kinds.len(), kinds.last()), (CAPACITY, Some(&true)));
}

#[test]
fn several_workers_share_all_frames_and_both_directions_meet() {
    let mut pool = Pool::new(65536);
    let (mut ring, workers) = Ring::new(4, WhenFull::Wait, pool.home());
    ring.send(raw_interface(), Nanos(0)).unwrap();
    ring.send(Message::Batch(batch(&mut pool, 1000, 0)), Nanos(0))
        .unwrap();
    let counts: Vec<usize> = workers
        .iter()
        .map(|worker| {
            let frames = |item| match item {
                Item::Batch(batch) => batch.frames.len(),
                _ => 0,
            };
            worker.try_iter().map(frames).sum()
        })
        .collect();
    assert_eq!(counts.iter().sum::<usize>(), 1000);
    assert!(
        counts.iter().all(|count| (100..500).contains(count)),
        "{counts:?}"
    );
    let steer = Steer::new();
    for from in 0..50 {
        let mut there = packet(from, 9);
        let one = steer.worker(Link::Raw, &there, 4);
        there[12..20].rotate_left(4);
        assert_eq!(steer.worker(Link::Raw, &there, 4), one);
    }
}

#[test]
fn what_is_gathered_comes_whole_and_in_order() {
    let mut pool = Pool::new(65536);
    let (mut ring, workers) = Ring::new(1, WhenFull::Gather, pool.home());
    let mut sent = Vec::new();
    for second in 0..GATHERED as u64 {
        ring.send(
            Message::Batch(batch(&mut pool, 3, second as u8 & 1)),
            Nanos(0),
        )
        .unwrap();
        ring.send(cut(second as u8 & 1), Nanos(0)).unwrap();
        sent.extend([3, 0]);
    }
    ring.send(Message::Batch(batch(&mut pool, 2, 0)), Nanos(0))
        .unwrap();
    sent.push(2);
    let hand_overs = workers[0].len();
    assert_eq!(hand_overs, 2, "of at most {GATHERED} items each");
    let mut got = Vec::new();
    drain(ring, &workers[0], |item| {
        item.each(|item| match item {
            Item::Batch(batch) => got.push(batch.frames.len()),
            Item::Cut(_) => got.push(0),
            other => panic!("{other:?}"),
        });
    });
    assert_eq!(got, sent);
}

#[test]
fn what_one_worker_fills_is_handed_to_all() {
    let mut pool = Pool::new(1 << 20);
    let (mut ring, workers) = Ring::new(2, WhenFull::Gather, pool.home());
    // No interface is known: every frame goes to the first worker.
    for _ in 0..BATCH_FRAMES / 512 {
        ring.send(cut(0), Nanos(0)).unwrap();
        assert!(workers.iter().all(Receiver::is_empty));
        ring.send(Message::Batch(batch(&mut pool, 512, 0)), Nanos(0))
            .unwrap();
    }
    let mut cuts = [0; 2];
    for (worker, cuts) in workers.iter().zip(&mut cuts) {
        let items = worker.try_recv().expect("what was gathered");
        items.each(|item| *cuts += usize::from(matches!(item, Item::Cut(_))));
    }
    assert_eq!(cuts, [BATCH_FRAMES / 512; 2]);
}
