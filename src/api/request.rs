//! What was asked, once it has passed the guards: parameters are read here, so that a wrong one is
//! told in the same words everywhere.

use super::problem::Problem;
use crate::query::{Ask, Asker, Filter};
use crate::units::{NANOS, Nanos, Second};
use bytes::Bytes;
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;
use std::str::FromStr;

/// A request as a handler sees it.
#[derive(Debug, Default)]
pub struct Request {
    parameters: Vec<(String, String)>,
    /// What stands in the path where its route has a parameter.
    named: Option<String>,
    pub body: Bytes,
    /// When it came.
    pub now: Nanos,
    pub asker: Asker,
}

impl Request {
    pub fn new(query: &str, body: Bytes, now: Nanos) -> Request {
        let parameters = form_urlencoded::parse(query.as_bytes());
        Request {
            parameters: parameters.into_owned().collect(),
            named: None,
            body,
            now,
            asker: Asker::default(),
        }
    }

    /// With the part of the path that is a parameter, as it was sent. It is the only part of a path
    /// that is ever decoded.
    pub fn with_named(self, part: Option<&str>) -> Result<Request, Problem> {
        let decoded = part.map(|part| percent_decode_str(part).decode_utf8());
        let wrong = |_| Problem::bad_request("The path has a part that is not UTF-8.");
        let named = decoded.transpose().map_err(wrong)?;
        Ok(Request {
            named: named.map(std::borrow::Cow::into_owned),
            ..self
        })
    }

    /// What the path names.
    pub fn named(&self) -> Result<&str, Problem> {
        self.named.as_deref().ok_or_else(Problem::not_found)
    }

    /// Refuses parameters that are not in `known`: a misspelt one would be ignored unseen.
    pub fn only(&self, known: &[&str]) -> Result<(), Problem> {
        let strange = |name: &&str| !known.contains(name);
        let names = self.parameters.iter().map(|(name, _)| name.as_str());
        match names.into_iter().find(strange) {
            None => Ok(()),
            Some(_) if known.is_empty() => Err(Problem::bad_request("This takes no parameters.")),
            Some(name) => Err(Problem::bad_request(format!(
                "There is no parameter `{}` here; there is {}.",
                name.escape_debug(),
                known.join(", ")
            ))),
        }
    }

    /// The value of a parameter that may be given once.
    pub fn one<'a>(&'a self, name: &str) -> Result<Option<&'a str>, Problem> {
        let mut values = self.all(name);
        let first = values.next();
        match values.next() {
            None => Ok(first),
            Some(_) => Err(Problem::bad_request(format!("`{name}` was given twice."))),
        }
    }

    /// The values of a parameter that may be repeated.
    pub fn all<'a, 'n>(&'a self, name: &'n str) -> impl Iterator<Item = &'a str> + use<'a, 'n> {
        let named = self.parameters.iter().filter(move |(key, _)| key == name);
        named.map(|(_, value)| value.as_str())
    }

    /// A number, or what else `T` may be; `expected` completes "must be".
    pub fn parsed<T: FromStr>(&self, name: &str, expected: &str) -> Result<Option<T>, Problem> {
        let value = self.one(name)?;
        value.map(|text| parsed(name, expected, text)).transpose()
    }

    /// The same of a parameter that may be repeated.
    pub fn each<T: FromStr>(&self, name: &str, expected: &str) -> Result<Vec<T>, Problem> {
        let values = self.all(name);
        values.map(|text| parsed(name, expected, text)).collect()
    }

    /// The question that the parameters ask; its bounds are checked where it is answered.
    pub fn ask(&self) -> Result<Ask, Problem> {
        Ok(Ask {
            now: self.now.second(),
            from: self.time("from")?,
            to: self.time("to")?,
            interfaces: self.values("interface"),
            filter: Filter::read(|name| self.values(name)),
            limit: self.parsed("limit", "a number from 1 to 1000")?,
            step: self.parsed("step", "seconds, or hour, day, week, month or year")?,
            cursor: self.one("cursor")?.map(str::to_owned),
            asker: self.asker.clone(),
        })
    }

    /// The body, which must be JSON of this shape.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        serde_json::from_slice(&self.body)
            .map_err(|error| Problem::bad_request(format!("The body is not as expected: {error}.")))
    }

    /// The values of a parameter that may be repeated, to be kept.
    pub fn values(&self, name: &str) -> Vec<String> {
        self.all(name).map(str::to_owned).collect()
    }

    /// A point in time, in either form.
    pub fn time(&self, name: &str) -> Result<Option<Second>, Problem> {
        let expected = "RFC 3339, or seconds since 1970";
        let Some(moment) = self.parsed::<Moment>(name, expected)? else {
            return Ok(None);
        };
        Ok(Some(moment.0))
    }
}

