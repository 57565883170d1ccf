//! Who listens on a port: the socket's inode from `/proc/net/tcp`, its process from `/proc`.

use crate::platform::Holder;
use std::fs;
use std::path::Path;

pub(crate) fn who_holds_port(port: u16) -> Option<Holder> {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"];
    let inode = tables.iter().find_map(|table| {
        let rows = fs::read_to_string(table).ok()?;
        rows.lines().find_map(|row| listener(row, port))
    })?;
    let wanted = format!("socket:[{inode}]");
    let processes = fs::read_dir("/proc").ok()?.flatten();
    processes
        .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok())
        .find(|pid| has_open(*pid, Path::new(&wanted)))
        .map(|pid| Holder {
            pid,
            name: name(pid),
        })
}

/// The inode of a row (number, local, remote, state, ..., inode) that listens on `port`.
pub(super) fn listener(row: &str, port: u16) -> Option<u64> {
    const LISTEN: &str = "0A";
    let columns: Vec<&str> = row.split_ascii_whitespace().collect();
    let (_, local) = columns.get(1)?.rsplit_once(':')?;
    let wanted = u16::from_str_radix(local, 16) == Ok(port) && columns.get(3) == Some(&LISTEN);
    wanted.then(|| columns.get(9)?.parse().ok())?
}

fn has_open(pid: u32, socket: &Path) -> bool {
    let Ok(files) = fs::read_dir(format!("/proc/{pid}/fd")) else {
        return false;
    };
    files
        .flatten()
        .any(|file| fs::read_link(file.path()).is_ok_and(|target| target == socket))
}

fn name(pid: u32) -> String {
    let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    name.trim_end().to_owned()
}
