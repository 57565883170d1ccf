//! Parts of packets: whose flow they count on, in whatever order they come.

use super::{A, B, only_row, packets, scene};
use crate::decode::Encapsulation;
use crate::flow::row::Part;
use crate::flow::test_frames::{UDP, ip, udp};
use crate::units::FrameNumber;

#[test]
fn later_fragments_are_of_their_firsts_flow() {
    let later = || ip((A, B), UDP, 3, &[9; 16]);
    let mut scene = scene();
    scene.frame(10, later());
    scene.flush();
    let first = scene.frame(10, ip((A, B), UDP, 0x2000, &[0; 4]));
    scene.frame(10, later());
    scene.frame(11, later());
    assert_eq!(
        parts_in_rows(&scene.cut(10, Some(11))),
        [(first, true, (0, 3))]
    );
    assert_eq!(parts_in_rows(&scene.cut(11, None)), [(first, true, (0, 1))]);
    // A minute later the identification may be another packet's.
    scene.cut(71, None);
    let orphan = scene.frame(72, later());
    scene.frame(73, later());
    assert_eq!(
        parts_in_rows(&scene.cut(72, Some(73))),
        [(orphan, false, (0, 1))]
    );
    assert_eq!(parts_in_rows(&scene.last(73)), [(orphan, false, (0, 1))]);
}

/// Rows by their flow, whether it has ports, and packets in and out.
fn parts_in_rows(part: &Part) -> Vec<(FrameNumber, bool, (u64, u64))> {
    let rows = part.rows.iter();
    rows.map(|row| (row.flow, row.key.has_ports(), packets(row.traffic)))
        .collect()
}

#[test]
fn a_tunnels_parts_are_of_the_flow_inside() {
    let inside = udp((7, 1), (8, 2));
    // GTP-U from port 2152 to port 2152, its IP packet in two parts.
    let tunnel = [
        &[8, 0x68, 0, 44, 0, 0, 0x30, 0xff, 0, 28, 0, 0, 0, 7],
        &inside[..],
    ]
    .concat();
    let ends = ((1, 2152), (2, 0x0868));
    let first = ip(ends, UDP, 0x2000, &tunnel[2..]);
    let later = || ip(((1, 9), (2, 9)), UDP, 5, &[0; 8]);
    let mut scene = scene();
    scene.frame(10, later());
    let flow = scene.frame(10, first);
    scene.frame(10, later());
    let part = scene.last(10);
    assert_eq!(parts_in_rows(&part), [(flow, true, (0, 3))]);
    let row = &part.rows[0];
    assert_eq!(row.key.end(row.local).to_string(), "10.0.0.7:1");
    let words: Vec<_> = part.ended[0].encapsulations.kinds().collect();
    assert_eq!(words, [Encapsulation::Gtp]);
}

#[test]
fn a_flood_of_later_parts_is_bounded_and_counted() {
    let mut scene = scene();
    for number in 0..5000 {
        scene.frame(10, ip(((1, number), (2, 0)), UDP, 3, &[0; 8]));
    }
    scene.flush();
    assert_eq!(scene.tables.live(), 1, "those for which there is no room");
    let part = scene.last(10);
    assert_eq!(only_row(&part), (0, 5000));
}
