//! Who gets in: every route, every guard.

use crate::client::{ask, ask_over_six};
use crate::house::{House, guarded, target};
use netmonitor::api::routes;
use std::net::{Ipv6Addr, TcpListener};

const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"];

#[test]
fn without_the_token_every_guarded_route_is_401() {
    let house = House::new();
    let wrong = "0".repeat(64);
    let offers = [
        vec![],
        vec!["Authorization: Bearer ".to_owned()],
        vec![format!("Authorization: Bearer {wrong}")],
        vec![format!("Authorization: Basic {}", house.token.text())],
        vec![format!("Authorization: Bearer {}0", house.token.text())],
        vec![house.authorization(), house.authorization()],
        vec![format!("Cookie: token={}", house.token.text())],
    ];
    assert!(guarded().count() >= 4, "the table has guarded routes");
    for route in guarded() {
        for method in METHODS {
            for offer in &offers {
                let head = format!("{method} {} HTTP/1.1", target(route));
                let headers = [vec![house.host()], offer.clone()].concat();
                let answer = ask(house.port, &head, &headers, b"").unwrap();
                assert_eq!(answer.status, 401, "{head} {offer:?}");
                assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
            }
        }
    }
}

#[test]
fn with_the_token_no_route_is_refused() {
    let house = House::with_history();
    for route in routes().iter().filter(|route| route.body.is_none()) {
        let json = "Content-Type: application/json".to_owned();
        let headers = [house.host(), house.authorization(), json];
        let method = match route.method() {
            "GET" => "HEAD",
            other => other,
        };
        let head = format!("{method} {} HTTP/1.1", target(route));
        let answer = ask(house.port, &head, &headers, b"").unwrap();
        // There is nothing to forget here, it was not said when, or the wish before is still being done.
        let goes = route.method() == "DELETE" && [400, 404, 503].contains(&answer.status);
        assert!(answer.status < 400 || goes, "{head}: {answer:?}");
    }
}

/// Header lines that must not get in, whatever the route; `PORT` is the server's. An own `Host` is
/// added unless there is one.
const FOREIGN: [&[&str]; 60] = [
    // Names that are not ours.
    &["Host: evil.example"],
    &["Host: evil.example:PORT"],
    &["Host: 127.0.0.1.evil.example:PORT"],
    &["Host: localhost.evil.example:PORT"],
    &["Host: evil.example@127.0.0.1:PORT"],
    &["Host: 127.0.0.1:PORT@evil.example"],
    &["Host: 127.0.0.1"],
    &["Host: localhost"],
    &["Host: [::1]"],
    &["Host: 127.0.0.1:1"],
    &["Host: localhost:80"],
    &["Host: 127.0.0.2:PORT"],
    &["Host: 127.1:PORT"],
    &["Host: 0.0.0.0:PORT"],
    &["Host: 2130706433:PORT"],
    &["Host: 0x7f000001:PORT"],
    &["Host: 0177.0.0.1:PORT"],
    &["Host: [::]:PORT"],
    &["Host: ::1:PORT"],
    &["Host: [0:0:0:0:0:0:0:1]:PORT"],
    &["Host: [::ffff:127.0.0.1]:PORT"],
    &["Host: [::1%lo]:PORT"],
    &["Host: localhost.:PORT"],
    &["Host: 127.0.0.1.:PORT"],
    &["Host: localhost:PORT:PORT"],
    &["Host: localhost:0PORT"],
    &["Host: localhost:+PORT"],
    &["Host: http://localhost:PORT"],
    &["Host: localhost:PORT/"],
    &["Host: localhost:PORT, localhost:PORT"],
    &["Host: localhost\t:PORT"],
    &["Host: "],
    &["Host: *"],
    &["Host: null"],
    // Not one name.
    &["Host: localhost:PORT", "Host: localhost:PORT"],
    &["Host: localhost:PORT", "Host: evil.example"],
    &["Host: evil.example", "Host: localhost:PORT"],
    &["X-Forwarded-Host: localhost:PORT", "Host: evil.example"],
    // Pages of others.
    &["Origin: http://evil.example"],
    &["Origin: https://evil.example"],
    &["Origin: null"],
    &["Origin: "],
    &["Origin: http://127.0.0.1"],
    &["Origin: http://localhost:1"],
    &["Origin: https://localhost:PORT"],
    &["Origin: http://localhost:PORT/"],
    &["Origin: http://localhost:PORT.evil.example"],
    &["Origin: http://evil.example@localhost:PORT"],
    &["Origin: localhost:PORT"],
    &["Origin: file://"],
    &["Origin: moz-extension://8c1d0a52-0000-0000-0000-000000000000"],
    &[
        "Origin: http://localhost:PORT",
        "Origin: http://evil.example",
    ],
    &["Origin: http://localhost:PORT http://evil.example"],
    &["Sec-Fetch-Site: cross-site"],
    &["Sec-Fetch-Site: same-site"],
    &["Sec-Fetch-Site: Cross-Site"],
    &["Sec-Fetch-Site: "],
    &["Sec-Fetch-Site: none", "Sec-Fetch-Site: cross-site"],
    &["Sec-Fetch-Site: same-origin, cross-site"],
    &["Origin: http://localhost:PORT", "Sec-Fetch-Site: same-site"],
];

