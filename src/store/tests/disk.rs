//! A disk that can lose power: a backend that remembers which writes were not synced yet.

use parking_lot::Mutex;
use redb::StorageBackend;
use std::io;
use std::sync::Arc;

#[derive(Clone, Debug)]
enum Step {
    Write(u64, Vec<u8>),
    Length(u64),
}

/// A disk: what is safe on it, and what is on its way.
#[derive(Debug, Default)]
pub(super) struct Disk {
    safe: Vec<u8>,
    seen: Vec<u8>,
    unsynced: Vec<Step>,
    /// Fails everything, as a full or broken disk does.
    pub(super) broken: bool,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Backend(pub(super) Arc<Mutex<Disk>>);

fn apply(bytes: &mut Vec<u8>, step: &Step, torn_at: usize) {
    match step {
        Step::Length(length) => bytes.resize(*length as usize, 0),
        Step::Write(offset, data) => {
            let (start, end) = (*offset as usize, *offset as usize + torn_at.min(data.len()));
            if bytes.len() < end {
                bytes.resize(end, 0);
            }
            bytes[start..end].copy_from_slice(&data[..end - start]);
        }
    }
}

impl Backend {
    fn work(&self, step: Step) -> io::Result<()> {
        let mut disk = self.0.lock();
        if disk.broken {
            return Err(io::Error::other("no space left on device"));
        }
        apply(&mut disk.seen, &step, usize::MAX);
        disk.unsynced.push(step);
        Ok(())
    }

    /// The disk as it may be after a power cut now: each unsynced write is there, torn at a
    /// multiple of 512 bytes, or lost.
    pub(super) fn after_a_cut(&self, random: &mut impl FnMut() -> usize) -> Backend {
        let disk = self.0.lock();
        let mut bytes = disk.safe.clone();
        for step in &disk.unsynced {
            match random() % 4 {
                0 => {}
                1 => apply(&mut bytes, step, random() % 9 * 512),
                _ => apply(&mut bytes, step, usize::MAX),
            }
        }
        Backend(Arc::new(Mutex::new(Disk {
            seen: bytes.clone(),
            safe: bytes,
            ..Disk::default()
        })))
    }
}

impl StorageBackend for Backend {
    fn len(&self) -> io::Result<u64> {
        Ok(self.0.lock().seen.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let disk = self.0.lock();
        let start = offset as usize;
        let bytes = disk.seen.get(start..start + out.len());
        out.copy_from_slice(bytes.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.work(Step::Length(length))
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut disk = self.0.lock();
        if disk.broken {
            return Err(io::Error::other("no space left on device"));
        }
        disk.safe = disk.seen.clone();
        disk.unsynced.clear();
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.work(Step::Write(offset, data.to_vec()))
    }
}
