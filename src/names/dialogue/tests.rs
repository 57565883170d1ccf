//! Clients' streams, with the place where TLS begins in them.

use super::*;
use proptest::prelude::*;

/// The start of a handshake's record.
const RECORD: &str = "\x16\x03\x01";

fn ldap(operation: u8, content: &str) -> String {
    let length = char::from(5 + content.chars().count() as u8);
    let inner = char::from(content.chars().count() as u8);
    format!(
        "0{length}\x02\x01\x01{}{inner}{content}",
        char::from(operation)
    )
}

/// The prefix before TLS begins with `EHLO` or the like; what is asked and refused comes in it too.
fn clear() -> Vec<(Kind, String)> {
    let gssapi = "\0\0\0\x08\x04\u{d2}\x16\x30";
    let postgres = "\0\0\0\x08\x04\u{d2}\x16\x2f";
    let mysql = format!(
        "\x20\0\0\x01\x05\u{ae}\u{ff}\x01\0\0\0\x01\x21{}",
        "\0".repeat(23)
    );
    let ask = ldap(EXTENDED, "\u{80}\x161.3.6.1.4.1.1466.20037");
    let search = ldap(0x63, "\x04\0\x0a\x01\0");
    let connect = "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example\r\n\r\n";
    let stream = "<stream:stream to='a.example' xmlns='jabber:client' version='1.0'>";
    let ask_xml = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'";
    vec![
        (Kind::Smtp, "EHLO a.example\r\nSTARTTLS\r\n".into()),
        (Kind::Smtp, "helo a\r\nnoop\r\nstarttls\r\n".into()),
        (Kind::Smtp, "LHLO a\nSTARTTLS\n".into()),
        (
            Kind::Smtp,
            "EHLO a\r\nSTARTTLS\r\nEHLO a\r\nSTARTTLS\r\n".into(),
        ),
        (Kind::Imap, "a001 CAPABILITY\r\na002 STARTTLS\r\n".into()),
        (Kind::Imap, ". starttls\r\n".into()),
        (Kind::Imap, "1 ID (\"name\" \"x\")\r\n2 STARTTLS\r\n".into()),
        (Kind::Pop3, "CAPA\r\nSTLS\r\n".into()),
        (Kind::Pop3, "CAPA\r\nAUTH\r\nSTLS\r\n".into()),
        (Kind::Ftp, "AUTH TLS\r\n".into()),
        (Kind::Ftp, "FEAT\r\nAUTH SSL\r\n".into()),
        (Kind::Ftp, "AUTH TLS-C\r\nAUTH SSL\r\n".into()),
        (Kind::Nntp, "CAPABILITIES\r\nSTARTTLS\r\n".into()),
        (Kind::Nntp, "MODE READER\r\nSTARTTLS\r\n".into()),
        (Kind::Sieve, "STARTTLS\r\n".into()),
        (Kind::Postgres, postgres.into()),
        (Kind::Postgres, format!("{gssapi}{postgres}")),
        (Kind::Mysql, mysql),
        (Kind::Ldap, ask.clone()),
        (Kind::Ldap, format!("{search}{ask}")),
        (
            Kind::Rdp,
            "\x03\0\0\x13\x0e\u{e0}\0\0\0\0\0\x01\0\x08\0\x03\0\0\0".into(),
        ),
        (Kind::Connect, connect.into()),
        (Kind::Connect, format!("{connect}{connect}")),
        (
            Kind::Xmpp,
            format!("<?xml version='1.0'?>{stream}{ask_xml}/>"),
        ),
        (Kind::Xmpp, format!("{stream}\n{ask_xml}></starttls>\n")),
    ]
}

const EXTENDED: u8 = 0x77;

/// One byte for each letter.
fn bytes(text: &str) -> Vec<u8> {
    text.chars()
        .map(|letter| u8::try_from(letter).unwrap())
        .collect()
}

#[test]
fn tls_begins_behind_what_asks_for_it() {
    for (kind, clear) in clear() {
        let whole = bytes(&format!("{clear}{RECORD}"));
        let place = whole.len() - RECORD.len();
        assert_eq!(begins(&whole), Done(kind), "{clear:?}");
        assert_eq!(upgrade(kind, &whole), Done(place), "{clear:?}");
        for length in 0..place + 2 {
            assert_eq!(upgrade(kind, &whole[..length]), More, "{clear:?} {length}");
            assert!(
                matches!(begins(&whole[..length]), More | Done(_)),
                "{clear:?} {length}"
            );
        }
    }
}

