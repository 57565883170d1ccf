//! The one place where failures become exit codes and messages: what happened, why, what to do.

use super::import::VnstatError;
use crate::api::TokenError;
use crate::capture::filter::FilterError;
use crate::capture::live;
use crate::{config, export, monitor, owners, platform, query, store};
use std::io::{self, ErrorKind, Write};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Config(#[from] config::Error),
    #[error(
        "{variable}: `{directives}` is no log filter: {message}; try `info` or `netmonitor=debug`"
    )]
    LogFilter {
        variable: &'static str,
        directives: String,
        message: String,
    },
    #[error(transparent)]
    Monitor(#[from] monitor::Error),
    #[error(transparent)]
    Platform(#[from] platform::Error),
    #[error("{path}: {why}; what came before that place is counted")]
    Damaged { path: String, why: String },
    #[error(
        "no netmonitor answers on 127.0.0.1:{port}: {why}; start it with `netmonitor run`, or name \
         its port with --port"
    )]
    Unreachable { port: u16, why: String },
    #[error(
        "there is no access token in {}: no netmonitor has run with this data folder; read a \
         service's with `sudo netmonitor token`, or name another folder with --data-dir",
        path.display()
    )]
    NoToken { path: PathBuf },
    #[error(
        "no netmonitor runs with the data folder {}: start it with `netmonitor run`, or name \
         another folder with --data-dir or the service's port with --port",
        path.display()
    )]
    NotRunning { path: PathBuf },
    #[error(
        "a netmonitor runs with the data folder {}: stop it, {doing}, and start it again; what \
         happens meanwhile is not counted",
        folder.display()
    )]
    Runs {
        folder: PathBuf,
        doing: &'static str,
    },
    #[error("nobody can be asked here whether that is meant: say so with --yes")]
    Unconfirmed,
    #[error("FROM must lie before TO")]
    Backwards,
    #[error(
        "{} cannot be continued: the history no longer has what it ends with, of {at}; export into a \
         new file, with --from",
        path.display()
    )]
    Forgotten { path: PathBuf, at: String },
    #[error("the service refused {path}: {answer}")]
    Refused { path: String, answer: String },
    #[error("{error}\n  {expression}\n  {}", pointer(error.at))]
    Filter {
        expression: String,
        error: FilterError,
    },
    #[error(transparent)]
    Helper(#[from] owners::HelperError),
    #[error(transparent)]
    Token(#[from] TokenError),
    #[error(transparent)]
    Export(#[from] export::Error),
    #[error("the export is not whole: {0}")]
    Broken(io::Error),
    #[error(transparent)]
    Vnstat(#[from] VnstatError),
    #[error("cannot write the output: {0}")]
    Output(#[from] io::Error),
}

/// Exit codes, as sysexits.h has them where it has any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Code {
    Done = 0,
    Failed = 1,
    Usage = 2,
    Unreachable = 69,
    Io = 74,
    NoPermission = 77,
    Config = 78,
}

impl From<Code> for ExitCode {
    fn from(code: Code) -> ExitCode {
        ExitCode::from(code as u8)
    }
}

impl Error {
    fn code(&self) -> Code {
        match self {
            Error::Config(error) => of_config(error),
            Error::LogFilter { .. } => Code::Config,
            Error::Monitor(error) => of_monitor(error),
            Error::Platform(error) | Error::Token(TokenError::File(error)) => of_platform(error),
            Error::Unreachable { .. } | Error::NoToken { .. } | Error::NotRunning { .. } => {
                Code::Unreachable
            }
            Error::Token(_)
            | Error::Refused { .. }
            | Error::Filter { .. }
            | Error::Runs { .. }
            | Error::Forgotten { .. } => Code::Failed,
            Error::Output(error) if error.kind() == ErrorKind::BrokenPipe => Code::Done,
            Error::Helper(owners::HelperError::NotAsked(_))
            | Error::Unconfirmed
            | Error::Backwards => Code::Usage,
            Error::Export(error) => of_export(error),
            Error::Vnstat(error) => of_vnstat(error),
            Error::Damaged { .. } | Error::Output(_) | Error::Helper(_) | Error::Broken(_) => {
                Code::Io
            }
        }
    }

    /// What to do about it, where the message itself does not say it.
    fn advice(&self) -> Option<String> {
        match self {
            Error::Monitor(monitor::Error::NoPermission) => {
                Some(format!("type {}", platform::how_to_capture()))
            }
            Error::Monitor(monitor::Error::PortTaken { holder, .. }) => Some(match holder {
                Some(holder) => format!(
                    "{} (process {}) has it: stop that, or choose another port with --port",
                    holder.name, holder.pid
                ),
                None => "choose another one with --port".to_owned(),
            }),
            _ => None,
        }
    }
}

fn of_config(error: &config::Error) -> Code {
    match error {
        config::Error::Value {
            origin: config::Origin::Flag(_),
            ..
        } => Code::Usage,
        _ => Code::Config,
    }
}

fn of_monitor(error: &monitor::Error) -> Code {
    match error {
        monitor::Error::NoPermission => Code::NoPermission,
        monitor::Error::Live(error) => of_live(error),
        monitor::Error::Places(_) => Code::Config,
        monitor::Error::Store(store::Error::Exists(_) | store::Error::Nothing(_)) => Code::Failed,
        monitor::Error::File(_)
        | monitor::Error::Store(_)
        | monitor::Error::Serve(_)
        | monitor::Error::PortTaken { .. } => Code::Io,
        monitor::Error::Platform(error) | monitor::Error::Token(TokenError::File(error)) => {
            of_platform(error)
        }
        monitor::Error::Ring(_)
        | monitor::Error::Query(_)
        | monitor::Error::Token(_)
        | monitor::Error::Thread(_)
        | monitor::Error::Died(_)
        | monitor::Error::Other(_) => Code::Failed,
    }
}

fn of_export(error: &export::Error) -> Code {
    match error {
        export::Error::Unfit(_)
        | export::Error::Narrowed(_)
        | export::Error::Narrowing { .. }
        | export::Error::By(_)
        | export::Error::Query(query::Error::Asked { .. }) => Code::Usage,
        export::Error::Strange(_)
        | export::Error::Gone
        | export::Error::Query(query::Error::TooMuch { .. }) => Code::Failed,
        export::Error::Written(_) | export::Error::Query(_) => Code::Io,
    }
}

fn of_vnstat(error: &VnstatError) -> Code {
    match error {
        VnstatError::Zone(_) => Code::Usage,
        VnstatError::Version(_) => Code::Failed,
        VnstatError::Unread(..) | VnstatError::Strange(_) => Code::Io,
    }
}

fn of_live(error: &live::Error) -> Code {
    match error {
        live::Error::Permission { .. } => Code::NoPermission,
        live::Error::NoSuchInterface { .. } => Code::Failed,
        live::Error::Filter { .. } => Code::Config,
        live::Error::Platform(error) => of_platform(error),
        live::Error::Open { .. } | live::Error::Poll { .. } => Code::Io,
    }
}

fn of_platform(error: &platform::Error) -> Code {
    match error {
        platform::Error::Owner { .. } => Code::NoPermission,
        platform::Error::File { source, .. } | platform::Error::System { source, .. }
            if source.kind() == ErrorKind::PermissionDenied =>
        {
            Code::NoPermission
        }
        _ => Code::Io,
    }
}

/// A mark under the place that an expression is wrong at.
fn pointer(at: Option<usize>) -> String {
    at.map_or_else(String::new, |at| format!("{:at$}^", ""))
}

/// Says what went wrong. A reader that has gone away (`| head`) is nothing to speak of.
pub(super) fn report(error: &Error) -> ExitCode {
    let code = error.code();
    if code != Code::Done {
        // Where not even stderr can be written there is nobody left to tell.
        let _ = say(error);
    }
    code.into()
}

/// Wrong usage, or the help and the version that were asked for.
pub(super) fn usage(error: &clap::Error) -> ExitCode {
    // Likewise: help that nobody reads is not a failure.
    let _ = error.print();
    let code = if error.use_stderr() {
        Code::Usage
    } else {
        Code::Done
    };
    code.into()
}

fn say(error: &Error) -> io::Result<()> {
    let mut stderr = io::stderr().lock();
    write!(stderr, "netmonitor: {error}")?;
    if let Some(advice) = error.advice() {
        write!(stderr, "; {advice}")?;
    }
    writeln!(stderr)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(kind: ErrorKind) -> Error {
        Error::Output(io::Error::from(kind))
    }

    #[test]
    fn a_reader_that_went_away_is_no_failure() {
        assert_eq!(broken(ErrorKind::BrokenPipe).code(), Code::Done);
        assert_eq!(broken(ErrorKind::StorageFull).code(), Code::Io);
    }

    #[test]
    fn what_is_not_permitted_is_told_apart() {
        let denied = |kind| {
            Error::Platform(platform::Error::System {
                doing: "look",
                source: io::Error::from(kind),
            })
        };
        assert_eq!(
            denied(ErrorKind::PermissionDenied).code(),
            Code::NoPermission
        );
        assert_eq!(denied(ErrorKind::NotFound).code(), Code::Io);
    }

    #[test]
    fn a_history_that_died_is_input_or_output_that_failed() {
        let died = Error::Monitor(monitor::Error::Store(store::Error::Died));
        assert_eq!(died.code(), Code::Io);
    }

    #[test]
    fn advice_names_the_command_and_the_holder() {
        let advice = |error: monitor::Error| Error::Monitor(error).advice().unwrap();
        assert!(advice(monitor::Error::NoPermission).contains("sudo "));
        let holder = Some(platform::Holder {
            pid: 17,
            name: "nginx".into(),
        });
        let taken = monitor::Error::PortTaken { port: 80, holder };
        assert!(advice(taken).starts_with("nginx (process 17) has it"));
    }
}
