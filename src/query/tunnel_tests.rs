//! A tunnel's payload in the place of its carrier, as questions meet it.

use super::tests::{ask, query};
use super::*;
use crate::decode::Reason;
use crate::label::Site;
use crate::platform::Role;
use crate::store::sample::{START, at, delta, interface, label, row, traffic};
use crate::tick::Delta;

/// A second of a VPN: two apps in it, one beside it.
fn vpn(second: i64) -> Delta {
    let named = |app, site: &str| label(app, Site::Name(site.into()));
    let inside = |row| crate::tick::FlowRow {
        interface: crate::key::InterfaceId(1),
        ..row
    };
    let rows = vec![
        row(
            1,
            named("vpnd", "vpn.example"),
            0,
            traffic(10, 1_500, 10, 700),
        ),
        row(
            2,
            named("curl", "near.example"),
            0b01,
            traffic(1, 100, 1, 60),
        ),
        inside(row(
            3,
            named("curl", "far.example"),
            0b01,
            traffic(6, 900, 6, 300),
        )),
        inside(row(
            4,
            named("ssh", "host.example"),
            0,
            traffic(3, 300, 3, 100),
        )),
    ];
    let mut one = delta(at(START + second, 0), rows);
    let mut tun0 = interface(1, "tun0", Role::Tunnel, &one.rows);
    tun0.carrier = Some(one.rows[0].label.app.clone());
    tun0.unflowed = vec![(Reason::ShortIp, traffic(1, 20, 0, 0))];
    one.interfaces.push(tun0);
    one
}

#[test]
fn a_tunnels_payload_counts_for_its_apps_and_the_rest_is_overhead() {
    let folder = tempfile::tempdir().unwrap();
    let query = query(&folder, &[Arc::new(vpn(0))], &[Arc::new(vpn(1))]);
    let range = ask(START, START + 2);
    let summary = query.summary(&range).unwrap();
    let told = |items: &[(&str, Counts)]| -> Vec<(String, u64, u64)> {
        let told = |(name, counts): &(&str, Counts)| {
            ((*name).to_owned(), counts.bytes_in, counts.bytes_out)
        };
        items.iter().map(told).collect()
    };
    let apps = summary.applications.items.iter();
    let apps: Vec<_> = apps.map(|item| (&*item.name, item.counts)).collect();
    let expected = [("curl", 2_000, 720), ("vpnd", 560, 600), ("ssh", 600, 200)];
    assert_eq!(
        told(&apps),
        expected.map(|(name, i, o)| (name.to_owned(), i, o))
    );
    assert_eq!(summary.applications.other.bytes(), 40, "what is in no flow");
    let vpnd = &summary.applications.items[1];
    assert_eq!(vpnd.overhead, Some(vpnd.counts));
    let sites = summary.sites.items.iter();
    let sites: Vec<_> = sites
        .map(|item| (&*item.name, item.counts.bytes()))
        .collect();
    let expected = [
        ("far.example", 2_400),
        ("vpn.example", 1_160),
        ("host.example", 800),
        ("near.example", 320),
    ];
    assert_eq!(sites, expected);
    let [tunnel] = &summary.tunnels[..] else {
        panic!("one tunnel");
    };
    assert_eq!((&*tunnel.interface, &*tunnel.carrier), ("tun0", "vpnd"));
    assert_eq!(
        (tunnel.payload.bytes(), tunnel.uncarried.bytes()),
        (3_240, 0)
    );
    let classes = query.classes(&range).unwrap().items;
    let web = classes.iter().find(|item| item.name == "web").unwrap();
    assert_eq!(web.counts.bytes(), 2_720);
    let live = query.live_after(0, &[], 0);
    let web = live[0].1.classes.iter().find(|item| item.name == "web");
    assert_eq!(web.unwrap().counts.bytes(), 1_360);
    assert_eq!(live[0].1.total.bytes(), 2_360);
}

#[test]
fn an_interface_that_is_named_is_told_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let query = query(&folder, &[Arc::new(vpn(0))], &[]);
    let asked = Ask {
        interfaces: vec!["eth0".into()],
        ..ask(START, START + 1)
    };
    let summary = query.summary(&asked).unwrap();
    let vpnd = &summary.applications.items[0];
    assert_eq!(
        (&*vpnd.name, vpnd.counts.bytes(), vpnd.overhead),
        ("vpnd", 2_200, None)
    );
    assert!(summary.tunnels.is_empty());
}