#[test]
fn no_foreign_header_gets_in_on_any_route() {
    let house = House::new();
    for route in routes() {
        for lines in FOREIGN {
            let mut headers = foreign(&house, lines);
            headers.push(house.authorization());
            for method in ["GET", "POST"] {
                let head = format!("{method} {} HTTP/1.1", target(route));
                // Bytes that are no HTTP at all may also end in a closed connection.
                let Some(answer) = ask(house.port, &head, &headers, b"") else {
                    continue;
                };
                let refused = [400, 403, 421].contains(&answer.status);
                assert!(refused, "{head} {lines:?}: {}", answer.status);
                let cors = answer.header("access-control-allow-origin");
                assert_eq!(cors, None, "{head} {lines:?}");
            }
        }
    }
}

#[test]
fn each_refusal_has_its_number() {
    let house = House::new();
    let status = |head: &str, headers: &[String]| {
        let answer = ask(house.port, head, headers, b"");
        answer.map(|answer| answer.status)
    };
    for route in routes() {
        let path = target(route);
        let get = format!("GET {path} HTTP/1.1");
        let wrong = [format!("Host: evil.example:{}", house.port)];
        assert_eq!(status(&get, &wrong), Some(421), "{get}");
        for method in METHODS {
            let head = format!("{method} {path} HTTP/1.1");
            let foreign = [house.host(), "Origin: http://evil.example".to_owned()];
            assert_eq!(status(&head, &foreign), Some(403), "{head}");
        }
        assert_eq!(
            status(&format!("GET {path} HTTP/1.0"), &[]),
            Some(400),
            "{path}"
        );
        let absolute = format!("GET http://evil.example{path} HTTP/1.1");
        assert_eq!(status(&absolute, &[house.host()]), Some(421), "{path}");
        let secure = format!("GET https://127.0.0.1:{}{path} HTTP/1.1", house.port);
        assert_eq!(status(&secure, &[house.host()]), Some(421), "{path}");
    }
}

#[test]
fn own_names_get_in_however_they_are_written() {
    let house = House::new();
    let port = house.port;
    for host in ["127.0.0.1", "localhost", "LocalHost", "[::1]"] {
        for head in ["GET /health HTTP/1.1", "GET /health HTTP/1.0"] {
            let headers = [
                format!("hOsT: {host}:{port}"),
                format!("Origin: http://{host}:{port}"),
                "Sec-Fetch-Site: same-origin".to_owned(),
            ];
            assert_eq!(
                ask(port, head, &headers, b"").unwrap().status,
                200,
                "{host} {head}"
            );
        }
        let absolute = format!("GET http://{host}:{port}/health HTTP/1.1");
        let headers = [format!("Host: {host}:{port}")];
        assert_eq!(
            ask(port, &absolute, &headers, b"").unwrap().status,
            200,
            "{host}"
        );
    }
}

#[test]
fn the_same_guards_stand_at_the_door_of_ipv6() {
    if TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_err() {
        return; // A machine without IPv6 has no such door.
    }
    let house = House::new();
    let port = house.port;
    let six = format!("Host: [::1]:{port}");
    let status = |path: &str, headers: &[String]| {
        let head = format!("GET {path} HTTP/1.1");
        ask_over_six(port, &head, headers).unwrap().status
    };
    for host in [six.clone(), house.host()] {
        let both = [host, house.authorization()];
        assert_eq!(status("/health", &both[..1]), 200, "{both:?}");
        assert_eq!(status("/api/stats", &both[..1]), 401, "{both:?}");
        assert_eq!(status("/api/stats", &both), 200, "{both:?}");
    }
    let foreign = format!("Host: [::2]:{port}");
    assert_eq!(status("/health", &[foreign]), 421);
    let origin = "Origin: http://[::2]".to_owned();
    assert_eq!(status("/health", &[six, origin]), 403);
}

