//! A worker's ear with several flows: segments in any order, datagrams of all kinds, time that jumps.

use super::input::Input;
use super::{check, seal};
use netmonitor::key::{End, FlowKey, InterfaceId, Protocol, RawAddress, Tuple};
use netmonitor::names::{Config, Hearing, Listener, Speech, Who};
use netmonitor::units::{FrameNumber, NANOS, Nanos};

/// Protocol and ports of the flows.
const FLOWS: [(Protocol, u16); 8] = [
    (Protocol::TCP, 443),
    (Protocol::TCP, 25),
    (Protocol::TCP, 53),
    (Protocol::UDP, 443),
    (Protocol::UDP, 53),
    (Protocol::UDP, 137),
    (Protocol::UDP, 40_000),
    (Protocol::SCTP, 80),
];
/// A worker of so many has little memory: it is soon used up.
const WORKERS: [usize; 2] = [1, 64];
const MEMORY_MIB: usize = 1;

struct Ear {
    listener: Listener,
    flows: Vec<(Who, Hearing)>,
    most: u64,
    at: Nanos,
    frame: u64,
}

/// The first byte says how much memory there is; then each event behind a byte that says which.
pub fn run(bytes: &[u8]) {
    let mut input = Input(bytes);
    let workers = WORKERS[usize::from(input.byte() & 1)];
    let config = Config {
        memory_mib: MEMORY_MIB,
        hellos_per_second: 16,
        ..Config::default()
    };
    let listener = Listener::new(&config, workers);
    let flows = (0..FLOWS.len())
        .map(|index| begin(&listener, index, 0))
        .collect();
    let mut ear = Ear {
        listener,
        flows,
        most: ((MEMORY_MIB << 20) / workers) as u64,
        at: Nanos(1_700_000_000 * NANOS),
        frame: 1000,
    };
    while !input.is_empty() {
        ear.event(&mut input);
    }
    ear.listener.expire(ear.at, true);
    ear.check();
    assert_eq!(
        ear.listener.effort().kept_bytes,
        0,
        "nothing is kept for ever"
    );
}

fn begin(listener: &Listener, index: usize, frame: u64) -> (Who, Hearing) {
    let (protocol, port) = FLOWS[index];
    let tuple = Tuple {
        source: RawAddress::v4([10, 0, 0, 1]),
        destination: RawAddress::v4([192, 0, 2, 1]),
        ports: Some((30_000 + index as u16, port)),
        protocol,
        six: false,
    };
    let (key, local) = FlowKey::of(&tuple, InterfaceId(0));
    let flow = FrameNumber(frame);
    (Who { key, flow, local }, listener.begin(&key))
}

impl Ear {
    /// Three bits are the flow, one the direction, the rest what happens.
    fn event(&mut self, input: &mut Input) {
        let kind = input.byte();
        let index = usize::from(kind & 7);
        let from = if kind & 8 == 0 { End::Low } else { End::High };
        self.frame += 1;
        match kind >> 4 {
            0 => self.flows[index] = begin(&self.listener, index, self.frame),
            1 => self.flows[index]
                .1
                .begins(from, u32::from(input.word()).wrapping_sub(1000)),
            2 => {
                self.at.0 += i64::from(input.word()) * NANOS / 1000;
                self.listener.expire(self.at, false);
            }
            3 => {
                let sealed = seal::initial(input.byte(), input.piece());
                self.hear(index, from, 0, &sealed);
            }
            _ => {
                let sequence = u32::from(input.word()).wrapping_sub(999);
                self.hear(index, from, sequence, input.piece());
            }
        }
        self.check();
    }

    fn hear(&mut self, index: usize, from: End, sequence: u32, payload: &[u8]) {
        let (who, hearing) = &mut self.flows[index];
        if payload.is_empty() || !hearing.is_on() {
            return;
        }
        let speech = Speech {
            from,
            at: self.at,
            frame: FrameNumber(self.frame),
            sequence,
            payload,
        };
        self.listener.hear(hearing, *who, speech);
    }

    /// What was heard may be shown, and what is kept has room.
    fn check(&mut self) {
        assert!(self.listener.effort().kept_bytes <= self.most);
        self.listener.take().into_iter().for_each(check::heard);
    }
}
