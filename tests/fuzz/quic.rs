//! A connection's datagrams: as they come, sealed as a client seals them, and several packets in one.

use super::input::Input;
use super::{check, seal};
use netmonitor::names::Parsed;
use netmonitor::names::quic::{self, Found, Quic};
use netmonitor::names::tls::{self, Transport, Wanted};

/// 16 KiB of a hello and its islands, and what vectors that grow have in reserve.
const MOST_HELD: usize = 64 * 1024;
/// Datagrams after which a connection has given up.
const MOST_DATAGRAMS: usize = 16;

/// Each datagram behind a byte that says how it is made, and its length.
pub fn run(bytes: &[u8]) {
    let mut input = Input(bytes);
    let mut quic = Quic::new();
    for count in 0..2 * MOST_DATAGRAMS {
        if input.is_empty() {
            return;
        }
        let kind = input.byte();
        let datagram = datagram(kind, &mut input);
        quic::begins(&datagram);
        let parsed = quic.datagram(kind & 1 == 0, &datagram);
        assert!(quic.held() <= MOST_HELD);
        assert!(count < MOST_DATAGRAMS || parsed == Parsed::Not);
        check::names(tls::partial_message(quic.so_far(), Transport::Quic));
        if let Parsed::Done(found) = parsed {
            return tells(found);
        }
    }
}

/// The lowest bit is the direction, the next two say how many packets are sealed in it.
fn datagram(kind: u8, input: &mut Input) -> Vec<u8> {
    let sealed = usize::from(kind >> 1 & 3);
    let packets = (0..sealed).map(|_| seal::initial(input.byte(), input.piece()));
    let mut datagram = packets.collect::<Vec<_>>().concat();
    if sealed == 0 || kind & 8 != 0 {
        datagram.extend(input.piece());
    }
    if kind & 16 != 0 {
        // As clients pad them (RFC 9000, 14.1).
        datagram.resize(datagram.len().max(1200), 0);
    }
    datagram
}

fn tells(found: Found) {
    match found {
        Found::Hello(message) => {
            assert!(message.len() <= 16 * 1024);
            let hello = tls::message(&message, Transport::Quic, Wanted::NameAndJa4);
            assert!(hello != Parsed::More, "it was said to be whole");
            hello.done().iter().for_each(check::hello);
        }
        Found::Chlo(name) => check::names(name),
    }
}
