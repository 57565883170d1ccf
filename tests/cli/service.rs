//! Commands that ask the running service, where there is none, and where its token lies.

use super::Place;
use std::net::{Ipv4Addr, TcpListener};

const TOKEN: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

#[test]
fn a_service_that_is_not_there_is_69() {
    let place = Place::new();
    let nobody = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let port = nobody.local_addr().expect("its number").port().to_string();
    drop(nobody);
    let said = place.run(&["status", "--port", &port]);
    said.fails(69, &["127.0.0.1", &port, "refused", "`netmonitor run`"]);
    for command in ["token", "open"] {
        place
            .run(&[command])
            .fails(69, &["no access token", "--data-dir"]);
    }
}

#[test]
fn something_else_on_the_port_is_no_service() {
    let place = Place::new();
    let other = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let port = other.local_addr().expect("its number").port().to_string();
    let hangs_up = std::thread::Builder::new().spawn(move || other.accept().map(drop));
    let said = place.run(&["status", "--port", &port]);
    said.fails(69, &["no netmonitor answers"]);
    let served = hangs_up.expect("a thread").join().expect("its end");
    served.expect("a connection");
}

#[test]
fn the_token_is_printed_from_its_file() {
    let place = Place::new();
    place.file("token", format!("{TOKEN}\n"));
    assert_eq!(place.run(&["token"]).succeeds(), format!("{TOKEN}\n"));
    let url = place.run(&["open", "--port", "7654"]).succeeds();
    assert_eq!(
        url,
        format!("http://127.0.0.1:7654/dashboard/#token={TOKEN}\n")
    );
    assert!(
        !place.folder.path().join("open.html").exists(),
        "no display, no browser"
    );
    place.file("token", "nonsense");
    place.run(&["token"]).fails(1, &["holds no access token"]);
}

#[test]
fn a_browser_is_never_told_the_token() {
    if !super::harness::root("a browser") {
        return;
    }
    let place = Place::new();
    place.file("token", TOKEN);
    let output = place.command().env("DISPLAY", ":0").args(["open"]).output();
    super::Said::of(&output.expect("netmonitor")).succeeds();
    assert!(
        !place.folder.path().join("open.html").exists(),
        "root opens no browser"
    );
}
