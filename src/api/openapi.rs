//! `GET /openapi.json`: the API for programs, made from the route table and the types.

use super::context::Context;
use super::problem::{Problem, ProblemDetails};
use super::reply::Reply;
use super::request::Request;
use super::route::{Answer, Gives, Guard, Route, Schemas, Shape, routes, shape};
use bytes::Bytes;
use std::sync::LazyLock;
use utoipa::openapi::path::{HttpMethod, OperationBuilder, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    ComponentsBuilder, ContentBuilder, InfoBuilder, ObjectBuilder, OpenApi, OpenApiBuilder, Paths,
    Ref, Required, Response, ResponseBuilder, Type,
};

pub(super) const ROUTE: Route = Route {
    name: "GET /openapi.json",
    guard: Guard::Open,
    about: "The API, for a program.",
    takes: &[],
    body: None,
    gives: Gives::Other("application/json"),
    answer: Answer::Handler(openapi),
};

const PROBLEM: &str = "application/problem+json";
const JSON: &str = "application/json";

#[expect(clippy::unnecessary_wraps, reason = "it is a handler")]
fn openapi(_: &Context, _: &Request) -> Result<Reply, Problem> {
    static DOCUMENT: LazyLock<Bytes> =
        LazyLock::new(|| Bytes::from(document().to_json().unwrap_or_default()));
    Ok(Reply::text(JSON, DOCUMENT.clone()))
}

/// The whole document.
pub fn document() -> OpenApi {
    let mut schemas = shape::<ProblemDetails>();
    let mut paths = Paths::new();
    for route in routes() {
        paths.add_path_operation(
            documented_path(route),
            vec![method(route)],
            operation(route, &mut schemas).build(),
        );
    }
    let bearer = Http::new(HttpAuthScheme::Bearer);
    let components = ComponentsBuilder::new()
        .schemas_from_iter(schemas)
        .security_scheme("token", SecurityScheme::Http(bearer))
        .build();
    let info = InfoBuilder::new()
        .title("netmonitor")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(env!("CARGO_PKG_DESCRIPTION")))
        .build();
    OpenApiBuilder::new()
        .info(info)
        .paths(paths)
        .components(Some(components))
        .build()
}

/// OpenAPI writes `/*` as a parameter.
fn documented_path(route: &Route) -> String {
    route.path().replace('*', "{file}")
}

fn method(route: &Route) -> HttpMethod {
    match route.method() {
        "POST" => HttpMethod::Post,
        _ => HttpMethod::Get,
    }
}

fn operation(route: &Route, schemas: &mut Schemas) -> OperationBuilder {
    let mut operation = OperationBuilder::new()
        .summary(Some(route.about))
        .operation_id(Some(operation_id(route)))
        .response("200", response(&route.gives, schemas))
        .response("default", problem());
    for parameter in route.takes {
        let described = query_parameter(parameter.name, parameter.about);
        operation = operation.parameter(if route.has_in_path(parameter) {
            in_path(described)
        } else {
            described
        });
    }
    if route.path().ends_with('*') {
        operation = operation.parameter(file_parameter());
    }
    if let Some(body) = route.body {
        let content = ContentBuilder::new().schema(Some(reference(body, schemas)));
        let body = RequestBodyBuilder::new()
            .required(Some(Required::True))
            .content(JSON, content.build());
        operation = operation.request_body(Some(body.build()));
    }
    if route.guard == Guard::Token {
        let nothing: [&str; 0] = [];
        operation = operation.security(SecurityRequirement::new("token", nothing));
    }
    operation
}

/// `GET /api/stats/timeline` -> `get_api_stats_timeline`.
fn operation_id(route: &Route) -> String {
    let words = route.name.split(|c: char| !c.is_ascii_alphanumeric());
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    words.join("_").to_lowercase()
}

fn response(gives: &Gives, schemas: &mut Schemas) -> Response {
    let response = ResponseBuilder::new().description("What was asked for.");
    let (content_type, shape, other) = match gives {
        Gives::Json(shape) => (JSON, *shape, None),
        Gives::JsonOr(shape, other) => (JSON, *shape, Some(*other)),
        Gives::Events(shape) => ("text/event-stream", *shape, None),
        Gives::Other(other) => {
            return response.content(*other, text()).build();
        }
    };
    let content = ContentBuilder::new().schema(Some(reference(shape, schemas)));
    let response = response.content(content_type, content.build());
    match other {
        Some(other) => response.content(other, text()).build(),
        None => response.build(),
    }
}

fn problem() -> Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("ProblemDetails")));
    ResponseBuilder::new()
        .description("Why not.")
        .content(PROBLEM, content.build())
        .build()
}

fn text() -> utoipa::openapi::Content {
    let text = ObjectBuilder::new().schema_type(Type::String).build();
    ContentBuilder::new().schema(Some(text)).build()
}

/// Notes the schemas of a shape, and refers to it by name.
fn reference(shape: Shape, schemas: &mut Schemas) -> Ref {
    let more = shape();
    let name = more
        .last()
        .map(|(name, _)| name.clone())
        .unwrap_or_default();
    schemas.extend(more);
    Ref::from_schema_name(name)
}

fn query_parameter(name: &str, about: &str) -> ParameterBuilder {
    let text = ObjectBuilder::new().schema_type(Type::String).build();
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(about))
        .schema(Some(text))
}

fn file_parameter() -> ParameterBuilder {
    in_path(query_parameter("file", "A file of the dashboard."))
}

fn in_path(parameter: ParameterBuilder) -> ParameterBuilder {
    parameter
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
}
