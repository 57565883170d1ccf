//! What is answered: figures, pages, files, and refusals in words.

use crate::client::ask;
use crate::house::{House, until};
use netmonitor::serve::{Config, Error, listen};
use netmonitor::store::Hooks;

#[test]
fn a_range_is_added_up() {
    let house = House::with_history();
    let stats = house
        .get("/api/stats?from=2026-01-02T03:00:00Z&to=2026-01-02T03:00:06Z")
        .json();
    assert_eq!(stats["bytes_in"], 100 * (1 + 2 + 3 + 4 + 5) + 5 * 60);
    assert_eq!(stats["bytes_out"], 5 * (10 + 42));
    assert_eq!(stats["unflowed"][0]["reason"], "arp");
    let line = house
        .get("/api/stats/timeline?from=1767322801&to=1767322804")
        .json();
    assert_eq!(line["bytes_in"], serde_json::json!([160, 260, 360]));
}

#[test]
fn connections_come_in_pages() {
    let house = House::with_history();
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = house
            .get(&format!("/api/connections?state=ended&limit=2{cursor}"))
            .json();
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= 2);
        seen.extend(items.iter().map(|item| item["id"].as_u64().unwrap()));
        let Some(next) = page["next"].as_str() else {
            break;
        };
        cursor = format!("&cursor={next}");
    }
    seen.sort_unstable();
    assert_eq!(seen, [1, 2, 3, 4, 5]);
}

#[test]
fn what_is_asked_for_can_be_narrowed() {
    let house = House::with_history();
    let flowed = 100 * (1 + 2 + 3 + 4 + 5);
    for (narrowed, bytes_in) in [
        ("application=firefox", flowed),
        ("application=1", flowed),
        ("application=/usr/lib/firefox/firefox&user=1000", flowed),
        ("application=curl&application=firefox", flowed),
        ("site=WWW.example.org&domain=example.org", flowed),
        ("protocol=tcp&class=web&direction=in", flowed),
        ("protocol=udp", 0),
        ("class=none", 0),
        ("application=2", 0),
        ("user=unknown", 0),
        ("application=firefox&direction=out", 0),
        ("direction=in", flowed + 5 * 60),
    ] {
        let stats = house.get(&format!("/api/stats?{narrowed}")).json();
        assert_eq!(stats["bytes_in"], bytes_in, "{narrowed}");
        let line = house.get(&format!("/api/stats/timeline?{narrowed}")).json();
        let points = line["bytes_in"].as_array().unwrap().iter();
        let sum: u64 = points.filter_map(serde_json::Value::as_u64).sum();
        assert_eq!(sum, bytes_in, "{narrowed}");
        for path in ["/api/stats/summary", "/api/stats/talks"] {
            let total = house.get(&format!("{path}?{narrowed}")).json();
            assert_eq!(total["total"]["bytes_in"], bytes_in, "{path} {narrowed}");
        }
    }
}

#[test]
fn what_a_path_names_is_found_or_not() {
    let house = House::with_history();
    let found = house.get("/api/domains/EXAMPLE%2Eorg");
    assert_eq!(
        (found.status, &found.json()["id"]),
        (200, &"example.org".into())
    );
    let line = house.get("/api/applications/1/timeline?step=60").json();
    let one = line["bytes_in"].as_array().unwrap().iter();
    assert_eq!(
        one.filter_map(serde_json::Value::as_u64).sum::<u64>(),
        1_500
    );
    let browsers = house.get("/api/domains/example.org/browsers").json();
    assert_eq!(browsers["items"][0]["browser"], "Firefox");
    assert_eq!(browsers["other"]["bytes_in"], 0);
    let of_one = |site: &str| {
        let browsers = house.get(&format!("/api/domains/example.org/browsers?site={site}"));
        browsers.json()["items"].as_array().unwrap().len()
    };
    assert_eq!((of_one("www.example.org"), of_one("example.org")), (1, 0));
    for nothing in [
        "/api/applications/7",
        "/api/applications/7/timeline",
        "/api/applications/",
        "/api/applications/1/",
        "/api/applications/1/2",
        "/api/domains/www.example.org",
        "/api/domains/example.net",
        "/api/domains/a%2Fb",
        "/api/domains/example%2Eorg/nothing",
    ] {
        assert_eq!(house.get(nothing).status, 404, "{nothing}");
    }
}

