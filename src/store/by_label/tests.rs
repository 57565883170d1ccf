//! No more of a block is taken in than it may have.

use super::*;

/// The columns of so many labels with so many rows each, all of the first second.
fn body(labels: usize, rows: usize) -> Vec<u8> {
    let each = |byte: u8, count: usize| Out(vec![byte; count]);
    let mut columns = Columns::<Out> {
        nic: each(1, labels),
        protocol: each(6, labels),
        app: each(1, labels),
        site: each(0, labels),
        how: each(0, labels),
        classes: each(1, labels),
        place: each(0, labels * rows),
        opened: each(0, labels * rows),
        counts: Four([(); 4].map(|()| each(1, labels * rows))),
        ..Columns::default()
    };
    (0..labels).for_each(|_| columns.rows.number(rows as u64));
    let mut out = Out::default();
    sheet::write(&mut out, &columns.list());
    out.0
}

fn unpacked() -> Unpacked {
    Unpacked {
        ends: vec![0],
        ..Unpacked::default()
    }
}

#[test]
fn no_more_rows_are_taken_in_than_are_told() {
    let mut taken = unpacked();
    let read = taken.read(In(&body(1_000, 1_000)), Told::AtMost(2_500));
    assert!(read.is_err());
    assert_eq!((taken.counts.len(), taken.labels.len()), (2_000, 3));
}

#[test]
fn labels_without_rows_are_none() {
    let mut taken = unpacked();
    let read = taken.read(In(&body(100_000, 0)), Told::AtMost(2_500));
    assert!(read.is_err());
    assert_eq!(taken.labels.len(), 1);
}

#[test]
fn there_are_as_many_rows_as_are_told() {
    let body = body(3, 4);
    let read = |told| unpacked().read(In(&body), told);
    assert_eq!(read(Told::Exactly(12)), Ok(()));
    assert_eq!(read(Told::AtMost(13)), Ok(()));
    let fewer = Damaged("fewer rows than are told");
    assert_eq!(read(Told::Exactly(13)), Err(fewer));
    assert!(read(Told::Exactly(11)).is_err() && read(Told::AtMost(11)).is_err());
}

#[test]
fn what_no_writer_makes_is_not_unpacked() {
    let told = Told::Exactly(bounds::OF_A_BLOCK + 1);
    let mut rows = ByLabel::new(In(b"not even packed"), 1, told);
    rows.begin(0);
    let why = Damaged("more rows than a block has");
    assert_eq!(rows.row(), Some(Err(why)));
}

#[test]
fn what_cannot_be_unpacked_is_tried_once() {
    let good = pack(Out::default(), &body(1, 1)).unwrap();
    let mut rows = ByLabel::new(In(b"\x05wrong"), 2, Told::Exactly(1));
    rows.begin(0);
    let first = rows.row();
    assert!(matches!(first, Some(Err(_))) && rows.row().is_none());
    // Whoever tried again would find rows now.
    rows.packed = In(&good.0);
    rows.begin(1);
    assert_eq!(rows.row(), first);
    let mut others = ByLabel::new(In(&good.0), 2, Told::Exactly(1));
    others.begin(0);
    assert!(matches!(others.row(), Some(Ok(_))));
}
