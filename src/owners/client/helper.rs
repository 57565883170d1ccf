//! Keeps a helper running: started, listened to until it ends, and started again after a while.

use super::state::Shared;
use crate::label::App;
use crate::owners::config::{Config, Kernel};
use crate::owners::message::{Answer, Garbled, NUMBERS, Number, Told, VERSION};
use crate::owners::{Owned, Process};
use crate::platform;
use crate::units::Nanos;
use crossbeam_channel::{Receiver, RecvTimeoutError};
use std::collections::BTreeMap;
use std::io::{BufReader, Read};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

/// How long after a helper's end the next is started; doubled each time that one does not last.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// How long a helper that takes nothing in is waited for: it hangs.
const TAKES_IN: Duration = Duration::from_secs(10);
/// How often it is seen whether one has ended that was hung up on, before it is killed and after.
const LOOKS: u32 = 200;
const LOOK: Duration = Duration::from_millis(10);
/// Tunnels whose carrier is known at most.
const CARRIERS: usize = 1_024;
/// What is read of a helper at a time, in bytes.
const CHUNK: usize = 64 * 1024;

/// Until `stopped` is dropped.
pub(super) fn keep(shared: &Shared, config: &Config, stopped: &Receiver<()>) {
    let mut pause = FIRST_PAUSE;
    loop {
        let (why, lasted) = match start(config) {
            Ok((child, stream)) => listen_to(shared, child, stream),
            Err(error) => (
                format!("the owners' helper cannot be started: {error}"),
                false,
            ),
        };
        let next = stopped.recv_timeout(if lasted { FIRST_PAUSE } else { pause });
        if !matches!(next, Err(RecvTimeoutError::Timeout)) {
            return;
        }
        pause = if lasted {
            FIRST_PAUSE
        } else {
            (pause * 2).min(LONGEST_PAUSE)
        };
        tracing::warn!("{why}; starting another");
        shared.turn(|state| {
            state.restarts += 1;
            state.trouble = Some(why);
        });
    }
}

/// The same program, at the other end of a pair of sockets. In a group of its own: what interrupts
/// the service from its terminal is the service's to hear.
fn start(config: &Config) -> std::io::Result<(Child, UnixStream)> {
    let (ours, theirs) = UnixStream::pair()?;
    ours.set_write_timeout(Some(TAKES_IN))?;
    let kernel = match config.kernel {
        Kernel::Auto => "auto",
        Kernel::Off => "off",
    };
    let child = Command::new(platform::own_program()?)
        .args(["owners-helper", "--kernel", kernel])
        .stdin(OwnedFd::from(theirs))
        .stdout(Stdio::null())
        .process_group(0)
        .spawn()?;
    Ok((child, ours))
}

/// Until the helper ends: why it did, and whether it ever worked.
fn listen_to(shared: &Shared, mut child: Child, stream: UnixStream) -> (String, bool) {
    let stream = Arc::new(stream);
    shared.connect(&stream);
    let pid = child.id();
    let now = shared.clock.now().wall;
    shared.turn(|state| {
        state.pid = Some(pid);
        state.started = Some(now);
    });
    let mut listener = Listener::new(shared);
    let over = listener.listen(&stream);
    shared.hang_up();
    if over.is_err() {
        // It may go on talking nonsense.
        let _ = child.kill();
    }
    let status = end_of(&mut child);
    shared.turn(|state| {
        state.pid = None;
        state.started = None;
        state.status = None;
    });
    *shared.carriers.lock() = Arc::default();
    let why = match (over, status) {
        (Err(error), _) => format!("the owners' helper spoke nonsense: {error}"),
        (Ok(()), Ok(Some(status))) => format!("the owners' helper ended ({status})"),
        (Ok(()), Ok(None)) => "the owners' helper hangs and cannot be killed".to_owned(),
        (Ok(()), Err(error)) => format!("the owners' helper ended ({error})"),
    };
    (why, listener.has_worked)
}

/// How a helper ended that was hung up on: by itself, or - where it is stopped or hangs - because it
/// is killed. `None` if even that takes too long: nobody shall wait for it for ever.
fn end_of(child: &mut Child) -> std::io::Result<Option<ExitStatus>> {
    if let Some(status) = ended(child)? {
        return Ok(Some(status));
    }
    child.kill()?;
    ended(child)
}

fn ended(child: &mut Child) -> std::io::Result<Option<ExitStatus>> {
    for _ in 0..LOOKS {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        std::thread::sleep(LOOK);
    }
    Ok(None)
}

