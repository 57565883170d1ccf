//! What must hold of every name and of every parser's progress.

use netmonitor::label::is_harmful;
use netmonitor::names::tls::{Alpn, Hello, Ja4};
use netmonitor::names::{Heard, Name, Parsed, Said};
use std::fmt::Debug;

/// The longest name (RFC 1035, 3.1, as text without the last dot).
const LONGEST: usize = 253;

/// A name is there, short, in lower case as far as it is ASCII, and harmless where it is shown.
pub fn name(name: &Name) {
    let text = name.as_str();
    assert!(!text.is_empty() && text.len() <= LONGEST, "{text:?}");
    assert!(!text.chars().any(is_harmful), "{text:?}");
    assert!(
        !text.bytes().any(|byte| byte.is_ascii_uppercase()),
        "{text:?}"
    );
}

pub fn names(found: impl IntoIterator<Item = Name>) {
    found.into_iter().for_each(|found| name(&found));
}

/// What a flow's payload said may be shown.
pub fn heard(heard: Heard) {
    match heard.said {
        Said::Claim(claim) => name(&claim.name),
        Said::Answers(answers) => {
            names(answers.asked);
            names(answers.addresses.into_iter().map(|answer| answer.name));
        }
        _ => {}
    }
}

/// All that is shown of a hello.
pub fn hello(hello: &Hello) {
    names(hello.name.clone());
    let alpn = hello.alpn.as_ref().map_or("h2", Alpn::as_str);
    let is_shown = |byte: u8| byte.is_ascii_graphic();
    assert!(
        (1..=15).contains(&alpn.len()) && alpn.bytes().all(is_shown),
        "{alpn:?}"
    );
    if let Some(ja4) = hello.ja4 {
        assert_eq!(Ja4::of_text(ja4.as_str()), Some(ja4));
    }
}

/// What was said of a beginning stays said of all of it: only `More` can turn into another.
pub fn settled<T: Debug + PartialEq>(beginning: &Parsed<T>, whole: &Parsed<T>) {
    if *beginning != Parsed::More {
        assert_eq!(beginning, whole, "said of the beginning, and of the whole");
    }
}

/// A beginning of the bytes, cut where `place` says.
pub fn cut(bytes: &[u8], place: u16) -> &[u8] {
    let end = usize::from(place) % (bytes.len() + 1);
    &bytes[..end]
}