#[test]
fn a_client_that_goes_on_in_the_clear_is_given_up() {
    let connect = "CONNECT a.example:22 HTTP/1.1\r\n\r\n";
    for (kind, stream) in [
        (Kind::Smtp, "EHLO a\r\nMAIL FROM:<a@b>\r\n".to_string()),
        (Kind::Smtp, "EHLO a\r\nSTARTTLS\r\nAUTH PLAIN\r\n".into()),
        (Kind::Smtp, format!("EHLO a\r\n{}", "a".repeat(1024))),
        (
            Kind::Smtp,
            format!("{}STARTTLS\r\n\x16\x03", "NOOP\r\n".repeat(64)),
        ),
        (Kind::Imap, "a LOGIN u p\r\n".into()),
        (Kind::Imap, "a STARTTLS\r\nb LOGIN u p\r\n".into()),
        (Kind::Pop3, "CAPA\r\nUSER a\r\n".into()),
        (Kind::Ftp, "FEAT\r\nUSER a\r\n".into()),
        (Kind::Nntp, "CAPABILITIES\r\nGROUP a\r\n".into()),
        (
            Kind::Sieve,
            "CAPABILITY\r\nAUTHENTICATE \"PLAIN\"\r\n".into(),
        ),
        (
            Kind::Postgres,
            "\0\0\0\x08\x04\u{d2}\x16\x2f\0\0\0\x20\0\x03\0\0user".into(),
        ),
        (Kind::Ldap, ldap(0x60, "\x02\x01\x03\x04\0\u{80}\0")),
        (
            Kind::Rdp,
            "\x03\0\0\x0b\x06\u{e0}\0\0\0\0\0\x03\0\0\x10".into(),
        ),
        (Kind::Connect, format!("{connect}SSH-2.0-x\r\n")),
        (Kind::Connect, "GET / HTTP/1.1\r\n\r\nx".into()),
        (
            Kind::Xmpp,
            "<stream:stream to='a'><auth mechanism='PLAIN'>".into(),
        ),
    ] {
        assert_eq!(upgrade(kind, &bytes(&stream)), Not, "{stream:?}");
    }
}

#[test]
fn other_protocols_begin_no_dialogue() {
    for stream in [
        "GET / HTTP/1.1\r\n",
        "SSH-2.0-x\r\n",
        "USER a\r\n",
        "NOOP\r\n",
        "a b c\r\n",
        "EHLOX a\r\n",
        "<?xml version='1.0'?><html>",
        "<stream:streams>",
        "\x16\x03\x01\x02",
        "\0\0\0\x08\0\x03\0\0",
        "0\x0c\x02\x01\x01\x61\x07",
    ] {
        assert_eq!(begins(&bytes(stream)), Not, "{stream:?}");
    }
}

/// What a longer prefix may make of what a shorter one was.
fn keeps<T: PartialEq + std::fmt::Debug>(parse: impl Fn(&[u8]) -> Parsed<T>, bytes: &[u8]) {
    let mut before = More;
    for length in 0..=bytes.len() {
        let now = parse(&bytes[..length]);
        assert!(
            before == More || before == now,
            "{before:?} became {now:?} at {length}: {bytes:?}"
        );
        before = now;
    }
}

const KINDS: [Kind; 12] = [
    Kind::Smtp,
    Kind::Imap,
    Kind::Pop3,
    Kind::Ftp,
    Kind::Nntp,
    Kind::Sieve,
    Kind::Xmpp,
    Kind::Postgres,
    Kind::Mysql,
    Kind::Ldap,
    Kind::Rdp,
    Kind::Connect,
];

proptest! {
    #[test]
    fn no_bytes_hurt(
        (place, cut) in (0..25_usize, any::<prop::sample::Index>()),
        noise in prop::collection::vec(any::<u8>(), 0..12),
        record in any::<bool>(),
    ) {
        let mut stream = bytes(&clear()[place].1);
        if record {
            stream.extend(bytes(RECORD));
        }
        let cut = cut.index(stream.len() + 1);
        stream.splice(cut..(cut + noise.len() / 2).min(stream.len()), noise);
        keeps(begins, &stream);
        for kind in KINDS {
            keeps(|bytes| upgrade(kind, bytes), &stream);
        }
    }
}
