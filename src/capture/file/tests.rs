//! Files of every kind, made here byte by byte: what they hold comes out, what is damaged is said.

use super::*;
use crate::capture::frame::Link;
use crate::capture::process::Process;
use std::io::Write;

/// What a file gave: frames as (interface, time, captured bytes, length), interfaces by link and
/// snaplen, cut seconds, and the processes of frames by number.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Got {
    pub frames: Vec<(u16, i64, Vec<u8>, u32)>,
    pub links: Vec<Link>,
    pub named: Vec<(String, u32)>,
    pub cuts: Vec<i64>,
    pub processes: Vec<(u64, Process)>,
}

pub(super) fn read(bytes: &[u8]) -> (Got, Option<Damage>) {
    let mut path = tempfile::NamedTempFile::new().unwrap();
    path.write_all(bytes).unwrap();
    let mut file = File::open(path.path(), Options::default()).unwrap();
    let home = file.home();
    let mut got = Got::default();
    for message in file.by_ref() {
        match message {
            Message::Interface(interface) => {
                got.links.push(interface.link);
                got.named
                    .push((interface.name.to_string(), interface.snaplen));
            }
            Message::Cut(cut) => got.cuts.push(cut.moment.second.0),
            Message::Batch(batch) => {
                for (index, frame) in batch.frames.iter().enumerate() {
                    if let Some(process) = batch.owner(index as u32) {
                        got.processes.push((frame.number.0, (**process).clone()));
                    }
                    let bytes = batch.bytes(frame).to_vec();
                    got.frames
                        .push((frame.interface.0, frame.at.0, bytes, frame.length));
                }
                home.give(batch);
            }
        }
    }
    (got, file.damage().cloned())
}

fn put(out: &mut Vec<u8>, value: u32, big: bool) {
    out.extend(if big {
        value.to_be_bytes()
    } else {
        value.to_le_bytes()
    });
}

fn pcap(magic: u32, big: bool, records: &[(u32, u32, &[u8], u32)]) -> Vec<u8> {
    let mut out = Vec::new();
    put(&mut out, magic, big);
    put(&mut out, if big { 0x0002_0004 } else { 0x0004_0002 }, big);
    for word in [0, 0, 65535, 1] {
        put(&mut out, word, big);
    }
    for (second, fraction, data, length) in records {
        for word in [*second, *fraction, data.len() as u32, *length] {
            put(&mut out, word, big);
        }
        out.extend(*data);
    }
    out
}

#[test]
fn pcap_in_both_orders_and_both_units() {
    let records: &[(u32, u32, &[u8], u32)] = &[(7, 5, b"abc", 60), (8, 6, b"", 1514)];
    for (magic, big, unit) in [
        (0xa1b2_c3d4, false, 1000),
        (0xa1b2_c3d4, true, 1000),
        (0xa1b2_3c4d, false, 1),
        (0xa1b2_3c4d, true, 1),
    ] {
        let (got, damage) = read(&pcap(magic, big, records));
        assert_eq!(damage, None);
        assert_eq!(got.links, [Link::Ethernet]);
        assert_eq!(got.cuts, [7, 8]);
        let first = (0, 7_000_000_000 + 5 * unit, b"abc".to_vec(), 60);
        let second = (0, 8_000_000_000 + 6 * unit, vec![], 1514);
        assert_eq!(got.frames, [first, second]);
    }
}

#[test]
fn records_cross_slabs() {
    let data = vec![9u8; 1500];
    let records: Vec<(u32, u32, &[u8], u32)> =
        (0..1000).map(|n| (n / 100, n, &data[..], 1500)).collect();
    let (got, damage) = read(&pcap(0xa1b2_c3d4, false, &records));
    assert_eq!((got.frames.len(), damage), (1000, None));
    assert!(got.frames.iter().all(|frame| frame.2 == data));
    assert_eq!(got.cuts, (0..10).collect::<Vec<i64>>());
}

