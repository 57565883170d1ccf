//! A route: what may be asked, who may ask, and who answers. Routing, the guards, the OpenAPI
//! document and the tests all read the same table, so that none can be forgotten.

use super::context::Context;
use super::problem::Problem;
use super::reply::Reply;
use super::request::Request;
use utoipa::openapi::schema::{Array, SchemaType};
use utoipa::openapi::{ObjectBuilder, Ref, RefOr, Schema, Type};

/// One route. `name` is its method and its path; a path that ends in `/*` stands for everything
/// below.
pub struct Route {
    pub name: &'static str,
    pub guard: Guard,
    pub about: &'static str,
    pub takes: &'static [Parameter],
    /// The shape of the JSON that must be sent.
    pub body: Option<Shape>,
    pub gives: Gives,
    pub answer: Answer,
}

/// Who may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// Anybody on this machine.
    Open,
    /// Whoever has the token.
    Token,
}

/// A query parameter.
pub struct Parameter {
    pub name: &'static str,
    pub about: &'static str,
}

/// What an answer looks like.
pub enum Gives {
    Json(Shape),
    /// JSON, or another type when it is asked for.
    JsonOr(Shape, &'static str),
    /// Something that has no schema, of this content type.
    Other(&'static str),
    /// Events, each of which carries JSON of this shape.
    Events(Shape),
}

/// A type's name and schema, with those of the types that it is made of.
pub(super) type Shape = fn() -> Schemas;
pub(super) type Schemas = Vec<(String, RefOr<Schema>)>;

/// Who answers.
pub enum Answer {
    Handler(fn(&Context, &Request) -> Result<Reply, Problem>),
    /// The dashboard's files, which the server adds.
    Asset,
    /// Leads to the dashboard.
    Home,
}

impl Route {
    pub fn method(&self) -> &'static str {
        self.name.split_once(' ').map_or("", |(method, _)| method)
    }

    pub fn path(&self) -> &'static str {
        self.name.split_once(' ').map_or("", |(_, path)| path)
    }

    /// Paths are compared as they were sent: nothing is decoded, nothing is normalised.
    pub fn matches(&self, path: &str) -> bool {
        match self.path().strip_suffix('*') {
            None => path == self.path(),
            Some(above) => path.starts_with(above),
        }
    }

    /// Answers, after a look at the parameters.
    pub fn call(&self, context: &Context, request: &Request) -> Result<Reply, Problem> {
        let known: Vec<_> = self.takes.iter().map(|parameter| parameter.name).collect();
        request.only(&known)?;
        match self.answer {
            Answer::Handler(handler) => handler(context, request),
            Answer::Asset | Answer::Home => Err(Problem::not_found()),
        }
    }
}

/// Every route there is.
pub fn routes() -> &'static [Route] {
    &ROUTES
}

const HOME: Route = Route {
    name: "GET /",
    guard: Guard::Open,
    about: "Leads to the dashboard.",
    takes: &[],
    body: None,
    gives: Gives::Other("text/plain; charset=utf-8"),
    answer: Answer::Home,
};

const DASHBOARD: Route = Route {
    name: "GET /dashboard",
    ..HOME
};

const ASSETS: Route = Route {
    name: "GET /dashboard/*",
    about: "The dashboard's files; they hold no data.",
    gives: Gives::Other("text/html; charset=utf-8"),
    answer: Answer::Asset,
    ..HOME
};

static ROUTES: [Route; 30] = [
    HOME,
    DASHBOARD,
    ASSETS,
    super::health::ROUTE,
    super::docs::ROUTE,
    super::docs::STYLE,
    super::openapi::ROUTE,
    super::metrics::ROUTE,
    super::stats::STATS,
    super::stats::TIMELINE,
    super::stats::SUMMARY,
    super::stats::TALKS,
    super::stats::BANDWIDTH,
    super::connections::ROUTE,
    super::interfaces::ROUTE,
    super::live::ROUTE,
    super::coverage::ROUTE,
    super::owners::ROUTE,
    super::classes::ROUTE,
    super::latency::ROUTE,
    super::filters::LIST,
    super::filters::CHECK,
    super::daemon::ROUTE,
    super::history::STATS,
    super::history::CHECK,
    super::history::BACKUP,
    super::upkeep::AGGREGATE,
    super::upkeep::CLEANUP,
    super::export::ROUTE,
    super::import::ROUTE,
];

/// The [`Shape`] of a type; the type itself comes last.
pub(super) fn shape<T: utoipa::ToSchema>() -> Schemas {
    let mut schemas = Vec::new();
    T::schemas(&mut schemas);
    schemas.push((T::name().into_owned(), T::schema()));
    schemas
}

/// The [`Shape`] of a [`Page`](crate::query::Page) of a type.
pub(super) fn page<T: utoipa::ToSchema>() -> Schemas {
    let items = Array::new(Ref::from_schema_name(T::name()));
    let cursor = SchemaType::from_iter([Type::String, Type::Null]);
    let page = ObjectBuilder::new()
        .property("items", items)
        .required("items")
        .property("next", ObjectBuilder::new().schema_type(cursor))
        .required("next");
    let mut schemas = shape::<T>();
    schemas.push((format!("{}Page", T::name()), page.into()));
    schemas
}

pub(super) const INTERFACE: Parameter = Parameter {
    name: "interface",
    about: "An interface's name; may be repeated. Default: the uplinks.",
};
pub(super) const FROM: Parameter = Parameter {
    name: "from",
    about: "RFC 3339, or seconds since 1970. Default: an hour before `to`.",
};
pub(super) const TO: Parameter = Parameter {
    name: "to",
    about: "RFC 3339, or seconds since 1970. Default: now.",
};
pub(super) const LIMIT: Parameter = Parameter {
    name: "limit",
    about: "How many at most, 1 to 1000.",
};
pub(super) const CURSOR: Parameter = Parameter {
    name: "cursor",
    about: "The `next` of the page before.",
};
