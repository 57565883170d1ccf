//! What a capture is said to hold.

use netmonitor::key::Endpoint;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Protocol and the two ends in their order.
pub(crate) type Ends = (u8, Endpoint, Endpoint);

/// A flow: is the client its lower end, and packets and bytes from and to the client.
pub(crate) type Seen = (bool, [u64; 2], [u64; 2]);

pub(crate) trait View {
    /// The flows of one view.
    fn flows(&self, view: &str) -> BTreeMap<Ends, Seen>;
}

/// A truth file.
pub(crate) struct Truth {
    pub(crate) capture: PathBuf,
    pub(crate) packets: u64,
    views: Value,
}

impl Truth {
    pub(crate) fn read(path: &Path) -> Truth {
        let text = std::fs::read_to_string(path).expect("a truth file");
        let mut truth: Value = serde_json::from_str(&text).expect("JSON");
        let file = truth["file"].as_str().expect("the capture's name");
        Truth {
            capture: path.with_file_name(file),
            packets: truth["totals"]["packets"].as_u64().expect("packets"),
            views: truth["views"].take(),
        }
    }

    pub(crate) fn name(&self) -> String {
        let name = self.capture.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }
}

impl View for Truth {
    fn flows(&self, view: &str) -> BTreeMap<Ends, Seen> {
        let same = self.views[view]["same_as_inner"] == true;
        let view = &self.views[if same { "inner" } else { view }]["flows"];
        view.as_array().expect("flows").iter().map(flow).collect()
    }
}

fn flow(flow: &Value) -> (Ends, Seen) {
    let protocol = flow["ip_proto"].as_u64().expect("a protocol") as u8;
    let (client, server) = (endpoint(&flow["client"]), endpoint(&flow["server"]));
    let sent = |way: &str| {
        let parts = &flow[format!("fragments_{way}")];
        let sum = |what: &str| {
            let number = |side: &Value| side[what].as_u64().unwrap_or(0);
            number(&flow[way]) + number(parts)
        };
        [sum("packets"), sum("bytes")]
    };
    let low = client <= server;
    let ends = if low {
        (protocol, client, server)
    } else {
        (protocol, server, client)
    };
    (ends, (low, sent("c2s"), sent("s2c")))
}

fn endpoint(end: &Value) -> Endpoint {
    Endpoint {
        address: end[0].as_str().expect("an address").parse().expect("IP"),
        port: end[1].as_u64().map(|port| port as u16),
    }
}
