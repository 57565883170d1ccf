//! The service downstream of its source: the way, the history, the live view and the server, the
//! same for live interfaces and for the demonstration.

use super::caps::Caps;
use super::path::{Plan, Way, worker_count};
use super::requests::Reporter;
use super::status::Status;
use super::{Error, Ready, address, attribution, capture_filter, classes_of};
use crate::api::{Context, Exports, Filter, Token, Use};
use crate::capture::filter::{self, Named};
use crate::capture::live::Problems;
use crate::capture::{Home, Interface, Message};
use crate::clock::Clock;
use crate::config::Config;
use crate::key::InterfaceId;
use crate::measure::{Meters, Recorder, Stages};
use crate::names::places::Places;
use crate::owners::{Client, Owners};
use crate::platform::private::{self, Held};
use crate::platform::{self, Usage};
use crate::query::{Class, Query, Recent};
use crate::ring::WhenFull;
use crate::serve::{self, Listeners, Serve};
use crate::store::care::{self, Care, Daily};
use crate::store::{Hooks, Kept, Reader, Store, Writer};
use crate::tick::{Cost, Labeller, Labels, Merged};
use crate::units::{Epoch, Nanos};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// How long an answer waits for work on the history.
const PATIENCE: Duration = Duration::from_secs(10);

/// The interfaces that were announced, as they are known now.
pub(super) type Watched = Arc<Mutex<BTreeMap<InterfaceId, Arc<Interface>>>>;

/// What flows are called: the tick thread learns it, and who asks for live connections looks.
pub(super) type Called = Arc<Mutex<Labels>>;

/// Everything downstream of a source, running.
pub(super) struct Service {
    way: Way<Seconds>,
    serve: Serve,
    /// Leads to the server as long as the history is ours.
    address: Held,
    pub ready: Ready,
    pub reporter: Reporter,
    daily: Daily,
    /// How long the history is kept.
    pub kept: Kept,
    /// What is known of addresses.
    pub places: Arc<Places>,
    /// How long the source takes to read what there is.
    pub reading: Recorder,
    owners: Option<Client>,
}

/// What is there before a source can be opened.
pub(super) struct Ground {
    /// What is told of interfaces that cannot be watched.
    pub problems: Problems,
    /// Who finds out whose flows are.
    pub owners: Option<Client>,
    pub config: Config,
    pub clock: Clock,
    /// Above `store`, because fields are dropped in their order: who can open the history next has
    /// to find the address given up.
    address: Held,
    store: Store,
    token: Token,
    classes: Vec<filter::Filter>,
    places: Arc<Places>,
    listeners: Listeners,
}

/// What the tick thread does with seconds.
struct Seconds {
    labeller: Labeller,
    labels: Called,
    owners: Option<Owners>,
    recent: Recent,
    writer: Writer,
    stages: Stages,
    clock: Clock,
    watched: Watched,
    status: Arc<Status>,
    caps: Caps,
    tick: Recorder,
    cpu: Nanos,
}

impl Ground {
    /// Takes the port, then opens the data folder, the history and the token in it.
    pub(super) fn lay(config: Config, clock: Clock) -> Result<Ground, Error> {
        let listeners = listen(config.serve.port)?;
        private::folder(&config.data_dir)?;
        let classes = classes_of(&config)?;
        let places = Arc::new(Places::open(&config.geo)?);
        let names = classes.iter().map(|class| class.name.clone()).collect();
        let settings = crate::store::Config {
            classes: names,
            ..config.store.clone()
        };
        let store = Store::open(&config.data_dir, settings, clock.now().wall)?;
        if let Some(aside) = store.set_aside() {
            tracing::error!(
                "the history was damaged; it is kept as {}, and a new one was begun",
                aside.display()
            );
        }
        let token = Token::open(&config.data_dir)?;
        let address = address::tell(&config.data_dir, listeners.port())?;
        Ok(Ground {
            problems: Problems::default(),
            owners: None,
            config,
            clock,
            address,
            store,
            token,
            classes,
            places,
            listeners,
        })
    }

