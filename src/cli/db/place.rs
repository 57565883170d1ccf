//! Where the history is to be had: from the service that runs with the data folder, or as a file
//! that nobody has open.

use super::progress::Progress;
use crate::api::{HistoryReport, HistoryStats};
use crate::cli::arguments::Common;
use crate::cli::client::Client;
use crate::cli::{Error, settings};
use crate::clock::Clock;
use crate::monitor;
use crate::platform::private;
use crate::store::care::{self, Compacted, Made, Restored, Target};
use crate::store::{self, FILE};
use serde_json::Value;
use std::io::BufRead;
use std::path::{Path, PathBuf};

const CHECK: &str = "/api/store/check";

pub(super) struct Place {
    folder: PathBuf,
    service: Option<Client>,
}

impl Place {
    pub(super) fn find(common: &Common) -> Result<Place, Error> {
        let config = settings::load(common, Vec::new())?.config;
        Ok(Place {
            service: Client::running(&config)?,
            folder: config.data_dir,
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
        let mut tell = progress.tell("checked");
        for line in answer.body.lines() {
            let line: Value = serde_json::from_str(&line?).unwrap_or_default();
            if let Some(report) = line.get("report") {
                return Ok(report.clone());
            }
            if let Some(error) = line["error"].as_str() {
                return Err(refused(CHECK, error));
            }
            let count = |name: &str| line[name].as_u64().unwrap_or_default();
            of(tell(count("done"), count("total")))?;
        }
        Err(refused(
            CHECK,
            "its answer was cut off: it may have stopped",
        ))
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

    pub(super) fn compact(&self, progress: &mut Progress) -> Result<Compacted, Error> {
        self.alone("compact")?;
        of(care::compact(&self.file(), &mut progress.tell("written")))
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
