//! The interfaces that are watched, and the handles on them: kept in step with what the system
//! lists. One that appears or comes back is opened at once, one that cannot be opened is tried
//! again ever more rarely, one that goes is read to its end before its handle is closed.

use super::config::Config;
use super::error::Error;
use super::handle::Handle;
use super::intake::Intake;
use super::problems::Problems;
use super::wakes::Wakes;
use crate::capture::frame::Link;
use crate::capture::interface::{DirectionRule, Interface};
use crate::clock::Now;
use crate::key::InterfaceId;
use crate::platform::{self, Nic, Role};
use crate::units::{NANOS, Nanos, Tally, Traffic};
use std::collections::VecDeque;
use std::sync::Arc;

/// The first wait before an interface is tried again, and the longest.
const RETRY: i64 = NANOS / 4;
const RETRY_MOST: i64 = 32 * NANOS;
/// How long an interface that vanished is still said to be missing, if it was not asked for by name.
const REMEMBER: i64 = 60 * NANOS;
/// How long an id rests before another interface gets it: flows on it are over by then.
const REST: i64 = 3_600 * NANOS;

const NO_MEMORY: &str = "the memory for capture rings is used up (ring_total_mib)";

pub(super) struct Interfaces {
    config: Config,
    /// The expression that the kernel shall filter by.
    filter: Option<String>,
    known: Vec<Known>,
    pub handles: Vec<Handle>,
    pub problems: Problems,
    /// Ids of interfaces that were forgotten, and since when.
    resting: VecDeque<(InterfaceId, Nanos)>,
    fresh: u16,
}

/// An interface that is or was watched.
struct Known {
    id: InterfaceId,
    name: Arc<str>,
    /// As the system listed it last; `None` while it is not there.
    nic: Option<Nic>,
    missing_since: Nanos,
    /// A handle serves it.
    open: bool,
    said: Option<Arc<Interface>>,
    counters: Option<Traffic>,
    retry_at: Nanos,
    wait: i64,
    problem: Option<String>,
}

impl Interfaces {
    pub(super) fn new(config: Config, filter: Option<String>) -> Interfaces {
        Interfaces {
            config,
            filter,
            known: Vec::new(),
            handles: Vec::new(),
            problems: Problems::default(),
            resting: VecDeque::new(),
            fresh: 0,
        }
    }

    /// Opens all that shall be watched. What is asked for by name must be there; something must be
    /// openable.
    pub(super) fn begin(
        &mut self,
        intake: &mut Intake,
        wakes: &mut Wakes,
        now: Now,
    ) -> Result<(), Error> {
        let nics = platform::nics()?;
        if let Some(name) = self
            .config
            .interfaces
            .iter()
            .find(|name| !listed(&nics, name))
        {
            return Err(Error::NoSuchInterface {
                name: name.clone(),
                existing: nics.into_iter().map(|nic| nic.name).collect(),
            });
        }
        self.open_tap(wakes);
        self.follow(nics, intake, wakes, now);
        let failed = |known: &&Known| known.problem.is_some();
        let refused = self.known.iter().find(failed);
        match refused {
            Some(known) if !self.config.all() || self.handles.is_empty() => {
                let problem = known.problem.clone().unwrap_or_default();
                Err(Error::opening(&known.name, problem))
            }
            _ => Ok(()),
        }
    }

    /// Names of the interfaces that are watched now.
    pub(super) fn watched(&self) -> Vec<String> {
        let watched = self.known.iter().filter(|known| known.open);
        watched.map(|known| known.name.to_string()).collect()
    }

    /// Lists the interfaces again and follows what has changed.
    pub(super) fn refresh(&mut self, intake: &mut Intake, wakes: &mut Wakes, now: Now) {
        match platform::nics() {
            Ok(nics) => self.follow(nics, intake, wakes, now),
            Err(error) => tracing::warn!("{error}"),
        }
    }

    /// When something is to be done without anything happening, by the steady clock.
    pub(super) fn due(&self) -> Option<Nanos> {
        let retries = self.known.iter().filter(|known| known.is_to_open());
        let retries = retries.map(|known| known.retry_at);
        let leaving = self.handles.iter().filter_map(|handle| handle.leaving);
        retries.chain(leaving).min()
    }