    /// The epoch that this run's history begins in.
    pub(super) fn epoch(&self) -> Epoch {
        self.store.next_epoch()
    }

    /// Starts everything that the source's messages go through.
    pub(super) fn build(self, home: Home, when_full: WhenFull) -> Result<Service, Error> {
        let stages = Stages::new(self.clock.steady());
        let reader = self.store.reader();
        let writer = Writer::start(self.store, self.clock.clone(), hooks(&stages))?;
        let reading = stages.stage(
            "capture",
            "reading and copying what the kernel had, a wake-up",
        );
        let (kept, upkeep, orders) = (writer.kept(), writer.upkeep(), writer.orders());
        let (importer, daily) = (writer.importer(), daily(&reader, &writer, &self.clock)?);
        let recent = Recent::new(writer.committed());
        let classes = self.classes.iter().map(class).collect();
        let care = Care::new(reader.clone());
        let query = Query::new(reader, recent.clone(), classes);
        let query = Arc::new(query.with_places(self.places.clone()));
        let status = Arc::new(Status::new(&self.config, &self.clock, writer.committed()));
        let reporter = Reporter {
            status: status.clone(),
            recent: recent.clone(),
        };
        let watched = Watched::default();
        let meters = Meters::default();
        let mut labels = Labels::new(&self.config.names, self.config.flow.max);
        if self.owners.is_some() {
            labels.expect_owners();
        }
        let labels = Arc::new(Mutex::new(labels));
        let owners = self.owners.as_ref().map(Client::owners);
        let carriers = owners.clone();
        let seconds = Seconds {
            owners,
            labels: labels.clone(),
            labeller: Labeller::new(self.config.tick.clone()),
            recent,
            writer,
            stages: stages.clone(),
            clock: self.clock.clone(),
            watched: watched.clone(),
            status: status.clone(),
            caps: Caps::new(&meters, &self.config, worker_count(self.config.workers)),
            tick: stages.stage("tick", "merging and labelling one second"),
            cpu: Nanos::default(),
        };
        let plan = Plan {
            config: &self.config,
            clock: self.clock.clone(),
            stages: stages.clone(),
            home,
            when_full,
            classes: self.classes.clone(),
            asker: self.owners.as_ref().map(Client::asker),
        };
        let way = Way::start(plan, seconds, Seconds::take)?;
        status.watch(way.gauges(), way.tables.clone());
        let (tables, known) = (way.tables.clone(), watched.clone());
        let (flows, nics) = (way.tables.clone(), watched);
        let capture_filter = capture_filter(&self.config);
        let (shown, problems) = (capture_filter.clone(), self.problems);
        let told = status.clone();
        let owners = self.owners.as_ref().map(Client::owners);
        let context = Context {
            query,
            care,
            stages,
            meters,
            token: self.token.clone(),
            filters: filters(&self.config),
            capture_filter,
            status: Box::new(move || told.now()),
            owners: Box::new(move || attribution::status(owners.as_ref())),
            upkeep: Box::new(move |what| upkeep.run(what, PATIENCE)),
            orders,
            import: Box::new(move |sums| importer.run(sums, PATIENCE)),
            exports: Exports::default(),
            interfaces: Box::new(move || {
                let carriers = carriers.as_ref().map(Owners::carriers).unwrap_or_default();
                super::status::interfaces(&nics, &problems, shown.as_deref(), &carriers)
            }),
            connections: Box::new(move || super::status::connections(&tables, &known, &labels)),
            flows: Arc::new(move || flows.live() as u64),
        };
        let serve = &self.config.serve;
        let serve = Serve::start(self.listeners, serve, context, self.clock.clone())?;
        let ready = Ready {
            url: format!("http://127.0.0.1:{}/dashboard/", serve.port()),
            token: self.token.text().into(),
            interfaces: Vec::new(),
        };
        Ok(Service {
            way,
            serve,
            address: self.address,
            daily,
            ready,
            reporter,
            kept,
            places: self.places,
            reading,
            owners: self.owners,
        })
    }
}

