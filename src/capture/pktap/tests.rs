//! Both versions of the header, whole and broken.

use super::test_headers::{NOBODY, Said, first, second};
use super::*;

const BOTH: [fn(Said) -> Vec<u8>; 2] = [first, second];

#[test]
fn the_process_and_the_one_that_it_works_for() {
    let said = Said {
        own: (310, "nsurlsessiond"),
        effective: (1207, "Mail"),
        ..NOBODY
    };
    for made in BOTH {
        let tag = Header::of(&made(said)).unwrap().tag().unwrap();
        assert_eq!((tag.pid, tag.effective_pid), (Some(310), Some(1207)));
        let process = tag.process().unwrap();
        assert_eq!(&**process.app(), "Mail");
        assert_eq!(process.via().map(|via| &**via), Some("nsurlsessiond"));
    }
}

#[test]
fn whose_it_is_where_only_one_is_told_or_none() {
    let longest = "abcdefghijklmnopq";
    let cases = [
        ((1, longest), (-1, ""), Some((1, longest))),
        ((7, "a"), (7, "a"), Some((7, "a"))),
        ((7, "a"), (0, ""), Some((7, "a"))),
        ((-1, ""), (9, "b"), Some((9, "b"))),
        ((0, "kernel_task"), (-1, ""), Some((0, "kernel_task"))),
        ((7, ""), (-1, ""), Some((7, "pid 7"))),
        ((-1, ""), (-1, ""), None),
        ((0, ""), (0, ""), None),
        ((-1, "left over"), (-1, "left over"), None),
    ];
    for (own, effective, whose) in cases {
        let said = Said {
            own,
            effective,
            ..NOBODY
        };
        for made in BOTH {
            let tag = Header::of(&made(said)).unwrap().tag();
            let process = tag.and_then(|tag| tag.process());
            let told = process.as_ref().map(|it| (it.pid, &*it.name));
            assert_eq!(told, whose, "{own:?} {effective:?}");
            assert!(process.is_none_or(|it| it.via().is_none()));
        }
    }
}

#[test]
fn where_the_frame_was_and_how_it_is_laid_out() {
    for (interface, link, sent) in [("utun4", Link::Null, true), ("en0", Link::Ethernet, false)] {
        for made in BOTH {
            let mut bytes = made(Said {
                interface,
                link: link.number(),
                sent,
                ..NOBODY
            });
            let length = bytes.len();
            bytes.extend([9; 60]);
            let header = Header::of(&bytes).unwrap();
            assert_eq!(header.interface(), interface.as_bytes());
            assert_eq!((header.link(), header.is_sent()), (Some(link), sent));
            assert_eq!(header.length(), length);
        }
    }
    let longest = "an-interface-of-24-bytes";
    let said = Said {
        interface: longest,
        ..NOBODY
    };
    assert_eq!(
        Header::of(&first(said)).unwrap().interface(),
        longest.as_bytes()
    );
    // Older systems have a shorter header.
    let mut older = first(NOBODY);
    older[0] = 108;
    assert_eq!(Header::of(&older).unwrap().length(), 108);
}

#[test]
fn no_prefix_and_no_byte_can_hurt() {
    let said = Said {
        own: (1, "a"),
        effective: (2, "b"),
        ..NOBODY
    };
    for whole in BOTH.map(|made| made(said)) {
        for length in 0..whole.len() {
            assert!(Header::of(&whole[..length]).is_none());
        }
        for at in 0..64 {
            for value in 0..=u8::MAX {
                let mut bytes = whole.clone();
                bytes[at] = value;
                if let Some(header) = Header::of(&bytes) {
                    let _ = (header.tag(), header.link(), header.interface());
                    assert!(header.length() <= bytes.len());
                }
            }
        }
    }
}
