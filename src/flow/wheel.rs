//! When to look at a flow again. Every flow has a ticket in one bucket of a ring of seconds; it is
//! looked at when its bucket is due, about when it would be over if nothing more came, so that expiry
//! never walks the table. The same buckets, earliest first, say whom to give up when it is full.

use crate::key::FlowKey;
use crate::units::{FrameNumber, Second};

/// Seconds ahead that a ticket can lie: more than the usual silences.
pub(super) const HORIZON: i64 = 4000;
const BUCKETS: i64 = 4096;

/// A flow to look at. `flow` tells a later flow with the same key from this one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ticket {
    pub key: FlowKey,
    pub flow: FrameNumber,
}

#[derive(Debug)]
pub(super) struct Wheel {
    buckets: Vec<Vec<Ticket>>,
    /// Buckets up to this second were looked at.
    now: Second,
    /// No ticket lies in a bucket before this second.
    first: i64,
    tickets: usize,
}

impl Wheel {
    pub(super) fn new() -> Wheel {
        Wheel {
            buckets: (0..BUCKETS).map(|_| Vec::new()).collect(),
            now: Second(i64::MIN),
            first: i64::MAX,
            tickets: 0,
        }
    }

    /// Files a ticket to be looked at in `due`, or at the horizon if that is nearer.
    pub(super) fn file(&mut self, ticket: Ticket, due: Second) {
        let due = due.0.clamp(
            self.now.0.saturating_add(1),
            self.now.0.saturating_add(HORIZON),
        );
        self.first = self.first.min(due);
        self.bucket(due).push(ticket);
        self.tickets += 1;
    }

    /// Takes the tickets that are due when it is `now`. After a jump of the clock, all are.
    pub(super) fn due(&mut self, now: Second) -> Vec<Ticket> {
        let steps = now.0.checked_sub(self.now.0).unwrap_or(BUCKETS);
        let jumped = !(0..BUCKETS).contains(&steps);
        let from = if jumped { now.0 - BUCKETS } else { self.now.0 };
        let mut tickets = Vec::new();
        for second in from + 1..=now.0 {
            // Its memory as well: this bucket's turn comes again in an hour.
            tickets.append(&mut std::mem::take(self.bucket(second)));
        }
        self.tickets -= tickets.len();
        self.now = now;
        self.first = self.first.max(now.0.saturating_add(1));
        tickets
    }

    /// Takes one ticket of those that are due first; `None` when there are none at all.
    pub(super) fn earliest(&mut self) -> Option<Ticket> {
        let last = self.now.0.saturating_add(HORIZON);
        while self.first <= last {
            if let Some(ticket) = self.bucket(self.first).pop() {
                self.tickets -= 1;
                return Some(ticket);
            }
            self.first += 1;
        }
        None
    }

    /// How many tickets there are.
    pub(super) fn len(&self) -> usize {
        self.tickets
    }

    /// Drops the tickets that are not wanted, and the memory that they took.
    pub(super) fn retain(&mut self, wanted: impl Fn(&Ticket) -> bool) {
        for bucket in &mut self.buckets {
            bucket.retain(&wanted);
            bucket.shrink_to(2 * bucket.len());
        }
        self.tickets = self.buckets.iter().map(Vec::len).sum();
    }

    fn bucket(&mut self, second: i64) -> &mut Vec<Ticket> {
        &mut self.buckets[second.rem_euclid(BUCKETS) as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::{InterfaceId, Protocol, RawAddress, Tuple};

    fn ticket(number: u64) -> Ticket {
        let address = RawAddress::v4([10, 0, 0, 1]);
        let tuple = Tuple {
            source: address,
            destination: address,
            ports: None,
            protocol: Protocol::UDP,
            six: false,
        };
        let (key, _) = FlowKey::of(&tuple, InterfaceId(0));
        Ticket {
            key,
            flow: FrameNumber(number),
        }
    }

    fn due(wheel: &mut Wheel, now: i64) -> Vec<u64> {
        wheel
            .due(Second(now))
            .iter()
            .map(|ticket| ticket.flow.0)
            .collect()
    }

    #[test]
    fn tickets_are_due_in_time_and_no_later_than_the_horizon() {
        let mut wheel = Wheel::new();
        assert!(due(&mut wheel, 1000).is_empty());
        wheel.file(ticket(1), Second(1005));
        wheel.file(ticket(2), Second(9000));
        wheel.file(ticket(3), Second(10));
        assert_eq!(due(&mut wheel, 1001), [3]);
        assert!(due(&mut wheel, 1004).is_empty());
        assert_eq!(due(&mut wheel, 1005), [1]);
        assert_eq!(due(&mut wheel, 5000), [2]);
    }

    #[test]
    fn after_a_jump_every_ticket_is_due() {
        for then in [1_000_000, -5] {
            let mut wheel = Wheel::new();
            due(&mut wheel, 1000);
            wheel.file(ticket(1), Second(1005));
            assert_eq!(due(&mut wheel, then), [1]);
        }
    }

    #[test]
    fn what_is_not_wanted_is_dropped() {
        let mut wheel = Wheel::new();
        due(&mut wheel, 1000);
        (1..=10).for_each(|number| wheel.file(ticket(number), Second(1000 + number as i64)));
        wheel.retain(|ticket| ticket.flow.0 > 7);
        assert_eq!(wheel.len(), 3);
        assert_eq!(wheel.earliest().unwrap().flow.0, 8);
        assert_eq!(due(&mut wheel, 1010), [9, 10]);
        assert_eq!(wheel.len(), 0);
    }

    #[test]
    fn what_was_due_leaves_no_memory_behind() {
        let mut wheel = Wheel::new();
        due(&mut wheel, 1000);
        (1..=100).for_each(|number| wheel.file(ticket(number), Second(1001)));
        assert_eq!(due(&mut wheel, 1001).len(), 100);
        let left: usize = wheel.buckets.iter().map(Vec::capacity).sum();
        assert_eq!(left, 0);
    }

    #[test]
    fn the_earliest_goes_first() {
        let mut wheel = Wheel::new();
        due(&mut wheel, 1000);
        wheel.file(ticket(1), Second(1050));
        wheel.file(ticket(2), Second(1005));
        assert_eq!(wheel.earliest().unwrap().flow.0, 2);
        assert_eq!(wheel.earliest().unwrap().flow.0, 1);
        assert!(wheel.earliest().is_none());
    }
}
