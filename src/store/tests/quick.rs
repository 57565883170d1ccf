//! After a crash the file is open at once, however large it is: what is read for it is counted, for time
//! tells of the machine.

use super::disk::Backend;
use super::model::times;
use super::*;
use redb::{Durability, StorageBackend};
use std::sync::atomic::{AtomicU64, Ordering};

/// A disk that counts what is read of it.
#[derive(Clone, Debug, Default)]
struct Counted {
    disk: Backend,
    read: Arc<AtomicU64>,
}

impl StorageBackend for Counted {
    fn len(&self) -> std::io::Result<u64> {
        self.disk.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> std::io::Result<()> {
        self.read.fetch_add(out.len() as u64, Ordering::Relaxed);
        self.disk.read(offset, out)
    }

    fn set_len(&self, length: u64) -> std::io::Result<()> {
        self.disk.set_len(length)
    }

    fn sync_data(&self) -> std::io::Result<()> {
        self.disk.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> std::io::Result<()> {
        self.disk.write(offset, data)
    }
}

/// Writes so many MiB, crashes, and opens again: how large the file is, and how much of it was read.
fn read_after_a_crash(mib: usize, quick: bool) -> (u64, u64) {
    let disk = Counted::default();
    let database = file::open_backend(disk.clone(), &config(), false).unwrap();
    for part in 0..mib as i64 {
        let mut transaction = file::begin(&database).unwrap();
        transaction.set_quick_repair(quick);
        transaction.set_durability(Durability::Immediate).unwrap();
        let mut sealed = transaction.open_table(SEALED).unwrap();
        for block in 0..64 {
            let at = layout::key(at(START + part * 64 + block, 0));
            sealed
                .insert(&at, vec![part as u8; 16_000].as_slice())
                .unwrap();
        }
        drop(sealed);
        transaction.commit().unwrap();
    }
    // A process that is killed closes nothing.
    std::mem::forget(database);
    disk.read.store(0, Ordering::Relaxed);
    let again = file::open_backend(disk.clone(), &config(), false).unwrap();
    assert_eq!(file::through(&again).unwrap(), None);
    (disk.len().unwrap(), disk.read.load(Ordering::Relaxed))
}

#[test]
fn a_crash_does_not_have_the_whole_file_read() {
    let mib = times("NETMONITOR_QUICK_MIB", 48);
    let (size, read) = read_after_a_crash(mib, true);
    let (slow_size, slow_read) = read_after_a_crash(mib.min(64), false);
    eprintln!(
        "of {size} bytes {read} were read after a crash; of {slow_size} without quick repair {slow_read}"
    );
    // With debug assertions redb itself walks all pages once, to know them.
    let walked = if cfg!(debug_assertions) {
        (mib as u64) << 20
    } else {
        0
    };
    let for_it = read.saturating_sub(walked);
    assert!(for_it * 50 < size, "{read} of {size}");
    assert!(
        slow_read > walked + slow_size / 4,
        "{slow_read} of {slow_size}: the measure shows nothing"
    );
}
