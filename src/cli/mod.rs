//! The command line: one file a subcommand. Data goes to stdout, messages to stderr, errors through
//! `exit`. Knows what a person types and reads; everything else is asked of the rooms.

mod arguments;
mod client;
mod completions;
mod config;
mod db;
mod demo;
mod doctor;
mod dump;
mod exit;
mod export;
mod filter;
mod forget;
mod import;
mod interfaces;
mod json;
mod log;
mod man;
mod open;
mod owners_helper;
mod replay;
mod run;
mod settings;
mod status;
mod text;
mod time;
mod token;
mod top;
mod version;

pub use arguments::Arguments;
pub use exit::Error;

use arguments::Command;
use clap::Parser;
use std::ffi::OsString;
use std::process::ExitCode;

/// Does what the arguments say; the exit code says how it went.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => return exit::usage(&error),
    };
    match log::start(&arguments.common).and_then(|()| command(arguments)) {
        Ok(code) => code,
        Err(error) => exit::report(&error),
    }
}

fn command(arguments: Arguments) -> Result<ExitCode, Error> {
    let common = &arguments.common;
    let done = match arguments.command {
        Command::Run(given) => run::run(&given, common),
        Command::Replay(given) => replay::run(&given, common),
        Command::Demo(given) => demo::run(&given, common),
        Command::Dump => dump::run(common),
        Command::Open(given) => open::run(&given, common),
        Command::Status(given) => status::run(&given, common),
        Command::Interfaces(given) => interfaces::run(&given),
        Command::Filter(given) => filter::run(&given, common),
        Command::Config(given) => config::run(&given, common),
        Command::OwnersHelper(given) => owners_helper::run(&given),
        Command::Token => token::run(common),
        Command::Version(given) => version::run(&given),
        Command::Completions(given) => completions::run(&given),
        Command::Man(given) => man::run(&given),
        Command::Top(given) => top::run(&given, common),
        Command::Forget(given) => return forget::run(&given, common),
        Command::Export(given) => export::run(&given, common),
        Command::Import(given) => import::run(&given, common),
        Command::Db(given) => return db::run(&given, common),
        Command::Doctor(given) => return doctor::run(&given, common),
    };
    done.map(|()| ExitCode::SUCCESS)
}
