//! `GET /docs`: the API for people. The text is docs/api.md, so that there is one description.

use super::context::Context;
use super::problem::Problem;
use super::reply::Reply;
use super::request::Request;
use super::route::{Answer, Gives, Guard, Route};
use bytes::Bytes;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd, html};
use std::sync::LazyLock;

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";

pub(super) const ROUTE: Route = Route {
    name: "GET /docs",
    guard: Guard::Open,
    about: "This description, for a browser.",
    takes: &[],
    body: None,
    gives: Gives::Other(HTML),
    answer: Answer::Handler(docs),
};

pub(super) const STYLE: Route = Route {
    name: "GET /docs/style.css",
    guard: Guard::Open,
    about: "The look of that page.",
    takes: &[],
    body: None,
    gives: Gives::Other(CSS),
    answer: Answer::Handler(style),
};

#[expect(clippy::unnecessary_wraps, reason = "it is a handler")]
fn docs(_: &Context, _: &Request) -> Result<Reply, Problem> {
    static PAGE: LazyLock<Bytes> = LazyLock::new(|| Bytes::from(page()));
    Ok(Reply::text(HTML, PAGE.clone()))
}

#[expect(clippy::unnecessary_wraps, reason = "it is a handler")]
fn style(_: &Context, _: &Request) -> Result<Reply, Problem> {
    Ok(Reply::text(CSS, include_str!("docs.css")))
}

fn page() -> String {
    let text = include_str!("../../docs/api.md");
    let mut page = String::from(concat!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>netmonitor: the API</title>",
        "<meta name=\"viewport\" content=\"width=device-width\">",
        "<link rel=\"stylesheet\" href=\"/docs/style.css\"><main>",
    ));
    let events = Parser::new_ext(text, Options::ENABLE_TABLES).filter(|event| !is_link(event));
    html::push_html(&mut page, events);
    page.push_str("</main></html>");
    page
}

/// Links lead to other documents, which are not served.
fn is_link(event: &Event) -> bool {
    matches!(
        event,
        Event::Start(Tag::Link { .. }) | Event::End(TagEnd::Link)
    )
}