fn parsed<T: FromStr>(name: &str, expected: &str, text: &str) -> Result<T, Problem> {
    text.parse().map_err(|_| {
        let text = text.escape_debug();
        Problem::bad_request(format!("`{name}` must be {expected}, not `{text}`."))
    })
}

/// A time as it may be written in a parameter.
struct Moment(Second);

impl FromStr for Moment {
    type Err = ();

    fn from_str(text: &str) -> Result<Moment, ()> {
        if let Ok(seconds) = text.parse::<i64>() {
            let fits = seconds.checked_mul(NANOS).is_some();
            return if fits {
                Ok(Moment(Second(seconds)))
            } else {
                Err(())
            };
        }
        let time: jiff::Timestamp = text.parse().map_err(|_| ())?;
        Moment::from_str(&time.as_second().to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(query: &str) -> Request {
        Request::new(query, Bytes::new(), Nanos(1_767_322_800 * NANOS + 5))
    }

    #[test]
    fn a_question_is_read_as_it_was_written() {
        let asked =
            ask("from=2026-01-02T03:00:00Z&to=1767322801&limit=7&step=5&interface=a&interface=b");
        let asked = asked.ask().unwrap();
        assert_eq!(asked.from, Some(Second(1_767_322_800)));
        assert_eq!(asked.to, Some(Second(1_767_322_801)));
        assert_eq!((asked.limit, asked.step), (Some(7), Some(5.into())));
        assert_eq!(asked.interfaces, ["a", "b"]);
        assert_eq!(asked.now, Second(1_767_322_800));
        assert_eq!(asked.filter, Filter::default());
        let narrowed = ask("application=a&application=7&site=b&class=web&direction=in");
        let filter = narrowed.ask().unwrap().filter;
        assert_eq!(
            (filter.applications.len(), &*filter.applications[1]),
            (2, "7")
        );
        assert_eq!(
            (
                &*filter.sites[0],
                &*filter.classes[0],
                &*filter.directions[0]
            ),
            ("b", "web", "in")
        );
        let zone = ask("from=2026-01-02T04:00:00%2B01:00").ask().unwrap();
        assert_eq!(zone.from, Some(Second(1_767_322_800)));
    }

    #[test]
    fn what_the_path_names_is_decoded_once_and_must_be_text() {
        let named = |part| ask("").with_named(Some(part));
        assert_eq!(
            named("b%C3%BCcher.de").unwrap().named().unwrap(),
            "b\u{fc}cher.de"
        );
        assert_eq!(named("a%252Fb+c").unwrap().named().unwrap(), "a%2Fb+c");
        assert_eq!(named("100%").unwrap().named().unwrap(), "100%");
        assert!(named("%FF").is_err());
        assert!(ask("").with_named(None).unwrap().named().is_err());
    }

    #[test]
    fn what_is_wrong_is_refused_in_words() {
        let refused = |query: &str| ask(query).ask().unwrap_err().detail().to_owned();
        assert_eq!(refused("from=1&from=2"), "`from` was given twice.");
        let far = "9223372036854775807";
        for query in [
            "from=soon",
            "to=",
            &format!("to={far}"),
            "limit=-1",
            "limit=x",
            "step=1.5",
        ] {
            assert!(refused(query).contains("must be"), "{query}");
        }
        let strange = ask("stpe=1").only(&["step"]).unwrap_err();
        assert_eq!(
            strange.detail(),
            "There is no parameter `stpe` here; there is step."
        );
    }
}