/// Takes in what one helper says.
struct Listener<'a> {
    shared: &'a Shared,
    /// By the last digits of their numbers.
    processes: Vec<Option<(Number, Arc<Process>)>>,
    carriers: BTreeMap<String, App>,
    has_worked: bool,
}

impl Listener<'_> {
    fn new(shared: &Shared) -> Listener<'_> {
        Listener {
            shared,
            processes: Vec::new(),
            carriers: BTreeMap::new(),
            has_worked: false,
        }
    }

    /// Until the stream ends; an error if what it said is no message.
    fn listen(&mut self, stream: &UnixStream) -> Result<(), Garbled> {
        let mut input = BufReader::with_capacity(CHUNK, stream);
        let mut record = Vec::new();
        while let Some(first) = byte(&mut input) {
            let length = Told::length(first)?;
            record.clear();
            record.resize(length, first);
            if input.read_exact(&mut record[1..]).is_err() {
                return Ok(());
            }
            self.take(Told::read(&record)?)?;
        }
        Ok(())
    }

    fn take(&mut self, told: Told) -> Result<(), Garbled> {
        match told {
            Told::Hello(VERSION) => {
                self.has_worked = true;
                self.shared.greeted();
            }
            Told::Hello(_) => return Err(Garbled("a greeting of another version")),
            Told::Process(number, process) => self.learn(number, process),
            Told::Answer(answer) => self.answer(&answer),
            Told::Carrier(interface, process) => self.carrier(interface, process),
            Told::Status(status) => self.shared.change_status(status),
            Told::Heard => self.shared.heard(),
        }
        Ok(())
    }

    fn learn(&mut self, number: Number, mut process: Process) {
        process.started = self.started(&process);
        let place = (number.0 % NUMBERS) as usize;
        if place >= self.processes.len() {
            self.processes.resize(place + 1, None);
        }
        if let Some(place) = self.processes.get_mut(place) {
            *place = Some((number, Arc::new(process)));
        }
    }

    fn started(&self, process: &Process) -> Option<Nanos> {
        let since = i64::try_from(process.run.since)
            .ok()
            .filter(|since| *since > 0)?;
        let booted = platform::booted(self.shared.clock.now().wall);
        Some(Nanos(booted.0.saturating_add(since)))
    }

    fn process(&self, number: Option<Number>) -> Option<Arc<Process>> {
        let number = number?;
        let place = self.processes.get((number.0 % NUMBERS) as usize)?;
        let (known, process) = place.as_ref()?;
        (*known == number).then(|| process.clone())
    }

    fn answer(&mut self, answer: &Answer) {
        let owned = Owned {
            flow: answer.flow,
            at: answer.at,
            remote: answer.remote,
            source: answer.source,
            process: self.process(answer.process),
            peer: self.process(answer.peer),
        };
        self.shared.change(|state| state.answered += 1);
        self.shared.answers.lock().add(owned);
    }

    fn carrier(&mut self, interface: String, process: Option<Number>) {
        match self.process(process) {
            Some(process) if self.carriers.len() < CARRIERS => {
                self.carriers.insert(interface, process.app.clone())
            }
            _ => self.carriers.remove(&interface),
        };
        *self.shared.carriers.lock() = Arc::new(self.carriers.clone());
    }
}

fn byte(input: &mut impl Read) -> Option<u8> {
    let mut byte = [0];
    input.read_exact(&mut byte).ok()?;
    Some(byte[0])
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::process::ExitStatusExt;

    #[test]
    fn a_helper_that_does_not_end_by_itself_is_killed() {
        const KILLED: i32 = 9;
        let mut child = Command::new("sleep").arg("600").spawn().unwrap();
        let status = end_of(&mut child).unwrap().unwrap();
        assert_eq!(status.signal(), Some(KILLED));
        let mut child = Command::new("true").spawn().unwrap();
        assert!(end_of(&mut child).unwrap().unwrap().success());
    }

    #[test]
    fn nonsense_of_every_length_is_an_end_or_an_error() {
        use std::io::Write;
        for kind in 0..=u8::MAX {
            for fill in [0, 1, 7, u8::MAX] {
                let (ours, mut theirs) = UnixStream::pair().unwrap();
                let mut nonsense = vec![fill; 4_096];
                nonsense[0] = kind;
                theirs.write_all(&nonsense).unwrap();
                drop(theirs);
                let shared = Shared::new(crate::clock::Clock::system());
                let mut listener = Listener::new(&shared);
                // Whatever it is, nothing panics, and little is remembered.
                let _ = listener.listen(&ours);
                assert!(listener.processes.len() <= NUMBERS as usize);
            }
        }
    }
}