    /// Reads a batch of each handle that has something.
    pub(super) fn read(&mut self, intake: &mut Intake, now: Nanos) {
        for handle in self.handles.iter_mut().filter(|handle| handle.readable) {
            handle.read(intake, now);
        }
    }

    pub(super) fn any_readable(&self) -> bool {
        self.handles.iter().any(|handle| handle.readable)
    }

    /// Closes what has gone, gives up what has failed, opens what is to be opened now.
    pub(super) fn tend(&mut self, intake: &mut Intake, wakes: &mut Wakes, now: Now) {
        self.part_with_failed(intake, now);
        self.close(intake, wakes, now);
        for index in 0..self.known.len() {
            self.open_if_due(index, intake, wakes, now);
        }
    }

    /// Reads drops and the interfaces' own counters into the last full second.
    pub(super) fn count(&mut self, intake: &mut Intake, now: Now) {
        self.forget_missing(intake, now);
        let slot = intake.last_slot();
        for handle in &mut self.handles {
            handle.count_drops(intake, slot);
        }
        let known = &mut self.known;
        let read = platform::counters(|name, total| {
            let Some(known) = known.iter_mut().find(|known| *known.name == *name) else {
                return;
            };
            let grown = known.counters.map(|before| growth(before, total));
            known.counters = Some(total);
            if let Some(mut grown) = grown {
                // Every frame of loopback is in its counters twice, and is captured once.
                if known.nic.as_ref().is_some_and(|nic| nic.loopback) {
                    grown.outbound = Tally::default();
                }
                let facts = intake.facts.of(slot, known.id);
                *facts.counters.get_or_insert_default() += grown;
            }
        });
        if let Err(error) = read {
            tracing::warn!("{error}");
        }
    }

    fn follow(&mut self, nics: Vec<Nic>, intake: &mut Intake, wakes: &mut Wakes, now: Now) {
        for known in &mut self.known {
            if known.nic.is_some() && !listed(&nics, &known.name) {
                known.nic = None;
                known.missing_since = now.steady;
            }
        }
        let mut nics = nics;
        // Uplinks first: they shall have their rings before the total is used up.
        nics.sort_by_key(|nic| nic.role);
        for nic in nics {
            self.meet(nic, now);
        }
        for index in 0..self.known.len() {
            self.part_with_gone(index, now);
            self.open_if_due(index, intake, wakes, now);
            self.say(index, intake);
        }
        self.mark_gaps(intake, now);
    }

    /// Takes note of how an interface is now.
    fn meet(&mut self, nic: Nic, now: Now) {
        let known = self.known.iter_mut().find(|it| *it.name == *nic.name);
        if let Some(known) = known {
            let before = known.nic.as_ref().map(|nic| (nic.index, nic.up));
            if before != Some((nic.index, nic.up)) {
                known.try_at_once(now);
            }
            known.nic = Some(nic);
            return;
        }
        let wanted = self.config.names(&nic.name) || self.config.all() && nic.up;
        if !wanted {
            return;
        }
        let Some(id) = self.take_id(now) else {
            tracing::warn!("{}: not watched, there are too many interfaces", nic.name);
            return;
        };
        self.known.push(Known::new(id, nic, now));
    }

    /// A handle on an interface that is gone, or is another one of the same name by now.
    fn part_with_gone(&mut self, index: usize, now: Now) {
        let Some(known) = self.known.get_mut(index) else {
            return;
        };
        let lives = known.nic.as_ref().map(|nic| nic.index);
        let close_at = Nanos(now.steady.0 + self.config.silence_nanos());
        for handle in &mut self.handles {
            let of = handle.only().filter(|(id, _)| handle.serves(*id));
            if of.is_some_and(|(id, index)| id == known.id && Some(index) != lives) {
                handle.leaving = Some(close_at);
                known.open = false;
            }
        }
        // A tap stays, and hears by itself of one that comes back.
        known.open &= lives.is_some();
    }

