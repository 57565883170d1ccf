//! A route: what may be asked, who may ask, and who answers. Routing, the guards, the OpenAPI
//! document and the tests all read the same table, so that none can be forgotten.

mod parameters;

pub(super) use parameters::{
    APPLICATION, CURSOR, DIRECTION, DOMAIN, FILTERS, FROM, INTERFACE, LIMIT, NARROWED, STEP, TO,
    USER, with, without,
};

use super::context::Context;
use super::problem::Problem;
use super::reply::Reply;
use super::request::Request;
use utoipa::openapi::schema::{Array, SchemaType};
use utoipa::openapi::{ObjectBuilder, Ref, RefOr, Schema, Type};

/// One route. `name` is its method and its path; a path that ends in `/*` stands for everything
/// below, and a part in braces for one part that is not empty: the parameter of that name.
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

/// A parameter: of the query, or of the path that has its name in braces.
#[derive(Clone, Copy, Debug)]
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
        if let Some(above) = self.path().strip_suffix('*') {
            return path.starts_with(above);
        }
        let (mut ours, mut theirs) = (self.path().split('/'), path.split('/'));
        loop {
            match (ours.next(), theirs.next()) {
                (None, None) => return true,
                (Some(our), Some(their)) if our == their => {}
                (Some(our), Some(their)) if is_parameter(our) && !their.is_empty() => {}
                _ => return false,
            }
        }
    }

    /// The part of a path of this route that is its parameter.
    pub fn named<'a>(&self, path: &'a str) -> Option<&'a str> {
        let mut parts = self.path().split('/').zip(path.split('/'));
        let part = parts.find(|(our, _)| is_parameter(our));
        part.map(|(_, their)| their)
    }

    /// Whether a parameter stands in the path.
    pub fn has_in_path(&self, parameter: &Parameter) -> bool {
        let mut parts = self.path().split('/');
        parts.any(|part| is_parameter(part) && part.trim_matches(['{', '}']) == parameter.name)
    }

    /// Answers, after a look at the parameters.
    pub fn call(&self, context: &Context, request: &Request) -> Result<Reply, Problem> {
        let known = self.takes.iter().filter(|one| !self.has_in_path(one));
        let known: Vec<_> = known.map(|parameter| parameter.name).collect();
        request.only(&known)?;
        match self.answer {
            Answer::Handler(handler) => handler(context, request),
            Answer::Asset | Answer::Home => Err(Problem::not_found()),
        }
    }
}

fn is_parameter(part: &str) -> bool {
    part.starts_with('{')
}

/// Every route there is.
pub fn routes() -> &'static [Route] {
    ROUTES
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

static ROUTES: &[Route] = &[
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
    super::stats::TOP,
    super::stats::BANDWIDTH,
    super::historical::PERCENTILE,
    super::historical::HOURLY,
    super::historical::DAILY,
    super::historical::WEEKLY,
    super::historical::MONTHLY,
    super::historical::YEARLY,
    super::historical::BILLING,
    super::historical::HEATMAP,
    super::historical::AT,
    super::applications::LIST,
    super::applications::ONE,
    super::applications::TIMELINE,
    super::domains::LIST,
    super::domains::TOP,
    super::domains::ONE,
    super::domains::TIMELINE,
    super::domains::BROWSERS,
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
    super::forget::NAMED,
    super::forget::APPLICATION,
    super::forget::DOMAIN,
    super::forget::RANGE,
    super::forget::COMPACT,
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
