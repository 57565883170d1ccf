//! The command line as a person and a service manager meet it: exit codes, messages, help, and the
//! configuration. Runs the real binary; what it captures and counts is other tests' business.
#![allow(clippy::expect_used, reason = "a test fails by panicking")]

#[path = "cli/config.rs"]
mod config;
#[path = "cli/db.rs"]
mod db;
#[path = "cli/demo.rs"]
mod demo;
#[path = "cli/doctor.rs"]
mod doctor;
#[path = "cli/export.rs"]
mod export;
mod harness;
#[path = "cli/forget.rs"]
mod forget;
#[path = "cli/import.rs"]
mod import;
#[path = "cli/replay.rs"]
mod replay;
#[path = "cli/run.rs"]
mod run;
#[path = "cli/service.rs"]
mod service;
#[path = "cli/texts.rs"]
mod texts;

use std::process::{Command, Output};

/// The binary in an empty place: no settings, no data, no display.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Place {
        let folder = tempfile::tempdir().expect("a folder");
        Place { folder }
    }

    /// With a history that has so many seconds of a capture.
    fn with_history(seconds: u64) -> Place {
        let place = Place::new();
        let traffic = harness::capture::traffic(5, seconds, 40);
        place.file("trace.pcap", harness::capture::pcap(&traffic));
        let data = place.folder.path().to_str().expect("a path in UTF-8");
        place
            .run(&["replay", "--into", data, "trace.pcap"])
            .succeeds();
        place
    }

    fn command(&self) -> Command {
        let mut command = harness::netmonitor();
        command
            .env_clear()
            .env("HOME", self.folder.path())
            .env("CONFIGURATION_DIRECTORY", self.folder.path())
            .env("NETMONITOR_DATA_DIR", self.folder.path())
            .current_dir(self.folder.path());
        command
    }

    fn run(&self, arguments: &[&str]) -> Said {
        let output = self.command().args(arguments).output().expect("netmonitor");
        Said::of(&output)
    }

    /// Puts a file there.
    fn file(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.folder.path().join(name), content).expect("a file");
    }
}

/// How a command ended, and what it said.
#[derive(Debug)]
struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Said {
    fn of(output: &Output) -> Said {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
        Said {
            code: output.status.code(),
            out: text(&output.stdout),
            err: text(&output.stderr),
        }
    }

    /// It failed like this, saying all of `words` on stderr and nothing on stdout.
    fn fails(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, Some(code), "{self:?}");
        assert_eq!(self.out, "", "{self:?}");
        for word in words {
            assert!(self.err.contains(word), "no `{word}` in {self:?}");
        }
    }

    /// What it said on stdout; it did not fail, and had nothing to remark.
    fn succeeds(self) -> String {
        assert_eq!((self.code, self.err.as_str()), (Some(0), ""), "{self:?}");
        self.out
    }
}
