//! News of interfaces, addresses and routes by the routing socket. What has changed is not read
//! from the messages: whoever hears of it lists the interfaces again.

use crate::platform::Error;
use nix::errno::Errno;
use nix::fcntl::{FcntlArg, FdFlag, OFlag, fcntl};
use nix::sys::socket::{AddressFamily, SockFlag, SockType, socket};
use nix::unistd::read;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};

/// Readable when something has changed.
pub struct Watch {
    socket: OwnedFd,
}

pub(crate) fn watch() -> Result<Option<Watch>, Error> {
    let open = || {
        let socket = socket(AddressFamily::Route, SockType::Raw, SockFlag::empty(), None)?;
        fcntl(&socket, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
        fcntl(&socket, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC))?;
        Ok(socket)
    };
    let socket = open().map_err(Error::system::<Errno>("watch the interfaces"))?;
    Ok(Some(Watch { socket }))
}

impl Watch {
    /// Reads what there is to hear; whether there was anything. News that the kernel could not
    /// keep (ENOBUFS) are news.
    pub fn changed(&mut self) -> bool {
        let mut message = [0; 2048];
        let mut changed = false;
        loop {
            match read(&self.socket, &mut message) {
                Ok(1..) | Err(Errno::ENOBUFS) => changed = true,
                Err(Errno::EINTR) => {}
                Ok(0) | Err(_) => return changed,
            }
        }
    }
}

impl AsRawFd for Watch {
    fn as_raw_fd(&self) -> RawFd {
        self.socket.as_raw_fd()
    }
}
