//! Messages of the domain name system and its relatives, over UDP and TCP, and what the ledger makes
//! of their answers. The first byte says whether a stream or a message follows.

use super::check;
use super::input::Input;
use netmonitor::names::dns::{self, Family, MOST_RECORDS};
use netmonitor::names::{Answers, Ledger, dhcp};
use netmonitor::units::{NANOS, Nanos};
use std::net::IpAddr;

const FAMILIES: [Family; 4] = [Family::Dns, Family::Mdns, Family::Llmnr, Family::Nbns];
const MOST_REMEMBERED: usize = 32;

pub fn run(bytes: &[u8]) {
    let mut input = Input(bytes);
    let mut ledger = Ledger::new(MOST_REMEMBERED);
    match input.byte() % 4 {
        0 => stream(input.0, &mut ledger),
        1 => several(&mut input, &mut ledger),
        2 => check::names(dhcp::host_name(input.0)),
        _ => message(input.0, Nanos(0), &mut ledger),
    }
}

/// Messages over TCP: each lies in the stream, and what is used of it is theirs.
fn stream(bytes: &[u8], ledger: &mut Ledger) {
    let mut messages = dns::messages(bytes);
    let mut length = 0;
    for one in messages.by_ref().take(64) {
        length += one.len() + 2;
        message(one, Nanos(0), ledger);
    }
    assert_eq!(messages.used(), length);
    assert!(length <= bytes.len() && messages.begun().len() <= bytes.len() - length);
    message(messages.begun(), Nanos(0), ledger);
}

/// Messages one after the other, at any times.
fn several(input: &mut Input, ledger: &mut Ledger) {
    let mut at = 0;
    for _ in 0..16 {
        if input.is_empty() {
            return;
        }
        at += i64::from(input.word() as i16) * NANOS;
        message(input.piece(), Nanos(at), ledger);
    }
    ledger.forget(Nanos(at));
}

fn message(bytes: &[u8], at: Nanos, ledger: &mut Ledger) {
    dns::looks_like_dns(bytes);
    check::names(dns::nbdgm(bytes));
    for family in FAMILIES {
        let mut asked = 0;
        dns::questions(bytes, family, |name| {
            check::name(&name);
            asked += 1;
        });
        assert!(asked <= MOST_RECORDS);
        if let Some(answers) = dns::answers(bytes, family) {
            learn(&answers, at, ledger);
        }
    }
}

/// What was learnt is told, with a name that may be shown; no more than there is room for is kept.
fn learn(answers: &Answers, at: Nanos, ledger: &mut Ledger) {
    check::names(answers.asked.clone());
    assert!(answers.addresses.len() <= MOST_RECORDS);
    for client in ["10.0.0.1", "2001:db8::1", "224.0.0.251"] {
        let client: IpAddr = client.parse().expect("an address");
        for answer in &answers.addresses {
            check::name(&answer.name);
            ledger.learn(client, answer, at);
            if let Some(told) = ledger.name(client, answer.address, at) {
                check::name(&told.name);
                assert!(told.age.0 >= 0, "{told:?}");
            }
        }
    }
    assert!(ledger.len() <= MOST_REMEMBERED);
}