    fn part_with_failed(&mut self, intake: &mut Intake, now: Now) {
        let close_at = Nanos(now.steady.0 + self.config.silence_nanos());
        for handle in &mut self.handles {
            let Some(problem) = handle.failed.take() else {
                continue;
            };
            let Some((id, _)) = handle.only() else {
                tracing::warn!("frames tell no processes any more: {problem}");
                handle.leaving = Some(now.steady);
                for known in &mut self.known {
                    known.open = false;
                    known.try_at_once(now);
                }
                continue;
            };
            let known = self.known.iter_mut().find(|it| it.id == id);
            if let Some(known) = known.filter(|_| handle.leaving.is_none()) {
                known.open = false;
                known.put_off(&problem, now);
                self.problems.tell(&known.name, Some(&problem));
                intake.gaps.set(known.id, false, now.wall);
            }
            handle.leaving.get_or_insert(close_at);
        }
    }

    /// Reads handles that are leaving to their end and closes them.
    fn close(&mut self, intake: &mut Intake, wakes: &mut Wakes, now: Now) {
        self.handles.retain_mut(|handle| {
            let stays = handle.leaving.is_none_or(|at| at > now.steady);
            if !stays {
                handle.empty(intake, now.steady);
                handle.count_drops(intake, intake.last_slot());
                wakes.forget(handle.fd());
            }
            stays
        });
    }

    fn open_if_due(&mut self, index: usize, intake: &mut Intake, wakes: &mut Wakes, now: Now) {
        let due = |known: &&Known| known.retry_at <= now.steady && known.is_to_open();
        if !self.known.get(index).is_some_and(|known| due(&known)) {
            return;
        }
        let opened = self.open(index, wakes);
        let Some(known) = self.known.get_mut(index) else {
            return;
        };
        match opened {
            Ok(handle) => {
                self.handles.extend(handle);
                known.opened();
                self.problems.tell(&known.name, None);
                intake.gaps.set(known.id, true, now.wall);
                self.say(index, intake);
            }
            Err(problem) => {
                known.put_off(&problem, now);
                self.problems.tell(&known.name, Some(&problem));
                intake.gaps.set(known.id, false, now.wall);
            }
        }
    }

    /// One handle for all interfaces, where the system has a device whose frames tell their
    /// processes and lets us open it. Else each has one of its own.
    fn open_tap(&mut self, wakes: &mut Wakes) {
        let Some(device) = platform::PROCESS_TAP else {
            return;
        };
        match self.tap(device, wakes) {
            Ok(handle) => self.handles.push(handle),
            Err(problem) => tracing::warn!("frames tell no processes: {problem}"),
        }
    }

    fn tap(&self, device: &str, wakes: &mut Wakes) -> Result<Handle, String> {
        if !platform::is_root() {
            return Err("only root may ask for them".into());
        }
        if self.config.promiscuous {
            return Err("frames for others (promiscuous) are not seen there".into());
        }
        let device = self.config.tapped(device);
        let ring = self.config.ring(Role::Uplink, 0).ok_or(NO_MEMORY)?;
        let (token, filter) = (wakes.token(), self.filter.as_deref());
        let handle = Handle::tap(&device, token, ring, &self.config, filter)?;
        wakes
            .register(handle.fd(), token)
            .map_err(|error| error.to_string())?;
        Ok(handle)
    }

    /// A handle of its own for an interface, unless a tap sees it.
    fn open(&self, index: usize, wakes: &mut Wakes) -> Result<Option<Handle>, String> {
        let known = self.known.get(index);
        let Some((known, nic)) = known.and_then(|known| Some((known, known.nic.as_ref()?))) else {
            return Err("it is not there".into());
        };
        if self.handles.iter().any(Handle::taps) {
            return Ok(None);
        }
        let used = self.handles.iter().map(|handle| handle.ring).sum();
        let ring = self.config.ring(nic.role, used);
        let ring = ring.ok_or(NO_MEMORY)?;
        let (token, filter) = (wakes.token(), self.filter.as_deref());
        let handle = Handle::open(nic, known.id, token, ring, &self.config, filter)?;
        wakes
            .register(handle.fd(), token)
            .map_err(|error| error.to_string())?;
        Ok(Some(handle))
    }

    /// Describes an interface to the rooms downstream, if they do not know it so yet.
    fn say(&mut self, index: usize, intake: &mut Intake) {
        let Some(known) = self.known.get_mut(index) else {
            return;
        };
        let link = self.handles.iter().find_map(|it| it.link(known.id));
        let Some(now) = known.describe(link, self.config.snaplen) else {
            return;
        };
        if known.said.as_deref() != Some(&now) {
            let now = Arc::new(now);
            known.said = Some(now.clone());
            for handle in &mut self.handles {
                handle.describe(&now);
            }
            intake.describe(now);
        }
    }

