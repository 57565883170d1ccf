//! ClientHellos at the start of streams, as messages, and over datagrams.

use super::check;
use super::input::Input;
use netmonitor::names::Parsed;
use netmonitor::names::tls::{self, Dtls, Hello, Transport, Wanted};

const TRANSPORTS: [Transport; 3] = [Transport::Tcp, Transport::Quic, Transport::Dtls];
/// A hello of 16 KiB, and what a vector that grows has in reserve.
const MOST_HELD: usize = 40 * 1024;

/// The first byte chooses; of a stream, two more say where it is cut.
pub fn run(bytes: &[u8]) {
    let mut input = Input(bytes);
    match input.byte() % 3 {
        0 => stream(&mut input),
        1 => message(&mut input),
        _ => datagrams(&mut input),
    }
}

fn stream(input: &mut Input) {
    let place = input.word();
    let whole = parsed(|wanted| tls::stream(input.0, wanted));
    let beginning = check::cut(input.0, place);
    check::settled(&tls::stream(beginning, Wanted::NameAndJa4), &whole);
    check::names(tls::partial(input.0));
    let so_far = tls::name_so_far(input.0);
    check::names(so_far.clone());
    if let (Parsed::Done(hello), Some(name)) = (whole, so_far) {
        assert_eq!(hello.name, Some(name));
    }
}

fn message(input: &mut Input) {
    let place = input.word();
    for transport in TRANSPORTS {
        let whole = parsed(|wanted| tls::message(input.0, transport, wanted));
        let beginning = check::cut(input.0, place);
        check::settled(
            &tls::message(beginning, transport, Wanted::NameAndJa4),
            &whole,
        );
        check::names(tls::partial_message(input.0, transport));
    }
}

fn datagrams(input: &mut Input) {
    let mut dtls = Dtls::default();
    while !input.is_empty() {
        let datagram = input.piece();
        tls::dtls_begins(datagram);
        let parsed = dtls.datagram(datagram, Wanted::NameAndJa4);
        parsed.done().iter().for_each(check::hello);
        check::names(dtls.name_so_far());
        assert!(dtls.held() <= MOST_HELD);
    }
}

/// Parses with the fingerprint; that makes no other difference.
fn parsed(parse: impl Fn(Wanted) -> Parsed<Hello>) -> Parsed<Hello> {
    let with = parse(Wanted::NameAndJa4);
    let bare = |hello| Hello { ja4: None, ..hello };
    assert_eq!(parse(Wanted::Name), with.clone().map(bare));
    with.clone().done().iter().for_each(check::hello);
    with
}
