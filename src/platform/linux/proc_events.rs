//! News of processes from the kernel's process connector (`linux/cn_proc.h`): which began, which
//! called another program, which ended. Knows only their numbers.

use super::netlink::{field, messages};
use crate::platform::{Error, ProcessEvent};
use netlink_sys::{Socket, SocketAddr, protocols::NETLINK_CONNECTOR};
use nix::libc;
use std::io::{self, ErrorKind};
use std::os::fd::{AsFd, BorrowedFd};

/// CN_IDX_PROC and CN_VAL_PROC; the former is the group as well.
const PROCESSES: u32 = 1;
/// PROC_CN_MCAST_LISTEN
const LISTEN: u32 = 1;
/// `struct cn_msg`, in front of the event.
const CONNECTOR: usize = 20;
/// In an event: what happened, the CPU, the time.
const WHAT: usize = 16;
const FORK: u32 = 1;
const EXEC: u32 = 2;
const EXIT: u32 = 0x8000_0000;
/// Thousands of processes may begin before we look.
const KEPT_BYTES: usize = 1 << 20;

/// Readable when there is news.
pub struct ProcessEvents {
    socket: Socket,
    buffer: Vec<u8>,
}

impl ProcessEvents {
    /// Fails where the kernel does not tell, or not us: before Linux 6.6 that takes CAP_NET_ADMIN.
    /// To whoever is not in the first namespaces of users and processes it says nothing, ever.
    pub fn open() -> Result<ProcessEvents, Error> {
        let open = || {
            let mut socket = Socket::new(NETLINK_CONNECTOR)?;
            socket.set_rx_buf_sz(KEPT_BYTES)?;
            socket.bind(&SocketAddr::new(0, PROCESSES))?;
            socket.send_to(&listen(), &SocketAddr::new(0, 0), 0)?;
            socket.set_non_blocking(true)?;
            Ok(socket)
        };
        let socket = open().map_err(Error::system::<io::Error>("hear of new processes"))?;
        let buffer = Vec::with_capacity(4096);
        Ok(ProcessEvents { socket, buffer })
    }

    /// Hands what there is to hear to `each`, oldest first.
    pub fn each(&mut self, mut each: impl FnMut(ProcessEvent)) {
        loop {
            self.buffer.clear();
            match self.socket.recv_from(&mut self.buffer, 0) {
                Ok((_, sender)) if sender.port_number() == 0 => {
                    let bodies = messages(&self.buffer).map(|message| message.body);
                    bodies.filter_map(event).for_each(&mut each);
                }
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.raw_os_error() == Some(libc::ENOBUFS) => {
                    each(ProcessEvent::Lost);
                }
                Err(_) => return,
            }
        }
    }
}

impl AsFd for ProcessEvents {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

/// A whole netlink message: header, connector's header, what is wanted.
fn listen() -> Vec<u8> {
    const LENGTH: u32 = 16 + CONNECTOR as u32 + 4;
    let mut message = LENGTH.to_ne_bytes().to_vec();
    message.extend((libc::NLMSG_DONE as u16).to_ne_bytes());
    // No flags, sequence, port.
    message.extend([0; 10]);
    message.extend(PROCESSES.to_ne_bytes());
    message.extend(PROCESSES.to_ne_bytes());
    // Sequence, acknowledgement.
    message.extend([0; 8]);
    message.extend(4u16.to_ne_bytes());
    message.extend([0; 2]);
    message.extend(LISTEN.to_ne_bytes());
    message
}

/// What is told of threads is not of interest.
fn event(body: &[u8]) -> Option<ProcessEvent> {
    let event = body.get(CONNECTOR..)?;
    let number = |at: usize| field(event, WHAT + at).map(u32::from_ne_bytes);
    let (thread, pid) = (number(0)?, number(4)?);
    match u32::from_ne_bytes(field(event, 0)?) {
        FORK => {
            let (thread, child) = (number(8)?, number(12)?);
            (thread == child).then_some(ProcessEvent::Began {
                pid: child,
                parent: pid,
            })
        }
        EXEC => Some(ProcessEvent::Called { pid }),
        EXIT => (thread == pid).then_some(ProcessEvent::Ended { pid }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn a_process_is_told_from_beginning_to_end() {
        if !crate::platform::is_root() {
            return;
        }
        let mut events = ProcessEvents::open().unwrap();
        let mut child = Command::new("true").spawn().unwrap();
        let pid = child.id();
        child.wait().unwrap();
        let mut told = Vec::new();
        let wanted = [
            ProcessEvent::Began {
                pid,
                parent: std::process::id(),
            },
            ProcessEvent::Called { pid },
            ProcessEvent::Ended { pid },
        ];
        while told.last() != wanted.last() {
            events.each(|event| {
                let of = match event {
                    ProcessEvent::Began { pid, .. }
                    | ProcessEvent::Called { pid }
                    | ProcessEvent::Ended { pid } => Some(pid),
                    ProcessEvent::Lost => None,
                };
                if of == Some(pid) {
                    told.push(event);
                }
            });
        }
        assert_eq!(told, wanted);
    }

    #[test]
    fn threads_and_broken_messages_are_no_news() {
        let mut body = vec![0; CONNECTOR + WHAT + 16];
        body[CONNECTOR..CONNECTOR + 4].copy_from_slice(&EXIT.to_ne_bytes());
        body[CONNECTOR + WHAT] = 7;
        assert_eq!(event(&body), None, "a thread of another process");
        body[CONNECTOR + WHAT + 4] = 7;
        assert_eq!(event(&body), Some(ProcessEvent::Ended { pid: 7 }));
        for length in 0..CONNECTOR + WHAT + 8 {
            assert_eq!(event(&body[..length]), None);
        }
    }
}
