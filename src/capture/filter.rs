//! Filter expressions as tcpdump knows them, compiled and matched by libpcap: a table of named
//! ones, a check that says where an expression is wrong, and the classes that sort flows into named
//! buckets. What a filter is used for is the caller's business. Names of hosts are refused: libpcap
//! would look them up.

mod names;
mod place;

use super::frame::Link;
use crate::label;
use pcap::{BpfProgram, Capture, Linktype};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Most classes that there can be: one bit each in [`label::Classes`].
pub const MOST_CLASSES: usize = 32;

/// The filters that come with netmonitor: name and file.
const BUILT_IN: [(&str, &str); 17] = [
    ("backup", include_str!("../../filters/backup.bpf")),
    ("database", include_str!("../../filters/database.bpf")),
    ("desktop", include_str!("../../filters/desktop.bpf")),
    ("dhcp", include_str!("../../filters/dhcp.bpf")),
    ("dns", include_str!("../../filters/dns.bpf")),
    ("files", include_str!("../../filters/files.bpf")),
    ("group", include_str!("../../filters/group.bpf")),
    ("icmp", include_str!("../../filters/icmp.bpf")),
    ("lan", include_str!("../../filters/lan.bpf")),
    ("mail", include_str!("../../filters/mail.bpf")),
    ("media", include_str!("../../filters/media.bpf")),
    ("ntp", include_str!("../../filters/ntp.bpf")),
    ("print", include_str!("../../filters/print.bpf")),
    ("ssh", include_str!("../../filters/ssh.bpf")),
    ("voip", include_str!("../../filters/voip.bpf")),
    ("vpn", include_str!("../../filters/vpn.bpf")),
    ("web", include_str!("../../filters/web.bpf")),
];

/// Why an expression is refused: libpcap's words, and the place if it can be told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{message}{}", at.map(|at| format!(" (at character {})", at + 1)).unwrap_or_default())]
pub struct FilterError {
    pub message: String,
    /// Bytes from the start of the expression to what is wrong.
    pub at: Option<usize>,
}

/// A named filter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    pub name: Arc<str>,
    /// What it keeps, in a sentence; empty for those of the configuration.
    pub about: String,
    pub expression: String,
    pub built_in: bool,
}

/// All named filters: those that come with netmonitor, and those of the configuration, which may
/// replace them.
#[derive(Clone, Debug)]
pub struct Named {
    filters: BTreeMap<Arc<str>, Filter>,
}

impl Named {
    pub fn new(own: &BTreeMap<String, String>) -> Named {
        let built_in = BUILT_IN.iter().map(|(name, file)| of_file(name, file));
        let own = own.iter().map(|(name, expression)| Filter {
            name: name.as_str().into(),
            about: String::new(),
            expression: expression.clone(),
            built_in: false,
        });
        let filters = built_in.chain(own);
        Named {
            filters: filters.map(|it| (it.name.clone(), it)).collect(),
        }
    }

    /// Every filter, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Filter> {
        self.filters.values()
    }

    pub fn get(&self, name: &str) -> Option<&Filter> {
        self.filters.get(name)
    }

    /// The expression behind a name, or the text itself where it is none.
    pub fn resolve<'a>(&'a self, text: &'a str) -> &'a str {
        self.get(text.trim())
            .map_or(text, |filter| filter.expression.as_str())
    }
}

/// Does libpcap take this expression for frames of this link, without asking anybody?
pub fn check(expression: &str, link: Link) -> Result<(), FilterError> {
    names::refuse(expression)?;
    match compile(expression, link) {
        Ok(_) => Ok(()),
        Err(message) => {
            let at = place::of_error(expression, &message, |text| compile(text, link).is_ok());
            Err(FilterError { message, at })
        }
    }
}

/// The classes that a flow's first frame is tried against. Programs are compiled when a link is
/// first met; they stay on the thread that made them.
pub struct Classes {
    filters: Vec<Filter>,
    links: Vec<(Link, Vec<Option<BpfProgram>>)>,
}

impl Classes {
    /// The first [`MOST_CLASSES`] of `filters`; the `n`th has bit `n`.
    pub fn new(mut filters: Vec<Filter>) -> Classes {
        filters.truncate(MOST_CLASSES);
        Classes {
            filters,
            links: Vec::new(),
        }
    }

    /// One nameless class: what this expression matches.
    pub fn of_expression(expression: &str) -> Classes {
        Classes::new(vec![Filter {
            name: "".into(),
            about: String::new(),
            expression: expression.into(),
            built_in: false,
        }])
    }

    /// The classes that this frame falls in.
    pub fn classify(&mut self, link: Link, bytes: &[u8]) -> label::Classes {
        let programs = self.programs(link).iter().enumerate();
        let matching = programs.filter(|(_, program)| {
            let program = program.as_ref();
            program.is_some_and(|program| program.filter(bytes))
        });
        label::Classes(matching.fold(0, |bits, (index, _)| bits | 1 << index))
    }

    fn programs(&mut self, link: Link) -> &[Option<BpfProgram>] {
        let known = self.links.iter().position(|(known, _)| *known == link);
        let index = known.unwrap_or_else(|| {
            let programs = self.filters.iter();
            // What does not make sense on a link matches nothing there.
            let programs = programs.map(|it| compile(&it.expression, link).ok());
            self.links.push((link, programs.collect()));
            self.links.len() - 1
        });
        self.links.get(index).map_or(&[], |(_, programs)| programs)
    }
}

fn compile(expression: &str, link: Link) -> Result<BpfProgram, String> {
    // libpcap's number differs from the one in files for this link alone.
    const DLT_RAW: i32 = 12;
    names::refuse(expression).map_err(|refused| refused.message)?;
    let number = match link {
        Link::Raw => DLT_RAW,
        other => i32::from(other.number()),
    };
    Capture::dead(Linktype(number))
        .and_then(|dead| dead.compile(expression, true))
        .map_err(words)
}

/// libpcap's own words.
pub(super) fn words(error: pcap::Error) -> String {
    match error {
        pcap::Error::PcapError(message) => message,
        other => other.to_string(),
    }
}

/// A filter file: lines with `#` say what it keeps, the others are the expression.
fn of_file(name: &str, file: &str) -> Filter {
    let (about, expression): (Vec<&str>, Vec<&str>) =
        file.lines().partition(|line| line.starts_with('#'));
    let about: Vec<&str> = about
        .iter()
        .map(|line| line.trim_start_matches('#').trim())
        .collect();
    Filter {
        name: name.into(),
        about: about.join(" "),
        expression: expression.join("\n"),
        built_in: true,
    }
}

#[cfg(test)]
mod tests;
