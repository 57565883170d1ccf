//! Payloads in the place of their carriers: whatever runs in whatever, nothing is added or lost.

use super::*;
use proptest::prelude::*;

const LINE: NicId = NicId(1);

/// Interface, app, key, bytes in and out; packets are a hundredth.
type Row = (u32, u32, &'static str, u64, u64);

fn amount(inbound: u64, outbound: u64) -> Traffic {
    Traffic::of_figures([inbound / 100, inbound, outbound / 100, outbound])
}

/// Rows on the line and on tunnels, each of these an interface and the app that carries it.
fn settle(tunnels: &[(u32, u32)], rows: &[Row]) -> Settled<&'static str> {
    let tunnel = |(nic, carrier): &(u32, u32)| Tunnel {
        nic: NicId(*nic),
        carrier: AppId(*carrier),
    };
    let tunnels = Tunnels::new(tunnels.iter().map(tunnel).collect());
    let mut carried = Carried::default();
    for (nic, app, key, inbound, outbound) in rows {
        let traffic = amount(*inbound, *outbound);
        carried.add(&tunnels, (NicId(*nic), AppId(*app)), *key, traffic);
    }
    carried.settled()
}

fn told(settled: &Settled<&'static str>) -> Vec<(&'static str, u64, u64)> {
    let mut told: Vec<_> = settled
        .sums
        .iter()
        .map(|(key, traffic)| (*key, traffic.inbound.bytes, traffic.outbound.bytes))
        .collect();
    told.sort_unstable();
    told
}

fn overhead(settled: &Settled<&'static str>, app: u32) -> (u64, u64) {
    let left = settled.overhead[&AppId(app)];
    (left.inbound.bytes, left.outbound.bytes)
}

const VPN: u32 = 7;

/// Name, tunnels, rows, what comes of them, and what is left of app 7.
type Case = (
    &'static str,
    &'static [(u32, u32)],
    &'static [Row],
    &'static [(&'static str, u64, u64)],
    (u64, u64),
);

const CASES: [Case; 7] = [
    (
        "a tunnel, and its carrier's own look-up",
        &[(2, VPN)],
        &[
            (1, VPN, "server", 1_200, 600),
            (1, VPN, "dns", 90, 40),
            (2, 3, "a", 700, 100),
            (2, 4, "b", 300, 400),
        ],
        &[
            ("a", 700, 100),
            ("b", 300, 400),
            ("dns", 90, 40),
            ("server", 200, 100),
        ],
        (290, 140),
    ),
    (
        "some apps go around it",
        &[(2, VPN)],
        &[
            (1, VPN, "server", 1_200, 600),
            (1, 3, "a", 50, 50),
            (2, 3, "a", 1_000, 500),
        ],
        &[("a", 1_050, 550), ("server", 200, 100)],
        (200, 100),
    ),
    (
        "two tunnels of one app",
        &[(2, VPN), (3, VPN)],
        &[
            (1, VPN, "one", 1_000, 0),
            (1, VPN, "two", 600, 0),
            (2, 3, "a", 900, 0),
            (3, 4, "b", 500, 0),
        ],
        &[
            ("a", 900, 0),
            ("b", 500, 0),
            ("one", 100, 0),
            ("two", 100, 0),
        ],
        (200, 0),
    ),
    (
        "a tunnel in a tunnel",
        &[(3, VPN), (2, 8)],
        &[
            (1, 8, "outer", 1_000, 0),
            (2, VPN, "inner", 900, 0),
            (3, 3, "a", 800, 0),
        ],
        &[("a", 800, 0), ("inner", 100, 0), ("outer", 100, 0)],
        (100, 0),
    ),
    (
        "a tunnel in a tunnel, both of one app",
        &[(3, VPN), (2, VPN)],
        &[
            (1, VPN, "outer", 1_000, 0),
            (2, VPN, "inner", 900, 0),
            (3, 3, "a", 800, 0),
        ],
        &[("a", 800, 0), ("inner", 100, 0), ("outer", 100, 0)],
        (200, 0),
    ),
    (
        "more went in than came out",
        &[(2, VPN)],
        &[
            (1, VPN, "server", 500, 600),
            (2, 3, "a", 750, 100),
            (2, 4, "b", 250, 400),
        ],
        &[("a", 375, 100), ("b", 125, 400), ("server", 0, 100)],
        (0, 100),
    ),
    (
        "what carries it is on loopback alone",
        &[(2, VPN)],
        &[(1, 3, "a", 10, 10), (2, 4, "b", 300, 400)],
        &[("a", 10, 10)],
        (0, 0),
    ),
];

