//! What the capture thread waits for: frames, signals, news of interfaces, and other threads. One
//! mio poll, edge-triggered: whoever is told of a handle reads it until it is empty.

use super::error::Error;
use crate::platform::{self, Watch};
use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token, Waker};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGUSR1};
use signal_hook_mio::v1_0::Signals;
use std::io::ErrorKind;
use std::os::fd::{AsRawFd, RawFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const SIGNALS: Token = Token(0);
const WATCH: Token = Token(1);
const WAKER: Token = Token(2);
/// Tokens from this one on are handles'.
const FIRST: usize = 3;

/// What somebody asks of the running monitor by a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// SIGHUP: read the configuration again.
    Reload,
    /// SIGUSR1: tell the log how things are.
    Report,
}

/// Ends the capture from another thread: what was sent before still counts.
#[derive(Clone, Debug)]
pub struct Stopper {
    waker: Arc<Waker>,
    stop: Arc<AtomicBool>,
}

impl Stopper {
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Release);
        // A waker fails only with its poll, and then nobody waits.
        let _ = self.waker.wake();
    }
}

/// What a wait brought.
#[derive(Debug, Default)]
pub(super) struct Woken {
    /// The handles that have something to read.
    pub readable: Vec<Token>,
    pub interfaces_changed: bool,
    /// How often a stop was asked for.
    pub stops: usize,
    pub requests: Vec<Request>,
}

pub(super) struct Wakes {
    poll: Poll,
    events: Events,
    signals: Signals,
    watch: Option<Watch>,
    stopper: Stopper,
    next: usize,
}

impl Wakes {
    pub(super) fn new() -> Result<Wakes, Error> {
        let poll = Poll::new().map_err(Error::poll("make a poll"))?;
        let registry = poll.registry();
        let mut signals = Signals::new([SIGTERM, SIGINT, SIGHUP, SIGUSR1])
            .map_err(Error::poll("take signals"))?;
        registry
            .register(&mut signals, SIGNALS, Interest::READABLE)
            .map_err(Error::poll("wait for signals"))?;
        let bell = Waker::new(registry, WAKER).map_err(Error::poll("make a waker"))?;
        let mut wakes = Wakes {
            events: Events::with_capacity(64),
            signals,
            watch: platform::watch()?,
            stopper: Stopper {
                waker: Arc::new(bell),
                stop: Arc::default(),
            },
            next: FIRST,
            poll,
        };
        if let Some(fd) = wakes.watch.as_ref().map(AsRawFd::as_raw_fd) {
            wakes.register(fd, WATCH)?;
        }
        Ok(wakes)
    }

    pub(super) fn stopper(&self) -> Stopper {
        self.stopper.clone()
    }

    /// News of interfaces come by themselves.
    pub(super) fn has_watch(&self) -> bool {
        self.watch.is_some()
    }

    /// A token that no handle has had.
    pub(super) fn token(&mut self) -> Token {
        self.next += 1;
        Token(self.next - 1)
    }

    pub(super) fn register(&mut self, fd: RawFd, token: Token) -> Result<(), Error> {
        self.poll
            .registry()
            .register(&mut SourceFd(&fd), token, Interest::READABLE)
            .map_err(Error::poll("wait for frames"))
    }

    /// A handle that is about to be closed is not waited for.
    pub(super) fn forget(&mut self, fd: RawFd) {
        // Closing the handle forgets it just as well.
        let _ = self.poll.registry().deregister(&mut SourceFd(&fd));
    }

    /// Sleeps until something happens, `timeout` at most.
    pub(super) fn wait(&mut self, timeout: Duration) -> Result<Woken, Error> {
        match self.poll.poll(&mut self.events, Some(timeout)) {
            Err(error) if error.kind() != ErrorKind::Interrupted => {
                return Err(Error::poll("wait for frames")(error));
            }
            _ => {}
        }
        let mut woken = Woken::default();
        for event in &self.events {
            match event.token() {
                SIGNALS | WAKER => {}
                WATCH => woken.interfaces_changed = true,
                handle => woken.readable.push(handle),
            }
        }
        // Signals and the stop are asked for every time: both cost next to nothing, and an
        // interrupted poll tells of no event.
        self.take_signals(&mut woken);
        woken.stops += usize::from(self.stopper.stop.swap(false, Ordering::AcqRel));
        if let Some(watch) = self.watch.as_mut().filter(|_| woken.interfaces_changed) {
            woken.interfaces_changed = watch.changed();
        }
        Ok(woken)
    }

    fn take_signals(&mut self, woken: &mut Woken) {
        for signal in self.signals.pending() {
            match signal {
                SIGHUP => woken.requests.push(Request::Reload),
                SIGUSR1 => woken.requests.push(Request::Report),
                _ => woken.stops += 1,
            }
        }
    }
}