#[test]
fn ended_connections_are_found_by_any_field() {
    let house = House::with_history();
    let found = |narrowed: &str| {
        let page = house.get(&format!("/api/connections?state=ended&{narrowed}"));
        page.json()["items"].as_array().unwrap().len()
    };
    for (narrowed, count) in [
        ("remote=198.51.100.7", 5),
        ("remote=192.0.2.9", 0),
        ("port=443", 5),
        ("port=50000&port=1", 5),
        ("port=1", 0),
        ("ending=closed&ending=reset", 5),
        ("ending=idle", 0),
        ("local=192.0.2.9", 5),
        ("local=198.51.100.7", 0),
        (
            "owner_source=exact&owner_source=kernel&owner_source=port&owner_source=late",
            5,
        ),
        ("owner_source=unknown", 0),
        ("site_source=sni", 5),
        ("site_source=rdns", 0),
        ("speaks=tls&speaks=http", 5),
        ("speaks=ssh", 0),
        ("ja4=t13d1516h2_8daaf6152771_02713d6af862", 0),
        ("container=web", 0),
        ("unit=cron.service", 0),
        ("process=1", 0),
        ("application=firefox&site=www.example.org&protocol=tcp", 5),
        ("application=curl", 0),
        ("class=web&domain=example.org&user=1000", 5),
        ("class=none", 0),
    ] {
        assert_eq!(found(narrowed), count, "{narrowed}");
    }
}

#[test]
fn what_is_wrong_is_told_as_a_problem() {
    let house = House::new();
    let wrong = [
        ("/api/stats?from=soon", "RFC 3339"),
        ("/api/stats?from=5&to=4", "before"),
        ("/api/stats?form=5", "no parameter `form`"),
        ("/api/stats/timeline?step=0", "step"),
        ("/api/stats/timeline?step=fortnight", "step"),
        ("/api/historical/billing?cycle_day=29", "1 to 28"),
        (
            "/api/historical/daily?from=1&to=1767322801",
            "1,000 periods",
        ),
        ("/api/at", "`ts` must be told"),
        ("/api/connections?limit=1001", "limit"),
        ("/api/connections?state=dead", "`state` must be"),
        ("/api/connections?cursor=x", "cursor"),
        ("/api/stats?direction=up", "direction"),
        ("/api/stats?user=root", "user"),
        ("/api/stats?protocol=tpc", "protocol"),
        ("/api/stats/top", "Say `by=`"),
        ("/api/stats/top?by=weather", "`by` must be"),
        ("/api/stats/top?by=site&compare=next", "`compare` must be"),
        ("/api/applications/one", "is a number"),
        ("/api/applications?cursor=1_2", "cursor"),
        ("/api/applications/1?id=2", "no parameter `id`"),
        (
            "/api/applications/1?application=2",
            "no parameter `application`",
        ),
        ("/api/domains/top/none", "limit"),
        ("/api/domains/top/0", "limit"),
        ("/api/domains/%FF", "UTF-8"),
        ("/api/connections?direction=in", "no parameter `direction`"),
        ("/api/connections?remote=here", "`remote` must be"),
        (
            "/api/connections?owner_source=rumour",
            "`owner_source` must be one of kernel",
        ),
        ("/api/connections?speaks=klingon", "`speaks` must be one of"),
        (
            "/api/historical/heatmap?from=2024-01-01T00:00:00Z&to=2026-01-01T00:00:00Z",
            "400 days",
        ),
        ("/api/connections?ending=badly", "`ending` must be"),
        ("/api/latency?format=xml", "`format` must be"),
        ("/health?x=%00%0d%0aSet-Cookie:a", "no parameters"),
    ];
    for (target, words) in wrong {
        let answer = house.get(target);
        assert_eq!(answer.status, 400, "{target}");
        assert_eq!(
            answer.header("content-type"),
            Some("application/problem+json")
        );
        assert_eq!(answer.header("set-cookie"), None);
        let problem = answer.json();
        assert_eq!(problem["status"], 400);
        assert!(
            problem["detail"].as_str().unwrap().contains(words),
            "{target}: {problem}"
        );
    }
}

