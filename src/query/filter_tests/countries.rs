//! Where sites are: in the country of the address that each had last.

use super::*;

#[test]
fn a_site_is_in_the_country_of_the_address_that_it_had_last() {
    let folder = tempfile::tempdir().unwrap();
    let site = |name: &str| label("curl", Site::Name(name.into()));
    let rows = ["a.example", "b.example", "c.example"];
    let rows = rows
        .iter()
        .zip(1..)
        .map(|(name, flow)| row(flow, site(name), 1, traffic(1, 10 * flow, 0, 0)));
    let mut second = delta(at(START, 0), rows.collect());
    let last = Second(START).start();
    let ended = |flow, name: &str, address: &str| {
        let mut one = connection(flow, last, site(name));
        one.remote.address = address.parse().unwrap();
        one
    };
    // The second connection is of the same hour: an address is noted once in it.
    second.ended = vec![
        ended(1, "a.example", "192.0.2.1"),
        ended(2, "a.example", "2001:db8::9"),
        ended(3, "b.example", "10.0.0.1"),
    ];
    let mut later = delta(at(START + 3_600, 0), Vec::new());
    later.ended = vec![ended(4, "b.example", "192.0.2.1")];
    let seconds = [Arc::new(second), Arc::new(later)];
    for (written, expected) in [
        (1, vec![("unknown", 50), ("DE", 10)]),
        (2, vec![("unknown", 30), ("DE", 30)]),
    ] {
        let folder = tempfile::tempdir_in(&folder).unwrap();
        let query = query(&folder, &seconds[..written], &[]).with_places(places());
        let top = query
            .top(&ask(START, START + 9), By::Country, false)
            .unwrap();
        let told = top
            .items
            .iter()
            .map(|item| (&*item.listed.name, item.listed.counts.bytes_in));
        let mut told: Vec<_> = told.collect();
        told.sort_by_key(|(name, _)| std::cmp::Reverse(*name));
        assert_eq!(told, expected);
        let german = narrowed(&ask(START, START + 9_000), By::Country, "de");
        assert_eq!(query.stats(&german).unwrap().counts.bytes_in, expected[1].1);
        let ended = query.connections(&german, State::Ended, Vec::new).unwrap();
        assert_eq!(
            ended.items.len(),
            written,
            "a connection is where its own remote end is"
        );
    }
}
