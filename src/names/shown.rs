//! How an internationalised name is shown: in its own letters where these cannot be taken for
//! others, else in the ASCII form that a resolver is asked for (UTS 46, RFC 3492). What is safe is
//! UTS 39's: letters meant for names, of one script or a usual mixture ("highly restrictive"), and
//! none that hide, reorder or look like plain ASCII. Decides how a name looks, never which it is.

use crate::label::is_harmful;
use idna::punycode;
use idna::uts46::{AsciiDenyList, Hyphens, Uts46};
use std::borrow::Cow;
use unicode_script::{Script, UnicodeScript};
use unicode_security::confusable_detection::skeleton;
use unicode_security::restriction_level::{RestrictionLevel, RestrictionLevelDetection};
use unicode_security::{GeneralSecurityProfile, MixedScript};

/// What begins a label in ASCII form (RFC 5890, 2.3.1).
const PREFIX: &str = "xn--";

/// A [`Name`](super::Name) as a person may read it. Shown again, the result stays what it is; it
/// may be up to four times as long as a name.
pub fn shown(name: &str) -> Cow<'_, str> {
    if name.is_ascii() && !name.split('.').any(is_encoded) {
        return Cow::Borrowed(name);
    }
    let text = joined(name, readable);
    if text.is_ascii() || is_valid(&text) {
        return Cow::Owned(text);
    }
    // Beside letters that run from right to left, the others must keep to rules too (RFC 5893).
    Cow::Owned(joined(name, plain))
}

fn joined(name: &str, form: fn(&str) -> Cow<'_, str>) -> String {
    let labels: Vec<_> = name.split('.').map(form).collect();
    labels.join(".")
}

/// A label in its own letters if that is safe.
fn readable(label: &str) -> Cow<'_, str> {
    match decoded(label) {
        Some(letters) if is_safe(&letters) => letters,
        _ => plain(label),
    }
}

/// A label without letters beyond ASCII, but for the mark that bytes of it were lost: of such a one
/// there is no ASCII form, and the letters beside the mark are lost too.
fn plain(label: &str) -> Cow<'_, str> {
    const LOST: char = char::REPLACEMENT_CHARACTER;
    if label.is_ascii() {
        return Cow::Borrowed(label);
    }
    let encoded = (!label.contains(LOST)).then(|| punycode::encode_str(label));
    let masked = |letter: char| if letter.is_ascii() { letter } else { LOST };
    Cow::Owned(encoded.flatten().map_or_else(
        || label.chars().map(masked).collect(),
        |encoded| format!("{PREFIX}{encoded}"),
    ))
}

/// The letters that a label stands for; `None` where it is no valid label.
fn decoded(label: &str) -> Option<Cow<'_, str>> {
    if label.is_ascii() && !is_encoded(label) {
        return Some(Cow::Borrowed(label));
    }
    let letters = unicode(label)?;
    // What UTS 46 would map to something else is not what it looks like.
    (label.is_ascii() || letters == label).then_some(letters)
}

fn is_valid(name: &str) -> bool {
    unicode(name).is_some_and(|same| same == name)
}

fn unicode(name: &str) -> Option<Cow<'_, str>> {
    let rules = (AsciiDenyList::EMPTY, Hyphens::Allow);
    let (text, valid) = Uts46::new().to_unicode(name.as_bytes(), rules.0, rules.1);
    valid.ok().map(|()| text)
}

fn is_encoded(label: &str) -> bool {
    let start = label.get(..PREFIX.len());
    start.is_some_and(|start| start.eq_ignore_ascii_case(PREFIX))
}

fn is_safe(label: &str) -> bool {
    label.is_ascii()
        || (label.chars().all(is_meant_for_names)
            && label.check_restriction_level(RestrictionLevel::HighlyRestrictive)
            && !looks_like_ascii(label))
}

/// Whether UTS 39 allows it in identifiers, and it is no mark that any letter may bear: one is seen
/// badly or not at all on `i` or `l`, and what is usual has a letter of its own.
fn is_meant_for_names(letter: char) -> bool {
    letter.identifier_allowed() && !is_harmful(letter) && letter.script() != Script::Inherited
}

/// Whether it could be taken for another name that is plain ASCII. In a mixture of scripts one such
/// letter is enough, for the others may well be ASCII (`com` and a letter like a slash).
fn looks_like_ascii(label: &str) -> bool {
    if label.is_single_script() {
        return looks_ascii(label);
    }
    let mut buffer = [0; 4];
    let mut beyond = label.chars().filter(|letter| !letter.is_ascii());
    beyond.any(|letter| looks_ascii(letter.encode_utf8(&mut buffer)))
}

