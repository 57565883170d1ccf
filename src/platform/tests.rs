//! What `platform` promises on every system: private files stay private, facts are facts.

//! This machine answers every question of the room, and private files are private.

use super::*;
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

#[test]
fn loopback_is_listed_with_its_role_and_counters() {
    let nics = nics().unwrap();
    let loopback = nics.iter().find(|nic| nic.loopback).unwrap();
    assert_eq!(loopback.role, Role::Loopback);
    assert_eq!(loopback.hardware, None);
    assert!(loopback.index > 0 && loopback.counters.is_some());
    assert_eq!(nics.iter().filter(|nic| nic.role == Role::File).count(), 0);
}

#[test]
fn usage_grows_with_work_and_knows_memory() {
    let before = usage().unwrap();
    let mut sum = 0u64;
    for number in 0..30_000_000u64 {
        sum = std::hint::black_box(sum ^ number);
    }
    let after = usage().unwrap();
    assert!(after.cpu > before.cpu, "{sum}");
    assert!(after.resident > 1 << 20);
}

#[test]
fn whoever_holds_a_port_is_named() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let holder = who_holds_port(port).unwrap();
    assert_eq!(holder.pid, std::process::id());
    assert!(!holder.name.is_empty());
    drop(listener);
    assert_eq!(who_holds_port(port), None);
}

#[test]
fn the_way_to_capture_names_sudo() {
    assert!(how_to_capture().contains("sudo "));
}

fn mode(path: &std::path::Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn private_folders_and_files_are_for_their_owner_only() {
    let place = private::Ephemeral::new().unwrap();
    let folder = place.path().join("a/b");
    private::folder(&folder).unwrap();
    assert_eq!(mode(&folder), 0o700);
    let file = folder.join("token");
    private::write(&file, b"one").unwrap();
    assert_eq!(mode(&file), 0o600);
    private::write(&file, b"two").unwrap();
    assert_eq!(private::read(&file).unwrap().unwrap(), b"two");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "no litter");
    assert_eq!(private::read(&folder.join("none")).unwrap(), None);
}

#[test]
fn what_is_too_open_is_closed() {
    let place = private::Ephemeral::new().unwrap();
    let file = place.path().join("history");
    fs::write(&file, "x").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    private::open(&file).unwrap();
    assert_eq!(mode(&file), 0o600);
    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o755)).unwrap();
    private::folder(place.path()).unwrap();
    assert_eq!(mode(place.path()), 0o700);
}

#[test]
fn links_and_other_kinds_are_refused() {
    let place = private::Ephemeral::new().unwrap();
    let real = place.path().join("real");
    private::write(&real, b"x").unwrap();
    let link = place.path().join("link");
    symlink(&real, &link).unwrap();
    assert!(matches!(private::open(&link), Err(Error::Link { .. })));
    assert!(matches!(private::folder(&link), Err(Error::Link { .. })));
    assert!(matches!(private::folder(&real), Err(Error::Kind { .. })));
    let folder = place.path().join("folder");
    private::folder(&folder).unwrap();
    assert!(private::open(&folder).is_err());
}

#[test]
fn what_belongs_to_somebody_else_is_refused() {
    if !is_root() {
        return;
    }
    let place = private::Ephemeral::new().unwrap();
    let file = place.path().join("theirs");
    private::write(&file, b"x").unwrap();
    std::os::unix::fs::chown(&file, Some(4242), None).unwrap();
    let refusal = private::open(&file).unwrap_err();
    assert!(matches!(
        refusal,
        Error::Owner {
            owner: 4242,
            us: 0,
            ..
        }
    ));
    assert!(refusal.to_string().contains("user 4242"));
    assert_eq!(fs::metadata(&file).unwrap().uid(), 4242);
}

#[test]
fn a_held_file_is_believed_as_long_as_it_is_held() {
    let place = private::Ephemeral::new().unwrap();
    let file = place.path().join("port");
    assert_eq!(private::read_held(&file).unwrap(), None);
    private::write(&file, b"what a crash left behind").unwrap();
    assert_eq!(private::read_held(&file).unwrap(), None);
    let held = private::Held::new(&file, b"80\n").unwrap();
    assert_eq!(private::read_held(&file).unwrap().unwrap(), b"80\n");
    assert_eq!(mode(&file), 0o600);
    drop(held);
    assert!(!file.exists());
}

#[test]
fn an_ephemeral_folder_goes_away() {
    let place = private::Ephemeral::new().unwrap();
    let path = place.path().to_owned();
    fs::write(path.join("x"), "x").unwrap();
    assert_eq!(mode(&path), 0o700);
    drop(place);
    assert!(!path.exists());
}

#[test]
fn a_file_is_kept_from_programs_that_are_started() {
    use nix::fcntl::{FcntlArg, fcntl};
    let file = nix::unistd::dup(std::io::stdin()).unwrap();
    let closes = |file: &std::os::fd::OwnedFd| fcntl(file, FcntlArg::F_GETFD).unwrap() & 1 == 1;
    assert!(!closes(&file));
    keep_from_children(&file).unwrap();
    assert!(closes(&file));
}
