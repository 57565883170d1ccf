//! Why live capture cannot begin, or not go on.

use crate::capture::filter::FilterError;
use crate::platform;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("no permission to capture{}: type {how}", on(.interface.as_deref()))]
    Permission {
        interface: Option<String>,
        how: String,
    },
    #[error("there is no interface {name}; there are: {}", existing.join(", "))]
    NoSuchInterface { name: String, existing: Vec<String> },
    #[error("cannot capture on {name}: {problem}")]
    Open { name: String, problem: String },
    #[error("the filter `{expression}` is refused: {error}")]
    Filter {
        expression: String,
        error: FilterError,
    },
    #[error(transparent)]
    Platform(#[from] platform::Error),
    #[error("cannot {doing}: {source}")]
    Poll {
        doing: &'static str,
        source: std::io::Error,
    },
}

impl Error {
    /// Where libpcap's words mean that we may not, says what to type; else what they say.
    pub(super) fn opening(name: &str, problem: String) -> Error {
        let denied = ["ermission", "ermitted", "CAP_NET_RAW"];
        if !platform::may_capture() || denied.iter().any(|word| problem.contains(word)) {
            return Error::Permission {
                interface: Some(name.into()),
                how: platform::how_to_capture(),
            };
        }
        Error::Open {
            name: name.into(),
            problem,
        }
    }

    pub(super) fn poll(doing: &'static str) -> impl FnOnce(std::io::Error) -> Error {
        move |source| Error::Poll { doing, source }
    }
}

fn on(interface: Option<&str>) -> String {
    interface.map_or_else(String::new, |name| format!(" on {name}"))
}
