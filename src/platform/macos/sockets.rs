//! Sockets and who has them open. The kernel tells both together, process by process, and each only
//! to root and to the same user: so all are listed at once, and a list serves for a while.

use super::{libproc, process};
use crate::clock::Clock;
use crate::key::{Endpoint, Protocol};
use crate::platform::{Error, PacketSocket, Run, Socket, apple};
use crate::units::Nanos;
use nix::libc;
use parking_lot::Mutex;
use std::collections::BTreeSet;
use std::mem::offset_of;
use std::sync::{Arc, LazyLock};

/// How long a list serves: to make one takes milliseconds.
const SERVES: i64 = 200_000_000;
/// More sockets than are open at a time, more files than a process has, more that are looked at.
const MOST: usize = 262_144;
const FILES_BYTES: usize = 1 << 20;
const MOST_AT: usize = 256;

static LAST: LazyLock<Mutex<Last>> = LazyLock::new(|| {
    Mutex::new(Last {
        clock: Clock::system(),
        made: None,
        list: Arc::default(),
    })
});

struct Last {
    clock: Clock,
    /// The steady time at which the list was made.
    made: Option<Nanos>,
    list: Arc<Vec<Held>>,
}

/// A socket, and a process that has it open: there may be several of those.
struct Held {
    socket: Socket,
    run: Run,
}

/// The sockets of this system, as far as they may be told.
pub struct Sockets(());

impl Sockets {
    #[expect(clippy::unnecessary_wraps, reason = "other systems may refuse")]
    pub fn open() -> Result<Sockets, Error> {
        Ok(Sockets(()))
    }

    #[expect(
        clippy::unused_self,
        clippy::unnecessary_wraps,
        reason = "as on others"
    )]
    pub fn dump(&mut self, each: &mut dyn FnMut(Socket)) -> Result<(), Error> {
        let mut told = BTreeSet::new();
        for held in list().iter() {
            if told.insert(held.socket.inode) {
                each(held.socket.clone());
            }
        }
        Ok(())
    }

    #[expect(
        clippy::unused_self,
        clippy::unnecessary_wraps,
        reason = "as on others"
    )]
    pub fn find(
        &mut self,
        protocol: Protocol,
        local: Endpoint,
        remote: Endpoint,
        _: u32,
    ) -> Result<Option<Socket>, Error> {
        let list = list();
        let sockets = list.iter().map(|held| &held.socket);
        Ok(apple::find(sockets, protocol, local, remote).cloned())
    }

    #[expect(
        clippy::unused_self,
        clippy::unnecessary_wraps,
        reason = "as on others"
    )]
    pub fn at(&mut self, protocol: Protocol, local: Endpoint) -> Result<Vec<Socket>, Error> {
        let list = list();
        let sockets = list.iter().map(|held| &held.socket);
        let mut told = BTreeSet::new();
        let found = apple::at(sockets, protocol, local);
        let found = found.filter(|socket| told.insert(socket.inode));
        Ok(found.take(MOST_AT).cloned().collect())
    }

    /// Whoever sends whole frames here does so without a socket.
    #[expect(
        clippy::unused_self,
        clippy::unnecessary_wraps,
        reason = "as on others"
    )]
    pub fn packets(&mut self) -> Result<Vec<PacketSocket>, Error> {
        Ok(Vec::new())
    }
}

/// Who has which socket open.
pub struct Holders(());

impl Holders {
    pub fn new(_: Clock) -> Holders {
        Holders(())
    }

    #[expect(clippy::unused_self, reason = "as on others")]
    pub fn find(&mut self, inode: u64, _: Option<u32>, hints: &[u32]) -> Option<Run> {
        let list = list();
        let all = list.iter().filter(|held| held.socket.inode == inode);
        let best = all.min_by_key(|held| !hints.contains(&held.run.pid));
        best.map(|held| held.run)
    }

    /// Lists find new processes by themselves.
    #[expect(clippy::unused_self, reason = "as on others")]
    pub fn began(&mut self, _: u32) {}

    #[expect(clippy::unused_self, reason = "as on others")]
    pub fn ended(&mut self, _: u32) {}

    /// Other users' processes may not be looked into.
    #[expect(clippy::unused_self, reason = "as on others")]
    pub fn met_forbidden(&self) -> bool {
        !crate::platform::is_root()
    }
}

/// A list that is as fresh as it must be.
fn list() -> Arc<Vec<Held>> {
    let mut last = LAST.lock();
    let now = last.clock.steady();
    if last.made.is_none_or(|made| now.0 - made.0 > SERVES) {
        last.list = Arc::new(look());
        last.made = Some(last.clock.steady());
    }
    last.list.clone()
}

fn look() -> Vec<Held> {
    let mut found = Vec::new();
    let mut files = vec![0; 4096];
    for pid in process::all() {
        if found.len() < MOST {
            look_into(pid, &mut files, &mut found);
        }
    }
    found.truncate(MOST);
    found
}

/// Adds the sockets of a process. One that began anew meanwhile has none.
fn look_into(pid: u32, files: &mut Vec<u8>, found: &mut Vec<Held>) {
    let numbers = sockets_of(pid, files);
    if numbers.is_empty() {
        return;
    }
    let (Some(since), Some(user)) = (process::started(pid), process::user(pid)) else {
        return;
    };
    let before = found.len();
    let mut place = [0; apple::SOCKET_INFO];
    for file in numbers {
        let told = libproc::socket(pid, file, &mut place);
        if let Some(socket) = apple::socket(told, user) {
            let run = Run { pid, since };
            found.push(Held { socket, run });
        }
    }
    if process::started(pid) != Some(since) {
        found.truncate(before);
    }
}

/// The numbers of a process's files that are sockets.
fn sockets_of(pid: u32, files: &mut Vec<u8>) -> Vec<i32> {
    use libc::proc_fdinfo as File;
    loop {
        let told = libproc::process(pid, libc::PROC_PIDLISTFDS, files);
        if told.len() < files.len() || files.len() >= FILES_BYTES {
            let word = |file: &[u8], at| super::sysctl::field(file, at).map(i32::from_ne_bytes);
            let each = told.chunks_exact(size_of::<File>()).filter(|file| {
                word(file, offset_of!(File, proc_fdtype)) == Some(libc::PROX_FDTYPE_SOCKET)
            });
            return each
                .filter_map(|file| word(file, offset_of!(File, proc_fd)))
                .collect();
        }
        let more = files.len() * 2;
        files.resize(more, 0);
    }
}
