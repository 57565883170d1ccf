//! What else a stream or a datagram begins with: HTTP/1 and HTTP/2, dialogues that turn into TLS,
//! protocols by content, SCTP's chunks. Two bytes say where a beginning is cut, and the ports.

use super::check;
use super::input::Input;
use netmonitor::names::dialogue::{self, Kind};
use netmonitor::names::{Parsed, http, protocol, sctp};

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

pub fn run(bytes: &[u8]) {
    let mut input = Input(bytes);
    let place = input.word();
    let (bytes, beginning) = (input.0, check::cut(input.0, place));
    requests(beginning, bytes);
    dialogues(beginning, bytes);
    check::settled(&protocol::of_stream(beginning), &protocol::of_stream(bytes));
    protocol::of_datagram(place, place.rotate_left(8), bytes);
    for data in sctp::data(bytes) {
        assert!(data.len() <= bytes.len());
        http::begins(data);
    }
}

fn requests(beginning: &[u8], bytes: &[u8]) {
    let request = http::request(bytes);
    check::settled(&http::request(beginning), &request);
    check::settled(&http::opening(beginning), &http::opening(bytes));
    check::settled(&http::h2::preface(beginning), &http::h2::preface(bytes));
    let authority = http::h2::authority(bytes);
    check::settled(&http::h2::authority(beginning), &authority);
    check::names(authority.done().flatten());
    check::names(http::partial(bytes));
    http::begins(bytes);
    if let Parsed::Done(request) = request {
        assert!((1..=bytes.len()).contains(&request.length));
        let names = [request.host, request.said, request.target, request.connect];
        check::names(names.into_iter().flatten());
    }
}

fn dialogues(beginning: &[u8], bytes: &[u8]) {
    check::settled(&dialogue::begins(beginning), &dialogue::begins(bytes));
    for kind in KINDS {
        let upgrade = dialogue::upgrade(kind, bytes);
        check::settled(&dialogue::upgrade(kind, beginning), &upgrade);
        if let Parsed::Done(at) = upgrade {
            assert_eq!(bytes.get(at), Some(&0x16), "a record begins there");
        }
    }
}
