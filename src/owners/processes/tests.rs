//! What is certain of a process, what is not, and what is remembered.

use super::*;
use std::cell::Cell;
use std::collections::HashMap;

const SECOND: u64 = 1_000_000_000;

fn processes() -> Processes {
    let resolve = |path: &Path| match path.to_str()? {
        "/usr/bin/python3" => Some(PathBuf::from("/usr/bin/python3.11")),
        _ => Some(path.to_owned()),
    };
    let bundle = |_: &Path| None;
    Processes::new(100, Files { resolve, bundle })
}

fn facts(pid: u32, since: u64, parent: u32, file: &str) -> ProcessFacts {
    ProcessFacts {
        run: Run { pid, since },
        parent,
        user: 1,
        effective_user: 1,
        short_name: file.rsplit('/').next().unwrap().chars().take(15).collect(),
        executable: Some(file.into()),
        replaced: false,
        arguments: vec![file.into()],
        folder: Some("/srv".into()),
        group: None,
        image: None,
        network: None,
    }
}

fn seen(pid: u32, since: u64, parent: u32, file: Option<&str>) -> ProgramSeen {
    ProgramSeen {
        run: Run { pid, since },
        parent,
        user: 1,
        short_name: file
            .map_or("old", |file| file.rsplit('/').next().unwrap())
            .into(),
        file: file.map(Into::into),
        arguments: file.map(Into::into).into_iter().collect(),
    }
}

fn reader(all: Vec<ProcessFacts>) -> impl FnMut(u32) -> Option<ProcessFacts> {
    let all: HashMap<u32, ProcessFacts> = all.into_iter().map(|it| (it.run.pid, it)).collect();
    move |pid| all.get(&pid).cloned()
}

#[test]
fn a_living_process_is_read_once() {
    let (mut processes, reads) = (processes(), Cell::new(0));
    let mut read = |pid| {
        reads.set(reads.get() + 1);
        (pid == 9).then(|| facts(9, SECOND, 0, "/bin/a"))
    };
    let run = Run {
        pid: 9,
        since: SECOND,
    };
    for at in 0..100 {
        let found = processes.of(run, 2 * SECOND + at, &mut read).unwrap();
        assert_eq!(found.app.path.as_deref(), Some("/bin/a"));
    }
    assert_eq!(reads.get(), 1);
}

#[test]
fn who_began_later_is_another() {
    let mut read = reader(vec![facts(9, 3 * SECOND, 1, "/bin/new")]);
    let run = Run {
        pid: 9,
        since: SECOND,
    };
    let mut processes = processes();
    assert!(processes.of(run, 2 * SECOND, &mut read).is_none());
    // In the tick that is asked about either may be meant; a tick later it is certain.
    let now = Run {
        pid: 9,
        since: 3 * SECOND,
    };
    assert!(
        processes
            .of(now, 3 * SECOND + TICK - 1, &mut read)
            .is_none()
    );
    assert!(processes.of(now, 3 * SECOND + TICK, &mut read).is_some());
}

#[test]
fn a_process_that_is_alive_is_the_program_that_it_has_executed_since() {
    let mut read = reader(vec![facts(9, SECOND, 1, "/bin/vpnd")]);
    let mut processes = processes();
    let alive = Run {
        pid: 9,
        since: SECOND,
    };
    processes.learn(seen(9, 2 * SECOND, 1, Some("/bin/vpnd")));
    let found = processes.alive(alive, 3 * SECOND, &mut read).unwrap();
    assert_eq!(found.app.path.as_deref(), Some("/bin/vpnd"));
    assert_eq!(found.run.since, 2 * SECOND, "as its flows have it");
    // Another one has its number by now.
    let before = Run {
        pid: 9,
        since: SECOND / 2,
    };
    assert!(processes.alive(before, 3 * SECOND, &mut read).is_none());
}

#[test]
fn a_program_of_five_milliseconds_is_what_was_told() {
    let mut read = reader(vec![facts(5, SECOND, 0, "/bin/bash")]);
    let mut processes = processes();
    processes.learn(seen(9, 2 * SECOND, 5, Some("./get")));
    let found = processes
        .of(
            Run {
                pid: 9,
                since: 2 * SECOND,
            },
            2 * SECOND + 1,
            &mut read,
        )
        .unwrap();
    assert_eq!(found.app.path.as_deref(), Some("/srv/get"));
    assert_eq!((found.parents[0].pid, &*found.parents[0].name), (5, "bash"));
}

#[test]
fn what_is_executed_later_does_not_name_what_was() {
    let mut processes = processes();
    processes.learn(seen(9, 2 * SECOND, 5, Some("/bin/first")));
    let first = Run {
        pid: 9,
        since: 2 * SECOND,
    };
    let second = Run {
        pid: 9,
        since: 4 * SECOND,
    };
    let mut read = reader(vec![facts(9, 2 * SECOND, 5, "/bin/second")]);
    assert_eq!(
        &*processes.of(first, 3 * SECOND, &mut read).unwrap().app.name,
        "first"
    );
    processes.learn(seen(9, 4 * SECOND, 5, Some("/bin/second")));
    assert_eq!(
        &*processes
            .of(second, 5 * SECOND, &mut read)
            .unwrap()
            .app
            .name,
        "second"
    );
    assert_eq!(
        &*processes.of(first, 3 * SECOND, &mut read).unwrap().app.name,
        "first"
    );
}

