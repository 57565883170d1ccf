//! One API, told three times: the route table, the OpenAPI document, docs/api.md.

use crate::house::{House, target};
use netmonitor::api::{Guard, document, routes};
use serde_json::Value;
use std::collections::BTreeSet;

const DOCS: &str = include_str!("../../docs/api.md");

fn told_by_the_table() -> BTreeSet<(String, bool)> {
    let routes = routes().iter();
    routes
        .map(|route| (route.name.to_owned(), route.guard == Guard::Token))
        .collect()
}

#[test]
fn the_document_has_the_routes_and_guards_of_the_table() {
    let document = serde_json::to_value(document()).unwrap();
    let mut told = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let name = format!("{} {}", method.to_uppercase(), path.replace("{file}", "*"));
            told.insert((name, operation.get("security").is_some()));
        }
    }
    assert_eq!(told, told_by_the_table());
}

#[test]
fn the_document_has_a_parameter_for_each_part_of_a_path_in_braces() {
    let document = serde_json::to_value(document()).unwrap();
    let mut found = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        let parts = path.split('/').filter_map(|part| part.strip_prefix('{'));
        let wanted: Vec<_> = parts.map(|part| part.trim_end_matches('}')).collect();
        for operation in item.as_object().unwrap().values() {
            let all = operation["parameters"].as_array().into_iter().flatten();
            let in_path = all.filter(|one| one["in"] == "path");
            let told: Vec<_> = in_path
                .map(|one| (one["name"].as_str(), &one["required"]))
                .collect();
            let expected: Vec<_> = wanted
                .iter()
                .map(|name| (Some(*name), &Value::Bool(true)))
                .collect();
            assert_eq!(told, expected, "{path}");
            found += told.len();
        }
    }
    assert!(found >= 7, "{found}");
}

#[test]
fn the_documents_references_all_lead_somewhere() {
    let document = serde_json::to_value(document()).unwrap();
    let text = document.to_string();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let references = text.split("#/components/schemas/").skip(1);
    let names: BTreeSet<_> = references
        .map(|rest| rest.split('"').next().unwrap())
        .collect();
    assert!(names.len() > 5);
    for name in names {
        assert!(schemas.contains_key(name), "{name} is not described");
    }
}

#[test]
fn the_page_has_the_routes_and_guards_of_the_table() {
    let rows = DOCS.lines().filter(|line| line.starts_with("| `"));
    let told: BTreeSet<_> = rows
        .map(|row| {
            let cells: Vec<_> = row.split('|').map(str::trim).collect();
            (cells[1].trim_matches('`').to_owned(), cells[2] == "token")
        })
        .collect();
    assert_eq!(told, told_by_the_table());
}

#[test]
fn the_page_describes_every_route_that_has_a_shape() {
    for route in routes()
        .iter()
        .filter(|route| route.path().starts_with("/api/"))
    {
        let mut headings = DOCS.lines().filter(|line| line.starts_with("## "));
        assert!(
            headings.any(|line| line.contains(route.path())),
            "{}",
            route.name
        );
    }
}

#[test]
fn the_page_is_shown_as_html() {
    let page = House::new().get("/docs").text();
    assert!(
        page.contains("<h1>The API</h1>") && page.contains("<table>"),
        "{page}"
    );
    assert!(
        !page.contains("<style") && !page.contains("<script"),
        "the policy forbids inline"
    );
}

/// The JSON blocks of the page's part about a route.
fn examples(name: &str) -> Vec<Value> {
    let part = DOCS.split("\n## ").find(|part| {
        let (heading, _) = part.split_once('\n').unwrap_or((part, ""));
        heading.split(['`', '?']).any(|word| word == name)
    });
    let part = part.unwrap_or_else(|| panic!("{name} is not described"));
    let blocks = part.split("```json").skip(1);
    let texts = blocks.map(|block| block.split("```").next().unwrap());
    texts
        .map(|text| serde_json::from_str(text).unwrap_or_else(|e| panic!("{name}: {e}")))
        .collect()
}