#[test]
fn payloads_take_the_place_of_their_carriers() {
    for (name, tunnels, rows, expected, left) in CASES {
        let settled = settle(tunnels, rows);
        assert_eq!(told(&settled), expected, "{name}");
        if left != (0, 0) {
            assert_eq!(overhead(&settled, VPN), left, "{name}");
        }
    }
}

#[test]
fn what_was_not_carried_is_told() {
    let settled = settle(
        &[(2, VPN)],
        &[(1, VPN, "server", 500, 600), (2, 3, "a", 750, 100)],
    );
    let [moved] = settled.tunnels[..] else {
        panic!("one tunnel: {settled:?}");
    };
    assert_eq!(moved.payload, amount(750, 100));
    assert_eq!(
        (
            moved.uncarried.inbound.bytes,
            moved.uncarried.outbound.bytes
        ),
        (250, 0)
    );
}

#[test]
fn frames_in_no_flow_are_payload_too() {
    let tunnels = Tunnels::new(vec![Tunnel {
        nic: NicId(2),
        carrier: AppId(VPN),
    }]);
    let mut carried = Carried::default();
    carried.add(&tunnels, (LINE, AppId(VPN)), "server", amount(500, 0));
    carried.add_rest(&tunnels, NicId(2), amount(100, 0));
    let settled = carried.settled();
    assert_eq!(told(&settled), [("server", 400, 0)]);
}

fn any_rows() -> impl Strategy<Value = Vec<Row>> {
    let key = prop::sample::select(vec!["a", "b", "c", "d"]);
    let bytes = || prop_oneof![0..2_000u64, any::<u32>().prop_map(u64::from)];
    prop::collection::vec((1..5u32, 1..5u32, key, bytes(), bytes()), 0..40)
}

fn total<'a>(all: impl Iterator<Item = &'a Traffic>) -> Traffic {
    let mut sum = Traffic::default();
    all.for_each(|traffic| sum += *traffic);
    sum
}

proptest! {
    #[test]
    fn sums_stay_those_of_the_line(
        tunnels in prop::collection::btree_map(2..5u32, 1..5u32, 0..4),
        rows in any_rows(),
    ) {
        let tunnels: Vec<(u32, u32)> = tunnels.into_iter().collect();
        let counts = |nic: u32| tunnels.iter().all(|(tunnel, _)| *tunnel != nic);
        let line: Vec<Traffic> = rows
            .iter()
            .filter(|row| counts(row.0))
            .map(|row| amount(row.3, row.4))
            .collect();
        let settled = settle(&tunnels, &rows);
        prop_assert_eq!(total(settled.sums.values()), total(line.iter()));
        for moved in &settled.tunnels {
            let through = rows.iter().filter(|row| NicId(row.0) == moved.tunnel.nic);
            let through: Vec<Traffic> = through.map(|row| amount(row.3, row.4)).collect();
            prop_assert_eq!(moved.payload, total(through.iter()));
        }
        // Whatever order they come in.
        let mut turned = rows.clone();
        turned.reverse();
        prop_assert_eq!(told(&settle(&tunnels, &turned)), told(&settled));
    }

    #[test]
    fn parts_shrink_alike(parts in prop::collection::vec(0..1_000_000u64, 1..20), by in 0..100u64) {
        let rows: Vec<Row> = parts.iter().map(|bytes| (2, 3, "a", *bytes, 0)).collect();
        let sum: u64 = parts.iter().sum();
        let target = sum * by / 100;
        let mut layer = Parts(AHashMap::new());
        for (number, row) in rows.iter().enumerate() {
            layer.add(Of::coarse(Some(number), None), [0, row.3, 0, 0]);
        }
        layer.shrink([0, sum, 0, 0], [0, target, 0, 0]);
        prop_assert_eq!(layer.total(|_| true), [0, target, 0, 0]);
        for (number, before) in parts.iter().enumerate() {
            let after = layer.0[&Of::coarse(Some(number), None)][1];
            let exact = u128::from(*before) * u128::from(target) / u128::from(sum.max(1));
            prop_assert!(u128::from(after) >= exact && u128::from(after) <= exact + 1 && after <= *before);
        }
    }
}
