//! The live stream: an event as soon as there is one, a comment line after each while of silence, no
//! end but the client's or the server's. A client that reads slowly makes nobody wait.

use crate::api::Events;
use bytes::Bytes;
use http_body_util::BodyExt;
use http_body_util::channel::{Channel, Sender};
use http_body_util::combinators::BoxBody;
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::watch;

const HEARTBEAT: Bytes = Bytes::from_static(b":\n\n");

/// `heartbeat` is how long the stream may be silent.
pub(super) fn stream(
    events: Events,
    heartbeat: Duration,
    stop: watch::Receiver<bool>,
) -> BoxBody<Bytes, Infallible> {
    let (sender, body) = Channel::new(1);
    tokio::spawn(feed(events, sender, heartbeat, stop));
    body.boxed()
}

async fn feed(
    mut events: Events,
    mut sender: Sender<Bytes>,
    heartbeat: Duration,
    mut stop: watch::Receiver<bool>,
) {
    loop {
        let bytes = tokio::select! {
            () = super::stopped(&mut stop) => return,
            cut = events.cut().changed() => match cut {
                Ok(()) => events.fresh(),
                Err(_) => return,
            },
            () = tokio::time::sleep(heartbeat) => Some(HEARTBEAT),
        };
        if let Some(bytes) = bytes
            && sender.send_data(bytes).await.is_err()
        {
            return;
        }
    }
}
