//! The service on live interfaces, and on the demonstration's invented traffic.

use super::reload::Reload;
use super::service::{Ground, Service};
use super::{Error, Ready, capture_filter, report, requests};
use crate::capture::Message;
use crate::capture::file::{File, Options};
use crate::capture::live::{self, Live};
use crate::clock::Clock;
use crate::config::{Config, Loaded, Sources};
use crate::owners::{self, Client};
use crate::platform::{self, private};
use crate::ring::WhenFull;
use crate::units::Nanos;
use crossbeam_channel::{Receiver, RecvTimeoutError, bounded};
use signal_hook::consts::{SIGINT, SIGTERM};
use std::path::Path;
use std::thread::Builder;
use std::time::Duration;

/// The demonstration's traffic: made by `scripts/make_demo_capture.py`.
const DEMO: &[u8] = include_bytes!("../../demo/demo.pcapng.gz");
/// Its batches span at most this much time, so that the page moves.
const STEP: Nanos = Nanos(20_000_000);

/// Requests by signal that wait at most; of more at once, nothing would be gained.
const REQUESTS: usize = 4;

/// Watches interfaces until a signal; what came before it is counted and committed. With `told`, a
/// report of what this run's history holds is written there at the end. The configuration comes
/// from `sources`, from where it is read again when a signal asks for that.
pub fn run(
    loaded: &Loaded,
    sources: Sources,
    clock: &Clock,
    told: Option<&Path>,
    ready: impl FnOnce(&Ready),
) -> Result<(), Error> {
    if !platform::may_capture() {
        return Err(Error::NoPermission);
    }
    let config = &loaded.config;
    let mut ground = Ground::lay(config.clone(), clock.clone())?;
    let epoch = ground.epoch();
    let settings = live::Config {
        filter: capture_filter(config),
        ..config.capture.clone()
    };
    let mut live = Live::open(settings, clock.clone(), epoch)?;
    ground.problems = live.problems();
    ground.owners = owners(&config.owners, clock)?;
    let mut service = ground.build(live.home(), WhenFull::Drop)?;
    service.ready.interfaces = live.watched();
    let (ask, asked) = bounded(REQUESTS);
    live.send_requests(ask);
    let reload = Reload::new(
        loaded,
        sources,
        service.kept.clone(),
        service.places.clone(),
    );
    let requests = requests::answer(asked, service.reporter.clone(), reload)?;
    ready(&service.ready);
    let steady = clock.clone();
    let capture = Builder::new().name("capture".into()).spawn(move || {
        let ended = hand_on(&mut live, &mut service, &steady);
        (service, ended)
    })?;
    let (service, ended) = capture.join().map_err(|_| Error::Died("capture"))?;
    // Whatever ended the capture: what came before it is counted and committed.
    service.finish()?;
    ended?;
    requests.join().map_err(|_| Error::Died("monitor"))?;
    told.map_or(Ok(()), |path| report::write(path, config, clock, epoch))
}

/// Who finds out whose flows are, if anybody shall.
fn owners(config: &owners::Config, clock: &Clock) -> Result<Option<Client>, Error> {
    let client = config
        .enabled
        .then(|| Client::start(config, clock.clone()))
        .transpose()?;
    Ok(client)
}

/// Every message of the capture, until it ends or one of both fails.
fn hand_on(live: &mut Live, service: &mut Service, clock: &Clock) -> Result<(), Error> {
    while let Some(message) = live.next() {
        live.reading()
            .into_iter()
            .for_each(|took| service.reading.record(took));
        let message = message?;
        if matches!(message, Message::Cut(_)) {
            service.reading.publish(clock.steady());
        }
        service.send(message)?;
    }
    Ok(())
}

/// Plays invented traffic in a loop, into a history that is thrown away.
pub fn demo(config: Config, clock: Clock, ready: impl FnOnce(&Ready)) -> Result<(), Error> {
    let stop = stop_signal()?;
    let mut demo = Demo::build_on_any_port(config, &clock)?;
    ready(&demo.service.ready);
    let capture = Builder::new().name("capture".into()).spawn(move || {
        for message in demo.traffic {
            if until(&message, &clock, &stop) {
                break;
            }
            demo.service.send(message)?;
        }
        Ok::<_, Error>((demo.service, demo.folder))
    })?;
    let (service, _folder) = capture.join().map_err(|_| Error::Died("capture"))??;
    service.finish()
}

/// What a demonstration plays on.
struct Demo {
    traffic: File,
    service: Service,
    folder: private::Ephemeral,
}

impl Demo {
    /// On the usual port, or on any free one if that is taken.
    fn build_on_any_port(config: Config, clock: &Clock) -> Result<Demo, Error> {
        match Demo::build(config.clone(), clock) {
            Err(Error::PortTaken { .. }) => {
                let serve = crate::serve::Config {
                    port: 0,
                    ..config.serve.clone()
                };
                Demo::build(Config { serve, ..config }, clock)
            }
            other => other,
        }
    }

    /// Each in a folder of its own: the threads of one that failed may hold theirs a while longer.
    fn build(mut config: Config, clock: &Clock) -> Result<Demo, Error> {
        let folder = private::Ephemeral::new()?;
        config.data_dir = folder.path().into();
        let ground = Ground::lay(config, clock.clone())?;
        let options = Options {
            local: vec!["192.168.1.0/24".parse().map_err(Error::Other)?],
            span: STEP,
            filter: capture_filter(&ground.config),
        };
        let mut traffic = File::looped(DEMO, clock.now().wall, options)?;
        traffic.begin_in(ground.epoch());
        let service = ground.build(traffic.home(), WhenFull::Wait)?;
        Ok(Demo {
            traffic,
            service,
            folder,
        })
    }
}

/// Waits until a batch's time has come; true if the stop came first.
fn until(message: &Message, clock: &Clock, stop: &Receiver<()>) -> bool {
    let Message::Batch(batch) = message else {
        return false;
    };
    let due = batch.frames.last().map_or(0, |frame| frame.at.0);
    let wait = Duration::from_nanos((due - clock.now().wall.0).max(0) as u64);
    !matches!(stop.recv_timeout(wait), Err(RecvTimeoutError::Timeout))
}

/// Tells when somebody wants this process to end.
fn stop_signal() -> Result<Receiver<()>, Error> {
    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM])?;
    let (tell, told) = bounded(1);
    Builder::new().name("signals".into()).spawn(move || {
        for _ in signals.forever() {
            // One is enough.
            let _ = tell.try_send(());
        }
    })?;
    Ok(told)
}
