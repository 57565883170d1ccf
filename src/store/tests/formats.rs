//! Values of formats that are not written any more are read as those of today.

use super::super::block::{read_hot, read_sealed};
use super::super::coarse;
use super::super::layout::Tier;
use super::bytes::{Hand, columns, sample};
use super::*;
use std::io::Write as _;

/// The parts of a hot value: its head up to the number of rows, the one interface's number, the app
/// that carries it, what is told of it, and the columns.
struct Parts<'a> {
    widths: &'a [u8],
    carrier: &'a [u8],
    facts: &'a [u8],
    columns: [&'a [u8]; 12],
}

fn parts(value: &[u8]) -> Parts<'_> {
    let mut hand = Hand::open(value, 3);
    assert_eq!(hand.ns(), [1, 0], "one second, at the key's");
    let widths = part(&mut hand, |hand| {
        hand.ns::<3>();
    });
    assert_eq!(hand.ns(), [2, 1, 1], "rows, interfaces, the number of one");
    let carrier = part(&mut hand, |hand| {
        hand.n();
    });
    let facts = part(&mut hand, |hand| {
        hand.ns::<9>();
        hand.take(1);
        hand.ns::<9>();
        hand.take(1);
        hand.ns::<4>();
    });
    let columns = columns(&mut hand);
    assert!(hand.0.is_empty());
    Parts {
        widths,
        carrier,
        facts,
        columns,
    }
}

fn part<'a>(hand: &mut Hand<'a>, read: impl Fn(&mut Hand<'a>)) -> &'a [u8] {
    let before = hand.0;
    read(hand);
    &before[..before.len() - hand.0.len()]
}

fn value(format: u8, body: &[u8]) -> Vec<u8> {
    codec::Out([&[format], body].concat()).sealed()
}

fn packed(body: &[u8]) -> Vec<u8> {
    let mut out = codec::Out::default();
    out.number(body.len() as u64);
    let mut deflate = flate2::write::DeflateEncoder::new(out.0, flate2::Compression::fast());
    deflate.write_all(body).unwrap();
    deflate.finish().unwrap()
}

/// The columns as they were written, without flows where the rows are by label.
fn sheet(columns: &[&[u8]; 12], flows: bool) -> Vec<u8> {
    let mut out = codec::Out::default();
    for (place, column) in columns.iter().enumerate() {
        out.bytes(if place == 0 && !flows { &[] } else { column });
    }
    out.0
}

type Found = Vec<(Second, Vec<Row>)>;

fn hot(value: &[u8]) -> Found {
    let mut found = Vec::new();
    read_hot::<Damaged>(at(START + 7, 3), value, |second, rows| {
        found.push((second.clone(), rows.collect::<Result<_, _>>()?));
        Ok(())
    })
    .unwrap();
    found
}

fn sealed(value: &[u8]) -> Found {
    let mut found = Vec::new();
    read_sealed::<Damaged>(at(START + 7, 3), value, &mut Vec::new(), |second, rows| {
        found.push((second.clone(), rows.collect::<Result<_, _>>()?));
        Ok(())
    })
    .unwrap();
    found
}

#[test]
fn seconds_and_minutes() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &[sample()]);
    let (_, now) = values(folder.path(), HOT).remove(0);
    let parts = parts(&now);
    let body = |carrier: &[u8], flows| {
        let head = [&[1, 0], parts.widths, &[2, 1, 1], carrier, parts.facts].concat();
        [head, sheet(&parts.columns, flows)].concat()
    };
    assert_eq!(value(3, &body(parts.carrier, true)), now);
    let before = hot(&value(1, &body(&[], true)));
    let mut without = hot(&now);
    assert!(without[0].0.nics[0].carrier.take().is_some());
    assert_eq!(before, without, "format 1");
    seal(folder.path());
    let mut now = sealed(&values(folder.path(), SEALED).remove(0).1);
    let before = sealed(&value(4, &packed(&body(parts.carrier, false))));
    assert_eq!(before, now, "format 4");
    now[0].0.nics[0].carrier = None;
    let before = sealed(&value(2, &packed(&body(&[], false))));
    assert_eq!(before, now, "format 2");
}

#[test]
fn buckets() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &[sample()]);
    let (_, now) = values(folder.path(), HOT).remove(0);
    let parts = parts(&now);
    seal(folder.path());
    roll(&open(folder.path()));
    let (_, now) = values(folder.path(), Tier::Minute.table()).remove(0);
    let head = [parts.widths, &[1, 1, 1], parts.carrier, parts.facts].concat();
    let body = [head, sheet(&parts.columns, false)].concat();
    let entries = [1, 0, 60, 2];
    let before = value(5, &[&entries[..], &packed(&body)].concat());
    let parts = coarse::decode(Time(START), &before).unwrap();
    assert_eq!(parts, coarse::decode(Time(START), &now).unwrap());
}
