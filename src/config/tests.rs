//! The layers and their errors.

use super::*;
use std::io::Write;

fn with_file(text: &str) -> (tempfile::NamedTempFile, Sources) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    let sources = Sources {
        asked: Some(file.path().to_owned()),
        data_dir: "/var/lib/netmonitor".into(),
        ..Sources::default()
    };
    (file, sources)
}

fn refusal(text: &str) -> String {
    let (file, sources) = with_file(text);
    let said = load(&sources).unwrap_err().to_string();
    said.replace(&file.path().display().to_string(), "FILE")
}

#[test]
fn the_table_of_keys_is_the_configuration() {
    let loaded = load(&Sources {
        usual: "/nonexistent".into(),
        data_dir: "/d".into(),
        ..Sources::default()
    })
    .unwrap();
    for key in loaded.settings.keys() {
        assert!(Key::find(key).is_some(), "`{key}` is not in KEYS");
    }
    for key in KEYS {
        let optional = key.name == "capture.filter";
        assert!(
            optional || loaded.settings.contains_key(key.name),
            "`{}` is not in Config",
            key.name
        );
    }
    assert_eq!(loaded.config.data_dir, PathBuf::from("/d"));
    assert_eq!(loaded.file, None);
}

#[test]
fn flags_win_over_environment_over_file_over_defaults() {
    let (_file, mut sources) =
        with_file("[flow]\nmax = 5000\nidle = { tcp = 9 }\n[tick]\nrows = 7\n[serve]\nport = 1\n");
    sources.environment = vec![
        ("NETMONITOR_FLOW_MAX".into(), "6000".into()),
        ("NETMONITOR_SERVE_PORT".into(), "2".into()),
        ("NETMONITOR_CAPTURE_INTERFACES".into(), "lo, eth0".into()),
        ("NETMONITOR_CAPTURE_FILTER".into(), "tcp".into()),
        ("NETMONITOR_FLOWMAX".into(), "1".into()),
        ("NETMONITOR_CONFIG".into(), "/nonexistent".into()),
        ("NETMONITOR_LOG".into(), "info".into()),
        ("NETMONITOR_CORPUS".into(), "/nonexistent".into()),
        ("HOME".into(), "/root".into()),
    ];
    sources.flags = vec![Flag {
        flag: "--port",
        key: "serve.port",
        value: 3.into(),
    }];
    let loaded = load(&sources).unwrap();
    let config = &loaded.config;
    assert_eq!(
        (config.serve.port, config.flow.max, config.tick.rows),
        (3, 6000, 7)
    );
    assert_eq!((config.flow.idle.tcp, config.flow.idle.other), (9, 180));
    assert_eq!(config.capture.interfaces, ["lo", "eth0"]);
    assert_eq!(config.capture.filter.as_deref(), Some("tcp"));
    assert_eq!(config.store, store::Config::default());
    let origin = |key: &str| loaded.settings[key].origin.clone();
    assert_eq!(origin("serve.port"), Origin::Flag("--port"));
    assert_eq!(
        origin("flow.max"),
        Origin::Environment("NETMONITOR_FLOW_MAX".into())
    );
    assert!(matches!(origin("tick.rows"), Origin::File(place) if place.line == 5));
    assert_eq!(origin("store.cache_bytes"), Origin::Default);
    let meant = |s: &Stranger| (s.variable.clone(), s.meant.clone());
    assert_eq!(
        loaded.strangers.iter().map(meant).collect::<Vec<_>>(),
        [("NETMONITOR_FLOWMAX".into(), "NETMONITOR_FLOW_MAX".into())]
    );
}

#[test]
fn filters_of_ones_own_have_any_name() {
    let (_file, sources) =
        with_file("classes = [\"nas\"]\n[filters]\nnas = \"host 192.0.2.1\"\n\"a.b\" = \"tcp\"\n");
    let config = load(&sources).unwrap().config;
    assert_eq!(config.filters["nas"], "host 192.0.2.1");
    assert_eq!(config.filters["a.b"], "tcp");
}