/// Both have the same fields, all the way down; `{}`, `[]` and `null` stand for anything.
fn same_fields(place: &str, told: &Value, given: &Value) {
    match (told, given) {
        (Value::Object(told), Value::Object(given)) if !told.is_empty() && !given.is_empty() => {
            let keys =
                |object: &serde_json::Map<_, _>| object.keys().cloned().collect::<BTreeSet<_>>();
            assert_eq!(keys(told), keys(given), "{place}");
            for (key, value) in told {
                same_fields(&format!("{place}.{key}"), value, &given[key]);
            }
        }
        (Value::Array(told), Value::Array(given)) => {
            if let (Some(told), Some(given)) = (told.first(), given.first()) {
                same_fields(&format!("{place}[]"), told, given);
            }
        }
        (Value::Null, _) | (_, Value::Null) => {}
        (told, given) => {
            let same_kind = std::mem::discriminant(told) == std::mem::discriminant(given);
            assert!(same_kind, "{place}: told {told}, given {given}");
        }
    }
}

#[test]
fn answers_have_the_fields_that_the_page_tells() {
    let house = House::with_history();
    let paths = [
        "/health",
        "/api/stats",
        "/api/stats/timeline",
        "/api/stats/summary",
        "/api/stats/talks",
        "/api/stats/top?by=application&compare=previous",
        "/api/stats/bandwidth",
        "/api/stats/percentile",
        "/api/historical/hourly",
        "/api/historical/billing?cycle_day=2",
        "/api/historical/heatmap",
        "/api/at?ts=2026-01-02T03:00:05Z",
        "/api/applications",
        "/api/applications/1",
        "/api/domains",
        "/api/domains/example.org",
        "/api/domains/example.org/browsers",
        "/api/connections",
        "/api/interfaces",
        "/api/coverage",
        "/api/owners",
        "/api/classes",
        "/api/latency",
        "/api/filters",
        "/api/config/daemon/status",
        "/api/store/stats",
    ];
    // So that a route's own latency is among the stages.
    house.get("/health");
    for path in paths {
        let (plain, _) = path.split_once('?').unwrap_or((path, ""));
        let route = routes()
            .iter()
            .find(|one| one.method() == "GET" && one.matches(plain));
        let name = route.unwrap().name.to_owned();
        let answer = house.get(path);
        assert_eq!(answer.status, 200, "{name}: {}", answer.text());
        same_fields(&name, &examples(&name)[0], &answer.json());
    }
    for path in ["/api/config/aggregate", "/api/config/cleanup"] {
        let name = format!("POST {path}");
        let answer = house.post(path, "");
        assert_eq!(answer.status, 200, "{name}: {}", answer.text());
        let example = &examples("POST /api/config/aggregate")[0];
        same_fields(&name, example, &answer.json());
    }
    let second = crate::stream::first_second(&house);
    same_fields("GET /api/live", &examples("GET /api/live")[0], &second);
}

#[test]
fn answers_have_the_fields_that_the_document_tells() {
    let house = House::with_history();
    let document = serde_json::to_value(document()).unwrap();
    let schemas = &document["components"]["schemas"];
    let mut compared = 0;
    for route in routes().iter().filter(|route| route.method() == "GET") {
        let response = &document["paths"][route.path()]["get"]["responses"]["200"];
        let reference = &response["content"]["application/json"]["schema"]["$ref"];
        let Some(reference) = reference.as_str() else {
            continue;
        };
        let schema = &schemas[reference.rsplit('/').next().unwrap()];
        let answer = house.get(&target(route)).json();
        let given: BTreeSet<_> = answer.as_object().unwrap().keys().cloned().collect();
        assert_eq!(properties(schema, schemas), given, "{}", route.name);
        compared += 1;
    }
    assert!(compared >= 11, "{compared}");
}

/// The fields of a schema, those that are flattened into it included.
fn properties(schema: &Value, schemas: &Value) -> BTreeSet<String> {
    if let Some(reference) = schema["$ref"].as_str() {
        return properties(&schemas[reference.rsplit('/').next().unwrap()], schemas);
    }
    let parts = schema["allOf"].as_array().into_iter().flatten();
    let own = schema["properties"].as_object().into_iter().flatten();
    let own = own.map(|(key, _)| key.clone());
    own.chain(parts.flat_map(|part| properties(part, schemas)))
        .collect()
}
