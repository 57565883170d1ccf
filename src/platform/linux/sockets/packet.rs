//! The bytes of sock_diag's questions and answers about packet sockets (`linux/packet_diag.h`).

use super::diag::cookie;
use crate::platform::PacketSocket;
use crate::platform::linux::netlink::{attribute, field};
use nix::libc;

const SHOW_INFO: u32 = 1;
const PACKET_DIAG_INFO: u16 = 0;
const PACKET_DIAG_UID: u16 = 5;
/// `struct packet_diag_msg` without its attributes.
const MESSAGE: usize = 16;

/// `struct packet_diag_req`: all sockets, each with its interface and its user.
pub(super) fn question() -> Vec<u8> {
    let mut bytes = vec![libc::AF_PACKET as u8, 0, 0, 0];
    bytes.extend(0u32.to_ne_bytes());
    bytes.extend(SHOW_INFO.to_ne_bytes());
    bytes.extend([u8::MAX; 8]);
    bytes
}

pub(super) fn socket(body: &[u8]) -> Option<PacketSocket> {
    let attributes = body.get(MESSAGE..)?;
    let number = |kind| Some(u32::from_ne_bytes(field(attribute(attributes, kind)?, 0)?));
    Some(PacketSocket {
        inode: u64::from(u32::from_ne_bytes(field(body, 4)?)),
        cookie: cookie(body, 8)?,
        user: number(PACKET_DIAG_UID),
        interface: number(PACKET_DIAG_INFO).unwrap_or(0),
    })
}