#[test]
fn an_error_says_where_and_what_was_meant() {
    assert_eq!(
        refusal("[flow]\nmxa = 5000\n"),
        "FILE:2:1: there is no setting `flow.mxa`; did you mean `flow.max`?"
    );
    assert_eq!(
        refusal("\n\n  prot = 7500\n"),
        "FILE:3:3: there is no setting `prot`; did you mean `serve.port`?"
    );
    assert_eq!(
        refusal("[caputre]\nsnaplen = 96\n"),
        "FILE:1:2: there is no setting `caputre`; did you mean `capture`?"
    );
    assert_eq!(
        refusal("[flow.idle]\nsingel = 5\n"),
        "FILE:2:1: there is no setting `flow.idle.singel`; did you mean `flow.idle.single`?"
    );
    assert_eq!(
        refusal("zzz = 1"),
        "FILE:1:1: there is no setting `zzz` (`netmonitor config show` lists them all)"
    );
    assert!(refusal("[serve]\nport = 75OO\n").starts_with("FILE:2:8: this is not TOML:"));
    assert!(refusal("[serve]\nport = \"high\"\n").starts_with(
        "FILE:2:8: `serve.port` cannot be \"high\": invalid type: string \"high\", expected u16"
    ));
    assert!(refusal("[serve]\nport = 70000\n").starts_with("FILE:2:8: `serve.port` cannot be"));
    assert_eq!(
        refusal("capture = 7\n"),
        "FILE:1:11: `capture` cannot be 7: it is a section, which begins with a line `[capture]`"
    );
    assert_eq!(
        refusal("[capture]\nsnaplen = 10\n"),
        "FILE:2:11: `capture.snaplen` cannot be 10: it must be between 128 and 262144 bytes"
    );
    assert_eq!(
        refusal("workers = 1000000\n"),
        "FILE:1:11: `workers` cannot be 1000000: there can be at most 64 workers"
    );
    assert_eq!(
        refusal("[serve]\nactive = 0\n"),
        "FILE:2:10: `serve.active` cannot be 0: nobody would be answered"
    );
    assert_eq!(
        refusal("[tick]\nrows = 65537\n"),
        "FILE:2:8: `tick.rows` cannot be 65537: it must be from 1 to 65536 rows"
    );
}

#[test]
fn filters_must_compile_and_classes_must_exist() {
    let bad = refusal("[filters]\nnas = \"host 192.0.2.1\"\nweb2 = \"tcp prot 80\"\n");
    assert!(
        bad.starts_with("FILE:3:8: `filters.web2` cannot be \"tcp prot 80\": "),
        "{bad}"
    );
    let unknown = refusal("classes = [\"dns\", \"wbe\"]\n");
    assert!(
        unknown.contains("FILE:1:11: ") && unknown.contains("there is no filter `wbe`"),
        "{unknown}"
    );
    let capture = refusal("[capture]\nfilter = \"port\"\n");
    assert!(
        capture.starts_with("FILE:2:10: `capture.filter`"),
        "{capture}"
    );
    let (_file, sources) = with_file("[capture]\nfilter = \"web\"\n");
    assert!(load(&sources).is_ok());
}

#[test]
fn databases_must_be_there() {
    assert_eq!(
        refusal("[geo]\ncity = 'city.mmdb'\n"),
        "FILE:2:8: `geo.city` cannot be \"city.mmdb\": it must be an absolute path, or empty"
    );
    let missing = refusal("[geo]\nasn = '/nonexistent/asn.mmdb'\n");
    assert!(
        missing.starts_with("FILE:2:7: `geo.asn` cannot be ") && missing.contains("cannot be read"),
        "{missing}"
    );
    let (file, _) = with_file("no database");
    let damaged = refusal(&format!("[geo]\ncity = {:?}\n", file.path()));
    assert!(damaged.contains("is no whole .mmdb database"), "{damaged}");
}

#[test]
fn a_bad_variable_is_named() {
    let sources = Sources {
        usual: "/nonexistent".into(),
        data_dir: "/d".into(),
        environment: vec![("NETMONITOR_FLOW_MAX".into(), "many".into())],
        ..Sources::default()
    };
    let said = load(&sources).unwrap_err().to_string();
    assert!(said.starts_with(
        "environment variable NETMONITOR_FLOW_MAX: `flow.max` cannot be \"many\": invalid type"
    ));
}

#[test]
fn a_file_that_was_asked_for_must_be_there() {
    let sources = Sources {
        asked: Some("/nonexistent/config.toml".into()),
        ..Sources::default()
    };
    let said = load(&sources).unwrap_err().to_string();
    assert!(said.starts_with("cannot read the configuration file /nonexistent/config.toml: "));
}

/// A row of the page on operating: a key and its default.
fn documented(line: &str) -> Option<(&str, &str)> {
    let mut cells = line.strip_prefix("| `")?.split('|');
    let key = cells.next()?.trim().strip_suffix('`')?;
    Some((key, cells.next()?.trim().trim_matches('`')))
}

#[test]
fn the_page_on_operating_tells_every_key_and_its_default() {
    let page = include_str!("../../docs/operating.md");
    let (_, table) = page.split_once("| setting | default |").unwrap();
    let (table, _) = table.split_once("\n\n").unwrap();
    let told: Vec<(&str, &str)> = table.lines().filter_map(documented).collect();
    let keys: Vec<&str> = told.iter().map(|(key, _)| *key).collect();
    let known: Vec<&str> = KEYS.iter().map(|key| key.name).collect();
    assert_eq!(keys, [&known[..], &["filters.NAME"]].concat());
    let loaded = load(&Sources {
        usual: "/nonexistent".into(),
        data_dir: "/d".into(),
        ..Sources::default()
    });
    for (key, default) in told {
        let own = ["data_dir", "capture.filter", "filters.NAME"].contains(&key);
        if !own {
            let value = loaded.as_ref().unwrap().settings[key].value.to_string();
            assert_eq!(default, value, "{key}");
        }
    }
}
