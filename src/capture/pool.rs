//! Slabs and frame lists that go round: a source fills them, workers read them and send them home.
//! Bounded by what the rings hold: at most `SPARE` of each wait here, the rest is given back to the
//! allocator. Knows nothing of time or interfaces.

use super::frame::{Batch, Frame};
use super::process::Process;
use crate::units::Nanos;
use bytes::BytesMut;
use crossbeam_channel::{Receiver, Sender, unbounded};
use std::sync::Arc;

/// How many frames a batch holds at most.
pub const BATCH_FRAMES: usize = 1024;
/// How many slabs and frame lists wait for their next use.
const SPARE: usize = 16;

/// Where a source gets its empty batches from.
#[derive(Debug)]
pub struct Pool {
    slab_bytes: usize,
    slabs: Vec<BytesMut>,
    lists: Vec<Vec<Frame>>,
    returns: Receiver<Batch>,
    home: Home,
}

/// The way back for a batch that was read.
#[derive(Clone, Debug)]
pub struct Home(Sender<Batch>);

impl Home {
    /// Gives a batch back; if the pool is gone the batch is simply freed.
    pub fn give(&self, batch: Batch) {
        let _ = self.0.send(batch);
    }
}

impl Pool {
    /// A pool of slabs of `slab_bytes` each.
    pub fn new(slab_bytes: usize) -> Pool {
        // Not bounded here: no more batches can come home than the rings hold.
        let (home, returns) = unbounded();
        Pool {
            slab_bytes,
            slabs: Vec::new(),
            lists: Vec::new(),
            returns,
            home: Home(home),
        }
    }

    pub fn home(&self) -> Home {
        self.home.clone()
    }

    pub fn slab_bytes(&self) -> usize {
        self.slab_bytes
    }

    /// An empty batch to copy frames into.
    pub fn filling(&mut self) -> Filling {
        Filling {
            slab: self.slab(0),
            used: 0,
            frames: self.list(),
            owned: Vec::new(),
        }
    }

    /// A slab of at least `least` bytes, all of them readable; its contents are left over from its
    /// last use.
    pub fn slab(&mut self, least: usize) -> BytesMut {
        self.collect();
        match self.slabs.pop() {
            Some(slab) if slab.len() >= least => slab,
            _ => BytesMut::zeroed(least.max(self.slab_bytes)),
        }
    }

    /// An empty list of frames.
    pub fn list(&mut self) -> Vec<Frame> {
        self.lists
            .pop()
            .unwrap_or_else(|| Vec::with_capacity(BATCH_FRAMES))
    }

    /// Takes in what came home. A slab that other batches still share is left to the last of them.
    fn collect(&mut self) {
        while let Ok(batch) = self.returns.try_recv() {
            if let Ok(slab) = batch.slab.try_into_mut()
                && slab.len() == self.slab_bytes
                && self.slabs.len() < SPARE
            {
                self.slabs.push(slab);
            }
            if self.lists.len() < SPARE && batch.frames.capacity() > 0 {
                let mut frames = batch.frames;
                frames.clear();
                self.lists.push(frames);
            }
        }
    }
}

/// A batch that frames are being copied into.
#[derive(Debug)]
pub struct Filling {
    slab: BytesMut,
    used: usize,
    frames: Vec<Frame>,
    owned: Vec<(u32, Arc<Process>)>,
}

impl Filling {
    pub fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// Would a frame of `captured` bytes still fit? Always true for an empty batch.
    pub fn has_room(&self, captured: usize) -> bool {
        self.frames.is_empty()
            || (self.frames.len() < BATCH_FRAMES && self.slab.len() - self.used >= captured)
    }

    /// Copies a frame in and notes its place; `frame.offset` is set here.
    pub fn push(&mut self, mut frame: Frame, bytes: &[u8]) {
        let end = self.used + bytes.len();
        if end > self.slab.len() {
            self.slab.resize(end, 0);
        }
        frame.offset = self.used as u32;
        frame.captured = bytes.len() as u32;
        if let Some(place) = self.slab.get_mut(self.used..end) {
            place.copy_from_slice(bytes);
        }
        self.used = end;
        self.frames.push(frame);
    }

    /// Notes whose the frame is that was pushed last.
    pub fn own(&mut self, process: &Arc<Process>) {
        let last = self.frames.len().saturating_sub(1);
        self.owned.push((last as u32, process.clone()));
    }

    /// The finished batch, as it is handed over at the steady time `sent`.
    pub fn finish(self, sent: Nanos) -> Batch {
        Batch {
            slab: self.slab.freeze(),
            frames: self.frames,
            owned: self.owned,
            sent,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::InterfaceId;
    use crate::units::FrameNumber;

    fn frame() -> Frame {
        Frame {
            number: FrameNumber(1),
            at: Nanos(0),
            offset: 0,
            captured: 0,
            length: 60,
            interface: InterfaceId(0),
            slot: super::super::Slot(0),
        }
    }

    #[test]
    fn a_slab_comes_home_and_is_used_again() {
        let mut pool = Pool::new(4096);
        let mut filling = pool.filling();
        filling.push(frame(), b"abc");
        filling.push(frame(), b"defg");
        let batch = filling.finish(Nanos(5));
        assert_eq!(batch.bytes(&batch.frames[1]), b"defg");
        let place = batch.slab.as_ptr();
        pool.home().give(batch);
        assert_eq!(pool.slab(0).as_ptr(), place);
    }

    #[test]
    fn a_shared_slab_waits_for_its_last_reader() {
        let mut pool = Pool::new(4096);
        let batch = pool.filling().finish(Nanos(0));
        let other = Batch {
            slab: batch.slab.clone(),
            ..Batch::default()
        };
        let place = batch.slab.as_ptr();
        pool.home().give(batch);
        assert_ne!(pool.slab(0).as_ptr(), place);
        pool.home().give(other);
        assert_eq!(pool.slab(0).as_ptr(), place);
    }

    #[test]
    fn a_frame_larger_than_a_slab_still_fits() {
        let mut pool = Pool::new(16);
        let mut filling = pool.filling();
        assert!(filling.has_room(100));
        filling.push(frame(), &[7; 100]);
        assert!(!filling.has_room(1));
        let batch = filling.finish(Nanos(0));
        assert_eq!(batch.bytes(&batch.frames[0]), [7; 100]);
    }
}
