//! Protocols of lines: which commands a client may give before it asks for TLS, and which one asks.
//! Any other command (a login, a letter's sender) means that it will not.

use super::{Kind, records};
use crate::names::Parsed::{self, Done, More, Not};

/// One protocol, in words that begin a line.
struct Script {
    kind: Kind,
    /// What a client may say first, where that tells the protocol.
    opening: &'static [&'static str],
    /// What may come before TLS is asked for.
    patient: &'static [&'static str],
    asking: &'static [&'static str],
}

/// `USER`, `NOOP` and `HELP` open nothing: several protocols have them.
static SCRIPTS: [Script; 6] = [
    Script {
        kind: Kind::Smtp,
        opening: &["EHLO", "HELO", "LHLO"],
        patient: &["EHLO", "HELO", "LHLO", "NOOP", "RSET", "HELP", "XCLIENT"],
        asking: &["STARTTLS"],
    },
    Script {
        kind: Kind::Ftp,
        opening: &["AUTH TLS", "AUTH SSL", "AUTH TLS-C", "AUTH TLS-P", "FEAT"],
        patient: &["FEAT", "SYST", "OPTS", "CLNT", "HOST", "NOOP", "HELP"],
        asking: &["AUTH TLS", "AUTH SSL", "AUTH TLS-C", "AUTH TLS-P"],
    },
    Script {
        kind: Kind::Pop3,
        // `AUTH` alone asks what a server knows; FTP names a mechanism, and is asked before.
        opening: &["CAPA", "STLS", "APOP", "AUTH"],
        patient: &["CAPA", "AUTH", "NOOP", "LANG", "UTF8"],
        asking: &["STLS"],
    },
    Script {
        kind: Kind::Nntp,
        opening: &["CAPABILITIES", "MODE READER"],
        patient: &["CAPABILITIES", "MODE READER", "DATE", "HELP"],
        asking: &["STARTTLS"],
    },
    Script {
        kind: Kind::Sieve,
        // A news client asks what a server can do before; a server of this one has said it.
        opening: &["STARTTLS", "CAPABILITY"],
        patient: &["CAPABILITY", "NOOP"],
        asking: &["STARTTLS"],
    },
    IMAP,
];

/// Each line begins with a tag of the client's choice.
const IMAP: Script = Script {
    kind: Kind::Imap,
    opening: &[
        "CAPABILITY",
        "STARTTLS",
        "LOGIN",
        "AUTHENTICATE",
        "ID",
        "NOOP",
        "LOGOUT",
    ],
    patient: &["CAPABILITY", "ID", "NOOP"],
    asking: &["STARTTLS"],
};

/// No command before TLS is longer (RFC 9051 leaves it open; RFC 5321, 4.5.3.1.4 says 512).
const LONGEST_LINE: usize = 1024;

/// No client gives more commands before it asks for TLS. Every one is read again with each segment.
const MOST_COMMANDS: usize = 64;

/// No tag that a client uses is longer.
const LONGEST_TAG: usize = 32;

/// The protocol of the first line, once that is whole.
pub(super) fn begins(bytes: &[u8]) -> Parsed<Kind> {
    match bytes.first() {
        None => return More,
        Some(_) if !is_tag(bytes, 1) => return Not,
        Some(_) => {}
    }
    let whole = line(bytes);
    if !may_be_command(whole.unwrap_or(bytes)) {
        return Not;
    }
    let Some(line) = whole else {
        return unfinished(bytes);
    };
    let script = SCRIPTS
        .iter()
        .find(|script| says(script.command(line), script.opening));
    script.map_or(Not, |script| Done(script.kind))
}

/// Where the line after the one that asks begins, if records begin there.
pub(super) fn upgrade(kind: Kind, bytes: &[u8]) -> Parsed<usize> {
    let Some(script) = SCRIPTS.iter().find(|script| script.kind == kind) else {
        return Not;
    };
    let mut at = 0;
    for _ in 0..MOST_COMMANDS {
        let rest = bytes.get(at..).unwrap_or_default();
        let Some(line) = line(rest) else {
            return unfinished(rest);
        };
        let command = script.command(line);
        at += line.len();
        if says(command, script.asking) {
            match records(bytes, at) {
                Not => {}
                known => return known,
            }
        } else if !says(command, script.patient) {
            return Not;
        }
    }
    Not
}

/// A line may end yet that is not too long already.
fn unfinished<T>(line: &[u8]) -> Parsed<T> {
    if line.len() < LONGEST_LINE { More } else { Not }
}

impl Script {
    fn command<'a>(&self, line: &'a [u8]) -> &'a [u8] {
        if self.kind != Kind::Imap {
            return line;
        }
        let tag = line
            .iter()
            .position(|byte| *byte == b' ')
            .filter(|tag| is_tag(line, *tag));
        tag.and_then(|tag| line.get(tag + 1..)).unwrap_or_default()
    }
}

/// A line with its end.
fn line(bytes: &[u8]) -> Option<&[u8]> {
    let start = bytes.get(..LONGEST_LINE).unwrap_or(bytes);
    let end = start.iter().position(|byte| *byte == b'\n')?;
    start.get(..=end)
}

/// Whether a line begins with one of these words, in either case.
fn says(line: &[u8], words: &[&str]) -> bool {
    words.iter().any(|word| {
        let (start, rest) = line.split_at_checked(word.len()).unwrap_or_default();
        start.eq_ignore_ascii_case(word.as_bytes())
            && rest.first().is_some_and(|byte| b" \r\n".contains(byte))
    })
}

/// Printable text that begins with a word, with or without its end.
fn may_be_command(line: &[u8]) -> bool {
    let text = line.strip_suffix(b"\n").unwrap_or(line);
    let text = text.strip_suffix(b"\r").unwrap_or(text);
    let word = text
        .iter()
        .position(|byte| *byte == b' ')
        .unwrap_or(text.len());
    text.is_empty() || is_tag(text, word) && text.iter().all(|byte| matches!(byte, b' '..=b'~'))
}

/// RFC 9051, 9: `tag`, as clients form them. Command words have this form as well.
fn is_tag(line: &[u8], length: usize) -> bool {
    let tag = line.get(..length).unwrap_or_default();
    (1..=LONGEST_TAG).contains(&length)
        && tag
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(byte))
}
