//! An export that was cut goes on to the bytes that it would have had; what is no such export is refused.

use super::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn an_export_that_was_cut_anywhere_goes_on_to_the_same_bytes(
        deltas in any_history(16),
        by in prop::sample::select(vec![1i64, 977]),
        tier in any_tier(),
        what in prop::sample::select(vec![What::Rows, What::Totals, What::Connections]),
        format in prop::sample::select(vec![Format::Csv, Format::Ndjson]),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 24),
    ) {
        let mut deltas = stretched(&deltas, by);
        for (place, delta) in deltas.iter_mut().enumerate() {
            let mut one = (**delta).clone();
            let last = Nanos(one.moment.second.start().0 + 5);
            one.ended = vec![connection(place as u64 + 1, last, label("a \"b\",\nc", Site::Other)); 2];
            one.ended[1].flow.0 += 1_000;
            *delta = Arc::new(one);
        }
        let folder = folder();
        let all = span(&deltas);
        let query = history(&folder, &deltas, all.end, &Config::default());
        let range = Second(all.start)..Second(all.end);
        let tier = tier.filter(|_| what != What::Connections);
        let wish = wish(what, format, tier, &range);
        let whole = written(&wish, &query);
        let head = match format {
            Format::Csv => whole.windows(2).position(|two| two == b"\r\n").unwrap() + 2,
            _ => 0,
        };
        for cut in cuts {
            let cut = cut.index(whole.len() + 1);
            let ended = resume(&wish, 0, "it", &whole[..cut]);
            if cut < head {
                prop_assert!(ended.is_err() || ended.unwrap().from.is_none());
                continue;
            }
            let ended = ended.unwrap();
            let mut again = whole[..ended.bytes as usize].to_vec();
            prop_assert!(ended.from.is_some() || again.len() == head);
            let plan = wish.plan(&query).unwrap();
            let mut give = |piece: Vec<u8>| {
                again.extend(piece);
                Ok(())
            };
            if ended.from.is_none() {
                continue;
            }
            wish.write_from(&query, &plan, ended.from, &mut give).unwrap();
            prop_assert_eq!(String::from_utf8_lossy(&again), String::from_utf8_lossy(&whole));
        }
    }
}

/// A second in which connections are written that had their last frame so many seconds after the start.
pub(super) fn ended(second: i64, last: &[(u64, i64)]) -> Arc<Delta> {
    let mut one = delta(at(START + second, 0), Vec::new());
    let of = |(flow, last): &(u64, i64)| {
        let last = Nanos(Second(START + last).start().0 + 5);
        connection(*flow, last, label("curl", Site::Other))
    };
    one.ended = last.iter().map(of).collect();
    Arc::new(one)
}

#[test]
fn a_connection_that_ends_late_gets_into_an_export_that_is_continued() {
    let config = Config::default();
    let early = [
        ended(5, &[(1, 3)]),
        ended(4_100, &[(2, 4_000)]),
        ended(4_200, &[(4, 4_150)]),
    ];
    // One that is silent since long before, and over only now.
    let late = [&early[..], &[ended(7_700, &[(3, 4_100)])]].concat();
    let folders = [folder(), folder()];
    let [before, after] = [(0, &early[..]), (1, &late)]
        .map(|(place, all): (usize, _)| history(&folders[place], all, START + 8_000, &config));
    let range = Second(START)..Second(START + 8_000);
    for format in [Format::Csv, Format::Ndjson] {
        let wish = wish(What::Connections, format, None, &range);
        let (old, new) = (written(&wish, &before), written(&wish, &after));
        let continued = |late| {
            let ended = resume(&wish, late, "it", old.as_slice()).unwrap();
            let plan = wish.plan_from(&after, ended.from).unwrap();
            let mut bytes = old[..ended.bytes as usize].to_vec();
            let mut give = |piece: Vec<u8>| {
                bytes.extend(piece);
                Ok(())
            };
            wish.write_from(&after, &plan, ended.from, &mut give)
                .unwrap();
            (ended, bytes)
        };
        let (ended, bytes) = continued(3_600);
        assert_eq!(ended.from, Some(Second(START + 550)));
        assert_eq!(ended.again, Some(Second(START + 4_000)));
        assert_eq!(String::from_utf8(bytes), String::from_utf8(new.clone()));
        assert_ne!(continued(0).1, new);
    }
}

