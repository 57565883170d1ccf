//! A tunnel in user space whose carrier the service has to find by itself, under load.

use crate::harness::succeed;
use crate::place::{inside, ip};
use crate::run::{Programs, Service, all_apps, app, counts};
use crate::scene::{self, INSIDE_THERE, LINE, THERE, TUNNEL};
use crate::{AROUND, settled};
use netmonitor::query::Counts;
use netmonitor::units::Traffic;
use serde_json::Value;
use std::path::Path;
use std::process::Command;
use std::thread;

/// Ethernet's header, and those of a datagram.
const ETHERNET: u64 = 14;
const DATAGRAM: u64 = 20 + 8;

/// What the line's and the tunnel's counters grew by while `load` ran.
fn grown(load: impl FnOnce()) -> [Counts; 2] {
    let before = settled(&[LINE, TUNNEL]);
    load();
    let after = settled(&[LINE, TUNNEL]);
    let since = |at: usize| -> Traffic { scene::since(before[at], after[at]) };
    [since(0).into(), since(1).into()]
}

/// Several programs at once, each to its end.
fn all(applications: &[(&Path, &[&str])]) {
    thread::scope(|scope| {
        for (program, what) in applications {
            thread::Builder::new()
                .spawn_scoped(scope, move || succeed(Command::new(program).args(*what)))
                .unwrap();
        }
    });
}

/// The summary's sums: the line's counters say what there was.
fn assert_whole(summary: &Value, line: Counts) {
    assert_eq!(counts(&summary["total"]), line, "the total is the line's");
    assert_eq!(all_apps(summary), line, "so is the sum of all: {summary}");
}

#[test]
fn apps_own_what_they_sent_through_a_tunnel_and_its_program_the_overhead() {
    inside("carried", || {
        let world = scene::world();
        let programs = Programs::new();
        let [one, two, beside] = ["one", "two", "beside"].map(|name| programs.copy("talk", name));
        // The device is there before anybody has opened it, and the world has one of the same name.
        ip(&format!("tuntap add {TUNNEL} mode tun"));
        let far = scene::far_end(&world, "7000");
        let _servers = [
            world.serve(&["echo", "5001"]),
            world.serve(&["sink", "5002"]),
        ];
        let mut service = Service::start(&[LINE, TUNNEL]);
        let near = scene::near_end(&programs.copy("tunnel", "tunneld"), "7000");
        scene::house_in_tunnel();
        service.wait_for_carrier(TUNNEL, "tunneld");
        let [line, tunnel] = grown(|| {
            all(&[
                (&one, &["udp", INSIDE_THERE, "5001", "3000", "700"]),
                (&one, &["udp", INSIDE_THERE, "5001", "3000", "64"]),
                (&two, &["tcp", INSIDE_THERE, "5002", "5000000"]),
                (&two, &["tcp", INSIDE_THERE, "5002", "3000000"]),
                (&beside, &["udp", THERE, "5001", "1000", "500"]),
            ]);
        });
        let summary = service.summary(&[]);
        assert_whole(&summary, line);
        assert_eq!(summary["tunnels"].as_array().unwrap().len(), 1, "{summary}");
        let told = &summary["tunnels"][0];
        assert_eq!(
            (&told["interface"], &told["carrier"]),
            (&TUNNEL.into(), &"tunneld".into())
        );
        assert_eq!(
            counts(&told["payload"]),
            tunnel,
            "the payload is the tunnel's"
        );
        assert_eq!(counts(&told["uncarried"]), Counts::default());
        let carried: Value = serde_json::from_str(&near.end()).unwrap();
        drop(far);
        let by_program = Counts {
            bytes_in: crate::count(&carried, "bytes_in"),
            bytes_out: crate::count(&carried, "bytes_out"),
            packets_in: crate::count(&carried, "packets_in"),
            packets_out: crate::count(&carried, "packets_out"),
        };
        assert_eq!(by_program, tunnel, "what its program says that it carried");

        let both_ways = |packets: u64, each: u64| (2 * packets, 2 * packets * each);
        let figures = |name: &str| {
            let app = app(&summary, name);
            (app.packets_in + app.packets_out, app.bytes())
        };
        let (first, second) = (
            both_ways(3_000, 700 + DATAGRAM),
            both_ways(3_000, 64 + DATAGRAM),
        );
        assert_eq!(figures("one"), (first.0 + second.0, first.1 + second.1));
        let rest = both_ways(1_000, 500 + DATAGRAM + ETHERNET);
        assert_eq!(figures("beside"), rest);
        let streams = tunnel.bytes() - app(&summary, "one").bytes();
        assert_eq!(app(&summary, "two").bytes(), streams);
        let overhead = app(&summary, "tunneld");
        let packets = tunnel.packets_in + tunnel.packets_out;
        assert_eq!(overhead.bytes(), AROUND * packets);
        assert_eq!(overhead.bytes(), line.bytes() - rest.1 - tunnel.bytes());
        let items = summary["applications"]["items"].as_array().unwrap();
        let row = items.iter().find(|item| item["name"] == "tunneld").unwrap();
        assert_eq!(counts(&row["overhead"]), overhead);
        assert_eq!(items.len(), 4, "and nobody else: {summary}");
    });
}

#[test]
fn sums_stay_whole_while_the_carrier_is_not_known_and_when_it_changes() {
    inside("changes", || {
        let world = scene::world();
        let programs = Programs::new();
        let one = programs.copy("talk", "one");
        let _server = world.serve(&["echo", "5001"]);
        ip(&format!("tuntap add {TUNNEL} mode tun"));
        scene::house_in_tunnel();
        let mut service = Service::start(&[LINE, TUNNEL]);
        let (mut line, mut tunnel, mut carried) = (Counts::default(), Counts::default(), 0);
        let mut load = || {
            let grown = grown(|| {
                all(&[(&one, &["udp", INSIDE_THERE, "5001", "500", "600"])]);
            });
            line += grown[0];
            tunnel += grown[1];
            (line, tunnel)
        };
        for (name, port) in [("firstd", "7000"), ("secondd", "7001")] {
            let far = scene::far_end(&world, port);
            let near = scene::near_end(&programs.copy("tunnel", name), port);
            // Mostly before it is known whose the tunnel is.
            let (line, _) = load();
            assert_whole(&service.summary(&[]), line);
            service.wait_for_carrier(TUNNEL, name);
            let (line, tunnel) = load();
            let summary = service.summary(&[]);
            assert_whole(&summary, line);
            let told = summary["tunnels"].as_array().unwrap();
            let now: u64 = told.iter().map(|one| counts(&one["payload"]).bytes()).sum();
            assert!(now > carried && now <= tunnel.bytes(), "{summary}");
            carried = now;
            let last = told.iter().find(|one| one["carrier"] == name);
            assert_eq!(counts(&last.unwrap()["uncarried"]), Counts::default());
            drop((near, far));
        }
    });
}
