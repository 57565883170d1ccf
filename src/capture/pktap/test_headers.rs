//! Headers made by hand, for tests here and of the rooms that meet them.

/// What a header says.
#[derive(Clone, Copy)]
pub(crate) struct Said<'a> {
    pub link: u16,
    pub interface: &'a str,
    pub sent: bool,
    pub own: (i32, &'a str),
    pub effective: (i32, &'a str),
}

/// A frame of Ethernet that was received on en0, of nobody.
pub(crate) const NOBODY: Said<'static> = Said {
    link: 1,
    interface: "en0",
    sent: false,
    own: (-1, ""),
    effective: (-1, ""),
};

/// Version 1 as `struct pktap_header` lays it out on a 64-bit host.
pub(crate) fn first(said: Said) -> Vec<u8> {
    let mut head = vec![0; 156];
    let mut put = |at: usize, bytes: &[u8]| head[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, &156u32.to_le_bytes());
    put(4, &1u32.to_le_bytes());
    put(8, &u32::from(said.link).to_le_bytes());
    put(12, said.interface.as_bytes());
    put(36, &(0x2_0004 | way(said)).to_le_bytes());
    put(40, &2u32.to_le_bytes());
    put(44, &14u32.to_le_bytes());
    put(52, &said.own.0.to_le_bytes());
    put(56, said.own.1.as_bytes());
    put(73, &[6]);
    put(80, &[6]);
    put(84, &said.effective.0.to_le_bytes());
    put(88, said.effective.1.as_bytes());
    put(108, &0xdead_beefu32.to_le_bytes());
    head
}

/// Version 2: names where the header says.
pub(crate) fn second(said: Said) -> Vec<u8> {
    let mut head = vec![0; 40];
    let mut put = |at: usize, bytes: &[u8]| head[at..at + bytes.len()].copy_from_slice(bytes);
    let names = 40 + said.interface.len() as u8 + 1;
    put(3, &[40, names, names + 17]);
    put(6, &said.link.to_le_bytes());
    put(28, &said.own.0.to_le_bytes());
    put(32, &said.effective.0.to_le_bytes());
    put(36, &(0x8_0000 | way(said)).to_le_bytes());
    head.extend(said.interface.bytes().chain([0]));
    for name in [said.own.1, said.effective.1] {
        head.extend(name.bytes().chain([0; 17]).take(17));
    }
    head[0] = head.len() as u8;
    head
}

fn way(said: Said) -> u32 {
    if said.sent { 2 } else { 1 }
}
