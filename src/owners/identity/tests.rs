//! Scenarios of real systems (`scenarios.txt`), read alive and told dead; hostile texts.

use super::*;
use crate::label::is_harmful;
use crate::platform::{ProgramSeen, Run};
use proptest::prelude::*;
use std::path::{Path, PathBuf};

struct Scenario {
    facts: ProcessFacts,
    bundle: Option<Bundle>,
    dead: bool,
    expected: Identified,
}

const CID: &str = "3f4e5d6c7b8a3f4e5d6c7b8a3f4e5d6c7b8a3f4e5d6c7b8a3f4e5d6c7b8a0123";

fn scenarios() -> Vec<Scenario> {
    let lines = include_str!("scenarios.txt").lines();
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(scenario).collect()
}

fn scenario(line: &str) -> Scenario {
    let line = line
        .replace("CID", CID)
        .replace("HASH", "0c7jmyaz3xvqsk2g5d1h8l4bnp9r6wfi")
        .replace("COMMIT", "e54c774e0add60467559eb0d1e229c6452cf8447");
    let columns: Vec<&str> = line.split(" |").map(str::trim).collect();
    let [
        executable,
        arguments,
        folder,
        group,
        more,
        name,
        path,
        container,
        unit,
    ] = columns[..]
    else {
        panic!("nine columns: {line}");
    };
    let spaced = |text: &str| text.replace('~', " ");
    let optional = |text: &str| (!text.is_empty() && text != "-").then(|| spaced(text));
    let facts = facts(
        more,
        optional(executable),
        optional(folder),
        optional(group),
    );
    let facts = ProcessFacts {
        arguments: arguments.split_whitespace().map(spaced).collect(),
        ..facts
    };
    let same = |text: &str| {
        if text == "@" {
            spaced(executable)
        } else {
            text.to_owned()
        }
    };
    let bundle = |id: String| Bundle {
        id: Some(id),
        name: value(more, "bundle=").unwrap_or_default(),
    };
    Scenario {
        bundle: value(more, "id=").map(bundle),
        dead: more.split(' ').any(|word| word == "dead"),
        expected: Identified {
            app: App {
                name: name.into(),
                path: (path != "-").then(|| same(path).into()),
                user: Some(1000),
            },
            via: value(more, "via=").map(Into::into),
            container: optional(container).map(Into::into),
            unit: (!unit.is_empty()).then(|| unit.into()),
            helps: more.split(' ').any(|word| word == "helps"),
        },
        facts,
    }
}

fn value(more: &str, key: &str) -> Option<String> {
    let found = more.split(' ').find_map(|word| word.strip_prefix(key));
    found.map(|value| value.replace('~', " "))
}

fn facts(
    more: &str,
    executable: Option<String>,
    folder: Option<String>,
    group: Option<String>,
) -> ProcessFacts {
    let number =
        |key: &str, otherwise| value(more, key).map_or(otherwise, |it| it.parse().unwrap());
    let name = executable.as_deref().map_or("", paths::file_name);
    let short: String = name.chars().take(15).collect();
    ProcessFacts {
        run: Run { pid: 100, since: 1 },
        parent: number("parent=", 1),
        user: 1000,
        effective_user: number("euid=", 1000),
        short_name: value(more, "comm=").unwrap_or(short),
        executable: executable.map(PathBuf::from),
        replaced: more.split(' ').any(|word| word == "replaced"),
        arguments: Vec::new(),
        folder: folder.map(PathBuf::from),
        group,
        image: value(more, "image=").map(PathBuf::from),
        network: None,
    }
}

/// No path is a link.
fn leads_to(path: &Path) -> Option<PathBuf> {
    path.has_root().then(|| path.to_owned())
}

fn nowhere(_: &Path) -> Option<PathBuf> {
    None
}

#[test]
fn living_processes_are_named_as_a_person_would() {
    let scenarios = scenarios();
    assert!(scenarios.len() >= 80);
    let wrong = scenarios.iter().filter_map(|scenario| {
        let found = app_in(&scenario.facts, scenario.bundle.as_ref());
        (found != scenario.expected).then(|| format!("{found:#?}\n{:#?}\n", scenario.expected))
    });
    assert_eq!(wrong.collect::<String>(), "");
}