#[test]
fn other_methods_are_405_and_say_what_is_there() {
    let house = House::new();
    for route in routes() {
        let head = format!("PATCH {} HTTP/1.1", target(route));
        let answer = ask(
            house.port,
            &head,
            &[house.host(), house.authorization()],
            b"",
        )
        .unwrap();
        assert_eq!(answer.status, 405, "{head}");
        assert!(
            answer.header("allow").unwrap().contains(route.method()),
            "{head}"
        );
    }
}

#[test]
fn posts_are_json_or_refused() {
    let house = House::new();
    let kinds = [
        "",
        "Content-Type: text/plain",
        "Content-Type: application/x-www-form-urlencoded",
        "Content-Type: multipart/form-data; boundary=x",
        "Content-Type: application/jsonp",
        "Content-Type: text/plain; application/json",
    ];
    for route in routes().iter().filter(|route| route.body.is_some()) {
        for kind in kinds.iter().filter(|kind| !kind.is_empty()) {
            let head = format!("POST {} HTTP/1.1", target(route));
            let length = "Content-Length: 2".to_owned();
            let headers = [
                house.host(),
                house.authorization(),
                (*kind).to_owned(),
                length,
            ];
            let answer = ask(house.port, &head, &headers, b"{}").unwrap();
            assert_eq!(answer.status, 415, "{head} {kind}");
        }
    }
}

#[test]
fn every_answer_says_what_a_browser_may_not_do() {
    let house = House::new();
    for path in [
        "/health",
        "/dashboard/",
        "/docs",
        "/nothing",
        "/api/latency",
    ] {
        let answer = house.get(path);
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'"), "{path}: {policy}");
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(
            answer.header("x-content-type-options"),
            Some("nosniff"),
            "{path}"
        );
        assert_eq!(
            answer.header("referrer-policy"),
            Some("no-referrer"),
            "{path}"
        );
        let resource = answer.header("cross-origin-resource-policy");
        assert_eq!(resource, Some("same-origin"), "{path}");
        let kept = answer.header("cache-control").unwrap();
        let expected = if path == "/dashboard/" {
            "no-cache"
        } else {
            "no-store"
        };
        assert_eq!(kept, expected, "{path}");
    }
}

#[test]
fn no_path_leads_out() {
    let house = House::new();
    let ups = [
        "..",
        "%2e%2e",
        "%2E%2E",
        ".%2e",
        "%2e.",
        "%252e%252e",
        "..%00",
        "..;",
        "%c0%ae%c0%ae",
        "....",
        "..%2f..",
        "..%5c..",
    ];
    let slashes = [
        "/", "//", "%2f", "%2F", "%5c", "\\", "/./", "%252f", "%c0%af",
    ];
    for up in ups {
        for slash in slashes {
            for below in ["/dashboard/", "/docs/", "/"] {
                let path = format!("{below}{up}{slash}{up}{slash}etc/passwd");
                let head = format!("GET {path} HTTP/1.1");
                // What is no URI at all is refused as such.
                let answer = ask(house.port, &head, &[house.host()], b"").unwrap();
                let expected = if path.contains('\\') {
                    [400, 404]
                } else {
                    [404, 404]
                };
                assert!(
                    expected.contains(&answer.status),
                    "{path}: {}",
                    answer.status
                );
            }
        }
    }
}

fn foreign(house: &House, lines: &[&str]) -> Vec<String> {
    let port = house.port.to_string();
    let lines = lines.iter().map(|line| line.replace("PORT", &port));
    let mut headers: Vec<_> = lines.collect();
    if !headers.iter().any(|line| line.starts_with("Host:")) {
        headers.push(house.host());
    }
    headers
}

#[test]
fn a_link_from_elsewhere_opens_the_dashboard_and_nothing_else() {
    let house = House::new();
    let ask = |head: &str, mode: &str, dest: &str| {
        let lines = [
            house.host(),
            "Sec-Fetch-Site: cross-site".to_owned(),
            format!("Sec-Fetch-Mode: {mode}"),
            format!("Sec-Fetch-Dest: {dest}"),
        ];
        ask(house.port, head, &lines, b"").unwrap().status
    };
    let page = "GET /dashboard/ HTTP/1.1";
    assert_eq!(ask(page, "navigate", "document"), 200);
    assert_eq!(ask(page, "navigate", "iframe"), 403);
    assert_eq!(ask(page, "no-cors", "script"), 403);
    assert_eq!(
        ask("POST /dashboard/ HTTP/1.1", "navigate", "document"),
        403
    );
    assert_eq!(ask("GET /api/stats HTTP/1.1", "navigate", "document"), 401);
}
