//! A capture file of any kind, read to its end.

use netmonitor::capture::file::{File, Options, Place};
use netmonitor::capture::{Batch, Message};
use netmonitor::key::InterfaceId;
use netmonitor::units::{Nanos, Tally};
use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::sync::{LazyLock, Mutex};
use tempfile::NamedTempFile;

/// What one file has at most of cuts besides those after frames.
const MORE_CUTS: usize = 4;

pub fn run(bytes: &[u8]) {
    static FILE: LazyLock<Mutex<NamedTempFile>> = LazyLock::new(|| Mutex::new(file()));
    let mut file = FILE.lock().expect("a thread that panicked ended all");
    file.as_file().set_len(0).expect("a file");
    std::io::Seek::rewind(file.as_file_mut()).expect("a file");
    file.write_all(bytes).expect("a file");
    read(file.path(), bytes);
}

/// In memory, where there is such a folder.
fn file() -> NamedTempFile {
    let folder = Path::new("/dev/shm");
    let here = NamedTempFile::new_in(folder).or_else(|_| NamedTempFile::new());
    here.expect("a temporary file")
}

fn read(path: &Path, bytes: &[u8]) {
    let Ok(mut file) = File::open(path, Options::default()) else {
        return;
    };
    let mut seen = Seen::default();
    for message in file.by_ref() {
        seen.take(message);
    }
    assert_eq!(seen.delivered, seen.frames, "each frame lies in one second");
    assert!(
        seen.cuts <= seen.frames.packets as usize + MORE_CUTS,
        "no cut without need"
    );
    assert!(seen.ended || seen.frames.packets == 0, "the last cut comes");
    // A packed file is longer than it looks.
    if let Some(damage) = file.damage()
        && !bytes.starts_with(&[0x1f, 0x8b])
        && let Place::Byte(place) = damage.place
    {
        assert!(place <= bytes.len() as u64, "{damage}");
    }
}

/// What came so far.
#[derive(Default)]
struct Seen {
    frames: Tally,
    delivered: Tally,
    interfaces: BTreeSet<InterfaceId>,
    cuts: usize,
    number: u64,
    ended: bool,
}

impl Seen {
    fn take(&mut self, message: Message) {
        assert!(!self.ended, "nothing follows the last cut");
        match message {
            Message::Interface(interface) => {
                self.interfaces.insert(interface.id);
            }
            Message::Batch(batch) => self.batch(&batch),
            Message::Cut(cut) => {
                self.cuts += 1;
                self.ended = cut.last;
                assert!(cut.width > Nanos(0));
                let delivered = cut.facts.iter().map(|facts| facts.delivered);
                self.delivered = delivered.fold(self.delivered, |sum, one| sum + one);
            }
        }
    }

    /// Frames are numbered in order, of interfaces that were told, and all there.
    fn batch(&mut self, batch: &Batch) {
        for (index, frame) in batch.frames.iter().enumerate() {
            assert!(frame.number.0 > self.number, "{frame:?}");
            self.number = frame.number.0;
            assert_eq!(batch.bytes(frame).len(), frame.captured as usize);
            assert!(self.interfaces.contains(&frame.interface), "{frame:?}");
            batch.owner(index as u32);
            self.frames.count(frame.length);
        }
    }
}
