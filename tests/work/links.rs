//! The worst of links, tunnels, extension headers and parts of packets.

use super::LARGEST;
use crate::frame::{ethernet, ip, packet, part};

/// IP in IP as often as a packet has room for, around a port of its own.
pub fn tunnels(client: u16) -> Vec<Vec<u8>> {
    let ports = [client, 9, 8, 0].map(u16::to_be_bytes).concat();
    let innermost = packet(17, 0, &ports);
    let nested = (0..3000).fold(innermost, |inner, _| packet(4, 0, &inner));
    vec![ip(4, &nested)]
}

pub fn labels(_: u16) -> Vec<Vec<u8>> {
    vec![ethernet(0x8847, &[0, 0, 0x10, 0].repeat(LARGEST / 4))]
}

/// Destination options (RFC 8200, 4.6) one behind the other, then UDP.
pub fn extensions(client: u16) -> Vec<Vec<u8>> {
    let mut chain = [60, 0, 0, 0, 0, 0, 0, 0].repeat(8100);
    chain.extend([17, 0, 0, 0, 0, 0, 0, 0]);
    chain.extend([client, 9, 8, 0].map(u16::to_be_bytes).concat());
    let mut packet = vec![0x60, 0, 0, 0];
    packet.extend((chain.len() as u16).to_be_bytes());
    packet.extend([60, 64]);
    packet.extend([0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    packet.extend([0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]);
    packet.extend(chain);
    vec![ethernet(0x86dd, &packet)]
}

/// A packet's parts of eight bytes, the last first.
pub fn parts(client: u16) -> Vec<Vec<u8>> {
    let parts = (1..120_u16).rev();
    let mut frames: Vec<_> = parts
        .map(|at| part(client, at, at != 119, &[0x55; 8]))
        .collect();
    frames.push(part(
        client,
        0,
        true,
        &[client, 53, 960, 0].map(u16::to_be_bytes).concat(),
    ));
    frames
}
