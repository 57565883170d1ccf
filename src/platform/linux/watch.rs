//! News of interfaces, addresses and routes by route netlink. What has changed is not read from
//! the messages: whoever hears of it lists the interfaces again.

use crate::platform::Error;
use netlink_sys::{Socket, SocketAddr, protocols::NETLINK_ROUTE};
use nix::libc;
use std::io::ErrorKind;
use std::os::fd::{AsRawFd, RawFd};

/// Readable when something has changed.
pub struct Watch {
    socket: Socket,
    buffer: Vec<u8>,
}

pub(crate) fn watch() -> Result<Option<Watch>, Error> {
    const GROUPS: i32 = libc::RTMGRP_LINK
        | libc::RTMGRP_IPV4_IFADDR
        | libc::RTMGRP_IPV6_IFADDR
        | libc::RTMGRP_IPV4_ROUTE
        | libc::RTMGRP_IPV6_ROUTE;
    let open = || {
        let mut socket = Socket::new(NETLINK_ROUTE)?;
        socket.bind(&SocketAddr::new(0, GROUPS as u32))?;
        socket.set_non_blocking(true)?;
        Ok(socket)
    };
    let socket = open().map_err(Error::system::<std::io::Error>("watch the interfaces"))?;
    let buffer = Vec::with_capacity(16 << 10);
    Ok(Some(Watch { socket, buffer }))
}

impl Watch {
    /// Reads what there is to hear; whether there was anything. News that the kernel could not
    /// keep (ENOBUFS) are news.
    pub fn changed(&mut self) -> bool {
        let mut changed = false;
        loop {
            self.buffer.clear();
            match self.socket.recv(&mut self.buffer, 0) {
                Ok(_) => changed = true,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.raw_os_error() == Some(libc::ENOBUFS) => changed = true,
                Err(_) => return changed,
            }
        }
    }
}

impl AsRawFd for Watch {
    fn as_raw_fd(&self) -> RawFd {
        self.socket.as_raw_fd()
    }
}
