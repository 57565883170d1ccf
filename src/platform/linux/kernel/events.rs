//! Reads the records that the programs of `bpf/` put into the ring (`bpf/records.h`). A record that
//! is too short is none.

use crate::key::{Endpoint, Protocol};
use crate::platform::{FlowSeen, KernelEvent, ProgramSeen, Run};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

const PROGRAM: u32 = 1;
const FLOW: u32 = 2;

pub(super) fn decode(record: &[u8]) -> Option<KernelEvent> {
    match word(record, 0)? {
        PROGRAM => program(record).map(KernelEvent::Program),
        FLOW => flow(record).map(KernelEvent::Flow),
        _ => None,
    }
}

const NAME: usize = 16;
const FILE: usize = 256;
const ARGUMENT: usize = 64;

fn program(record: &[u8]) -> Option<ProgramSeen> {
    let known = word(record, 24)? != 0;
    let text = |at: usize, size: usize| record.get(at..at + size).map(text);
    let file = text(48, FILE)?;
    let arguments = record.get(304..560)?.chunks(ARGUMENT);
    Some(ProgramSeen {
        run: run(record)?,
        parent: word(record, 16)?,
        user: word(record, 20)?,
        short_name: text(32, NAME)?,
        file: (known && !file.is_empty()).then_some(file),
        arguments: arguments
            .map(self::text)
            .take_while(|it| !it.is_empty())
            .collect(),
    })
}

const SENT: u32 = 1;
const ACCEPTED: u32 = 2;
const COPIES: u32 = 4;
const PACKET: u32 = 8;

fn flow(record: &[u8]) -> Option<FlowSeen> {
    let flags = word(record, 80)?;
    let run = run(record)?;
    Some(FlowSeen {
        protocol: Protocol(*record.get(44)?),
        local: endpoint(record, 48, 40)?,
        remote: endpoint(record, 64, 42)?,
        cookie: long(record, 24)?,
        network: long(record, 32)?,
        run: (run.pid != 0).then_some(run),
        at: long(record, 16)?,
        sent: flags & SENT != 0,
        accepted: flags & ACCEPTED != 0,
        copies: flags & COPIES != 0,
        packet: flags & PACKET != 0,
    })
}

fn run(record: &[u8]) -> Option<Run> {
    Some(Run {
        pid: word(record, 4)?,
        since: long(record, 8)?,
    })
}

fn endpoint(record: &[u8], address: usize, port: usize) -> Option<Endpoint> {
    let six = *record.get(45)? != 0;
    let has_ports = *record.get(46)? != 0;
    let address = if six {
        IpAddr::V6(Ipv6Addr::from(*bytes::<16>(record, address)?))
    } else {
        IpAddr::V4(Ipv4Addr::from(*bytes::<4>(record, address)?))
    };
    let port = u16::from_be_bytes(*bytes(record, port)?);
    Some(Endpoint {
        address,
        port: has_ports.then_some(port),
    })
}

fn word(record: &[u8], at: usize) -> Option<u32> {
    bytes(record, at).map(|it| u32::from_ne_bytes(*it))
}

fn long(record: &[u8], at: usize) -> Option<u64> {
    bytes(record, at).map(|it| u64::from_ne_bytes(*it))
}

fn bytes<const N: usize>(record: &[u8], at: usize) -> Option<&[u8; N]> {
    record.get(at..)?.first_chunk()
}

/// Up to its first zero; what is no UTF-8 is replaced.
fn text(bytes: &[u8]) -> String {
    let text = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    String::from_utf8_lossy(text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flow_record(six: u8, ports: u8, flags: u32) -> Vec<u8> {
        let mut record = vec![0; 88];
        record[..4].copy_from_slice(&FLOW.to_ne_bytes());
        record[4..8].copy_from_slice(&77u32.to_ne_bytes());
        record[8..16].copy_from_slice(&9u64.to_ne_bytes());
        record[40..44].copy_from_slice(&[0x12, 0x34, 0, 53]);
        record[44..47].copy_from_slice(&[17, six, ports]);
        record[48..52].copy_from_slice(&[10, 0, 0, 1]);
        record[64..68].copy_from_slice(&[10, 0, 0, 2]);
        record[80..84].copy_from_slice(&flags.to_ne_bytes());
        record
    }

    fn decoded(record: &[u8]) -> FlowSeen {
        match decode(record) {
            Some(KernelEvent::Flow(flow)) => flow,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_flow_is_read() {
        let flow = decoded(&flow_record(0, 1, SENT | COPIES));
        assert_eq!(flow.local.to_string(), "10.0.0.1:4660");
        assert_eq!(flow.remote.to_string(), "10.0.0.2:53");
        assert_eq!(flow.run, Some(Run { pid: 77, since: 9 }));
        assert!(flow.sent && flow.copies && !flow.accepted && !flow.packet);
        let six = decoded(&flow_record(1, 0, ACCEPTED | PACKET));
        assert_eq!(six.remote.to_string(), "a00:2::");
        assert!(!six.sent && !six.copies && six.accepted && six.packet);
    }

    #[test]
    fn nobody_is_no_run() {
        let mut record = flow_record(0, 1, 0);
        record[4..8].fill(0);
        assert_eq!(decoded(&record).run, None);
    }

    #[test]
    fn a_program_is_read_and_its_texts_end_at_zero() {
        let mut record = vec![0; 560];
        record[..4].copy_from_slice(&PROGRAM.to_ne_bytes());
        record[24] = 1;
        record[32..36].copy_from_slice(b"curl");
        record[48..61].copy_from_slice(b"/usr/bin/curl");
        record[304..308].copy_from_slice(b"curl");
        record[368..372].copy_from_slice(b"\xff-v\n");
        let Some(KernelEvent::Program(program)) = decode(&record) else {
            panic!("no program");
        };
        assert_eq!(program.file.as_deref(), Some("/usr/bin/curl"));
        assert_eq!(program.short_name, "curl");
        assert_eq!(program.arguments, ["curl", "\u{fffd}-v\n"]);
        record[24] = 0;
        assert!(matches!(decode(&record), Some(KernelEvent::Program(it)) if it.file.is_none()));
    }

    #[test]
    fn a_record_that_was_cut_is_none() {
        for whole in [flow_record(0, 1, 0), {
            let mut program = vec![0; 560];
            program[..4].copy_from_slice(&PROGRAM.to_ne_bytes());
            program
        }] {
            assert!(decode(&whole).is_some());
            let needed = whole.len() - 4; // the last word of a flow is unused
            for length in 0..needed {
                assert_eq!(decode(&whole[..length]), None, "{length}");
            }
        }
        assert_eq!(decode(&[9; 88]), None);
    }
}
