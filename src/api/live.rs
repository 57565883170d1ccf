use bytes::Bytes;
use tokio::sync::watch;
/// Events for one client.
pub struct Events {
    pub changes: watch::Receiver<u64>,
    pub event: Box<dyn FnMut() -> Option<Bytes> + Send>,
}