#[test]
fn a_forked_worker_that_is_gone_is_what_its_parent_is() {
    let mut processes = processes();
    processes.learn(seen(9, 3 * SECOND, 5, None));
    let parent = ProcessFacts {
        short_name: "old".into(),
        ..facts(5, SECOND, 0, "/opt/old-server")
    };
    let mut read = reader(vec![parent]);
    let run = Run {
        pid: 9,
        since: 3 * SECOND,
    };
    let found = processes.of(run, 3 * SECOND + 5, &mut read).unwrap();
    assert_eq!(found.app.path.as_deref(), Some("/opt/old-server"));
}

#[test]
fn the_number_of_a_parent_that_is_used_again_names_nobody() {
    let mut processes = processes();
    processes.learn(seen(9, 3 * SECOND, 5, Some("/bin/a")));
    let mut read = reader(vec![facts(5, 4 * SECOND, 1, "/bin/stranger")]);
    let found = processes
        .of(
            Run {
                pid: 9,
                since: 3 * SECOND,
            },
            5 * SECOND,
            &mut read,
        )
        .unwrap();
    assert_eq!((&*found.app.name, found.parents.len()), ("a", 0));
}

#[test]
fn four_parents_are_told_nearest_first() {
    let chain = (1..9).map(|pid| {
        facts(
            pid,
            u64::from(pid) * SECOND,
            pid - 1,
            &format!("/bin/p{pid}"),
        )
    });
    let mut read = reader(chain.collect());
    let found = processes()
        .of(
            Run {
                pid: 8,
                since: 8 * SECOND,
            },
            20 * SECOND,
            &mut read,
        )
        .unwrap();
    let names: Vec<&str> = found.parents.iter().map(|parent| &*parent.name).collect();
    assert_eq!(names, ["p7", "p6", "p5", "p4"]);
}

#[test]
fn what_has_changed_is_read_again() {
    let mut processes = processes();
    let run = Run {
        pid: 9,
        since: SECOND,
    };
    let of = |processes: &mut Processes, at, file: &str| {
        let mut read = reader(vec![facts(9, SECOND, 0, file)]);
        processes
            .of(run, at, &mut read)
            .unwrap()
            .app
            .name
            .to_string()
    };
    assert_eq!(of(&mut processes, 2 * SECOND, "/bin/a"), "a");
    assert_eq!(of(&mut processes, 2 * SECOND + 1, "/bin/b"), "a");
    assert_eq!(of(&mut processes, 3 * SECOND, "/bin/b"), "b");
    processes.changed(9);
    assert_eq!(of(&mut processes, 3 * SECOND + 1, "/bin/c"), "c");
}

#[test]
fn a_title_does_not_hide_what_was_called() {
    let mut processes = processes();
    let told = ProgramSeen {
        arguments: vec!["python3".into(), "/srv/app.py".into()],
        ..seen(9, 2 * SECOND, 5, Some("/usr/bin/python3"))
    };
    processes.learn(told);
    let living = ProcessFacts {
        arguments: vec!["web: worker 3".into()],
        group: Some("/system.slice/web.service".into()),
        ..facts(9, SECOND, 5, "/usr/bin/python3.11")
    };
    let run = Run {
        pid: 9,
        since: 2 * SECOND,
    };
    let found = processes
        .of(run, 3 * SECOND, &mut reader(vec![living]))
        .unwrap();
    assert_eq!(
        found.app.path.as_deref(),
        Some("/usr/bin/python3.11 /srv/app.py")
    );
    assert_eq!(found.unit.as_deref(), Some("web.service"));
}

#[test]
fn a_helper_is_the_app_that_started_it() {
    let electron = "/usr/lib/electron25/electron";
    let main = ProcessFacts {
        arguments: vec!["electron25".into(), "/usr/lib/obsidian/app.asar".into()],
        ..facts(5, SECOND, 1, electron)
    };
    let helper = ProcessFacts {
        arguments: vec![electron.into(), "--type=utility".into()],
        ..facts(9, 2 * SECOND, 5, electron)
    };
    let mut read = reader(vec![main, helper]);
    let found = processes()
        .of(
            Run {
                pid: 9,
                since: 2 * SECOND,
            },
            3 * SECOND,
            &mut read,
        )
        .unwrap();
    assert_eq!(&*found.app.name, "app.asar");
}

