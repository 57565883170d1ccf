//! Values under a right checksum that would take the memory of millions of rows, made by hand as
//! `docs/storage.md` says: they are refused. And a writer makes none that a reader refuses.

use super::super::bounds::{OF_A_BLOCK, OF_A_SECOND};
use super::super::codec::{Damaged, Out};
use super::super::second::LabelId;
use super::super::sums::{MOST, Sums};
use super::super::{block, coarse};
use super::*;
use crate::key::Protocol;
use crate::label::{OwnerSource, SiteSource};
use crate::tick::Cost;

/// As many as 16 MiB have room for.
const MILLIONS: usize = 2_700_000;

/// Columns, each of so many bytes that are the same.
fn columns(all: &[(u8, usize)]) -> Vec<u8> {
    let mut out = Out::default();
    for (byte, count) in all {
        out.bytes(&vec![*byte; *count]);
    }
    out.0
}

fn numbers(out: &mut Out, all: &[u64]) {
    for number in all {
        out.number(*number);
    }
}

fn packed(body: &[u8]) -> Vec<u8> {
    block::pack(Out::default(), body).unwrap().0
}

/// The head of one second without interfaces; a bucket's tells no offset.
fn head(offset: usize) -> Vec<u8> {
    let told = [(0, offset), (0, 1), (0, 1), (0, 1), (0, 1)];
    packed(&columns(&[told.as_slice(), &[(0, 0); 17]].concat()))
}

/// One label with so many rows, all of the first second.
fn rows(count: usize) -> Vec<u8> {
    let mut out = Out(columns(&[1, 6, 1, 0, 0, 1].map(|byte| (byte, 1))));
    let mut number = Out::default();
    number.number(count as u64);
    out.bytes(&number.0);
    out.0.extend(columns(&[(0, count); 6]));
    packed(&out.0)
}

/// A sealed block that tells of so many rows and has so many.
fn sealed(told: u64, count: usize) -> Vec<u8> {
    let mut out = Out::envelope(6);
    out.number(1);
    out.number(told);
    out.bytes(&head(1));
    out.0.extend(rows(count));
    out.sealed()
}

/// The same of buckets; its sums by app have as many rows.
fn buckets(told: u64, count: usize) -> Vec<u8> {
    let mut out = Out::envelope(7);
    numbers(&mut out, &[1, 0, 60, told]);
    out.bytes(&head(0));
    out.bytes(&rows(count));
    out.0.extend(rows(count));
    out.sealed()
}

fn count<T>(
    found: &mut u64,
    rows: &mut dyn Iterator<Item = Result<T, Damaged>>,
) -> Result<(), Damaged> {
    for row in rows {
        row?;
        *found += 1;
    }
    Ok(())
}

fn read_sealed(value: &[u8]) -> Result<u64, Damaged> {
    let mut found = 0;
    block::read_sealed::<Damaged>(at(START, 0), value, &mut Vec::new(), |_, rows| {
        count(&mut found, rows)
    })?;
    Ok(found)
}

fn read_buckets(value: &[u8], detail: Detail) -> Result<u64, Damaged> {
    let mut found = 0;
    let range = &(Time(START)..Time(START + 60));
    let wanted = coarse::Wanted { range, detail };
    coarse::read::<Damaged>(Time(START), value, &wanted, &mut Vec::new(), |_, rows| {
        count(&mut found, rows)
    })?;
    Ok(found)
}

#[test]
fn a_small_value_does_not_become_millions_of_rows() {
    let too_many = Err(Damaged("more rows than a block has"));
    let not_told = Err(Damaged("a label without rows, or more rows than are told"));
    assert_eq!(read_sealed(&sealed(9, 9)), Ok(9));
    let honest = sealed(MILLIONS as u64, MILLIONS);
    assert!(honest.len() < 32 << 10, "it takes {} bytes", honest.len());
    assert_eq!(read_sealed(&honest), too_many);
    assert_eq!(read_sealed(&sealed(9, MILLIONS)), not_told);
    for detail in [Detail::Labels, Detail::Apps] {
        assert_eq!(read_buckets(&buckets(9, 9), detail), Ok(9));
        let honest = buckets(MILLIONS as u64, MILLIONS);
        assert_eq!(read_buckets(&honest, detail), too_many);
        assert_eq!(read_buckets(&buckets(9, MILLIONS), detail), not_told);
    }
}

