//! What the service says of now: pairs of applications and sites, or connections, each with what it
//! moved lately and in the last minutes.

use super::super::Error;
use super::super::client::Client;
use super::super::json::{list, number, word};
use super::rows::{Amounts, By, Pair};
use serde_json::Value;
use std::collections::HashMap;

/// Most lines that are asked for: what the API gives at most.
const MOST: usize = 1_000;
/// Rates are over so many seconds, as `/api/stats/bandwidth` has them.
const LATELY: i64 = 5;

pub(super) struct Asker {
    client: Client,
    over: i64,
    /// Connections as they were the time before, and when that was.
    before: Option<(i64, HashMap<u64, [u64; 2]>)>,
}

/// One look.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Seen {
    /// The end of the last second that is in it; RFC 3339.
    pub(super) as_of: String,
    pub(super) over_s: i64,
    pub(super) total: Amounts,
    pub(super) pairs: Vec<Pair>,
}

impl Asker {
    pub(super) fn new(client: Client, over: u32) -> Asker {
        Asker {
            client,
            over: over.into(),
            before: None,
        }
    }

    pub(super) fn ask(&mut self, by: By) -> Result<Seen, Error> {
        let bandwidth = self.client.get("/api/stats/bandwidth")?;
        let as_of = word(&bandwidth["as_of"], "");
        let Ok(end) = as_of.parse::<jiff::Timestamp>() else {
            return Ok(Seen::default());
        };
        let end = end.as_second();
        let (total, pairs) = match by {
            By::App | By::Site => self.talks(end, &bandwidth["window_s"])?,
            By::Connection => self.connections(end)?,
        };
        let rate = |name: &str| bandwidth[name].as_f64().unwrap_or_default();
        Ok(Seen {
            as_of,
            over_s: self.over,
            total: Amounts {
                bytes_in_per_s: rate("bytes_in_per_s"),
                bytes_out_per_s: rate("bytes_out_per_s"),
                ..total
            },
            pairs,
        })
    }

    fn talks(&self, end: i64, window_s: &Value) -> Result<(Amounts, Vec<Pair>), Error> {
        let of = |seconds: i64| {
            let from = end.saturating_sub(seconds);
            let path = format!("/api/stats/talks?from={from}&to={end}&limit={MOST}");
            self.client.get(&path)
        };
        let (lately, whole) = (of(LATELY)?, of(self.over)?);
        let window = window_s.as_f64().unwrap_or(0.0).max(1.0);
        Ok((counted(&whole["total"]), joined(&lately, &whole, window)))
    }

    /// Live connections have no rates: what they moved since the look before is one.
    fn connections(&mut self, end: i64) -> Result<(Amounts, Vec<Pair>), Error> {
        let path = format!("/api/connections?state=live&limit={MOST}");
        let answer = self.client.get(&path)?;
        let (items, before) = (list(&answer["items"]), self.before.take());
        let now = items.iter().map(|one| (number(&one["id"]), moved(one)));
        let now: HashMap<u64, [u64; 2]> = now.collect();
        let pairs: Vec<Pair> = items
            .iter()
            .map(|one| connection(one, end, before.as_ref()))
            .collect();
        // The same second again: what comes of it is compared with the second before, as this was.
        self.before = match before {
            Some((at, known)) if at >= end => Some((at, known)),
            _ => Some((end, now)),
        };
        let mut total = Amounts::default();
        for pair in &pairs {
            total.bytes_in += pair.amounts.bytes_in;
            total.bytes_out += pair.amounts.bytes_out;
        }
        Ok((total, pairs))
    }
}

/// What moved in either span, told once each.
fn joined(lately: &Value, whole: &Value, window: f64) -> Vec<Pair> {
    let mut pairs = Vec::<Pair>::new();
    let mut places = HashMap::<[String; 3], usize>::new();
    let mut pair = |item: &Value| {
        let key = ["application", "path", "site"].map(|name| word(&item[name], ""));
        let place = *places.entry(key).or_insert_with(|| {
            pairs.push(talk(item));
            pairs.len() - 1
        });
        (place, moved(item))
    };
    let amounts: Vec<_> = [(lately, true), (whole, false)]
        .into_iter()
        .flat_map(|(answer, now)| {
            list(&answer["talks"]["items"])
                .iter()
                .map(move |item| (item, now))
        })
        .map(|(item, now)| (pair(item), now))
        .collect();
    for ((place, [into, out]), now) in amounts {
        let Some(pair) = pairs.get_mut(place) else {
            continue;
        };
        if now {
            pair.amounts.bytes_in_per_s = into as f64 / window;
            pair.amounts.bytes_out_per_s = out as f64 / window;
        } else {
            (pair.amounts.bytes_in, pair.amounts.bytes_out) = (into, out);
        }
    }
    pairs
}