impl Service {
    /// Hands on what the source gives.
    pub(super) fn send(&mut self, message: Message) -> Result<(), Error> {
        self.way.send(message)
    }

    /// The source has ended: everything it gave is counted and committed, then the server ends.
    pub(super) fn finish(self) -> Result<(), Error> {
        // Before another process can open the history and tell of itself.
        drop(self.address);
        self.daily.stop();
        let seconds = self.way.finish()?;
        if let Some(owners) = self.owners {
            owners.stop();
        }
        seconds.writer.stop()?;
        self.serve.stop();
        Ok(())
    }
}

impl Seconds {
    fn take(&mut self, mut second: Merged) {
        let begun = self.clock.steady();
        self.watched.lock().extend(
            second
                .interfaces
                .iter()
                .map(|interface| (interface.id, interface.clone())),
        );
        let usage = platform::usage().unwrap_or_default();
        let (sent, cost) = (second.cut.sent, self.cost(&usage));
        self.status.second(&second, cost);
        if let Some(owners) = &self.owners {
            second.owned = owners.take(second.cut.moment.second);
            second.carriers = owners.carriers();
        }
        let (delta, open) = {
            let mut labels = self.labels.lock();
            labels.learn(&mut second);
            self.caps.second(&second, labels.sizes(), usage.rings);
            self.labeller.label(second, &mut labels, cost)
        };
        let delta = Arc::new(delta);
        self.recent.push(delta.clone(), open);
        self.writer.commit(delta, sent);
        let done = self.clock.steady();
        self.tick.record(Nanos(done.0 - begun.0));
        self.tick.publish(done);
        self.stages.rotate(done);
    }

    /// What this process used since it was last asked.
    fn cost(&mut self, usage: &Usage) -> Cost {
        let cpu = Nanos(usage.cpu.0 - self.cpu.0);
        self.cpu = usage.cpu;
        Cost {
            cpu,
            resident: usage.resident,
        }
    }
}

/// Who checks the history once a day.
fn daily(reader: &Reader, writer: &Writer, clock: &Clock) -> Result<Daily, Error> {
    Ok(Daily::start(care::Means {
        reader: reader.clone(),
        orders: writer.orders(),
        committed: writer.committed(),
        clock: clock.clone(),
    })?)
}

fn hooks(stages: &Stages) -> Hooks {
    let hook = |name, about| {
        let shared = stages.shared(name, about);
        Box::new(move |took| shared.record(took)) as crate::store::Recorder
    };
    Hooks {
        commit: hook("commit", "one transaction of seconds, durable"),
        cut_to_commit: hook(
            "cut_to_commit",
            "from the cut of a second until it is durable",
        ),
        job: hook(
            "job",
            "one slice of sealing, retention and other work on the history",
        ),
    }
}

fn class(filter: &filter::Filter) -> Class {
    Class {
        name: filter.name.clone(),
        expression: filter.expression.as_str().into(),
    }
}

/// The named filters, and what each is used as.
fn filters(config: &Config) -> Vec<Filter> {
    let named = Named::new(&config.filters);
    let shown = named.iter().map(|filter| {
        let captures = config.capture.filter.as_deref() == Some(&*filter.name);
        let sorts = config.classes.iter().any(|class| **class == *filter.name);
        let uses = [
            captures.then_some(Use::Capture),
            sorts.then_some(Use::Class),
        ];
        Filter::of(filter, uses.into_iter().flatten().collect())
    });
    shown.collect()
}

fn listen(port: u16) -> Result<Listeners, Error> {
    serve::listen(port).map_err(|error| match error {
        serve::Error::PortTaken { port } => Error::PortTaken {
            port,
            holder: platform::who_holds_port(port),
        },
        other => Error::Serve(other),
    })
}