/// The two letters of Danish and French that UTS 39 spells with two of ASCII are not taken for them.
fn looks_ascii(text: &str) -> bool {
    !text.contains(['æ', 'œ']) && skeleton(text).all(|letter| letter.is_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::Name;
    use proptest::prelude::*;

    #[test]
    fn names_that_cannot_be_mistaken_are_shown_in_their_letters() {
        for (name, wanted) in [
            ("example.com", "example.com"),
            ("_sip._tcp.example.com", "_sip._tcp.example.com"),
            ("xn--bcher-kva.example", "bücher.example"),
            ("bücher.example", "bücher.example"),
            ("www.xn--mnchen-3ya.de", "www.münchen.de"),
            ("xn--strae-oqa.de", "straße.de"),
            ("xn--d1acpjx3f.xn--p1ai", "яндекс.рф"),
            ("xn--fsqu00a.xn--0zwm56d", "例子.测试"),
            ("xn--wgv71a119e.jp", "日本語.jp"),
            ("xn--zckzah.jp", "テスト.jp"),
            ("xn--ob0bz7i69i99fm8qgkfwlc.com", "베스트공포닷컴.com"),
            ("xn--hxajbheg2az3al.gr", "παράδειγμα.gr"),
            ("xn--mgbh0fb.example", "مثال.example"),
            ("xn--4dbrk0ce.example", "ישראל.example"),
            ("xn--i1b6b1a6a2e.in", "संगठन.in"),
            ("xn--lgerd-prad.dk", "lægeråd.dk"),
            ("xn--sson-voa.dk", "sæson.dk"),
            ("XN--BCHER-KVA.example", "bücher.example"),
        ] {
            assert_eq!(shown(name), wanted, "{name}");
        }
        // Latin beside Japanese, Chinese or Korean is usual.
        for name in [
            "sonyストア.jp",
            "サントリーbeer.jp",
            "kakao톡.kr",
            "qq音乐.cn",
        ] {
            assert_eq!(shown(name), name);
        }
    }

    #[test]
    fn names_that_look_like_others_are_shown_as_they_are_asked_for() {
        for (what, label) in [
            ("Cyrillic for apple", "аррӏе"),
            ("Cyrillic among Latin", "pаypal"),
            ("Greek among Latin", "gοοgle"),
            ("Greek alone", "ο"),
            ("Cyrillic with digits and hyphens", "ѕсоре-1"),
            ("Armenian o", "օօ"),
            ("Latin with a dotless i", "gıthub"),
            ("a second dot on an i", "gi\u{307}thub"),
            ("a mark through a letter", "pay\u{338}pal"),
            ("phonetic alphabet", "ɡoogle"),
            ("fullwidth letters", "ａpple"),
            ("mathematical letters", "𝐚pple"),
            ("a ligature", "ﬁle"),
            ("a dot that is none", "paypal。com"),
            ("a slash that is none", "example\u{2044}login"),
            ("Katakana like a slash", "comノlogin"),
            ("Cherokee", "ꭺꭺ"),
            ("a picture", "i❤"),
            ("an unassigned letter", "a\u{378}b"),
            ("three scripts", "aбώ"),
            ("Latin and Thai", "abcไทย"),
            ("not composed", "bu\u{308}cher"),
            ("upper case", "BÜCHER"),
            ("Hebrew after digits", "1א"),
        ] {
            let encoded = format!("{PREFIX}{}.com", punycode::encode_str(label).unwrap());
            let name = format!("{label}.com");
            assert_eq!(shown(&name), encoded, "{what}");
            assert_eq!(shown(&encoded), encoded, "{what}, encoded");
        }
    }

    #[test]
    fn what_hides_in_punycode_stays_there() {
        for name in [
            "xn--",
            "xn--a",
            "xn---",
            "xn--\u{fffd}",
            "xn--99999999",
            "xn--example-",
        ] {
            assert_eq!(shown(name), name, "{name}");
        }
        for letter in [
            '\u{200b}', '\u{200d}', '\u{202e}', '\u{2066}', '\u{feff}', '\u{ad}', '\u{7f}',
            '\u{85}',
        ] {
            let label = punycode::encode_str(&format!("pay{letter}pal")).unwrap();
            let name = format!("{PREFIX}{label}.com");
            assert_eq!(shown(&name), name, "{letter:?}");
        }
        // A label in ASCII form that stands for another one.
        let twice = format!("{PREFIX}{}", punycode::encode_str("xn--bücher").unwrap());
        assert_eq!(shown(&twice), twice);
    }

    #[test]
    fn neighbours_of_letters_from_right_to_left_keep_to_their_rules() {
        assert_eq!(shown("אב.com"), "אב.com");
        assert_eq!(shown("1.אב.com"), "1.xn--4dbc.com");
        assert_eq!(shown("1.xn--4dbc.com"), "1.xn--4dbc.com");
    }

    #[test]
    fn damage_is_seen() {
        assert_eq!(shown("a\u{fffd}b.example"), "a\u{fffd}b.example");
        assert_eq!(shown("р\u{fffd}aypal.com"), "\u{fffd}\u{fffd}aypal.com");
    }

    fn keeps_the_rules(name: &str) -> Result<(), TestCaseError> {
        let once = shown(name);
        prop_assert!(!once.chars().any(is_harmful), "{name:?}: {once:?}");
        prop_assert!(
            once.len() <= 4 * crate::names::name::LONGEST,
            "{name:?}: {once:?}"
        );
        let twice = shown(&once);
        prop_assert_eq!(&twice, &once, "{:?}", name);
        prop_assert_eq!(once.split('.').count(), name.split('.').count());
        Ok(())
    }

    proptest! {
        #[test]
        fn no_bytes_can_hurt(bytes in prop::collection::vec(any::<u8>(), 0..260)) {
            Name::of(&bytes).map_or(Ok(()), |name| keeps_the_rules(name.as_str()))?;
        }

        #[test]
        fn no_letters_can_hurt(text in r"((xn--)?[a-z0-9а-яα-ωא-ת一-丐ァ-ヶ\u{300}-\u{310}\u{200b}-\u{200f}._-]{0,8}\.){0,4}\PC{0,6}") {
            Name::of(text.as_bytes()).map_or(Ok(()), |name| keeps_the_rules(name.as_str()))?;
        }

        #[test]
        fn nothing_comes_out_of_punycode_that_a_name_may_not_have(text in r"[a-z]{0,3}[\u{80}-\u{10ffff}]{1,5}") {
            let label = punycode::encode_str(&text).unwrap_or_default();
            keeps_the_rules(&format!("{PREFIX}{label}.example"))?;
        }
    }
}
