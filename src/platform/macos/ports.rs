//! Who listens on a port: `lsof` is part of macOS and knows; it is asked only when a port is taken.

use crate::platform::Holder;
use std::process::Command;

pub(crate) fn who_holds_port(port: u16) -> Option<Holder> {
    let answer = Command::new("/usr/sbin/lsof")
        .args(["-nP", "-sTCP:LISTEN", "-Fpc"])
        .arg(format!("-iTCP:{port}"))
        .output()
        .ok()?;
    let answer = String::from_utf8_lossy(&answer.stdout);
    let value = |letter: char| answer.lines().find_map(|line| line.strip_prefix(letter));
    Some(Holder {
        pid: value('p')?.parse().ok()?,
        name: value('c')?.to_owned(),
    })
}
