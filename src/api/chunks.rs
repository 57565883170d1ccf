//! Answers that a thread of their own makes, chunk by chunk: it waits for a slow client, and ends when
//! one leaves. An answer that was not made to its end has none.

use super::problem::Problem;
use super::reply::{Body, Reply};
use bytes::Bytes;
use tokio::sync::mpsc;

/// Chunks that wait for a client; the thread waits with them.
const WAITING: usize = 4;

/// Whoever asked is gone, or what was asked cannot be told to its end.
pub(super) struct Broken;

/// Takes a chunk.
pub(super) type Give<'a> = dyn FnMut(Vec<u8>) -> Result<(), Broken> + 'a;

/// The answer that `work` makes on a thread with this name.
pub(super) fn made(
    content_type: &'static str,
    name: &str,
    work: impl FnOnce(&mut Give) -> Result<(), Broken> + Send + 'static,
) -> Result<Reply, Problem> {
    let (sender, chunks) = mpsc::channel(WAITING);
    let thread = std::thread::Builder::new().name(name.into());
    let started = thread.spawn(move || {
        let send = |chunk| sender.blocking_send(chunk).map_err(|_| Broken);
        if work(&mut |chunk| send(Some(Bytes::from(chunk)))).is_ok() {
            // Nobody is left to be told where the client has gone.
            let _ = send(None);
        }
    });
    started.map_err(Problem::internal)?;
    Ok(Reply::of(content_type, Body::Stream(chunks)))
}
