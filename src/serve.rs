//! The door: HTTP/1.1 on loopback alone, every request guarded, timed and bounded; the only room
//! with async. Routes and answers are `api`'s, files are `dashboard`'s. A slow question runs on a
//! thread of its own and reaches nobody else; while nobody asks, nothing here wakes up.

mod answer;
mod assets;
mod doors;
mod events;
mod guard;
mod patient;
mod stream;

use crate::api::{self, Context};
use crate::clock::Clock;
use crate::measure::{Counter, Shared};
use doors::Doors;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use patient::Patient;
use serde::{Deserialize, Serialize};
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Where to listen, and how many may come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// 0: any free port.
    pub port: u16,
    /// Clients of the live stream.
    pub sse_clients: usize,
    /// Requests that are being answered.
    pub active: usize,
    /// Connections that have not asked (yet, or again); a new one evicts the oldest.
    pub waiting: usize,
    /// Silence on a live stream after which it bears a comment line. A promise of the API, no
    /// setting.
    #[serde(skip)]
    pub heartbeat: Duration,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            port: 7500,
            sse_clients: 64,
            active: 64,
            waiting: 32,
            heartbeat: Duration::from_secs(15),
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("port {port} of this machine is taken: end what listens there, or choose another port")]
    PortTaken { port: u16 },
    #[error("cannot listen on {address}: {source}")]
    Listen {
        address: SocketAddr,
        source: io::Error,
    },
    #[error("the server's thread cannot start: {0}")]
    Thread(io::Error),
}

/// A running server. Dropping it stops it.
pub struct Serve {
    port: u16,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

const MAX_HEADERS: usize = 32;
const MAX_BUFFER: usize = 16 * 1024;
/// For a request's headers, and for the next request on a connection that is kept.
const HEADER_PATIENCE: Duration = Duration::from_secs(5);
/// For a client that does not read what it asked for.
const WRITE_PATIENCE: Duration = Duration::from_secs(10);
/// For answers under way when the server stops.
const DRAIN: Duration = Duration::from_secs(2);
/// After a connection could not be accepted (no file descriptors left).
const BREATH: Duration = Duration::from_millis(200);
/// Threads that answer; more questions than that wait.
const THREADS: usize = 4;
const THREAD_IDLE: Duration = Duration::from_secs(10);

/// What every connection shares.
struct Server {
    context: Arc<Context>,
    clock: Clock,
    /// Own names, as a `Host` header says them.
    hosts: Vec<String>,
    doors: Doors,
    /// Answers that were given up because nobody waited for them.
    unheard: Counter,
    /// A histogram a route, in the order of the route table.
    timings: Vec<Shared>,
    heartbeat: Duration,
    stop: watch::Receiver<bool>,
}

impl Serve {
    /// Answers on a thread of its own who comes to these listeners.
    pub fn start(
        listeners: Listeners,
        config: &Config,
        context: Context,
        clock: Clock,
    ) -> Result<Serve, Error> {
        let port = listeners.port;
        let (stop, stopped) = watch::channel(false);
        let server = Arc::new(Server {
            hosts: guard::hosts(port),
            doors: Doors::new(config, &context.meters),
            unheard: context.meters.counter(
                "serve_unheard",
                "Answers that nobody waited for to the end.",
            ),
            timings: timings(&context),
            context: Arc::new(context),
            clock,
            heartbeat: config.heartbeat,
            stop: stopped,
        });
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .thread_name("serve")
            .max_blocking_threads(THREADS)
            .thread_keep_alive(THREAD_IDLE)
            .build()
            .map_err(Error::Thread)?;
        let thread = std::thread::Builder::new()
            .name("serve".into())
            .spawn(move || {
                if let Err(error) = runtime.block_on(serve(listeners, server)) {
                    tracing::error!("the server ended: {error}");
                }
                runtime.shutdown_timeout(DRAIN);
            })
            .map_err(Error::Thread)?;
        Ok(Serve {
            port,
            stop,
            thread: Some(thread),
        })
    }

