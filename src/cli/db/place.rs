//! Where the history is to be had: from the service that runs with the data folder, or as a file
//! that nobody has open.

use super::progress::Progress;
use crate::api::{CompactedItem, ForgottenItem, HistoryReport, HistoryStats};
use crate::cli::arguments::Common;
use crate::cli::client::{Client, Streamed};
use crate::cli::{Error, settings};
use crate::clock::Clock;
use crate::monitor;
use crate::platform::private;
use crate::store::care::{self, Made, Restored, Target};
use crate::store::{self, FILE, Hooks, Order, Store, Told, Wish, Writer};
use serde_json::Value;
use std::io::BufRead;
use std::path::{Path, PathBuf};

const CHECK: &str = "/api/store/check";

pub(in crate::cli) struct Place {
    folder: PathBuf,
    settings: store::Config,
    service: Option<Client>,
}

impl Place {
    pub(in crate::cli) fn find(common: &Common) -> Result<Place, Error> {
        let config = settings::load(common, Vec::new())?.config;
        Ok(Place {
            service: Client::running(&config)?,
            folder: config.data_dir,
            settings: config.store,
        })
    }

    fn file(&self) -> PathBuf {
        self.folder.join(FILE)
    }

    pub(super) fn stats(&self) -> Result<Value, Error> {
        if let Some(service) = &self.service {
            return service.patiently("GET", "/api/store/stats")?.json();
        }
        let stats = of(care::look(&self.file()).and_then(|reader| care::stats(&reader)))?;
        let length = std::fs::metadata(self.file()).map_or(0, |facts| facts.len());
        json(&HistoryStats::of(stats, length))
    }

    pub(super) fn check(&self, progress: &mut Progress) -> Result<Value, Error> {
        let Some(service) = &self.service else {
            let report = of(care::check_file(
                &self.file(),
                &mut progress.tell("checked"),
            ))?;
            return json(&HistoryReport::of(report));
        };
        let answer = service.patiently("POST", CHECK)?;
        let last = followed(answer, CHECK, &mut progress.tell("checked"))?;
        Ok(last["report"].clone())
    }

    pub(super) fn backup(
        &self,
        file: &Path,
        force: bool,
        progress: &mut Progress,
    ) -> Result<Made, Error> {
        let target = Target {
            path: file.to_owned(),
            replace: force,
        };
        let mut tell = progress.tell("copied");
        if let Some(service) = &self.service {
            let mut answer = service.patiently("POST", "/api/store/backup")?;
            of(care::receive(&mut answer.body, &target, &mut tell))
        } else {
            let reader = of(care::look(&self.file()))?;
            of(care::backup(&reader, &target, &mut tell))
        }
    }

    pub(super) fn restore(&self, file: &Path, progress: &mut Progress) -> Result<Restored, Error> {
        self.alone("restore")?;
        private::folder(&self.folder)?;
        let now = Clock::system().now().wall;
        of(care::restore(
            &self.folder,
            file,
            now,
            &mut progress.tell("checked"),
        ))
    }

    pub(super) fn compact(&self, progress: &mut Progress) -> Result<Value, Error> {
        if self.service.is_some() {
            return Ok(self.order(&Order::Compact, progress)?["compacted"].clone());
        }
        let compacted = of(care::compact(&self.file(), &mut progress.tell("written")))?;
        json(&CompactedItem::of(compacted))
    }

    /// Has something done that takes long, and is told what.
    pub(in crate::cli) fn order(
        &self,
        order: &Order,
        progress: &mut Progress,
    ) -> Result<Value, Error> {
        let mut tell = progress.tell("done");
        let Some(service) = &self.service else {
            return self.alone_with(order, &mut tell);
        };
        let (method, path, body) = request(order);
        let answer = service.send(method, &path, body.as_deref())?;
        followed(answer, &path, &mut tell)
    }

    /// Does it with a writer of our own.
    fn alone_with(&self, order: &Order, tell: &mut care::Tell) -> Result<Value, Error> {
        // One that cannot be read is refused, and not set aside.
        drop(of(care::look(&self.file()))?);
        let clock = Clock::system();
        let store = of(Store::open(
            &self.folder,
            self.settings.clone(),
            clock.now().wall,
        ))?;
        let writer = of(Writer::start(store, clock, Hooks::default()))?;
        let waiting = of(writer.orders().give(order.clone()))?;
        let done = loop {
            match waiting.next() {
                Told::Progress(done, total) => of(tell(done, total))?,
                Told::Forgotten(forgotten) => {
                    let item = ForgottenItem::of(forgotten);
                    break Ok(serde_json::json!({"forgotten": item}));
                }
                Told::Compacted(compacted) => {
                    let item = CompactedItem::of(compacted);
                    break Ok(serde_json::json!({"compacted": item}));
                }
                Told::Failed(error) => break Err(error),
            }
        };
        of(writer.stop())?;
        of(done)
    }

    /// For what takes the file away from under whoever has it.
    fn alone(&self, doing: &'static str) -> Result<(), Error> {
        match self.service {
            Some(_) => Err(Error::Runs {
                folder: self.folder.clone(),
                doing,
            }),
            None => Ok(()),
        }
    }
}

fn of<T>(done: Result<T, store::Error>) -> Result<T, Error> {
    done.map_err(|error| monitor::Error::Store(error).into())
}

fn json(value: &impl serde::Serialize) -> Result<Value, Error> {
    serde_json::to_value(value).map_err(|error| Error::Output(error.into()))
}

fn refused(path: &str, answer: &str) -> Error {
    Error::Refused {
        path: path.to_owned(),
        answer: answer.to_owned(),
    }
}

/// How the service is asked for it.
fn request(order: &Order) -> (&'static str, String, Option<String>) {
    let named = |kind: &str, name: &String| {
        let body = serde_json::json!({kind: name}).to_string();
        ("POST", "/api/store/forget".to_owned(), Some(body))
    };
    match order {
        Order::Compact => (
            "POST",
            "/api/store/compact".to_owned(),
            Some("{}".to_owned()),
        ),
        Order::Forget(Wish::AppNamed(name)) => named("application", name),
        Order::Forget(Wish::SiteNamed(name)) => named("site", name),
        Order::Forget(Wish::Domain(name)) => named("domain", name),
        Order::Forget(Wish::App(id)) => ("DELETE", format!("/api/applications/{}", id.0), None),
        Order::Forget(Wish::Range(range)) => {
            let (from, to) = (range.start.0, range.end.0);
            ("DELETE", format!("/api/range?from={from}&to={to}"), None)
        }
        Order::Forget(Wish::Everything) => {
            ("DELETE", "/api/range?everything=true".to_owned(), None)
        }
    }
}

/// Reads lines that tell how far something is, up to the last, which tells what came of it.
fn followed(answer: Streamed, path: &str, tell: &mut care::Tell) -> Result<Value, Error> {
    for line in answer.body.lines() {
        let line: Value = serde_json::from_str(&line?).unwrap_or_default();
        if let Some(error) = line["error"].as_str() {
            return Err(refused(path, error));
        }
        let Some(done) = line["done"].as_u64() else {
            return Ok(line);
        };
        of(tell(done, line["total"].as_u64().unwrap_or_default()))?;
    }
    Err(refused(path, "its answer was cut off: it may have stopped"))
}
