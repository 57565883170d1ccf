//! What the system says of one run of a program. Knows nothing of flows and of what apps are.

use std::path::PathBuf;

/// One run of a program: a number is used again, a number and its start are not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Run {
    pub pid: u32,
    /// When it began, in nanoseconds since the system was started, as exactly as the system tells:
    /// Linux says hundredths of a second.
    pub since: u64,
}

/// A process as the system describes it now. All texts were chosen by others, and are as they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessFacts {
    pub run: Run,
    pub parent: u32,
    /// The user who started it, and the one as whom it acts.
    pub user: u32,
    pub effective_user: u32,
    /// At most fifteen bytes on Linux: the last resort.
    pub short_name: String,
    /// Of the program that runs, however it was called; `None` where it may not be read.
    pub executable: Option<PathBuf>,
    /// That file was deleted or replaced since the process began.
    pub replaced: bool,
    /// The first few of what it was called with, its own name first.
    pub arguments: Vec<String>,
    /// The folder that it works in.
    pub folder: Option<PathBuf>,
    /// Where it is in the system's tree of groups (cgroup v2, or systemd's v1 tree); Linux only.
    pub group: Option<String>,
    /// The AppImage that it was unpacked from; Linux only.
    pub image: Option<PathBuf>,
    /// The number of its network namespace; Linux only.
    pub network: Option<u64>,
}

/// The application that a program is part of, where the system has such a thing (macOS).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// `org.example.browser`; `None` where its description does not say it.
    pub id: Option<String>,
    /// What it is called on the screen: as others chose it.
    pub name: String,
}
