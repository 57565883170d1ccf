//! The service of this data folder, if one runs, and what it says of itself.

use super::check::{Check, State};
use crate::cli::client::Client;
use crate::cli::token;
use crate::config::Config;
use crate::monitor;
use serde_json::Value;

/// What came of asking.
#[derive(Debug)]
pub(super) enum Found {
    None,
    /// Whether one runs cannot be told.
    Hidden {
        why: String,
    },
    /// It is there, and does not answer as it should.
    Silent {
        port: u16,
        why: String,
    },
    Answers {
        port: u16,
        health: Value,
        owners: Option<Value>,
    },
}

impl Found {
    pub(super) fn at(config: &Config) -> Found {
        match monitor::port(&config.data_dir) {
            Ok(None) => Found::None,
            Ok(Some(port)) => ask(config, port),
            Err(error) => Found::Hidden {
                why: error.to_string(),
            },
        }
    }

    pub(super) fn port(&self) -> Option<u16> {
        match self {
            Found::None | Found::Hidden { .. } => None,
            Found::Silent { port, .. } | Found::Answers { port, .. } => Some(*port),
        }
    }

    pub(super) fn checks(&self) -> Vec<Check> {
        match self {
            Found::None => vec![
                Check::warn("service", "none runs with this data folder")
                    .lost("what happens meanwhile is a gap in the history")
                    .typed("sudo netmonitor run"),
            ],
            Found::Hidden { why } => {
                vec![Check::warn("service", "whether one runs cannot be told").because(why.clone())]
            }
            Found::Silent { port, why } => vec![
                Check::bad("service", format!("it has port {port} and does not answer"))
                    .because(why.clone())
                    .advised("look at its log; start it again"),
            ],
            Found::Answers { health, owners, .. } => {
                let mut checks = vec![healthy(health)];
                checks.extend(owners.as_ref().map(owned));
                checks
            }
        }
    }
}

fn ask(config: &Config, port: u16) -> Found {
    let health = match Client::new(port, None).get("/health") {
        Ok(health) => health,
        Err(error) => {
            let why = error.to_string();
            return Found::Silent { port, why };
        }
    };
    let token = token::read(&config.data_dir).ok();
    let owners = token.and_then(|token| Client::new(port, Some(token)).get("/api/owners").ok());
    Found::Answers {
        port,
        health,
        owners,
    }
}

fn healthy(health: &Value) -> Check {
    match (health["status"].as_str(), health["reason"].as_str()) {
        (Some("ok"), _) => Check::ok("service", "it runs, and is well"),
        (Some(status), reason) => Check::warn("service", format!("it runs, and is {status}"))
            .because(reason.unwrap_or("it does not say why")),
        (None, _) => Check::bad("service", "what answers is no netmonitor"),
    }
}

/// How the service finds owners: it may have other rights than whoever asks.
fn owned(owners: &Value) -> Check {
    const NAME: &str = "service: owners";
    let reason = owners["reason"].as_str().map(str::to_owned);
    let check = match (owners["state"].as_str(), owners["rung"].as_str()) {
        (Some("running"), Some(rung)) => Check::ok(NAME, format!("it finds them by rung `{rung}`")),
        (Some("off"), _) => Check::new(NAME, State::NotApplicable, "it looks for none"),
        (state, _) => Check::warn(
            NAME,
            format!("it finds none: {}", state.unwrap_or("unknown")),
        )
        .lost("new connections are `unknown`"),
    };
    let why = reason.or_else(|| first_that_fails(owners));
    Check { why, ..check }
}

/// The best rung that does not work, and why.
fn first_that_fails(owners: &Value) -> Option<String> {
    let rungs = owners["rungs"].as_array()?;
    let fails = |rung: &&Value| matches!(rung["state"].as_str(), Some("fails" | "partly"));
    let rung = rungs.iter().find(fails)?;
    Some(format!(
        "{}: {}",
        rung["rung"].as_str()?,
        rung["reason"].as_str()?
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_service_is_told_by_what_it_says_of_itself() {
        assert_eq!(healthy(&json!({"status": "ok"})).state, State::Ok);
        let full = healthy(&json!({"status": "degraded", "reason": "disk full"}));
        assert_eq!(
            (full.state, full.why.as_deref()),
            (State::Warn, Some("disk full"))
        );
        assert_eq!(healthy(&json!({"no": "netmonitor"})).state, State::Bad);
    }

    #[test]
    fn the_rung_that_it_uses_and_why_no_better_one_are_told() {
        let rungs = json!([{"rung": "kernel", "state": "fails", "reason": "CAP_BPF is missing"},
                           {"rung": "sockets", "state": "works", "reason": null}]);
        let owners = json!({"state": "running", "rung": "sockets", "reason": null, "rungs": rungs});
        let check = owned(&owners);
        assert_eq!(check.state, State::Ok);
        assert_eq!(check.why.as_deref(), Some("kernel: CAP_BPF is missing"));
        let stopped = owned(&json!({"state": "stopped", "rung": null, "reason": "it died"}));
        assert_eq!(stopped.state, State::Warn);
        assert!(stopped.lost.is_some());
    }

    #[test]
    fn no_service_is_no_failure() {
        assert_eq!(Found::None.checks()[0].state, State::Warn);
        let silent = Found::Silent {
            port: 1,
            why: "it hangs".into(),
        };
        assert_eq!(silent.checks()[0].state, State::Bad);
    }
}
