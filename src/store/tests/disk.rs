//! A disk for tests: keeps in order what was asked of it, loses at a power cut what was not synced,
//! and refuses what it is told to.

use super::cut::{Cut, Event, apply};
use super::fault::Fault;
use parking_lot::Mutex;
use redb::StorageBackend;
use std::io;
use std::sync::Arc;

#[derive(Debug, Default)]
pub(super) struct Disk {
    /// What a reader sees: everything that was written.
    seen: Vec<u8>,
    /// What was on it when the recording began.
    first: Vec<u8>,
    /// Everything since, where it is recorded.
    recorded: Option<Vec<Event>>,
    told: usize,
    pub(super) fault: Fault,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Backend(pub(super) Arc<Mutex<Disk>>);

impl Backend {
    pub(super) fn of(bytes: Vec<u8>) -> Backend {
        Backend(Arc::new(Mutex::new(Disk {
            seen: bytes,
            ..Disk::default()
        })))
    }

    /// Notes from now on what is asked of it.
    pub(super) fn record(self) -> Backend {
        let mut disk = self.0.lock();
        disk.first = disk.seen.clone();
        disk.recorded = Some(Vec::new());
        drop(disk);
        self
    }

    /// One more second was acknowledged.
    pub(super) fn tell(&self) {
        let mut disk = self.0.lock();
        disk.told += 1;
        let told = disk.told;
        disk.note(Event::Told(told));
    }

    /// Where the power may be cut: before each sync, and after the last.
    pub(super) fn cuts(&self) -> Vec<Cut> {
        let disk = self.0.lock();
        Cut::all(&disk.first, disk.recorded.as_deref().unwrap_or_default())
    }

    fn change(&self, event: Event) -> io::Result<()> {
        let mut disk = self.0.lock();
        disk.fault.change(&event)?;
        apply(&mut disk.seen, &event);
        disk.note(event);
        Ok(())
    }
}

impl Disk {
    fn note(&mut self, event: Event) {
        if let Some(all) = &mut self.recorded {
            all.push(event);
        }
    }
}

impl StorageBackend for Backend {
    fn len(&self) -> io::Result<u64> {
        let mut disk = self.0.lock();
        disk.fault.look()?;
        Ok(disk.seen.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let mut disk = self.0.lock();
        disk.fault.look()?;
        let start = offset as usize;
        let bytes = disk.seen.get(start..start + out.len());
        out.copy_from_slice(bytes.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.change(Event::Length(length))
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut disk = self.0.lock();
        let Disk { fault, seen, .. } = &mut *disk;
        fault.sync(seen)?;
        disk.note(Event::Sync);
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.change(Event::Write(offset, data.into()))
    }
}
