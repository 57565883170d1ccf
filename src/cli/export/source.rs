//! Where an export comes from: the service that runs with the data folder, or a file that nobody has
//! open.

use crate::cli::client::Client;
use crate::cli::{Error, text};
use crate::config::Config;
use crate::export::{self, Wish};
use crate::monitor;
use crate::query::{Query, Recent, Span, time};
use crate::store::care;
use crate::store::{Committed, FILE};
use crate::units::Second;
use form_urlencoded::Serializer;
use std::io::Read;

/// Takes a piece of the export.
pub(super) type Take<'a> = dyn FnMut(&[u8]) -> Result<(), Error> + 'a;

pub(super) enum Source {
    Service(Client),
    File(Box<Query>),
}

/// What was written.
pub(super) struct Told {
    /// `FROM/TO`
    pub(super) range: String,
    missing: String,
}

impl Told {
    /// Says what could not be told in the way that was asked for.
    pub(super) fn tell(&self, quiet: bool) -> Result<(), Error> {
        if !quiet && !self.missing.is_empty() {
            text::remark(&format!(
                "left only in sums over longer spans, and not written: {}",
                self.missing
            ))?;
        }
        Ok(())
    }
}

impl Source {
    pub(super) fn open(config: &Config) -> Result<Source, Error> {
        let reader = care::look(&config.data_dir.join(FILE)).map_err(monitor::Error::Store)?;
        let recent = Recent::new(Committed::new(None));
        Ok(Source::File(Box::new(Query::new(
            reader,
            recent,
            Vec::new(),
        ))))
    }

    /// Hands all of it on, or what comes from a second on.
    pub(super) fn write(
        &self,
        wish: &Wish,
        from: Option<Second>,
        take: &mut Take,
    ) -> Result<Told, Error> {
        match self {
            Source::Service(service) => ask(service, wish, from, take),
            Source::File(query) => read(query, wish, from, take),
        }
    }
}

fn ask(
    service: &Client,
    wish: &Wish,
    from: Option<Second>,
    take: &mut Take,
) -> Result<Told, Error> {
    let (headers, mut body) = service.whole(&path(wish, from))?;
    let mut buffer = vec![0; 64 << 10];
    loop {
        let read = body.read(&mut buffer).map_err(Error::Broken)?;
        match buffer.get(..read) {
            Some(bytes) if read > 0 => take(bytes)?,
            _ => break,
        }
    }
    let header = |name: &str| {
        let mut values = headers.iter().filter(|(key, _)| key == name);
        values.next().map(|(_, value)| value.clone())
    };
    Ok(Told {
        range: header("netmonitor-range").unwrap_or_default(),
        missing: header("netmonitor-missing").unwrap_or_default(),
    })
}

/// What the service is asked.
fn path(wish: &Wish, from: Option<Second>) -> String {
    let ask = &wish.ask;
    let mut query = Serializer::new(String::new());
    query.append_pair("what", wish.what.word());
    query.append_pair("format", wish.format.word());
    let seconds = |second: Option<Second>| second.map(|second| second.0);
    let numbers = [
        ("from", seconds(ask.from)),
        ("to", seconds(ask.to)),
        ("resume", seconds(from)),
        ("limit", ask.limit.map(|limit| limit as i64)),
    ];
    for (name, number) in numbers {
        if let Some(number) = number {
            query.append_pair(name, &number.to_string());
        }
    }
    if let Some(step) = ask.step {
        query.append_pair("step", &step.to_string());
    }
    if let Some(tier) = wish.tier {
        query.append_pair("tier", tier.word());
    }
    if let Some(by) = wish.by {
        query.append_pair("by", by.word());
    }
    query.extend_pairs(ask.filter.values());
    for name in &ask.interfaces {
        query.append_pair("interface", name);
    }
    format!("/api/export?{}", query.finish())
}

fn read(query: &Query, wish: &Wish, from: Option<Second>, take: &mut Take) -> Result<Told, Error> {
    let plan = wish.plan_from(query, from)?;
    let mut failed = None;
    let mut give = |bytes: Vec<u8>| {
        take(&bytes).map_err(|error| {
            failed = Some(error);
            export::Error::Gone
        })
    };
    let written = wish.write_from(query, &plan, from, &mut give);
    match (written, failed) {
        (_, Some(error)) => return Err(error),
        (written, None) => written?,
    };
    let spans = plan.missing.iter();
    let spans = spans.map(|Span { from, to }| format!("{from}/{to}"));
    Ok(Told {
        range: format!("{}/{}", time(plan.range.start), time(plan.range.end)),
        missing: spans.collect::<Vec<_>>().join(", "),
    })
}
