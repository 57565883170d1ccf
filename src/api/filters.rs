//! `/api/filters`: the named filters, and a look whether an expression is one.

use super::context::Context;
use super::problem::Problem;
use super::reply::Reply;
use super::request::Request;
use super::route::{Answer, Gives, Guard, Route, page, shape};
use crate::capture::{Link, filter};
use crate::query::Page;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub(super) const LIST: Route = Route {
    name: "GET /api/filters",
    guard: Guard::Token,
    about: "Named filters.",
    takes: &[],
    body: None,
    gives: Gives::Json(page::<Filter>),
    answer: Answer::Handler(list),
};

pub(super) const CHECK: Route = Route {
    name: "POST /api/filters/check",
    about: "Does an expression compile?",
    body: Some(shape::<Check>),
    gives: Gives::Json(shape::<Checked>),
    answer: Answer::Handler(check),
    ..LIST
};

/// libpcap's compiler takes its time for long expressions; nobody writes one by hand.
const LONGEST: usize = 4_096;

/// A filter that has a name.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Filter {
    pub name: String,
    /// What it keeps, in a sentence.
    pub about: String,
    pub expression: String,
    pub origin: Origin,
    pub used_as: Vec<Use>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    BuiltIn,
    Config,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Use {
    /// What does not match is not watched.
    Capture,
    /// What matches is counted under its name.
    Class,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Check {
    pub expression: String,
    /// The link that the expression is for: `ethernet` where it is not told.
    #[schema(value_type = Option<String>)]
    #[serde(default = "ethernet")]
    pub link: Link,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Checked {
    pub ok: bool,
    /// libpcap's words.
    pub error: Option<String>,
    /// Bytes from the start of the expression to what is wrong, where that can be told.
    pub at: Option<usize>,
}

impl Filter {
    pub fn of(filter: &filter::Filter, used_as: Vec<Use>) -> Filter {
        Filter {
            name: filter.name.to_string(),
            about: filter.about.clone(),
            expression: filter.expression.clone(),
            origin: if filter.built_in {
                Origin::BuiltIn
            } else {
                Origin::Config
            },
            used_as,
        }
    }
}

fn list(context: &Context, _: &Request) -> Result<Reply, Problem> {
    Reply::json(&Page {
        items: context.filters.clone(),
        next: None,
    })
}

fn check(_: &Context, request: &Request) -> Result<Reply, Problem> {
    let Check { expression, link } = request.json()?;
    if expression.len() > LONGEST {
        return Err(Problem::bad_request("An expression may have 4,096 bytes."));
    }
    let refused = filter::check(&expression, link).err();
    Reply::json(&Checked {
        ok: refused.is_none(),
        at: refused.as_ref().and_then(|refused| refused.at),
        error: refused.map(|refused| refused.message),
    })
}

fn ethernet() -> Link {
    Link::Ethernet
}