    /// The port that is listened on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Takes no more connections, lets answers under way be read, and ends.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for Serve {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            if ended.is_err() {
                tracing::error!("the server's thread had panicked");
            }
        }
    }
}

/// The port, taken: who comes waits until the server starts.
pub struct Listeners {
    port: u16,
    v4: std::net::TcpListener,
    /// A machine need not have IPv6.
    v6: Option<std::net::TcpListener>,
}

impl Listeners {
    /// The port that was taken.
    pub fn port(&self) -> u16 {
        self.port
    }
}

/// Takes the port, before anything else is begun that a taken one would make useless.
pub fn listen(port: u16) -> Result<Listeners, Error> {
    let v4 = bind((Ipv4Addr::LOCALHOST, port).into())?;
    let port = v4.local_addr().map_or(port, |address| address.port());
    let v6 = match bind((Ipv6Addr::LOCALHOST, port).into()) {
        Err(Error::Listen { address, source }) => {
            tracing::info!("not listening on {address}: {source}");
            None
        }
        other => Some(other?),
    };
    Ok(Listeners { port, v4, v6 })
}

fn bind(address: SocketAddr) -> Result<std::net::TcpListener, Error> {
    let listener = std::net::TcpListener::bind(address)
        .and_then(|listener| listener.set_nonblocking(true).map(|()| listener));
    listener.map_err(|source| match source.kind() {
        io::ErrorKind::AddrInUse => Error::PortTaken {
            port: address.port(),
        },
        _ => Error::Listen { address, source },
    })
}

fn timings(context: &Context) -> Vec<Shared> {
    let routes = api::routes().iter();
    routes
        .map(|route| {
            context
                .stages
                .shared(route.name, "a request, from its headers to its reply")
        })
        .collect()
}

async fn serve(listeners: Listeners, server: Arc<Server>) -> io::Result<()> {
    let v4 = TcpListener::from_std(listeners.v4)?;
    let v6 = listeners.v6.map(TcpListener::from_std).transpose()?;
    let mut stop = server.stop.clone();
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            () = stopped(&mut stop) => break,
            Some(_) = connections.join_next() => continue,
            accepted = v4.accept() => accepted,
            accepted = accept(v6.as_ref()) => accepted,
        };
        match accepted {
            Ok((stream, _)) => welcome(stream, &server, &mut connections),
            Err(error) => {
                tracing::warn!("a connection was not accepted: {error}");
                tokio::time::sleep(BREATH).await;
            }
        }
    }
    drop((v4, v6));
    let drained = async { while connections.join_next().await.is_some() {} };
    // Who has not read its answer by then is cut off when the set is dropped.
    let _ = tokio::time::timeout(DRAIN, drained).await;
    Ok(())
}

async fn accept(listener: Option<&TcpListener>) -> io::Result<(TcpStream, SocketAddr)> {
    match listener {
        Some(listener) => listener.accept().await,
        None => std::future::pending().await,
    }
}

fn welcome(stream: TcpStream, server: &Arc<Server>, connections: &mut JoinSet<()>) {
    let visitor = server.doors.visitor();
    let abort = connections.spawn(converse(stream, server.clone(), visitor.clone()));
    visitor.wait(abort);
}

/// Waits until the server shall stop.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    // That the sender is gone means the same.
    let _ = stop.wait_for(|stop| *stop).await;
}

/// One connection, to its end.
async fn converse(stream: TcpStream, server: Arc<Server>, visitor: Arc<doors::Visitor>) {
    // Answers are written whole: waiting for more to send would only delay them.
    let _ = stream.set_nodelay(true);
    let mut stop = server.stop.clone();
    let service = service_fn(|request| answer::answer(server.clone(), visitor.clone(), request));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_PATIENCE)
        .max_buf_size(MAX_BUFFER)
        .max_headers(MAX_HEADERS)
        .serve_connection(TokioIo::new(Patient::new(stream, WRITE_PATIENCE)), service);
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stopped(&mut stop) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!("a connection ended: {error}");
    }
}
