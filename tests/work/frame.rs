//! Frames of Ethernet around hostile bytes, each flow of its own by its client's port.

/// A client and the service that it talks to.
#[derive(Clone, Copy)]
pub struct Ends(pub u16, pub u16);

/// A datagram of the client; longer ones than a link has, as a capture of a host that defers
/// cutting them holds them.
pub fn udp(ends: Ends, payload: &[u8]) -> Vec<u8> {
    let length = (payload.len() + 8) as u16;
    let ports = [ends.0, ends.1, length, 0];
    ip(
        17,
        &[ports.map(u16::to_be_bytes).concat(), payload.to_vec()].concat(),
    )
}

/// A segment of the client whose stream began with sequence number 0.
pub fn tcp(ends: Ends, sequence: u32, flags: u8, payload: &[u8]) -> Vec<u8> {
    let mut head = [ends.0, ends.1].map(u16::to_be_bytes).concat();
    head.extend(sequence.to_be_bytes());
    head.extend([0, 0, 0, 0, 0x50, flags, 1, 0, 0, 0, 0, 0]);
    ip(6, &[head, payload.to_vec()].concat())
}

/// A stream of the client, its SYN first, in segments of so many bytes.
pub fn stream(ends: Ends, bytes: &[u8], segment: usize) -> Vec<Vec<u8>> {
    let mut frames = vec![tcp(ends, 0, 0x02, &[])];
    let pieces = bytes.chunks(segment).enumerate();
    frames.extend(pieces.map(|(at, piece)| tcp(ends, (at * segment) as u32 + 1, 0x18, piece)));
    frames
}

/// RFC 791, and what a link carries it in.
pub fn ip(protocol: u8, payload: &[u8]) -> Vec<u8> {
    ethernet(0x0800, &packet(protocol, 0, payload))
}

/// A part of a packet, at `offset` of it in units of eight bytes.
pub fn part(number: u16, offset: u16, more: bool, payload: &[u8]) -> Vec<u8> {
    let mut packet = packet(17, offset | u16::from(more) << 13, payload);
    packet[4..6].copy_from_slice(&number.to_be_bytes());
    ethernet(0x0800, &packet)
}

pub fn packet(protocol: u8, place: u16, payload: &[u8]) -> Vec<u8> {
    let length = ((payload.len() + 20).min(65_535) as u16).to_be_bytes();
    let place = place.to_be_bytes();
    let mut packet = vec![
        0x45, 0, length[0], length[1], 0, 0, place[0], place[1], 64, protocol, 0, 0,
    ];
    packet.extend([192, 0, 2, 1, 192, 0, 2, 2]);
    packet.extend(payload);
    packet
}

pub fn ethernet(kind: u16, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2];
    frame.extend(kind.to_be_bytes());
    frame.extend(payload);
    frame
}
