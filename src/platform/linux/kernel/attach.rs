//! Which program goes where. The tree's root hears of every socket of the machine, in whatever
//! container or network namespace.

use super::object::{self, Variant, refused};
use crate::platform::Error;
use aya::maps::SkStorage;
use aya::programs::{
    CgroupAttachMode, CgroupSkb, CgroupSkbAttachType, CgroupSock, CgroupSockAddr, Program,
    ProgramError, SockOps,
};
use aya::{Ebpf, Pod};
use nix::sys::socket::{AddressFamily, SockFlag, SockType, socket};
use std::fs::File;

/// A program, and what is not told where the kernel has no place for it; `None`: nothing works
/// without it.
struct Hook {
    program: &'static str,
    without: Option<&'static str>,
    /// Packets tell it where programs may ask whose turn it is, and that costs less.
    unless_current: bool,
}

const fn needed(program: &'static str) -> Hook {
    Hook {
        program,
        without: None,
        unless_current: false,
    }
}

const fn needed_else(program: &'static str) -> Hook {
    Hook {
        program,
        without: None,
        unless_current: true,
    }
}

const fn wanted(program: &'static str, without: &'static str) -> Hook {
    Hook {
        program,
        without: Some(without),
        unless_current: false,
    }
}

const BINDS: &str = "who binds a socket that another process made";
const TAKES: &str = "who takes a connection";
const RECEIVES: &str = "who receives with a socket that another process made";
const LISTENS: &str = "who listens with a socket that another process made";

const HOOKS: [Hook; 14] = [
    needed("create"),
    needed("connect4"),
    needed("connect6"),
    needed_else("sendmsg4"),
    needed_else("sendmsg6"),
    needed("sends"),
    needed("receives"),
    wanted("bind4", BINDS),
    wanted("bind6", BINDS),
    wanted("peer4", TAKES),
    wanted("peer6", TAKES),
    wanted("recvmsg4", RECEIVES),
    wanted("recvmsg6", RECEIVES),
    wanted("listens", LISTENS),
];

/// From what the newest kernels allow to what the oldest do.
pub(super) const VARIANTS: [Variant; 3] = [
    Variant {
        current_in_packets: true,
        arguments: true,
    },
    Variant {
        current_in_packets: false,
        arguments: true,
    },
    Variant {
        current_in_packets: false,
        arguments: false,
    },
];

/// Loads and attaches everything but tracepoints and the tap, as the first variant that is taken. With it, what this kernel cannot tell.
pub(super) fn all(group: &File, variants: &[Variant]) -> Result<(Ebpf, Vec<String>), Error> {
    let mut refusal = None;
    for variant in variants {
        match variant_of(*variant, group) {
            Ok(attached) => return Ok(attached),
            Err(error) => refusal = refusal.or(Some(error)),
        }
    }
    Err(refusal.unwrap_or(Error::Kernel {
        step: "everything",
        reason: "nothing was tried".into(),
    }))
}

fn variant_of(variant: Variant, group: &File) -> Result<(Ebpf, Vec<String>), Error> {
    let mut programs = object::open(variant)?;
    let mut missing = Vec::new();
    for name in ["forked", "executed"] {
        load_tracepoint(&mut programs, name)?;
    }
    let hooks = HOOKS.iter();
    for hook in hooks.filter(|hook| !(hook.unless_current && variant.current_in_packets)) {
        let program = program(&mut programs, hook.program)?;
        match (attach(program, group), hook.without) {
            (Ok(()), _) => {}
            (Err(_), Some(without)) => missing.push(without.to_owned()),
            (Err(error), None) => return Err(refused(hook.program, &error)),
        }
    }
    missing.dedup();
    Ok((programs, missing))
}

pub(super) fn program<'a>(
    programs: &'a mut Ebpf,
    name: &'static str,
) -> Result<&'a mut Program, Error> {
    let found = programs.program_mut(name);
    found.ok_or_else(|| Error::Kernel {
        step: name,
        reason: "the object has no such program".into(),
    })
}

fn load_tracepoint(programs: &mut Ebpf, name: &'static str) -> Result<(), Error> {
    match program(programs, name)? {
        Program::TracePoint(it) => it.load().map_err(|error| refused(name, &error)),
        _ => Ok(()),
    }
}

fn attach(program: &mut Program, group: &File) -> Result<(), ProgramError> {
    match program {
        Program::CgroupSock(it) => attach_sock(it, group),
        Program::CgroupSockAddr(it) => attach_address(it, group),
        Program::CgroupSkb(it) => attach_packets(it, group),
        Program::SockOps(it) => attach_operations(it, group),
        _ => Ok(()),
    }
}

/// One of several that may be there; ends with its link.
const MODE: CgroupAttachMode = CgroupAttachMode::Single;

fn attach_sock(program: &mut CgroupSock, group: &File) -> Result<(), ProgramError> {
    program.load()?;
    program.attach(group, MODE).map(drop)
}

fn attach_address(program: &mut CgroupSockAddr, group: &File) -> Result<(), ProgramError> {
    program.load()?;
    program.attach(group, MODE).map(drop)
}

fn attach_packets(program: &mut CgroupSkb, group: &File) -> Result<(), ProgramError> {
    program.load()?;
    let direction = program.expected_attach_type().as_ref();
    let direction = match direction {
        Some(CgroupSkbAttachType::Ingress) => CgroupSkbAttachType::Ingress,
        _ => CgroupSkbAttachType::Egress,
    };
    program.attach(group, direction, MODE).map(drop)
}

fn attach_operations(program: &mut SockOps, group: &File) -> Result<(), ProgramError> {
    program.load()?;
    program.attach(group, MODE).map(drop)
}

/// A note of the programs on a socket, whatever it says.
#[derive(Clone, Copy)]
#[repr(transparent)]
struct Note([u64; NOTE]);

/// `struct note` in words.
const NOTE: usize = 21;

// SAFETY: words without padding, and every pattern of bits is one.
#[expect(
    unsafe_code,
    reason = "the map's value is plain memory, which only this trait can say"
)]
unsafe impl Pod for Note {}

/// Whether a socket that is made now gets a note: nothing is done with it that would give it one.
pub(super) fn are_alive(programs: &Ebpf) -> bool {
    let notes = programs.map("notes");
    let Some(Ok(notes)) = notes.map(SkStorage::<_, Note>::try_from) else {
        return false;
    };
    let socket = socket(
        AddressFamily::Inet,
        SockType::Datagram,
        SockFlag::SOCK_CLOEXEC,
        None,
    );
    socket.is_ok_and(|socket| notes.get(&socket, 0).is_ok())
}
