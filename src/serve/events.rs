//! The live stream: an event as soon as there is one, a comment line after each 15 s of silence, no
//! end but the client's or the server's. A client that reads slowly makes nobody wait.

use crate::api::Events;
use bytes::Bytes;
use http_body_util::BodyExt;
use http_body_util::channel::{Channel, Sender};
use http_body_util::combinators::BoxBody;
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::watch;

const SILENCE: Duration = Duration::from_secs(15);
const HEARTBEAT: Bytes = Bytes::from_static(b":\n\n");

pub(super) fn stream(events: Events, stop: watch::Receiver<bool>) -> BoxBody<Bytes, Infallible> {
    let (sender, body) = Channel::new(1);
    tokio::spawn(feed(events, sender, stop));
    body.boxed()
}

async fn feed(mut events: Events, mut sender: Sender<Bytes>, mut stop: watch::Receiver<bool>) {
    loop {
        let bytes = tokio::select! {
            () = super::stopped(&mut stop) => return,
            cut = events.cut().changed() => match cut {
                Ok(()) => events.fresh(),
                Err(_) => return,
            },
            () = tokio::time::sleep(SILENCE) => Some(HEARTBEAT),
        };
        if let Some(bytes) = bytes
            && sender.send_data(bytes).await.is_err()
        {
            return;
        }
    }
}