#[test]
fn a_cut_pcap_keeps_what_came_before() {
    let whole = pcap(
        0xa1b2_c3d4,
        false,
        &[(7, 5, b"abcd", 60), (7, 6, b"efgh", 60)],
    );
    for length in 45..whole.len() {
        let (got, damage) = read(&whole[..length]);
        assert_eq!(
            (got.frames.len(), damage.unwrap().place),
            (1, Place::Byte(44))
        );
        assert_eq!(got.cuts, [7]);
    }
}

#[test]
fn an_absurd_length_is_said() {
    let mut bytes = pcap(0xa1b2_c3d4, false, &[(7, 5, b"abcd", 60)]);
    for word in [7, 8, 0x7fff_ffff, 60] {
        put(&mut bytes, word, false);
    }
    let (got, damage) = read(&bytes);
    assert_eq!(
        (got.frames.len(), damage.unwrap().place),
        (1, Place::Byte(44))
    );
}

#[test]
fn gzip_is_unzipped_and_a_cut_one_is_said() {
    let data = pcap(0xa1b2_c3d4, false, &vec![(7, 5, &b"abcd"[..], 60); 5000]);
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    packer.write_all(&data).unwrap();
    let zipped = packer.finish().unwrap();
    let (got, damage) = read(&zipped);
    assert_eq!((got.frames.len(), damage), (5000, None));
    let (got, damage) = read(&zipped[..zipped.len() / 2]);
    assert!(
        got.frames.len() > 1000 && damage.is_some(),
        "{} {damage:?}",
        got.frames.len()
    );
}

/// Version 2.3, whose records libpcap reads.
fn old_pcap() -> Vec<u8> {
    let mut bytes = pcap(0xa1b2_c3d4, false, &[(7, 5, b"abcd", 4), (7, 6, b"ef", 2)]);
    bytes[6] = 3;
    bytes
}

#[test]
fn an_old_pcap_is_read_through_libpcap_and_its_damage_has_a_place() {
    let whole = old_pcap();
    let (got, damage) = read(&whole);
    assert_eq!((got.frames.len(), damage), (2, None));
    assert_eq!(got.frames[1], (0, 7_000_006_000, b"ef".to_vec(), 2));
    let (got, damage) = read(&whole[..whole.len() - 1]);
    let damage = damage.unwrap();
    assert_eq!((got.frames.len(), damage.place), (1, Place::AfterFrame(1)));
    let said = damage.to_string();
    assert!(
        said.starts_with("reading stopped after frame 1: "),
        "{said}"
    );
}

#[test]
fn an_old_pcap_that_is_packed_is_to_be_unpacked_first() {
    let mut path = tempfile::NamedTempFile::new().unwrap();
    let mut packer = flate2::write::GzEncoder::new(&mut path, flate2::Compression::fast());
    packer.write_all(&old_pcap()).unwrap();
    packer.finish().unwrap();
    let error = File::open(path.path(), Options::default()).err().unwrap();
    assert!(matches!(error, Error::NotPlain { .. }), "{error}");
    assert!(error.to_string().contains("unpack it first"), "{error}");
}

#[test]
fn an_old_pcap_from_a_pipe_is_to_be_a_file_first() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pipe");
    nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let error = std::thread::scope(|scope| {
        scope.spawn(|| std::fs::write(&path, old_pcap()).unwrap());
        // The writer is gone by the time that a second look would wait for it.
        File::open(&path, Options::default()).err().unwrap()
    });
    assert!(matches!(error, Error::NotPlain { .. }), "{error}");
}

#[test]
fn what_is_no_capture_is_refused() {
    for (bytes, word) in [
        (&b""[..], "empty"),
        (&b"GET / HTTP/1.1\r\nHost: example.org"[..], "47 45"),
    ] {
        let mut path = tempfile::NamedTempFile::new().unwrap();
        path.write_all(bytes).unwrap();
        let error = File::open(path.path(), Options::default()).err().unwrap();
        assert!(error.to_string().contains(word), "{error}");
    }
}