#[test]
fn a_block_has_as_many_rows_as_it_says() {
    let fewer = Err(Damaged("fewer rows than are told"));
    assert_eq!(read_sealed(&sealed(10, 9)), fewer);
    assert_eq!(read_buckets(&buckets(10, 9), Detail::Labels), fewer);
    // Its sums by app are fewer than its rows.
    assert_eq!(read_buckets(&buckets(10, 9), Detail::Apps), Ok(9));
    let most = OF_A_BLOCK as usize;
    assert_eq!(read_sealed(&sealed(OF_A_BLOCK, most)), Ok(OF_A_BLOCK));
}

/// A second as formats 3 and 4 tell it: its head, then columns.
fn by_second(count: u64) -> Vec<u8> {
    let mut out = Out::default();
    numbers(&mut out, &[1, 0, 0, 0, 0, count, 0]);
    let columns = columns(&[[(0, 0)].as_slice(), &[(0, count as usize); 11]].concat());
    out.0.extend(columns);
    out.0
}

#[test]
fn rows_that_are_told_second_by_second_are_bounded_too() {
    let sealed = |count| {
        let mut out = Out::envelope(4);
        out.0.extend(packed(&by_second(count)));
        read_sealed(&out.sealed())
    };
    assert_eq!(sealed(9), Ok(9));
    let why = Damaged("more rows than a block has");
    assert_eq!(sealed(OF_A_BLOCK + 1), Err(why));
    let hot = |count: u64| {
        let value = Out([vec![3], by_second(count)].concat()).sealed();
        block::read_hot::<Damaged>(at(START, 0), &value, |_, _| Ok(()))
    };
    assert_eq!(hot(OF_A_SECOND), Ok(()));
    let why = Damaged("more rows than a second has");
    assert_eq!(hot(OF_A_SECOND + 1), Err(why));
}

#[test]
fn a_bucket_of_very_many_programs_keeps_its_sums_and_few_rows() {
    let folder = in_memory();
    let store = open(folder.path());
    let database = store.slot.get().unwrap();
    let transaction = file::begin(&database).unwrap();
    let second = Second {
        moment: at(START, 0),
        span: 1,
        width: Nanos(1),
        cost: Cost::default(),
        nics: Vec::new(),
    };
    let one = |number: u32| Row {
        flow: None,
        nic: NicId(1),
        protocol: Protocol::TCP,
        label: LabelId {
            app: AppId(number + 100),
            site: SiteId(number + 100),
            owner_source: OwnerSource::Exact,
            site_source: SiteSource::Sni,
        },
        classes: ClassesId(1),
        opened: 1,
        traffic: traffic(1, u64::from(number), 0, 0),
    };
    let rows: Vec<Row> = (0..MOST as u32 + 10).map(one).collect();
    let mut sums = Sums::default();
    sums.add(&transaction, &second, &rows).unwrap();
    let bucket = Time(START)..Time(START + 60);
    let parts = sums.parts(&transaction, &bucket).unwrap();
    let kept = &parts[0].rows;
    assert_eq!(kept.len(), MOST / 2 + 1);
    let sum = |rows: &[Row]| {
        rows.iter().fold((0, 0), |(bytes, opened), row| {
            (bytes + row.traffic.total().bytes, opened + row.opened)
        })
    };
    assert_eq!(sum(kept), sum(&rows));
    // The largest is still told by its program.
    let last = rows.last().unwrap().label.app;
    assert!(kept.iter().any(|row| row.label.app == last));
    transaction.abort().unwrap();
}