fn talk(item: &Value) -> Pair {
    Pair {
        app: word(&item["application"], ""),
        site: word(&item["site_shown"], ""),
        owner_source: word(&item["owner_source"], ""),
        site_source: word(&item["site_source"], ""),
        ends: None,
        amounts: Amounts::default(),
    }
}

fn connection(one: &Value, end: i64, before: Option<&(i64, HashMap<u64, [u64; 2]>)>) -> Pair {
    let now = moved(one);
    let mut pair = talk(one);
    pair.ends = Some(ends(one));
    (pair.amounts.bytes_in, pair.amounts.bytes_out) = (now[0], now[1]);
    if let Some((at, known)) = before
        && end > *at
    {
        // One that was not there yet began in between.
        let was = known.get(&number(&one["id"])).copied().unwrap_or_default();
        let rate = |now: u64, was: u64| now.saturating_sub(was) as f64 / (end - at) as f64;
        pair.amounts.bytes_in_per_s = rate(now[0], was[0]);
        pair.amounts.bytes_out_per_s = rate(now[1], was[1]);
    }
    pair
}

fn ends(one: &Value) -> String {
    let end = |end: &Value| match end["port"].as_u64() {
        Some(port) => format!("{} {port}", word(&end["address"], "")),
        None => word(&end["address"], ""),
    };
    let protocol = word(&one["protocol"], "");
    format!(
        "{protocol} {} > {}",
        end(&one["local"]),
        end(&one["remote"])
    )
}

fn counted(counts: &Value) -> Amounts {
    let [bytes_in, bytes_out] = moved(counts);
    Amounts {
        bytes_in,
        bytes_out,
        ..Amounts::default()
    }
}

fn moved(counts: &Value) -> [u64; 2] {
    ["bytes_in", "bytes_out"].map(|name| number(&counts[name]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn talks(site: &str, bytes_in: u64) -> Value {
        json!({"talks": {"items": [{"application": "curl", "path": "/bin/curl", "site": site,
            "site_shown": site, "owner_source": "exact", "site_source": "sni",
            "bytes_in": bytes_in, "bytes_out": 1}]}})
    }

    #[test]
    fn a_pair_in_both_spans_is_one_line() {
        let pairs = joined(&talks("a.example", 500), &talks("a.example", 9_000), 5.0);
        assert_eq!(pairs.len(), 1);
        let amounts = pairs[0].amounts;
        assert_eq!((amounts.bytes_in, amounts.bytes_in_per_s), (9_000, 100.0));
        let apart = joined(&talks("a.example", 500), &talks("b.example", 9_000), 5.0);
        assert_eq!(apart.len(), 2);
    }

    #[test]
    fn a_connections_rate_is_what_it_moved_since() {
        let one = json!({"id": 7, "bytes_in": 300, "bytes_out": 30, "protocol": "tcp",
            "local": {"address": "192.0.2.1", "port": 9}, "remote": {"address": "2001:db8::1", "port": null}});
        assert_eq!(ends(&one), "tcp 192.0.2.1 9 > 2001:db8::1");
        let rate = |before: Option<&(i64, HashMap<u64, [u64; 2]>)>| {
            let amounts = connection(&one, 12, before).amounts;
            [amounts.bytes_in_per_s, amounts.bytes_out_per_s].map(|rate| rate as u64)
        };
        assert_eq!(rate(None), [0, 0]);
        let before = (10, HashMap::from([(7, [100, 10])]));
        assert_eq!(rate(Some(&before)), [100, 10]);
        assert_eq!(rate(Some(&(10, HashMap::new()))), [150, 15]);
    }
}
