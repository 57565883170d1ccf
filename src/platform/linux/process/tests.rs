//! Processes of every kind, and what is said of them; hostile names among them.

use super::stat::Stat;
use super::*;
use std::fs;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

/// A process that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(command: &mut Command) -> Running {
    Running(
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap(),
    )
}

fn told(running: &Running) -> ProcessFacts {
    // It is called a moment after it was started: another program is to be seen until then.
    loop {
        let facts = process(running.0.id()).unwrap();
        if !facts.arguments.is_empty() {
            return facts;
        }
    }
}

#[test]
fn this_process_is_told_as_it_is() {
    let facts = process(std::process::id()).unwrap();
    assert_eq!(facts.executable, std::env::current_exe().ok());
    assert_eq!(facts.folder, std::env::current_dir().ok());
    assert_eq!(facts.parent, nix::unistd::getppid().as_raw() as u32);
    assert_eq!(facts.user, nix::unistd::getuid().as_raw());
    assert!(!facts.replaced && facts.group.is_some() && facts.network.is_some());
    assert_eq!(started(facts.run.pid), Some(facts.run.since));
    let first: Vec<String> = std::env::args().take(ARGUMENTS).collect();
    assert_eq!(facts.arguments, first);
}

#[test]
fn a_process_that_has_ended_is_gone() {
    let mut child = start(&mut Command::new("cat"));
    let pid = child.0.id();
    assert!(process(pid).is_ok());
    child.0.kill().unwrap();
    child.0.wait().unwrap();
    assert!(matches!(process(pid), Err(Error::Gone { .. })));
    assert_eq!(started(pid), None);
    assert!(process(u32::MAX).is_err());
}

#[test]
fn arguments_are_few_and_short() {
    let mut command = Command::new("cat");
    command.arg0("odd \n name").args(["-"; 20]);
    let facts = told(&start(&mut command));
    assert_eq!(facts.arguments.len(), ARGUMENTS);
    assert_eq!(facts.arguments[0], "odd \n name");
    let long = "x".repeat(100_000);
    let facts = told(&start(Command::new("cat").args(["-", "--", &long])));
    let bytes: usize = facts.arguments.iter().map(String::len).sum();
    assert!(
        bytes <= ARGUMENT_BYTES && bytes > ARGUMENT_BYTES - 100,
        "{bytes}"
    );
}

#[test]
fn a_program_can_be_called_anything() {
    let folder = tempfile::tempdir().unwrap();
    let cat = fs::read("/bin/cat").unwrap();
    for name in [
        "a) R 1 (b",
        "new\nline",
        "x (deleted)",
        "\u{202e}gpj",
        ") ) )",
    ] {
        let path = folder.path().join(name);
        fs::write(&path, &cat).unwrap();
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let running = start(&mut Command::new(&path));
        let facts = told(&running);
        assert_eq!(facts.short_name, name);
        assert_eq!(facts.parent, std::process::id());
        assert_eq!(
            (facts.executable.as_ref(), facts.replaced),
            (Some(&path), false)
        );
        fs::remove_file(&path).unwrap();
        let facts = told(&running);
        assert_eq!((facts.executable, facts.replaced), (Some(path), true));
    }
}

#[test]
fn a_name_that_is_no_text_is_read_as_far_as_it_is() {
    let name = OsStr::from_bytes(b"\xff\xfe");
    let facts = told(&start(Command::new("cat").arg("-").arg("--").arg(name)));
    assert_eq!(facts.arguments[3], "\u{fffd}\u{fffd}");
}

#[test]
fn the_images_path_comes_from_the_environment() {
    let image = |value: &str| told(&start(Command::new("cat").env("APPIMAGE", value))).image;
    assert_eq!(
        image("/opt/x.AppImage"),
        Some(PathBuf::from("/opt/x.AppImage"))
    );
    assert_eq!(image("x.AppImage"), None);
}

#[test]
fn another_users_process_is_told_with_both_users() {
    if !crate::platform::is_root() {
        return;
    }
    let running = start(Command::new("cat").uid(4242).gid(4242));
    let facts = told(&running);
    assert_eq!((facts.user, facts.effective_user), (4242, 4242));
    assert!(facts.executable.is_some());
}

#[test]
fn children_of_all_threads_are_told() {
    let child = std::thread::scope(|scope| {
        let thread = scope.spawn(|| start(&mut Command::new("cat")));
        let child = thread.join().unwrap();
        let found = children(std::process::id());
        assert!(found.contains(&child.0.id()), "{found:?}");
        child
    });
    let pid = child.0.id();
    drop(child);
    assert!(!children(std::process::id()).contains(&pid));
}

#[test]
fn a_thread_stands_for_its_process() {
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            let thread = nix::unistd::gettid().as_raw() as u32;
            (thread, run_of(&Folder::open(thread).unwrap()).unwrap())
        });
        let (thread, run) = thread.join().unwrap();
        assert_eq!(run, process(std::process::id()).unwrap().run);
        assert_ne!(thread, run.pid);
    });
}

#[test]
fn groups_of_every_layout_are_read() {
    let scenes = [
        (
            "0::/system.slice/ssh.service\n",
            Some("/system.slice/ssh.service"),
        ),
        ("1:name=systemd:/user.slice\n0::/\n", Some("/user.slice")),
        (
            "12:memory:/docker/ab:c\n1:name=systemd:/\n0::/\n",
            Some("/docker/ab:c"),
        ),
        ("4:cpu:/x\n1:name=systemd:/unit\n0::/two\n", Some("/two")),
        ("0::/\n", Some("/")),
        ("", None),
    ];
    for (lines, group) in scenes {
        assert_eq!(group_of(lines).as_deref(), group, "{lines}");
    }
}

#[test]
fn a_line_that_is_cut_off_says_nothing() {
    let line = "7 (a) b) S 3 7 7 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 4711 9";
    let stat = Stat::read(line).unwrap();
    assert_eq!((stat.pid, stat.parent, &*stat.name), (7, 3, "a) b"));
    assert_eq!(stat.since, 47_110_000_000);
    for length in 0..line.len() - 6 {
        assert_eq!(Stat::read(&line[..length]), None, "{length}");
    }
}