    fn mark_gaps(&mut self, intake: &mut Intake, now: Now) {
        for known in &self.known {
            intake
                .gaps
                .set(known.id, known.open && known.is_up(), now.wall);
        }
    }

    fn forget_missing(&mut self, intake: &mut Intake, now: Now) {
        let (config, resting, problems) = (&self.config, &mut self.resting, &self.problems);
        let handles = &mut self.handles;
        self.known.retain(|known| {
            let stays = known.nic.is_some()
                || config.names(&known.name)
                || now.steady.0 - known.missing_since.0 < REMEMBER;
            if !stays {
                intake.gaps.forget(known.id);
                for handle in handles.iter_mut() {
                    handle.forget(known.id);
                }
                problems.tell(&known.name, None);
                resting.push_back((known.id, now.steady));
            }
            stays
        });
    }

    fn take_id(&mut self, now: Now) -> Option<InterfaceId> {
        let rested = |(_, since): &mut (InterfaceId, Nanos)| now.steady.0 - since.0 > REST;
        if let Some((id, _)) = self.resting.pop_front_if(rested) {
            return Some(id);
        }
        let id = InterfaceId(self.fresh);
        self.fresh = self.fresh.checked_add(1)?;
        Some(id)
    }
}

impl Known {
    fn new(id: InterfaceId, nic: Nic, now: Now) -> Known {
        Known {
            id,
            name: nic.name.as_str().into(),
            counters: nic.counters,
            nic: Some(nic),
            missing_since: now.steady,
            open: false,
            said: None,
            retry_at: now.steady,
            wait: RETRY,
            problem: None,
        }
    }

    fn is_to_open(&self) -> bool {
        !self.open && self.is_up()
    }

    fn is_up(&self) -> bool {
        self.nic.as_ref().is_some_and(|nic| nic.up)
    }

    fn try_at_once(&mut self, now: Now) {
        self.retry_at = now.steady;
        self.wait = RETRY;
    }

    fn opened(&mut self) {
        self.open = true;
        if self.problem.take().is_some() {
            tracing::info!("{}: watched again", self.name);
        }
        self.wait = RETRY;
    }

    fn put_off(&mut self, problem: &str, now: Now) {
        if self.problem.as_deref() != Some(problem) {
            tracing::warn!("{}: not watched, will be tried again: {problem}", self.name);
            self.problem = Some(problem.to_owned());
        }
        self.retry_at = Nanos(now.steady.0 + self.wait);
        self.wait = (self.wait * 2).min(RETRY_MOST);
    }

    /// The interface as it is now; with no handle yet, its link is what it was or what it is like.
    fn describe(&self, link: Option<Link>, snaplen: u32) -> Option<Interface> {
        let nic = self.nic.as_ref()?;
        let like = match nic.hardware {
            None if !nic.loopback => Link::Raw,
            _ => Link::Ethernet,
        };
        let before = self.said.as_ref().map(|said| said.link);
        Some(Interface {
            id: self.id,
            name: self.name.clone(),
            link: link.or(before).unwrap_or(like),
            role: nic.role,
            snaplen,
            direction: direction(nic),
        })
    }
}

/// How this interface tells what is out.
fn direction(nic: &Nic) -> DirectionRule {
    match nic.hardware {
        _ if nic.role == Role::Loopback => DirectionRule::ClientToServer,
        Some(address) => DirectionRule::Hardware(address),
        None => DirectionRule::Addresses(nic.addresses.clone()),
    }
}

fn listed(nics: &[Nic], name: &str) -> bool {
    nics.iter().any(|nic| nic.name == name)
}

/// What came to a pair of counters; one that is smaller than before has begun anew.
fn growth(before: Traffic, now: Traffic) -> Traffic {
    let figure = |before: u64, now: u64| now.checked_sub(before).unwrap_or(now);
    let tally = |before: Tally, now: Tally| Tally {
        packets: figure(before.packets, now.packets),
        bytes: figure(before.bytes, now.bytes),
    };
    Traffic {
        inbound: tally(before.inbound, now.inbound),
        outbound: tally(before.outbound, now.outbound),
    }
}
