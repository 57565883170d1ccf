//! What is shown, before it is shown: pairs of applications and sites put together in groups, and
//! groups in their order. Pure.

use clap::ValueEnum;
use serde::Serialize;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// What the lines are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum By {
    #[default]
    App,
    Site,
    Connection,
}

/// What comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Sort {
    #[default]
    Rate,
    In,
    Out,
    Total,
    Name,
}

/// Bytes in and out, and bytes a second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(super) struct Amounts {
    pub(super) bytes_in: u64,
    pub(super) bytes_out: u64,
    pub(super) bytes_in_per_s: f64,
    pub(super) bytes_out_per_s: f64,
}

/// An application and a site, or a connection.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pair {
    pub(super) app: String,
    pub(super) site: String,
    /// How each is known.
    pub(super) owner_source: String,
    pub(super) site_source: String,
    /// Of a connection: what tells it from others.
    pub(super) ends: Option<String>,
    pub(super) amounts: Amounts,
}

/// A line, and those below it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Group {
    pub(super) name: String,
    /// How it is known.
    pub(super) source: String,
    #[serde(flatten)]
    pub(super) amounts: Amounts,
    pub(super) parts: Vec<Group>,
}

impl Amounts {
    pub(super) fn add(&mut self, other: Amounts) {
        self.bytes_in += other.bytes_in;
        self.bytes_out += other.bytes_out;
        self.bytes_in_per_s += other.bytes_in_per_s;
        self.bytes_out_per_s += other.bytes_out_per_s;
    }

    fn total(self) -> u64 {
        self.bytes_in.saturating_add(self.bytes_out)
    }

    fn rate(self) -> f64 {
        self.bytes_in_per_s + self.bytes_out_per_s
    }
}

pub(super) fn groups(pairs: &[Pair], by: By, sort: Sort) -> Vec<Group> {
    let mut groups = match by {
        By::App => gathered(pairs, |pair| [site(pair), app(pair)]),
        By::Site => gathered(pairs, |pair| [app(pair), site(pair)]),
        By::Connection => pairs.iter().map(connection).collect(),
    };
    groups
        .iter_mut()
        .for_each(|group| arrange(&mut group.parts, sort));
    arrange(&mut groups, sort);
    groups
}

/// A name, and how it is known.
type Known<'a> = (&'a str, &'a str);

fn app(pair: &Pair) -> Known<'_> {
    (&pair.app, &pair.owner_source)
}

fn site(pair: &Pair) -> Known<'_> {
    (&pair.site, &pair.site_source)
}

/// `names`: of the part, and of its group.
fn gathered(pairs: &[Pair], names: impl Fn(&Pair) -> [Known<'_>; 2]) -> Vec<Group> {
    let mut groups = BTreeMap::<&str, Group>::new();
    for pair in pairs {
        let [part, whole] = names(pair);
        let group = groups
            .entry(whole.0)
            .or_insert_with(|| Group::new(whole, Amounts::default()));
        group.amounts.add(pair.amounts);
        match group.parts.iter_mut().find(|known| known.name == part.0) {
            Some(known) => known.amounts.add(pair.amounts),
            None => group.parts.push(Group::new(part, pair.amounts)),
        }
    }
    groups.into_values().collect()
}

fn connection(pair: &Pair) -> Group {
    let ends = pair.ends.as_deref().unwrap_or_default();
    let name = format!("{} {} {ends}", pair.app, pair.site);
    Group::new((&name, &pair.owner_source), pair.amounts)
}

impl Group {
    fn new((name, source): Known, amounts: Amounts) -> Group {
        Group {
            name: name.to_owned(),
            source: source.to_owned(),
            amounts,
            parts: Vec::new(),
        }
    }
}

/// What is equal stays in the order of names, so that lines do not jump about.
fn arrange(groups: &mut [Group], sort: Sort) {
    groups.sort_by(|one, other| {
        let (a, b) = (one.amounts, other.amounts);
        let first = match sort {
            Sort::Rate => by(b.rate(), a.rate()).then(b.total().cmp(&a.total())),
            Sort::In => by(b.bytes_in_per_s, a.bytes_in_per_s).then(b.bytes_in.cmp(&a.bytes_in)),
            Sort::Out => {
                by(b.bytes_out_per_s, a.bytes_out_per_s).then(b.bytes_out.cmp(&a.bytes_out))
            }
            Sort::Total => b.total().cmp(&a.total()),
            Sort::Name => Ordering::Equal,
        };
        first.then_with(|| one.name.cmp(&other.name))
    });
}

fn by(one: f64, other: f64) -> Ordering {
    one.total_cmp(&other)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(crate) fn pair(app: &str, site: &str, rate: f64, total: u64) -> Pair {
        Pair {
            app: app.into(),
            site: site.into(),
            owner_source: "exact".into(),
            site_source: "sni".into(),
            ends: None,
            amounts: Amounts {
                bytes_in: total,
                bytes_out: 0,
                bytes_in_per_s: rate,
                bytes_out_per_s: 0.0,
            },
        }
    }

    fn names(groups: &[Group]) -> Vec<&str> {
        groups.iter().map(|group| group.name.as_str()).collect()
    }

    #[test]
    fn pairs_gather_by_either_side() {
        let pairs = [
            pair("firefox", "a.example", 5.0, 10),
            pair("firefox", "b.example", 50.0, 20),
            pair("curl", "a.example", 1.0, 500),
        ];
        let apps = groups(&pairs, By::App, Sort::Rate);
        assert_eq!(names(&apps), ["firefox", "curl"]);
        assert_eq!(names(&apps[0].parts), ["b.example", "a.example"]);
        assert_eq!(
            (apps[0].amounts.total(), apps[0].source.as_str()),
            (30, "exact")
        );
        let sites = groups(&pairs, By::Site, Sort::Total);
        assert_eq!(names(&sites), ["a.example", "b.example"]);
        assert_eq!(names(&sites[0].parts), ["curl", "firefox"]);
        assert_eq!(
            names(&groups(&pairs, By::App, Sort::Name)),
            ["curl", "firefox"]
        );
        assert_eq!(
            names(&groups(&pairs, By::App, Sort::In)),
            ["firefox", "curl"]
        );
    }

    #[test]
    fn every_connection_is_a_line() {
        let mut one = pair("curl", "a.example", 1.0, 5);
        one.ends = Some("tcp 1 -> 2".into());
        let lines = groups(&[one.clone(), one], By::Connection, Sort::Rate);
        assert_eq!(names(&lines), ["curl a.example tcp 1 -> 2"; 2]);
    }
}
