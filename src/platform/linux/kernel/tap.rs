//! A packet socket that takes no frame: its filter sees those that other packet sockets send.

use super::attach::program;
use super::object::refused;
use crate::platform::Error;
use aya::Ebpf;
use aya::programs::Program;
use nix::libc;
use nix::sys::socket::{AddressFamily, LinkAddr, SockFlag, SockType, SockaddrLike, bind, socket};
use std::os::fd::{AsRawFd, OwnedFd};

const NAME: &str = "taps";

/// The filter is there before the first frame can be.
pub(super) fn open(programs: &mut Ebpf) -> Result<OwnedFd, Error> {
    let nothing_yet = None;
    let socket = socket(
        AddressFamily::Packet,
        SockType::Datagram,
        SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK,
        nothing_yet,
    )
    .map_err(Error::system("open a packet socket"))?;
    if let Program::SocketFilter(filter) = program(programs, NAME)? {
        if filter.fd().is_err() {
            filter.load().map_err(|error| refused(NAME, &error))?;
        }
        filter
            .attach(&socket)
            .map_err(|error| refused(NAME, &error))?;
    }
    listen(&socket).map_err(Error::system("listen with a packet socket"))?;
    Ok(socket)
}

/// To every protocol on every interface.
#[expect(
    unsafe_code,
    reason = "nix has no way to make such an address of its parts"
)]
fn listen(socket: &OwnedFd) -> nix::Result<()> {
    let address = libc::sockaddr_ll {
        sll_family: libc::AF_PACKET as u16,
        sll_protocol: (libc::ETH_P_ALL as u16).to_be(),
        sll_ifindex: 0,
        sll_hatype: 0,
        sll_pkttype: 0,
        sll_halen: 0,
        sll_addr: [0; 8],
    };
    let size = size_of_val(&address) as u32;
    // SAFETY: the pointer is to a `sockaddr_ll` that is as large as told, and it is only read.
    let address = unsafe { LinkAddr::from_raw((&raw const address).cast(), Some(size)) };
    bind(socket.as_raw_fd(), &address.ok_or(nix::Error::EINVAL)?)
}
