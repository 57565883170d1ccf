//! Capture files as a source of frames: pcap and pcapng by a block reader that slices frames out of
//! large reads without copying them, libpcap for older or rarer variants. What is damaged keeps all
//! that came before it, and says where it is. Owns the input; does not know what is in a frame.

mod input;
mod intake;
mod libpcap;
mod looped;
mod pcap;
mod pcapng;
mod window;

use super::frame::Message;
use super::interface::{DirectionRule, Network};
use super::pool::{Home, Pool};
use crate::units::{Epoch, Nanos};
use intake::Intake;
use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};
use window::Window;

/// Bytes asked of the file at a time: large enough that system calls do not count, small enough to
/// stay in a core's cache until the worker has read it.
const SLAB_BYTES: usize = 256 * 1024;

/// How a capture file is played.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Networks that are local: a frame from one of them is outbound.
    pub local: Vec<Network>,
    /// A batch spans at most this much of the file's time; zero: as much as there is.
    pub span: Nanos,
    /// Only frames that this expression matches are taken in.
    pub filter: Option<String>,
}

/// Why a capture file cannot be read, or not any further.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot open {path}: {problem}")]
    Open {
        path: PathBuf,
        problem: std::io::Error,
    },
    #[error("{path} is empty: a capture file begins with a header")]
    Empty { path: PathBuf },
    #[error(
        "{path} is not a capture file: it begins with {found}, and neither pcap nor pcapng does"
    )]
    Unknown { path: PathBuf, found: String },
    #[error(
        "{path} is pcap of an old kind, which is read from a plain file only: unpack it first, or \
         write what comes through standard input or a pipe to a file"
    )]
    NotPlain { path: PathBuf },
    #[error("{path}: libpcap cannot read it: {problem}")]
    Libpcap { path: PathBuf, problem: String },
}

/// Where reading stopped before the file's end, and why. Everything before it was delivered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("reading stopped {place}: {why}")]
pub struct Damage {
    pub place: Place,
    pub why: String,
}

/// A place in a capture file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Bytes from the start of the file, unpacked.
    Byte(u64),
    /// How many frames were read: libpcap tells no more.
    AfterFrame(u64),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Byte(offset) => write!(f, "at byte {offset}"),
            Place::AfterFrame(count) => write!(f, "after frame {count}"),
        }
    }
}

/// A capture file being read.
pub struct File {
    format: Format,
    intake: Intake,
    ended: bool,
    damage: Option<Damage>,
}

enum Format {
    Pcap(Window, pcap::Layout),
    Pcapng(Window, pcapng::Sections),
    Libpcap(libpcap::Reader),
}

/// What one step of a format's reader came to.
enum Step {
    /// Frames or interfaces were taken in; there may be more.
    More,
    End,
    Damaged(Damage),
}

impl File {
    /// Opens a capture file, or standard input for `-`; gzip'd ones are unpacked on the way.
    pub fn open(path: &Path, options: Options) -> Result<File, Error> {
        File::new(input::open(path)?, path, options)
    }

    /// A capture of this program's own, played again and again from the wall time `start` on, with
    /// its times moved so that each pass follows the one before.
    pub fn looped(capture: &[u8], start: Nanos, options: Options) -> Result<File, Error> {
        let path = Path::new("demo");
        let looped = looped::Looped::new(capture, start).map_err(|problem| Error::Open {
            path: path.into(),
            problem,
        })?;
        File::new(Box::new(looped), path, options)
    }

    fn new(input: Box<dyn Read + Send>, path: &Path, options: Options) -> Result<File, Error> {
        let mut window = Window::new(input);
        let mut intake = Intake::new(Pool::new(SLAB_BYTES), options, name_of(path));
        let head = window.peek(24, &mut intake.pool);
        let format = if pcapng::begins(head) {
            Format::Pcapng(window, pcapng::Sections::default())
        } else if let Some(layout) = pcap::Layout::of(head) {
            intake.interface(layout.link, layout.snaplen, None);
            window.consume(pcap::FILE_HEADER);
            Format::Pcap(window, layout)
        } else if head.is_empty() {
            return Err(Error::Empty { path: path.into() });
        } else if pcap::is_old(head) {
            Format::Libpcap(libpcap::Reader::open(path, &mut intake)?)
        } else {
            return Err(Error::Unknown {
                path: path.into(),
                found: hex(head),
            });
        };
        Ok(File {
            format,
            intake,
            ended: false,
            damage: None,
        })
    }

    /// The epoch that the file's seconds begin in; to be told before the first message is taken.
    pub fn begin_in(&mut self, epoch: Epoch) {
        self.intake.begin_in(epoch);
    }

    /// The way back for batches that were read.
    pub fn home(&self) -> Home {
        self.intake.pool.home()
    }

    /// Why reading stopped before the end of the file, if it did.
    pub fn damage(&self) -> Option<&Damage> {
        self.damage.as_ref()
    }

    fn step(&mut self) -> Step {
        match &mut self.format {
            Format::Pcap(window, layout) => layout.step(window, &mut self.intake),
            Format::Pcapng(window, sections) => sections.step(window, &mut self.intake),
            Format::Libpcap(reader) => reader.step(&mut self.intake),
        }
    }

    fn end(&mut self, damage: Option<Damage>) {
        self.intake.end();
        self.damage = damage;
        self.ended = true;
    }
}

impl Iterator for File {
    type Item = Message;

    /// The next message; `None` at the end, after the last cut.
    fn next(&mut self) -> Option<Message> {
        loop {
            if let Some(message) = self.intake.out.pop_front() {
                return Some(message);
            }
            if self.ended {
                return None;
            }
            match self.step() {
                Step::More => {}
                Step::End => self.end(None),
                Step::Damaged(damage) => self.end(Some(damage)),
            }
        }
    }
}

impl Options {
    fn direction(&self) -> DirectionRule {
        if self.local.is_empty() {
            DirectionRule::ClientToServer
        } else {
            DirectionRule::Networks(self.local.clone())
        }
    }
}

fn name_of(path: &Path) -> String {
    match path.file_name() {
        Some(name) if path != Path::new("-") => name.to_string_lossy().into_owned(),
        _ => "stdin".into(),
    }
}

fn hex(bytes: &[u8]) -> String {
    let digits: Vec<String> = bytes
        .iter()
        .take(4)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("the bytes {}", digits.join(" "))
}

#[cfg(test)]
mod tests;