#[test]
fn it_is_bounded() {
    let mut processes = processes();
    for pid in 1..5000 {
        processes.learn(seen(pid, SECOND, 1, Some("/bin/a")));
        processes.of(Run { pid, since: SECOND }, 2 * SECOND, &mut |_| None);
    }
    assert!(processes.len() <= 100);
    let huge = ProgramSeen {
        arguments: vec!["ü".repeat(5000); 100],
        ..seen(1, SECOND, 1, Some("/bin/a"))
    };
    let kept = bounded(huge);
    assert_eq!(
        (kept.arguments.len(), kept.arguments[0].len()),
        (ARGUMENTS, TEXT)
    );
}

#[test]
fn a_parent_of_the_same_tick_is_named_if_its_child_still_has_it_afterwards() {
    let child = |parent| facts(9, SECOND, parent, "/bin/child");
    let named = |since, afterwards| {
        let mut reads = 0;
        let mut read = |pid| match pid {
            9 => {
                reads += 1;
                Some(child(if reads == 1 { 5 } else { afterwards }))
            }
            5 => Some(facts(5, since, 0, "/bin/parent")),
            _ => None,
        };
        let found = processes().of(
            Run {
                pid: 9,
                since: SECOND,
            },
            2 * SECOND,
            &mut read,
        );
        found.unwrap().parents.len()
    };
    assert_eq!(named(SECOND, 5), 1);
    assert_eq!(named(SECOND, 1), 0);
    assert_eq!(named(SECOND - TICK, 1), 1);
    assert_eq!(named(SECOND + TICK, 5), 0);
}

#[test]
fn in_the_tick_of_its_beginning_a_process_has_to_have_the_parent_that_was_told() {
    let group = Some("/system.slice/web.service".to_owned());
    for (parent, unit) in [(5, Some("web.service")), (6, None)] {
        let mut processes = processes();
        processes.learn(seen(9, SECOND + 1, 5, Some("/bin/a")));
        let living = ProcessFacts {
            group: group.clone(),
            ..facts(9, SECOND, parent, "/bin/a")
        };
        let run = Run {
            pid: 9,
            since: SECOND + 1,
        };
        let found = processes
            .of(run, SECOND + 2, &mut reader(vec![living]))
            .unwrap();
        assert_eq!(found.unit.as_deref(), unit);
    }
}

#[test]
fn a_process_that_was_told_is_found_by_its_own_beginning_too() {
    let mut read = reader(vec![facts(9, SECOND, 0, "/bin/a")]);
    let mut processes = processes();
    processes.learn(seen(9, SECOND + TICK / 2, 0, Some("/bin/a")));
    let run = Run {
        pid: 9,
        since: SECOND,
    };
    let found = processes.of(run, 2 * SECOND, &mut read);
    assert_eq!(found.unwrap().app.path.as_deref(), Some("/bin/a"));
}

#[test]
fn who_is_known_by_number_alone_does_not_name_the_next_one() {
    let mut processes = processes();
    let run = Run { pid: 9, since: 0 };
    let mut read = reader(vec![facts(9, SECOND, 0, "/bin/a")]);
    assert!(processes.of(run, 2 * SECOND, &mut read).is_some());
    let mut read = reader(vec![facts(9, 5 * SECOND, 0, "/bin/b")]);
    assert!(processes.of(run, 5 * SECOND, &mut read).is_none());
}

#[test]
fn a_program_that_starts_itself_again_is_itself_and_not_whoever_looks() {
    const ITSELF: &str = "/proc/self/exe";
    let renderer = |pid| ProgramSeen {
        arguments: vec![ITSELF.into(), "--type=utility".into()],
        ..seen(pid, 2 * SECOND, 8, Some(ITSELF))
    };
    let alive = ProcessFacts {
        short_name: "exe".into(),
        arguments: renderer(9).arguments,
        ..facts(9, 2 * SECOND, 8, "/opt/browser")
    };
    let mut read = reader(vec![facts(8, SECOND, 0, "/opt/browser"), alive]);
    let mut processes = processes();
    processes.learn(renderer(9));
    processes.learn(renderer(10));
    for pid in [9, 10] {
        let run = renderer(pid).run;
        let found = processes.of(run, 3 * SECOND, &mut read).unwrap();
        assert_eq!(found.app.path.as_deref(), Some("/opt/browser"), "{pid}");
    }
}

#[test]
fn a_program_that_was_started_by_an_open_file_is_what_it_is_found_to_be_or_unnamed() {
    let service = |pid| seen(pid, 2 * SECOND, 8, Some("/dev/fd/5"));
    let alive = ProcessFacts {
        arguments: service(9).arguments,
        ..facts(9, 2 * SECOND, 8, "/usr/bin/served")
    };
    let mut read = reader(vec![facts(8, SECOND, 0, "/sbin/init"), alive]);
    let mut processes = processes();
    processes.learn(service(9));
    processes.learn(service(10));
    let mut path = |pid| {
        let found = processes.of(service(pid).run, 3 * SECOND, &mut read);
        found.and_then(|found| found.app.path.clone())
    };
    assert_eq!(path(9).as_deref(), Some("/usr/bin/served"));
    assert_eq!(path(10), None);
}
