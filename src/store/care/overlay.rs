//! A file that is read and never written: what redb writes - it repairs and notes things when it
//! opens a file - is kept in memory and laid over what the file holds. That is a few pages.

use parking_lot::Mutex;
use redb::backends::FileBackend;
use redb::{BackendError, StorageBackend};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs::File;
use std::io;
use std::ops::Bound;

const PAGE: u64 = 4_096;

#[derive(Debug)]
pub(super) struct Overlay {
    file: FileBackend,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    length: u64,
    /// How much of the file still shows: what was cut off comes back as zeros.
    shows: u64,
    pages: BTreeMap<u64, Vec<u8>>,
}

impl Overlay {
    pub(super) fn new(file: File) -> Result<Overlay, redb::DatabaseError> {
        let file = FileBackend::new(file)?;
        let length = file.len()?;
        let state = State {
            length,
            shows: length,
            pages: BTreeMap::new(),
        };
        Ok(Overlay {
            file,
            state: Mutex::new(state),
        })
    }

    /// A page of the file as it lies there, zeros where there is none.
    fn beneath(&self, page: u64, shows: u64) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; PAGE as usize];
        let start = page * PAGE;
        let there = shows.saturating_sub(start).min(PAGE) as usize;
        if let Some(part) = bytes.get_mut(..there).filter(|part| !part.is_empty()) {
            self.file.read(start, part)?;
        }
        Ok(bytes)
    }
}

/// The pages that a stretch touches, with its part in each: where in the page, where in the stretch.
fn parts(offset: u64, length: usize) -> impl Iterator<Item = (u64, usize, std::ops::Range<usize>)> {
    let end = offset + length as u64;
    let pages = offset / PAGE..end.div_ceil(PAGE);
    pages.map(move |page| {
        let from = offset.max(page * PAGE);
        let to = end.min((page + 1) * PAGE);
        let inside = (from - page * PAGE) as usize;
        (
            page,
            inside,
            (from - offset) as usize..(to - offset) as usize,
        )
    })
}

impl StorageBackend for Overlay {
    fn len(&self) -> io::Result<u64> {
        Ok(self.state.lock().length)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let state = self.state.lock();
        let end = offset.checked_add(out.len() as u64);
        if end.is_none_or(|end| end > state.length) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if state.pages.is_empty() && state.shows >= state.length {
            return self.file.read(offset, out);
        }
        for (page, inside, part) in parts(offset, out.len()) {
            let Some(out) = out.get_mut(part) else {
                continue;
            };
            let beneath;
            let bytes = if let Some(bytes) = state.pages.get(&page) {
                bytes
            } else {
                beneath = self.beneath(page, state.shows)?;
                &beneath
            };
            let from = bytes.get(inside..inside + out.len());
            out.copy_from_slice(from.ok_or(io::ErrorKind::UnexpectedEof)?);
        }
        Ok(())
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        let mut state = self.state.lock();
        state.length = length;
        state.shows = state.shows.min(length);
        state.pages.retain(|page, _| page * PAGE < length);
        if let Some(last) = state.pages.get_mut(&(length / PAGE)) {
            last.iter_mut()
                .skip((length % PAGE) as usize)
                .for_each(|byte| *byte = 0);
        }
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut state = self.state.lock();
        let shows = state.shows;
        for (page, inside, part) in parts(offset, data.len()) {
            let bytes = match state.pages.entry(page) {
                Entry::Occupied(there) => there.into_mut(),
                Entry::Vacant(empty) => empty.insert(self.beneath(page, shows)?),
            };
            let target = bytes.get_mut(inside..inside + part.len());
            if let (Some(target), Some(data)) = (target, data.get(part)) {
                target.copy_from_slice(data);
            }
        }
        Ok(())
    }

    fn close(&self) -> io::Result<()> {
        self.file.close()
    }

    // A file that may only be read cannot be locked, and nobody who writes it is kept out: then
    // redb goes without.
    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.try_lock_range(start, end).or_else(without)
    }

    fn try_lock_shared_range(
        &self,
        start: Bound<u64>,
        end: Bound<u64>,
    ) -> Result<bool, BackendError> {
        self.file.try_lock_shared_range(start, end).or_else(without)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.lock_range(start, end).or_else(without)
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.lock_shared_range(start, end).or_else(without)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.unlock_range(start, end).or_else(without)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.query_lock_range(start, end)
    }
}

fn without<T>(error: BackendError) -> Result<T, BackendError> {
    match error {
        BackendError::Io(inner) if inner.raw_os_error() == Some(nix::libc::EBADF) => {
            Err(BackendError::Unsupported)
        }
        other => Err(other),
    }
}
