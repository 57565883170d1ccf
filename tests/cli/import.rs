//! `import`: vnStat's own JSON, into the file and through the service that has it; and that what is
//! told then are vnStat's own totals.

use super::harness;
use super::service::Service;
use super::{Place, Said};
use nix::sys::signal::Signal;
use serde_json::Value;

const REAL: &str = include_str!("vnstat/2.json");

fn import(place: &Place) -> Said {
    let zone = ["--zone", "Europe/Berlin"];
    place.run(&[&["import", "vnstat", "vnstat.json"][..], &zone].concat())
}

fn place() -> Place {
    let place = Place::new();
    place.file("config.toml", "[store]\nzone = \"Europe/Berlin\"\n");
    place.file("vnstat.json", REAL);
    place
}

/// vnStat's own total of an interface, without the hour that runs and the month without days.
fn vnstats(name: &str) -> (u64, u64) {
    let document: Value = serde_json::from_str(REAL).expect("JSON");
    let mut all = document["interfaces"]
        .as_array()
        .expect("interfaces")
        .iter();
    let traffic = &all.find(|one| one["name"] == name).expect(name)["traffic"];
    let bytes = |one: &Value| {
        let [rx, tx] = ["rx", "tx"].map(|key| one[key].as_u64().expect("bytes"));
        (rx, tx)
    };
    let hours = traffic["hour"].as_array().expect("hours");
    let (total, hour) = (bytes(&traffic["total"]), bytes(hours.last().expect("one")));
    let mut months = traffic["month"].as_array().expect("months").iter();
    let january = months.find(|one| one["date"]["month"] == 1);
    let month = january.map_or((0, 0), bytes);
    (total.0 - hour.0 - month.0, total.1 - hour.1 - month.1)
}

/// What an export of a tier tells of an interface.
fn told(place: &Place, tier: &[&str], name: &str) -> (u64, u64) {
    let arguments = [
        "export",
        "--what",
        "interfaces",
        "--format",
        "ndjson",
        "--interface",
        name,
    ];
    let range = ["--from", "1767222000", "--to", "1775170000"];
    let said = place.run(&[&arguments[..], tier, &range].concat());
    assert_eq!(said.code, Some(0), "{said:?}");
    let items = said
        .out
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"));
    let items: Vec<Value> = items.collect();
    let sum = |key: &str| {
        items
            .iter()
            .map(|item| item[key].as_u64().expect(key))
            .sum()
    };
    (sum("bytes_in"), sum("bytes_out"))
}

#[test]
fn vnstats_totals_come_back_and_only_once() {
    let place = place();
    let said = import(&place).succeeds();
    assert!(
        said.contains(" hours and days of eth0, wg0 imported: "),
        "{said}"
    );
    assert!(said.contains("\n4 not over yet"), "{said}");
    assert!(said.contains("\n1 months of which"), "{said}");
    for round in 0..2 {
        for name in ["eth0", "wg0"] {
            assert_eq!(told(&place, &[], name), vnstats(name), "{round} {name}");
            assert_eq!(told(&place, &["--tier", "day"], name), vnstats(name));
        }
        let again = import(&place).succeeds();
        assert!(again.starts_with("0 hours and days of "), "{again}");
        assert!(again.contains("were there already"), "{again}");
    }
    assert_eq!(place.run(&["db", "check"]).code, Some(0));
}

#[test]
fn what_is_no_vnstat_is_refused() {
    let place = place();
    place.file("other", "{}");
    place.file("three", "{\"jsonversion\": \"3\", \"interfaces\": []}");
    let import = |arguments: &[&str]| place.run(&[&["import", "vnstat"], arguments].concat());
    import(&["other"]).fails(74, &["this is not what `vnstat --json` writes"]);
    import(&["three"]).fails(1, &["version `3`"]);
    import(&["none"]).fails(74, &["cannot read none"]);
    import(&["vnstat.json", "--zone", "Nowhere"]).fails(2, &["no time zone `Nowhere`"]);
    assert!(!place.folder.path().join("history.redb").exists());
}

#[test]
fn a_running_service_takes_the_same() {
    let linux = cfg!(target_os = "linux");
    if !linux || !harness::root("a running service") {
        return;
    }
    let place = place();
    let mut service = Service::start(&place);
    import(&place).succeeds();
    for name in ["eth0", "wg0"] {
        assert_eq!(told(&place, &[], name), vnstats(name), "{name}");
    }
    let again = import(&place).succeeds();
    assert!(again.starts_with("0 hours and days of "), "{again}");
    assert!(service.end(Signal::SIGTERM).success());
    for name in ["eth0", "wg0"] {
        assert_eq!(told(&place, &[], name), vnstats(name), "{name}");
    }
}
