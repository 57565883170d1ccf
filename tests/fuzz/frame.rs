//! One frame of each link: decoded in both views, and steered.

use super::input::Input;
use netmonitor::capture::Link;
use netmonitor::capture::pktap::{Header, Processes};
use netmonitor::decode::{self, Fragment, Packet, Reason, Tunnels};
use netmonitor::key::{FlowKey, InterfaceId};
use netmonitor::ring::Steer;
use std::sync::LazyLock;

const WIFI: [Link; 7] = [
    Link::Wifi,
    Link::Radiotap,
    Link::Ppi,
    Link::Prism,
    Link::Avs,
    Link::Pktap,
    Link::User2,
];

const OTHER: [Link; 14] = [
    Link::Raw,
    Link::LinuxSll,
    Link::LinuxSll2,
    Link::Null,
    Link::Loop,
    Link::Ppp,
    Link::PppDirected,
    Link::PppEthernet,
    Link::CiscoHdlc,
    Link::Mpls,
    Link::Llc,
    Link::Mpacket,
    Link::Nflog,
    Link::Other(147),
];

pub fn ethernet(bytes: &[u8]) {
    _ = both_views(Link::Ethernet, bytes);
}

/// The first byte chooses the link.
pub fn wifi(bytes: &[u8]) {
    of_links(&WIFI, bytes);
}

/// The first byte chooses the link.
pub fn other(bytes: &[u8]) {
    of_links(&OTHER, bytes);
}

fn of_links(links: &[Link], bytes: &[u8]) {
    let mut input = Input(bytes);
    let link = links[usize::from(input.byte()) % links.len()];
    _ = both_views(link, input.0);
}

/// The inner view and the outer one.
pub fn both_views(link: Link, bytes: &[u8]) -> [Result<Packet, Reason>; 2] {
    static STEER: LazyLock<Steer> = LazyLock::new(Steer::new);
    assert!(STEER.worker(link, bytes, 3) < 3);
    let inner = view(link, bytes, Tunnels::Inner);
    let outer = view(link, bytes, Tunnels::Outer);
    match (&inner, &outer) {
        (Ok(inner), Ok(outer)) => outer_is_around(inner, outer),
        (inner, outer) => assert_eq!(inner.err(), outer.err()),
    }
    if let Some(header) = Header::of(bytes) {
        assert!(header.length() <= bytes.len() && header.interface().len() <= 24);
        let tag = header.tag();
        assert!(tag.is_none_or(|tag| Processes::default().of(&tag).is_some()));
    }
    [inner, outer]
}

/// One view: what it says lies in the captured bytes.
fn view(link: Link, bytes: &[u8], tunnels: Tunnels) -> Result<Packet, Reason> {
    let packet = decode::frame(link, bytes, tunnels)?;
    assert!(
        packet.payload <= packet.end && packet.end as usize <= bytes.len(),
        "{packet:?}"
    );
    let interface = InterfaceId(0);
    let is_part = packet.fragment != Fragment::Whole;
    assert_eq!(packet.fragment_id(interface).is_some(), is_part);
    if let Some(around) = packet.around(bytes) {
        assert!(around.fragment != Fragment::Whole && around.payload <= packet.payload);
    }
    let (key, sender) = FlowKey::of(&packet.tuple, interface);
    assert!(key.end(sender).address.is_ipv6() == packet.tuple.six);
    Ok(packet)
}

/// The outer view knows the links and tags around, the inner one those and the tunnels behind them.
fn outer_is_around(inner: &Packet, outer: &Packet) {
    let all: Vec<_> = inner.encapsulations.kinds().collect();
    let first: Vec<_> = outer.encapsulations.kinds().collect();
    assert!(all.starts_with(&first), "{first:?} is not around {all:?}");
    assert!(outer.payload <= inner.payload || all == first);
}
