//! The processes that were found to have sockets lately, most recent first, with their folders of
//! open files held: a look into one is one system call, and never into another process with the
//! same number.

use super::memory::Place;
use super::scan::socket_at;
use crate::platform::Run;
use crate::platform::linux::folder::Folder;
use crate::platform::linux::process::run_of;
use nix::sys::stat::fstat;
use std::os::fd::OwnedFd;

/// How many are held.
const AT_MOST: usize = 128;
/// Of how many the next files are looked at for a socket that is not known.
const NEAR: usize = 3;
/// Of how many all files are.
const AGAIN: usize = 2;

struct Member {
    run: Run,
    user: u32,
    files: OwnedFd,
    /// Where it had a socket last.
    descriptor: u32,
}

#[derive(Default)]
pub(super) struct Likely {
    /// The most recent last.
    members: Vec<Member>,
}

impl Likely {
    /// Whether this run of a program has the socket open as this descriptor now.
    pub(super) fn has(&mut self, run: Run, descriptor: u32, inode: u64) -> bool {
        if let Some(at) = self.members.iter().position(|member| member.run == run) {
            let has = self.look(at, descriptor, inode);
            if has {
                self.promote(at, descriptor);
            }
            return has;
        }
        let Ok(folder) = Folder::open(run.pid) else {
            return false;
        };
        let Ok(files) = folder.below("fd") else {
            return false;
        };
        let has = socket_at(&files, descriptor) == Some(inode) && run_of(&folder) == Some(run);
        if has {
            self.keep(run, files, descriptor);
        }
        has
    }

    /// The socket where one of these processes had its last one, or right behind.
    pub(super) fn near(&mut self, inode: u64, user: Option<u32>) -> Option<Place> {
        let near = self.of(user).take(NEAR);
        let found = near
            .flat_map(|at| [(at, 0), (at, 1)])
            .find_map(|(at, step)| {
                let member = self.members.get(at)?;
                let descriptor = member.descriptor.checked_add(step)?;
                let has = self.look(at, descriptor, inode);
                has.then_some((at, descriptor, member.run))
            });
        let (at, descriptor, run) = found?;
        self.promote(at, descriptor);
        Some(Place { run, descriptor })
    }

    /// Those whose files are all worth a look.
    pub(super) fn pids(&self, user: Option<u32>) -> Vec<u32> {
        let likely = self.of(user).take(AGAIN);
        likely
            .filter_map(|at| Some(self.members.get(at)?.run.pid))
            .collect()
    }

    pub(super) fn keep(&mut self, run: Run, files: OwnedFd, descriptor: u32) {
        self.members.retain(|member| member.run.pid != run.pid);
        let Ok(facts) = fstat(&files) else {
            return;
        };
        if self.members.len() >= AT_MOST {
            self.members.remove(0);
        }
        self.members.push(Member {
            run,
            user: facts.st_uid,
            files,
            descriptor,
        });
    }

    pub(super) fn forget(&mut self, pid: u32) {
        self.members.retain(|member| member.run.pid != pid);
    }

    fn look(&self, at: usize, descriptor: u32, inode: u64) -> bool {
        let member = self.members.get(at);
        member.is_some_and(|member| socket_at(&member.files, descriptor) == Some(inode))
    }

    /// Where they are, most recent first, those of the user alone if there is one.
    fn of(&self, user: Option<u32>) -> impl Iterator<Item = usize> {
        let members = self.members.iter().enumerate().rev();
        let of = members.filter(move |(_, member)| user.is_none_or(|user| user == member.user));
        of.map(|(at, _)| at)
    }

    fn promote(&mut self, at: usize, descriptor: u32) {
        if at + 1 < self.members.len() {
            let member = self.members.remove(at);
            self.members.push(member);
        }
        if let Some(member) = self.members.last_mut() {
            member.descriptor = descriptor;
        }
    }
}
