//! `/api/filters`: the named filters, and a look whether an expression is one.

use super::context::Context;
use super::list::List;
use super::problem::Problem;
use super::reply::Reply;
use super::request::Request;
use super::route::{Answer, Gives, Guard, Route, shape};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub const ROUTE: Route = Route {
    name: "GET /api/filters",
    guard: Guard::Token,
    about: "The named filters.",
    takes: &[],
    body: None,
    gives: Gives::Json(shape::<List<Filter>>),
    answer: Answer::Handler(filters),
};

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

fn filters(context: &Context, _: &Request) -> Result<Reply, Problem> {
    Reply::json(&List::whole(context.filters.clone()))
}
