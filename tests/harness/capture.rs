//! Captures made from nothing: frames of the usual kinds, and the file formats around them. The
//! same seed gives the same bytes. Addresses are 10.0.0.0/8 (local) and 192.168.0.0/16 (remote).

/// Hardware addresses of the local and of the remote side, as `perf/gen/frame.h` has them.
pub const LOCAL_MAC: [u8; 6] = [2, 0, 0, 0, 0, 0x0b];
pub const REMOTE_MAC: [u8; 6] = [2, 0, 0, 0, 0, 0x0a];

/// SplitMix64: draws that are the same on every machine.
pub struct Draw(pub u64);

impl Draw {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
}

/// A frame and the microsecond since 1970 at which it was seen.
pub struct Stamped {
    pub micros: u64,
    pub bytes: Vec<u8>,
}

/// `seconds` seconds of traffic, `each` frames in the middle half of each: TCP, UDP, ICMP, IPv6,
/// VLANs, ARP and a frame that no decoder knows, both ways.
pub fn traffic(seed: u64, seconds: u64, each: u64) -> Vec<Stamped> {
    let mut draw = Draw(seed);
    let first = 1_700_000_000;
    let stamp = |i| (first + i / each) * 1_000_000 + 250_000 + i % each * 500_000 / each;
    (0..seconds * each)
        .map(|i| Stamped {
            micros: stamp(i),
            bytes: frame(&mut draw),
        })
        .collect()
}

/// A classic capture in little-endian order with microseconds.
pub fn pcap(frames: &[Stamped]) -> Vec<u8> {
    let mut file = Vec::new();
    words(&mut file, [0xa1b2_c3d4, 2 | 4 << 16, 0, 0, 65_535, 1]);
    for frame in frames {
        let length = frame.bytes.len() as u32;
        let (second, micros) = (frame.micros / 1_000_000, frame.micros % 1_000_000);
        words(&mut file, [second as u32, micros as u32, length, length]);
        file.extend(&frame.bytes);
    }
    file
}

/// The same as pcapng: one section, one Ethernet interface, enhanced packet blocks.
pub fn pcapng(frames: &[Stamped]) -> Vec<u8> {
    let mut file = Vec::new();
    let section = [0x1a2b_3c4d, 1, u32::MAX, u32::MAX]
        .map(u32::to_le_bytes)
        .concat();
    block(&mut file, 0x0a0d_0d0a, &section);
    block(&mut file, 1, &[1u32, 65_535].map(u32::to_le_bytes).concat());
    for frame in frames {
        let length = frame.bytes.len() as u32;
        let at = [
            0,
            (frame.micros >> 32) as u32,
            frame.micros as u32,
            length,
            length,
        ];
        block(
            &mut file,
            6,
            &[at.map(u32::to_le_bytes).concat(), frame.bytes.clone()].concat(),
        );
    }
    file
}

fn words<const N: usize>(file: &mut Vec<u8>, words: [u32; N]) {
    file.extend(words.map(u32::to_le_bytes).concat());
}

fn block(file: &mut Vec<u8>, kind: u32, body: &[u8]) {
    let padded = body.len().next_multiple_of(4);
    let length = (padded as u32 + 12).to_le_bytes();
    file.extend(kind.to_le_bytes());
    file.extend(length);
    file.extend(body);
    file.resize(file.len() + padded - body.len(), 0);
    file.extend(length);
}

fn frame(draw: &mut Draw) -> Vec<u8> {
    let flow = draw.below(200);
    let outward = draw.below(3) != 0;
    let payload = vec![0; draw.below(1_200) as usize + 20];
    match flow % 20 {
        17 => ethernet(outward, &[0x0806], &[0; 46]),
        18 => ethernet(outward, &[0x88b5], &payload),
        19 => ethernet(
            outward,
            &[0x8100, 7, 0x0800],
            &ipv4(flow, outward, 17, &payload),
        ),
        14..=16 => ethernet(outward, &[0x86dd], &ipv6(flow, outward, &payload)),
        13 => ethernet(outward, &[0x0800], &ipv4(flow, outward, 1, &payload)),
        other => {
            let protocol = if other % 2 == 0 { 6 } else { 17 };
            ethernet(outward, &[0x0800], &ipv4(flow, outward, protocol, &payload))
        }
    }
}

fn ethernet(outward: bool, types: &[u16], body: &[u8]) -> Vec<u8> {
    let (from, to) = if outward {
        (LOCAL_MAC, REMOTE_MAC)
    } else {
        (REMOTE_MAC, LOCAL_MAC)
    };
    let mut frame = [to, from].concat();
    frame.extend(types.iter().flat_map(|word| word.to_be_bytes()));
    frame.extend(body);
    frame.resize(frame.len().max(60), 0);
    frame
}

fn ipv4(flow: u64, outward: bool, protocol: u8, payload: &[u8]) -> Vec<u8> {
    let body = transport(flow, outward, protocol, payload);
    let ends = [[10, 0, 0, flow as u8], [192, 168, 0, (flow / 2) as u8]];
    let (from, to) = if outward {
        (ends[0], ends[1])
    } else {
        (ends[1], ends[0])
    };
    let mut packet = vec![0x45, 0];
    packet.extend((body.len() as u16 + 20).to_be_bytes());
    packet.extend([0, 0, 0, 0, 64, protocol, 0, 0]);
    packet.extend([from, to].concat());
    packet.extend(body);
    packet
}

fn ipv6(flow: u64, outward: bool, payload: &[u8]) -> Vec<u8> {
    let body = transport(flow, outward, 17, payload);
    let end = |last: u8| {
        [
            0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last, flow as u8,
        ]
    };
    let (from, to) = if outward {
        (end(1), end(2))
    } else {
        (end(2), end(1))
    };
    let mut packet = vec![0x60, 0, 0, 0];
    packet.extend((body.len() as u16).to_be_bytes());
    packet.extend([17, 64]);
    packet.extend([from, to].concat());
    packet.extend(body);
    packet
}

fn transport(flow: u64, outward: bool, protocol: u8, payload: &[u8]) -> Vec<u8> {
    let ports = [30_000 + flow as u16, 443];
    let (from, to) = if outward {
        (ports[0], ports[1])
    } else {
        (ports[1], ports[0])
    };
    let ports = [from.to_be_bytes(), to.to_be_bytes()].concat();
    let rest = match protocol {
        6 => vec![0, 0, 0, 1, 0, 0, 0, 1, 0x50, 0x10, 1, 0, 0, 0, 0, 0],
        17 => [(payload.len() as u16 + 8).to_be_bytes(), [0, 0]].concat(),
        _ => return [&[8, 0, 0, 0, 0, 1, 0, 1], payload].concat(),
    };
    [ports, rest, payload.to_vec()].concat()
}
