//! A workload of everything that the writer does.

use super::super::cut::random;
use super::*;

/// Seconds of traffic, some heavy, some missing; late labels; connections; a clock that goes back
/// once and later goes more than two days ahead, so that retention has something to remove: in steps
/// that it believes.
pub(in crate::store::tests) fn workload(count: usize) -> Vec<Arc<Delta>> {
    let (mut second, mut epoch, mut began) = (START, 0, START);
    let mut random = random(count);
    let one = |place: usize| {
        second += [1, 1, 1, 9][random() % 4];
        if place == count / 4 {
            (second, epoch) = (second - 100, 1);
            began = second;
        }
        if (0..3).contains(&(place as i64 - (count * 3 / 4) as i64)) {
            second += 20 * 3_600;
        }
        let mut one = delta(at(second, epoch), rows(place, &mut random));
        one.amendments = amendments(place, at(began.max(second - 50), epoch), &mut random);
        one.ended = ended(place, one.moment.second);
        Arc::new(one)
    };
    (0..count).map(one).collect()
}

fn rows(place: usize, random: &mut impl FnMut() -> usize) -> Vec<crate::tick::FlowRow> {
    let count = if place % 50 == 49 {
        1_000
    } else {
        1 + random() % 9
    };
    let mut one = |n: usize| {
        let site = Site::Name(format!("site{}.example", random() % (3 + place)).into());
        let app = ["curl", "ssh", "unknown"][random() % 3];
        let bytes = random() as u64 % 100_000;
        row(
            place as u64 % 20 + n as u64 + 1,
            label(app, site),
            0,
            traffic(1, bytes, 2, 7),
        )
    };
    (0..count).map(&mut one).collect()
}

fn amendments(place: usize, since: Moment, random: &mut impl FnMut() -> usize) -> Vec<Amendment> {
    let flows = [(place % 20 + 1) as u64, 9_998 + place as u64];
    let one = |flow| Amendment {
        flow: FrameNumber(flow),
        since,
        label: label(
            "late",
            Site::Name(format!("late{}.example", random() % 9).into()),
        ),
    };
    let count = if place.is_multiple_of(3) { 2 } else { 0 };
    flows.into_iter().take(count).map(one).collect()
}

fn ended(place: usize, second: Time) -> Vec<crate::tick::Connection> {
    let flow = 10_000 + place as u64;
    vec![connection(flow, second.start(), label("curl", Site::Other))]
}
