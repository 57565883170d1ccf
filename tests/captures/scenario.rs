//! A scenario file: what a capture must be taken for. Knows its form alone, and how an expected flow
//! finds itself among those of `netmonitor replay --json`.

use serde::Deserialize;
use serde_json::Value;
use std::fmt;
use std::net::IpAddr;
use std::path::Path;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scenario {
    /// The file beside this one.
    pub(crate) capture: String,
    /// For whoever reads the file: what is to be seen, and how it came about.
    #[serde(rename = "shows")]
    pub(crate) _shows: String,
    #[serde(rename = "made")]
    pub(crate) _made: String,
    pub(crate) flow: Vec<Flow>,
}

/// One flow of the innermost addresses. What is left out is not compared, but for claims.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Flow {
    pub(crate) proto: String,
    pub(crate) client: End,
    pub(crate) server: End,
    pub(crate) packets: Option<u64>,
    pub(crate) bytes: Option<u64>,
    /// Claims that must be there; no others may.
    #[serde(default)]
    pub(crate) claims: Vec<Claim>,
    /// Claims that are true too, but need not be seen.
    #[serde(default)]
    pub(crate) may_claim: Vec<Claim>,
    pub(crate) site: Option<Claim>,
    pub(crate) marks: Option<Vec<String>>,
    pub(crate) encapsulations: Option<Vec<String>>,
    pub(crate) protocol: Option<String>,
}

/// A name and how it is known.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(deny_unknown_fields)]
pub(crate) struct Claim {
    pub(crate) source: String,
    pub(crate) name: String,
}

/// `address`, `address:port` or `[address]:port`; without a port any is meant.
#[derive(Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct End {
    address: IpAddr,
    port: Option<u16>,
}

impl Scenario {
    pub(crate) fn read(file: &Path) -> Scenario {
        let text = std::fs::read_to_string(file).expect("a scenario file");
        toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
    }
}

impl Flow {
    /// Whether that flow of the answer is this one.
    pub(crate) fn is(&self, flow: &Value) -> bool {
        flow["proto"] == self.proto.as_str()
            && self.client.is(&flow["client"])
            && self.server.is(&flow["server"])
    }
}

impl fmt::Display for Flow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.proto, self.client, self.server)
    }
}

impl Claim {
    /// A name with its source as the answer has them; empty words where it has none.
    pub(crate) fn of(value: &Value) -> Claim {
        let word = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
        Claim {
            source: word("source"),
            name: word("name"),
        }
    }
}

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} by {}", self.name, self.source)
    }
}

impl End {
    /// `[address, port or null]` in the answer.
    fn is(&self, value: &Value) -> bool {
        let address = value[0].as_str().and_then(|text| text.parse().ok());
        let port = value[1].as_u64().and_then(|port| u16::try_from(port).ok());
        address == Some(self.address) && (self.port.is_none() || port == self.port)
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            Some(port) => write!(f, "{} {port}", self.address),
            None => write!(f, "{}", self.address),
        }
    }
}

impl TryFrom<String> for End {
    type Error = String;

    fn try_from(text: String) -> Result<End, String> {
        if let Ok(address) = text.parse() {
            return Ok(End {
                address,
                port: None,
            });
        }
        match text.parse::<std::net::SocketAddr>() {
            Ok(end) => Ok(End {
                address: end.ip(),
                port: Some(end.port()),
            }),
            Err(error) => Err(format!("`{text}` is no end of a flow: {error}")),
        }
    }
}