#[test]
fn filters_are_checked_in_libpcaps_words() {
    let house = House::new();
    let good = house
        .post("/api/filters/check", r#"{"expression": "tcp port 80"}"#)
        .json();
    assert_eq!(good["ok"], true);
    let bad = r#"{"expression": "tcp prot 80", "link": "ethernet"}"#;
    let bad = house.post("/api/filters/check", bad).json();
    assert_eq!(
        (bad["ok"].as_bool(), bad["at"].as_u64()),
        (Some(false), Some(4))
    );
    assert!(
        bad["error"].as_str().unwrap().contains("syntax error"),
        "{bad}"
    );
    let named = r#"{"expression": "tcp and host example.org"}"#;
    let named = house.post("/api/filters/check", named).json();
    assert_eq!(
        (named["ok"].as_bool(), named["at"].as_u64()),
        (Some(false), Some(13))
    );
    let why = named["error"].as_str().unwrap();
    assert!(why.contains("looks no names up"), "{why}");
    for body in [
        "",
        "{",
        "[]",
        "{}",
        r#"{"expression": 1}"#,
        r#"{"expression": "ip", "x": 1}"#,
    ] {
        assert_eq!(house.post("/api/filters/check", body).status, 400, "{body}");
    }
    let long = format!(r#"{{"expression": "{}"}}"#, "ip or ".repeat(1_000));
    assert_eq!(house.post("/api/filters/check", &long).status, 400);
    let huge = format!(r#"{{"expression": "{}"}}"#, "x".repeat(70_000));
    assert_eq!(house.post("/api/filters/check", &huge).status, 413);
}

#[test]
fn an_oversize_body_without_a_length_is_refused_too() {
    let house = House::new();
    let headers = [
        house.host(),
        house.authorization(),
        "Content-Type: application/json".to_owned(),
        "Transfer-Encoding: chunked".to_owned(),
    ];
    let chunk = format!("4000\r\n{}\r\n", "x".repeat(0x4000));
    let body = format!("{}0\r\n\r\n", chunk.repeat(5));
    let head = "POST /api/filters/check HTTP/1.1";
    assert_eq!(
        ask(house.port, head, &headers, body.as_bytes())
            .unwrap()
            .status,
        413
    );
}

#[test]
fn files_are_packed_when_that_is_accepted_and_not_sent_twice() {
    let house = House::new();
    let get = |more: &str| {
        let headers = [house.host(), more.to_owned()];
        ask(house.port, "GET /dashboard/ HTTP/1.1", &headers, b"").unwrap()
    };
    let plain = get("Accept-Encoding: identity");
    assert_eq!(
        (plain.status, plain.header("content-encoding")),
        (200, None)
    );
    assert_eq!(
        get("Accept-Encoding: gzip;q=0").header("content-encoding"),
        None
    );
    let packed = get("Accept-Encoding: br, GZIP");
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    assert!(packed.body.len() < plain.body.len());
    let etag = plain.header("etag").unwrap();
    for known in [etag.to_owned(), format!("\"x\", {etag}"), "*".to_owned()] {
        let again = get(&format!("If-None-Match: {known}"));
        assert_eq!((again.status, again.body.len()), (304, 0), "{known}");
        assert_eq!(again.header("etag"), Some(etag));
    }
    assert_eq!(get("If-None-Match: \"x\"").status, 200);
    assert_eq!(house.get("/").header("location"), Some("/dashboard/"));
}

#[test]
fn a_history_that_nobody_writes_any_more_is_degraded() {
    let hooks = Hooks {
        job: Box::new(|_| panic!("as a test wants it")),
        ..Hooks::default()
    };
    let house = House::whose_writer(hooks, &Config::default());
    let health = || house.get("/health").json();
    assert_eq!(health()["status"], "starting");
    // Retention, the first job, comes after the first commit.
    house.cut(1);
    until("its end was told", || health()["status"] == "degraded");
    let reason = health()["reason"].clone();
    assert!(
        reason.as_str().unwrap().contains("started again"),
        "{reason}"
    );
    let daemon = house.get("/api/config/daemon/status");
    assert_eq!(daemon.status, 200, "the others are answered");
}

#[test]
fn head_is_get_without_the_body() {
    let house = House::new();
    for path in ["/health", "/dashboard/", "/api/filters"] {
        let get = house.get(path);
        let headers = [house.host(), house.authorization()];
        let head = ask(house.port, &format!("HEAD {path} HTTP/1.1"), &headers, b"").unwrap();
        assert_eq!(head.status, 200, "{path}");
        assert_eq!(
            head.header("content-length"),
            get.header("content-length"),
            "{path}"
        );
    }
}

#[test]
fn metrics_are_openmetrics_with_every_cap_beside_its_limit() {
    let house = House::with_history();
    let answer = house.get("/metrics");
    let kind = answer.header("content-type").unwrap();
    assert_eq!(
        kind,
        "application/openmetrics-text; version=1.0.0; charset=utf-8"
    );
    let text = answer.text();
    assert!(text.ends_with("# EOF\n"), "{text}");
    for line in [
        "netmonitor_flows 12.0",
        "netmonitor_flows_limit 262144.0",
        "netmonitor_flows_evicted_total 3",
        "netmonitor_ring_dropped_packets_total{worker=\"0\"} 7",
        "netmonitor_serve_sse_clients_limit 64.0",
        "netmonitor_serve_waiting_limit 32.0",
        "netmonitor_serve_active 1.0",
        "netmonitor_store_pending_seconds_limit 600.0",
        "netmonitor_interface_bytes_total{interface=\"eth0\",direction=\"in\"} 1800",
        "netmonitor_coverage_owner_bytes{rung=\"pktap\"} 0.0",
        "netmonitor_coverage_name_bytes{source=\"quic-sni\"} 0.0",
        "netmonitor_owners_helper{state=\"running\"} 1.0",
        "netmonitor_owners_helper{state=\"stopped\"} 0.0",
        "netmonitor_owners_rung{rung=\"sockets\"} 1.0",
        "netmonitor_owners_rung{rung=\"kernel\"} 0.0",
        "netmonitor_owners_rung_works{rung=\"kernel\"} 0.0",
        "netmonitor_owners_helper_restarts_total 2",
        "netmonitor_owners_events_lost_total 5",
        "netmonitor_owners_asks_pending_limit 65536.0",
        "netmonitor_owners_processes 80.0",
    ] {
        assert!(
            text.lines().any(|known| known == line),
            "{line} is not in\n{text}"
        );
    }
    let addresses = ["192.0.2.9", "198.51.100.7"];
    assert!(
        !addresses.iter().any(|address| text.contains(address)),
        "peers are no labels"
    );
}

#[test]
fn requests_are_timed_by_route() {
    let house = House::new();
    (0..3).for_each(|_| drop(house.get("/api/stats/bandwidth")));
    let latency = house.get("/api/latency").json();
    let stages = latency["stages"].as_array().unwrap();
    let stage = stages
        .iter()
        .find(|stage| stage["name"] == "GET /api/stats/bandwidth")
        .unwrap();
    assert_eq!(stage["start"]["count"], 3);
    let log = house.get("/api/latency?format=hlog").text();
    assert!(log.contains("Tag=GET-/api/stats/bandwidth,"), "{log}");
}

#[test]
fn a_taken_port_is_said_so() {
    let house = House::new();
    match listen(house.port).map(drop) {
        Err(Error::PortTaken { port }) => assert_eq!(port, house.port),
        other => panic!("{other:?}"),
    }
}
