//! One API, told three times: the route table, the OpenAPI document, docs/api.md.

use crate::house::House;
use netmonitor::api::{Guard, document, routes};
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
    for route in routes().iter().filter(|route| route.guard == Guard::Token) {
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