#[test]
fn a_program_that_is_gone_is_the_same_app() {
    let (mut dead, mut wrong) = (0, Vec::new());
    let scenarios = scenarios();
    for scenario in scenarios.iter().filter(|scenario| scenario.dead) {
        let facts = &scenario.facts;
        let around = Around {
            executable: None,
            folder: facts.folder.as_deref().and_then(Path::to_str),
            group: None,
            resolve: leads_to,
        };
        let seen = seen(facts);
        let found = of_program(&seen, &around).app;
        if found != scenario.expected.app || !agree(&seen, facts, &around) {
            wrong.push((found, facts));
        }
        dead += 1;
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(dead >= 50, "{dead}");
}

fn seen(facts: &ProcessFacts) -> ProgramSeen {
    ProgramSeen {
        run: facts.run,
        parent: facts.parent,
        user: facts.user,
        short_name: facts.short_name.clone(),
        file: facts
            .executable
            .as_ref()
            .map(|path| path.to_string_lossy().into_owned()),
        arguments: facts.arguments.clone(),
    }
}

fn told(file: &str, arguments: &[&str]) -> ProgramSeen {
    ProgramSeen {
        run: Run { pid: 7, since: 5 },
        parent: 1,
        user: 0,
        short_name: "short".into(),
        file: Some(file.into()),
        arguments: arguments.iter().map(|it| (*it).to_owned()).collect(),
    }
}

#[test]
fn what_was_told_is_read_as_the_kernel_writes_it() {
    let python: fn(&Path) -> Option<PathBuf> = |path| match path.to_str()? {
        "/usr/bin/python3" => Some("/usr/bin/python3.11".into()),
        _ => None,
    };
    let long = format!("/srv/{}.py", "long".repeat(30));
    let cut = &long[..63];
    let cases: &[(&str, &[&str], &str, &str)] = &[
        (
            "python3",
            &["python3", "a.py"],
            "a.py",
            "/srv/python3 /srv/a.py",
        ),
        (
            "/usr/bin/python3",
            &["python3", "a.py"],
            "a.py",
            "/usr/bin/python3.11 /srv/a.py",
        ),
        (
            "./a.py",
            &["/usr/bin/python3", "./a.py", "x"],
            "a.py",
            "/usr/bin/python3.11 /srv/a.py",
        ),
        (
            "./a.py",
            &["/usr/bin/python3", "-u", "./a.py"],
            "a.py",
            "/usr/bin/python3.11 /srv/a.py",
        ),
        (
            &long,
            &["/usr/bin/python3", cut],
            &long[5..69],
            &format!("/usr/bin/python3.11 {long}"),
        ),
        // A path that was cut is another path: no script then.
        (
            "/usr/bin/python3",
            &["python3", cut],
            "python3.11",
            "/usr/bin/python3.11",
        ),
        ("../bin/tool", &["tool", "../bin/tool"], "tool", "/bin/tool"),
    ];
    for (file, arguments, name, path) in cases {
        let around = Around {
            executable: None,
            folder: Some("/srv"),
            group: None,
            resolve: python,
        };
        let found = of_program(&told(file, arguments), &around).app;
        assert_eq!(
            (&*found.name, found.path.as_deref()),
            (*name, Some(*path)),
            "{file}"
        );
    }
}

#[test]
fn what_was_told_without_a_file_has_only_its_short_name() {
    let seen = ProgramSeen {
        file: None,
        ..told("", &[])
    };
    let around = Around {
        executable: None,
        folder: None,
        group: None,
        resolve: nowhere,
    };
    let found = of_program(&seen, &around).app;
    assert_eq!((&*found.name, found.path), ("short", None));
}

#[test]
fn within_a_container_links_are_not_followed_outside() {
    let wrong: fn(&Path) -> Option<PathBuf> = |_| Some("/outside".into());
    let group = format!("/docker/{CID}");
    let around = Around {
        executable: None,
        folder: None,
        group: Some(&group),
        resolve: wrong,
    };
    let found = of_program(&told("/bin/x", &["x"]), &around);
    assert_eq!(
        found.app.path.as_deref(),
        Some("container:3f4e5d6c7b8a:/bin/x")
    );
}

#[test]
fn another_program_does_not_agree_with_what_was_told() {
    let around = Around {
        executable: None,
        folder: Some("/srv"),
        group: None,
        resolve: leads_to,
    };
    let facts = scenario("/usr/bin/python3.11 | python3 a.py | /srv | | | - | - | |").facts;
    let like = |file: &str, arguments: &[&str]| ProgramSeen {
        user: 1000,
        ..told(file, arguments)
    };
    assert!(agree(
        &like("/usr/bin/python3.11", &["python3", "a.py"]),
        &facts,
        &around
    ));
    assert!(!agree(
        &like("/usr/bin/python3.11", &["python3", "b.py"]),
        &facts,
        &around
    ));
    assert!(!agree(
        &like("/usr/bin/curl", &["curl", "a.py"]),
        &facts,
        &around
    ));
    let other = ProgramSeen {
        user: 7,
        ..like("/usr/bin/python3.11", &["python3", "a.py"])
    };
    assert!(!agree(&other, &facts, &around));
}

fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("/".to_owned()),
        Just("\u{202e}".to_owned()),
        Just("\n".to_owned()),
        Just("=".to_owned()),
        Just("-".to_owned()),
        Just("..".to_owned()),
        Just("ü".to_owned()),
        Just(" (deleted)".to_owned()),
        Just(".mount_".to_owned()),
        Just("/snap/a/1/".to_owned()),
        Just("/nix/store/".to_owned()),
        Just("/Cellar/".to_owned()),
        Just("x.app/Contents/".to_owned()),
        Just("python3".to_owned()),
        Just("java".to_owned()),
        Just("busybox".to_owned()),
        Just("docker-".to_owned()),
        Just(CID.to_owned()),
        Just(".scope".to_owned()),
        Just("app-flatpak-a.b.c-".to_owned()),
        Just("/memfd:".to_owned()),
        ".{0,40}",
        Just("lxc.payload.".to_owned()),
        Just("a".repeat(2000)),
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

fn hostile_facts() -> impl Strategy<Value = ProcessFacts> {
    let optional = || prop::option::of(hostile());
    let texts = (
        optional(),
        prop::collection::vec(hostile(), 0..5),
        optional(),
        optional(),
    );
    (texts, optional(), hostile(), any::<bool>(), 0u32..4).prop_map(
        |((executable, arguments, folder, group), image, short_name, replaced, parent)| {
            ProcessFacts {
                run: Run { pid: 9, since: 1 },
                parent,
                user: 0,
                effective_user: 0,
                short_name,
                executable: executable.map(PathBuf::from),
                replaced,
                arguments,
                folder: folder.map(PathBuf::from),
                group,
                image: image.map(PathBuf::from),
                network: None,
            }
        },
    )
}

fn is_good(found: &Identified) -> bool {
    let good =
        |text: &str, most| text.len() <= most && !text.is_empty() && !text.chars().any(is_harmful);
    let maybe = |text: &Option<Arc<str>>, most| text.as_deref().is_none_or(|text| good(text, most));
    good(&found.app.name, NAME)
        && maybe(&found.app.path, PATH)
        && maybe(&found.unit, UNIT)
        && maybe(&found.container, CONTAINER)
        && found
            .via
            .as_deref()
            .is_none_or(|via| via.len() <= NAME && !via.chars().any(is_harmful))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn hostile_texts_become_harmless_and_bounded(facts in hostile_facts()) {
        let found = app(&facts);
        prop_assert!(is_good(&found), "{found:?}");
        let around = Around { executable: None, folder: None, group: facts.group.as_deref(), resolve: nowhere };
        let seen = seen(&facts);
        let gone = of_program(&seen, &around);
        prop_assert!(is_good(&gone), "{gone:?}");
        agree(&seen, &facts, &around);
    }
}