#[test]
fn what_is_no_such_export_is_not_continued() {
    let range = Second(START)..Second(START + 9);
    let rows = |format| wish(What::Rows, format, None, &range);
    let refused = |wish: &Wish, text: &str| resume(wish, 0, "it", text.as_bytes()).is_err();
    assert!(refused(&rows(Format::Csv), "a,b\r\n1,2\r\n"));
    assert!(refused(&rows(Format::Csv), ""));
    assert!(refused(&rows(Format::Json), "{\"items\":["));
    assert!(refused(&rows(Format::Ndjson), "{\"at\":\"soon\"}\n"));
    let back = "{\"at\":\"2026-01-02T03:04:06Z\"}\n{\"at\":\"2026-01-02T03:04:05Z\"}\n";
    assert!(refused(&rows(Format::Ndjson), back));
    let talks = wish(What::Talks, Format::Csv, None, &range);
    assert!(refused(&talks, "application\r\n"));
    let empty = resume(&rows(Format::Ndjson), 0, "it", &b""[..]).unwrap();
    assert_eq!((empty.bytes, empty.from), (0, None));
}

/// A flow's label becomes known two minutes after its seconds were handed on.
#[test]
fn labels_that_come_late_get_into_an_export_that_is_continued() {
    let mut seconds: Vec<_> = (START..START + 400).step_by(10).map(second).collect();
    let through = seconds
        .iter()
        .position(|delta| delta.moment.second.0 > START + 300);
    let (folders, all) = ([folder(), folder()], Second(START)..Second(START + 400));
    let query = |place: usize, seconds: &[Arc<Delta>]| {
        history(&folders[place], seconds, START + 600, &Config::default())
    };
    let early = query(0, &seconds[..through.unwrap()]);
    let last = Arc::make_mut(seconds.last_mut().unwrap());
    last.amendments = vec![crate::tick::Amendment {
        flow: crate::units::FrameNumber(1),
        since: at(START + 250, 0),
        label: label("ssh", Site::Other),
    }];
    let late = query(1, &seconds);
    for tier in [None, Some(Tier::Second), Some(Tier::Minute)] {
        let wish = wish(What::Rows, Format::Ndjson, tier, &all);
        let part = written(&wish, &early);
        let ended = resume(&wish, 0, "it", &part[..]).unwrap();
        let kept = &part[..ended.bytes as usize];
        let whole = [kept, &written_from(&wish, &late, ended.from)].concat();
        assert_eq!(whole, written(&wish, &late), "{tier:?}");
        assert!(String::from_utf8_lossy(&whole).contains("ssh"));
    }
}

/// The end of the range is told by the second; three minutes before it lies in a minute that was told whole.
#[test]
fn what_was_told_as_a_minute_is_not_told_again_by_the_second() {
    let folder = folder();
    let seconds = [1, 21, 181].map(|n| second(START + n));
    let query = history(&folder, &seconds, START + 600, &Config::default());
    let range = Second(START)..Second(START + 182);
    let wish = wish(What::Rows, Format::Ndjson, Some(Tier::Minute), &range);
    let spans: Vec<_> = items(&wish, &query)
        .iter()
        .map(|row| row["span_s"].as_u64().unwrap())
        .collect();
    assert_eq!(spans, [60, 1]);
    let whole = written(&wish, &query);
    let ended = resume(&wish, 0, "it", &whole[..]).unwrap();
    assert_eq!(ended.from, Some(Second(START + 60)));
    let kept = &whole[..ended.bytes as usize];
    assert_eq!(
        [kept, &written_from(&wish, &query, ended.from)].concat(),
        whole
    );
}
