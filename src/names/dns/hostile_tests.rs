//! No bytes can hurt, and none can cost more than their share.

use super::test_messages::*;
use super::*;
use proptest::prelude::*;

const FAMILIES: [Family; 4] = [Family::Dns, Family::Mdns, Family::Llmnr, Family::Nbns];

/// Everything that is told of these bytes.
fn read(message: &[u8]) -> usize {
    let mut told = 0;
    for family in FAMILIES {
        questions(message, family, |name| {
            assert!((1..=253).contains(&name.as_str().len()));
            told += 1;
        });
        told += answers(message, family).map_or(0, |said| said.addresses.len());
    }
    told + usize::from(looks_like_dns(message)) + usize::from(nbdgm(message).is_some())
}

#[test]
fn a_chain_of_pointers_is_not_followed_for_ever() {
    // Each pointer points to the one before it, each question to the last of them.
    let mut bytes = Draft {
        flags: RESPONSE,
        ..Draft::default()
    }
    .bytes();
    bytes[4..8].copy_from_slice(&[0xff; 4]);
    bytes.extend(wire("x"));
    for place in 0..8000_u16 {
        let at = if place == 0 { 12 } else { 13 + 2 * place };
        bytes.extend((0xc000 | at).to_be_bytes());
    }
    for start in [15, 15 + 2 * 126, 15 + 2 * 130, 15 + 2 * 7000] {
        let mut budget = Budget::new();
        let told = expand(&bytes, start, &mut budget).is_some();
        assert_eq!(told, start <= 15 + 2 * 127, "{start}");
    }
}

#[test]
fn names_that_are_spelt_again_and_again_use_up_their_share() {
    // One long name, and thousands of records that point to it.
    let long = format!("{0}.{0}.{0}.{1}", "x".repeat(63), "y".repeat(60));
    let mut draft = Draft {
        flags: 0x8400,
        ..Draft::default()
    };
    draft.records[0] = vec![record(
        &format!("{}.local", &long[..180]),
        1,
        9,
        &[1, 2, 3, 4],
    )];
    draft.records[0].extend((0..3000).map(|_| raw(&[0xc0, 12], 1, 1, 9, &[1, 2, 3, 4])));
    let said = answers(&draft.bytes(), Family::Mdns).unwrap();
    assert!(
        (50..=MOST_LABEL_BYTES / 180).contains(&said.addresses.len()),
        "{}",
        said.addresses.len()
    );
    let asking = Draft {
        questions: vec![vec![0, 0, 1, 0, 1]; 60_000],
        ..Draft::default()
    };
    assert_eq!(read(&asking.bytes()), 0);
    let mut many = Draft::answering("a", &vec![raw(&[0xc0, 12], 1, 1, 9, &[1, 2, 3, 4]); 4000]);
    assert_eq!(
        answers(&many.bytes(), Family::Dns).unwrap().addresses.len(),
        MOST_RECORDS
    );
    many.records[0] = (0..4000).map(|n| cname("a", 9, &format!("b{n}"))).collect();
    many.records[0].push(a("b0", 9, 1));
    assert!(
        answers(&many.bytes(), Family::Dns)
            .unwrap()
            .addresses
            .is_empty()
    );
}

#[test]
fn hints_are_bounded() {
    let hints = [&[0, 4, 0xf0, 0][..], &vec![8; 0xf000]].concat();
    let draft = Draft::answering("a", &[service("a", 1, ".", &hints)]);
    assert_eq!(
        answers(&draft.bytes(), Family::Dns)
            .unwrap()
            .addresses
            .len(),
        MOST_RECORDS
    );
}

/// Labels, pointers and records that are nearly right.
fn nearly() -> impl Strategy<Value = Vec<u8>> {
    let name = prop_oneof![
        Just(b"\xc0\x0c".to_vec()),
        Just(wire("a.local")),
        Just(b"\x20EGFDCACACACACACACACACACACACACACA\0".to_vec()),
        any::<(u8, u8)>().prop_map(|(high, low)| vec![0xc0 | high & 1, low]),
        proptest::collection::vec(any::<u8>(), 0..12),
    ];
    let kind = proptest::sample::select(vec![1_u16, 5, 28, 32, 33, 39, 41, 64, 65]);
    let data = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..40),
        name.clone(),
        Just(vec![1; 4])
    ];
    let entry = (name, kind, data).prop_map(|(name, kind, data)| raw(&name, kind, 1, 60, &data));
    let question = prop_oneof![
        Just(wire("a.local")),
        proptest::collection::vec(any::<u8>(), 0..9)
    ];
    let counts = (
        question,
        proptest::collection::vec(entry, 0..12),
        any::<[bool; 2]>(),
    );
    counts.prop_map(|(question, records, [response, split])| {
        let half = if split {
            records.len() / 2
        } else {
            records.len()
        };
        let (answers, additionals) = records.split_at(half);
        let question = [&question[..], &[0, 1, 0, 1]].concat();
        let draft = Draft {
            flags: if response { RESPONSE } else { 0 },
            questions: vec![question],
            records: [answers.to_vec(), Vec::new(), additionals.to_vec()],
        };
        draft.bytes()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_bytes_can_hurt(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        read(&bytes);
        let mut all = messages(&bytes);
        let used: usize = all.by_ref().map(|message| message.len() + 2).sum();
        prop_assert!(used == all.used() && used <= bytes.len());
    }

    #[test]
    fn no_message_can_hurt(message in nearly(), cut in any::<proptest::sample::Index>()) {
        read(&message);
        read(&message[..cut.index(message.len())]);
    }

    #[test]
    fn a_name_is_what_was_written(labels in proptest::collection::vec("[a-z0-9_-]{1,20}", 1..8)) {
        let name = labels.join(".");
        let mut names = Vec::new();
        questions(&Draft::asking(&name, 1).bytes(), Family::Dns, |name| names.push(name.to_string()));
        prop_assert_eq!(names, [name]);
    }
}
