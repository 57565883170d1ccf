//! Lists: beside what was before, with what is in no item of them, and page by page.

use super::*;

#[test]
fn what_was_before_is_told_beside_what_is_now() {
    let folder = tempfile::tempdir().unwrap();
    let site = |name: &str| label("curl", Site::Name(name.into()));
    let second = |second: i64, rows: &[(&str, u64)]| {
        let rows = rows.iter().zip(1..);
        let rows =
            rows.map(|((name, bytes), flow)| row(flow, site(name), 1, traffic(1, *bytes, 0, 0)));
        Arc::new(delta(at(START + second, 0), rows.collect()))
    };
    let seconds = [
        second(0, &[("a.example", 100), ("b.example", 7), ("c.example", 1)]),
        second(10, &[("a.example", 40), ("b.example", 9), ("d.example", 2)]),
    ];
    // What is compared may be on file, or wait.
    for cut in 0..=2 {
        let folder = folder.path().join(cut.to_string());
        std::fs::create_dir(&folder).unwrap();
        let folder = tempfile::tempdir_in(folder).unwrap();
        let query = query(&folder, &seconds[..cut], &seconds[cut..]);
        let asked = Ask {
            limit: Some(2),
            ..ask(START + 10, START + 20)
        };
        let top = query.top(&asked, By::Site, true).unwrap();
        let told = top.items.iter().map(|item| {
            let before = item.before.unwrap().bytes_in;
            (
                &*item.listed.name,
                item.listed.counts.bytes_in,
                before,
                item.change_bytes.unwrap(),
            )
        });
        let expected = [("a.example", 40, 100, -60), ("b.example", 9, 7, 2)];
        assert_eq!(told.collect::<Vec<_>>(), expected);
        assert_eq!(
            (top.other.bytes_in, top.total.bytes_in, top.count),
            (2, 51, 3)
        );
        let previous = top.previous.unwrap();
        assert_eq!((previous.total.bytes_in, previous.other.bytes_in), (108, 1));
        assert_eq!(
            (&*previous.from, &*previous.to),
            (&*time(Second(START)), &*time(Second(START + 10)))
        );
        assert_eq!(query.top(&asked, By::Site, false).unwrap().previous, None);
    }
}

#[test]
fn classes_that_overlap_leave_what_is_in_none_of_those_listed() {
    let folder = tempfile::tempdir().unwrap();
    let site = || label("curl", Site::Other);
    // Both classes, web alone, none.
    let rows = [(0b11, 100), (0b01, 10), (0, 1)];
    let rows = rows
        .iter()
        .map(|(bits, bytes)| row(*bits, site(), *bits as u32, traffic(1, *bytes, 0, 0)));
    let query = query(
        &folder,
        &[Arc::new(delta(at(START, 0), rows.collect()))],
        &[],
    );
    let top = |limit| {
        let asked = Ask {
            limit: Some(limit),
            ..ask(START, START + 1)
        };
        let top = query.top(&asked, By::Class, false).unwrap();
        let items = top
            .items
            .into_iter()
            .map(|item| (item.listed.name, item.listed.counts.bytes_in));
        (items.collect::<Vec<_>>(), top.other.bytes_in)
    };
    let all = [
        ("web".to_owned(), 110),
        ("dns".to_owned(), 100),
        ("none".to_owned(), 1),
    ];
    assert_eq!(top(3), (all.to_vec(), 0));
    assert_eq!(top(2), (all[..2].to_vec(), 1));
    assert_eq!(top(1), (all[..1].to_vec(), 1));
}

#[test]
fn applications_and_domains_come_in_pages_of_one_range() {
    let folder = tempfile::tempdir().unwrap();
    let rows = (1..=25u64).map(|n| {
        let site = Site::Name(format!("www.d{}.example", n % 7).into());
        row(
            n,
            label(&format!("app{n}"), site),
            1,
            traffic(1, 1_000 - n, 1, 10),
        )
    });
    let old = Arc::new(delta(at(START - 7_200, 0), rows.clone().take(3).collect()));
    let now = Arc::new(delta(at(START, 0), rows.collect()));
    let query = query(&folder, &[old, now], &[busy(5, 5)]);
    let mut asked = Ask {
        to: None,
        limit: Some(4),
        ..Ask::at(Second(START))
    };
    let (mut names, mut counts) = (Vec::new(), Counts::default());
    loop {
        let page = query.applications(&asked).unwrap();
        assert_eq!((page.count, page.total.bytes_in), (25, page.total.bytes_in));
        for item in page.items {
            assert!(item.first_seen.is_some() && item.id.is_some());
            let is_old = ["app1", "app2", "app3"].contains(&&*item.name);
            let first = time(Second(if is_old { START - 7_200 } else { START }));
            assert_eq!(
                (item.first_seen, item.last_seen.unwrap().as_str() >= &*first),
                (Some(first), true)
            );
            counts += item.counts;
            names.push(item.name);
        }
        // Time goes on; the pages stay those of their range.
        asked.now = Second(asked.now.0 + 3_600);
        asked.cursor = page.next;
        if asked.cursor.is_none() {
            assert_eq!(counts, page.total);
            break;
        }
    }
    assert_eq!(
        names,
        (1..=25).map(|n| format!("app{n}")).collect::<Vec<_>>()
    );
    let domains = query.domains(&ask(START, START + 1)).unwrap();
    assert_eq!((domains.count, domains.items.len()), (7, 7));
    let one = domains
        .items
        .iter()
        .find(|item| item.id == "d2.example")
        .unwrap();
    assert_eq!(one.first_seen, Some(time(Second(START - 7_200))));
    let page = query.domain(&ask(START, START + 1), "D2.example").unwrap();
    assert_eq!((page.total, page.sites.items.len()), (one.counts, 1));
    assert_eq!(total(&page.applications, |item| item.counts), page.total);
    assert_eq!(page.first_seen, one.first_seen);
    // Its one site is as old, and so is an application of the first hour.
    let (site, user) = (&page.sites.items[0], &page.applications.items);
    assert_eq!(site.first_seen, one.first_seen);
    assert!(site.last_seen.is_some() && site.last_seen >= site.first_seen);
    let app2 = user.iter().find(|item| item.name == "app2").unwrap();
    assert_eq!(app2.first_seen, one.first_seen);
    let app = query.application(&ask(START, START + 1), 1).unwrap();
    assert_eq!(
        (&*app.name, &*app.sites.items[0].name),
        ("app1", "www.d1.example")
    );
    assert_eq!(total(&app.protocols, |item| item.counts), app.total);
    assert!(matches!(
        query.domain(&ask(START, START + 1), "d9.example"),
        Err(Error::Nothing(_))
    ));
    assert!(matches!(
        query.application(&asked, 99),
        Err(Error::Nothing(_))
    ));
    asked.cursor = Some("1_2_x".into());
    assert!(query.applications(&asked).is_err());
}
