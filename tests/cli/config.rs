//! Settings: who wins, what is shown, and what is said when one is wrong.

use super::Place;

#[test]
fn a_wrong_file_is_78_with_line_and_column() {
    let place = Place::new();
    for (content, words) in [
        (
            "[serve]\n\nprot = 7600\n",
            [
                "config.toml:3:1: there is no setting `serve.prot`",
                "`serve.port`?",
            ],
        ),
        (
            "[serve]\nport = 70000\n",
            [
                "config.toml:2:8: `serve.port` cannot be 70000",
                "port of the dashboard",
            ],
        ),
        (
            "[serve\nport = 1\n",
            ["config.toml:1:7: this is not TOML", "netmonitor: "],
        ),
        (
            "[capture]\nfilter = 'tcp prot 80'\n",
            ["config.toml:2:10: `capture.filter`", "syntax error"],
        ),
        (
            "[filters]\nnas = 'host nas.example.org'\n",
            ["config.toml:2:7: `filters.nas`", "address (at character 6)"],
        ),
    ] {
        place.file("config.toml", content);
        for command in [
            &["config", "check"][..],
            &["config", "show"],
            &["token"],
            &["run"],
        ] {
            place.run(command).fails(78, &words);
        }
    }
}

#[test]
fn a_file_is_checked_wherever_it_lies() {
    let place = Place::new();
    place.file("mine.toml", "flow = 7\n");
    let check = ["config", "check", "mine.toml"];
    place
        .run(&check)
        .fails(78, &["mine.toml:1:8: `flow` cannot be 7", "`[flow]`"]);
    place.file("mine.toml", "[flow]\nmax = 5000\n");
    assert_eq!(place.run(&check).succeeds(), "mine.toml is right\n");
    place
        .run(&["config", "check", "none.toml"])
        .fails(78, &["none.toml", "No such file"]);
    place
        .run(&["token", "--config", "none.toml"])
        .fails(78, &["none.toml"]);
}

#[test]
fn options_win_over_variables_over_the_file() {
    let place = Place::new();
    place.file(
        "config.toml",
        "classes = []\n[serve]\nport = 1\n[tick]\nrows = 7\n",
    );
    let show = |arguments: &[&str]| {
        let mut command = place.command();
        command
            .env("NETMONITOR_SERVE_PORT", "2")
            .args(arguments)
            .args(["config", "show"]);
        super::Said::of(&command.output().expect("netmonitor")).succeeds()
    };
    let shown = show(&["--data-dir", "there"]);
    let folder = place.folder.path().join("there");
    for line in [
        "port = 2  # set by environment variable NETMONITOR_SERVE_PORT: ".to_owned(),
        format!("data_dir = \"{}\"  # set by --data-dir: ", folder.display()),
        "classes = []  # set by ".to_owned(),
        "max = 262144  # default: ".to_owned(),
        "# filter =  # not set: ".to_owned(),
    ] {
        assert!(shown.contains(&line), "no `{line}` in {shown}");
    }
    assert!(
        shown.contains("config.toml:5:8: rows kept of one second"),
        "{shown}"
    );
}

#[test]
fn what_is_shown_is_a_configuration() {
    let place = Place::new();
    place.file(
        "own.toml",
        "[filters]\nnas = 'host 192.0.2.1'\n\"a.b\" = 'tcp'\n[flow.idle]\ntcp = 9\n",
    );
    let values = |text: &str| text.parse::<toml::Table>().expect("TOML");
    let shown = place
        .run(&["config", "show", "--config", "own.toml"])
        .succeeds();
    place.file("shown.toml", &shown);
    let again = place
        .run(&["config", "show", "--config", "shown.toml"])
        .succeeds();
    assert_eq!(values(&shown), values(&again));
    assert_eq!(values(&shown)["filters"]["a.b"].as_str(), Some("tcp"));
}

#[test]
fn the_path_is_where_the_file_would_be() {
    let place = Place::new();
    let path = place
        .run(&["config", "path", "--config", "/x/y.toml"])
        .succeeds();
    assert_eq!(path, "/x/y.toml\n");
    assert!(
        place
            .run(&["config", "path"])
            .succeeds()
            .ends_with("config.toml\n")
    );
}

#[test]
fn a_wrong_variable_or_option_is_named() {
    let place = Place::new();
    let with = |variable: &str, value: &str, arguments: &[&str]| {
        let output = place
            .command()
            .env(variable, value)
            .args(arguments)
            .output();
        super::Said::of(&output.expect("netmonitor"))
    };
    with("NETMONITOR_FLOW_MAX", "many", &["token"]).fails(
        78,
        &["environment variable NETMONITOR_FLOW_MAX: `flow.max` cannot be \"many\""],
    );
    with("NETMONITOR_LOG", "a=b=c", &["token"]).fails(78, &["NETMONITOR_LOG: `a=b=c`"]);
    let run = place.run(&["run", "--filter", "tcp prot 80"]);
    run.fails(2, &["--filter: `capture.filter`", "syntax error"]);
}

#[test]
fn a_variable_that_sets_nothing_is_warned_of_without_colour() {
    let place = Place::new();
    let with = |arguments: &[&str]| {
        let output = place
            .command()
            .env("NETMONITOR_FLOWMAX", "1")
            .args(arguments)
            .output();
        super::Said::of(&output.expect("netmonitor"))
    };
    let said = with(&["config", "show"]);
    assert_eq!(said.code, Some(0));
    assert!(
        said.err
            .contains("NETMONITOR_FLOWMAX sets nothing; did you mean NETMONITOR_FLOW_MAX?")
    );
    assert!(!said.err.contains('\u{1b}'), "{said:?}");
    with(&["config", "show", "--quiet"]).succeeds();
}
