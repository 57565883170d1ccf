//! `GET /api/owners`: by which means the owners of flows are found now, and why not by better ones.
//! Plain data that whoever runs the helper fills in.

use super::context::Context;
use super::problem::Problem;
use super::reply::Reply;
use super::request::Request;
use super::route::{Answer, Gives, Guard, Route, shape};
use crate::label::OwnerSource;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub(super) const ROUTE: Route = Route {
    name: "GET /api/owners",
    guard: Guard::Token,
    about: "By which means owners are found now, and why not by better ones.",
    takes: &[],
    body: None,
    gives: Gives::Json(shape::<OwnersStatus>),
    answer: Answer::Handler(owners),
};

/// A means of finding owners, best first. Each gives some of the words of `owner_source`.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Rung {
    /// Linux: programs in the kernel tell who made each socket.
    Kernel,
    /// macOS: the capture tells the process of each packet.
    Pktap,
    /// The tables of sockets are asked, and open files of processes looked through.
    Sockets,
}

impl Rung {
    pub const ALL: [Rung; 3] = [Rung::Kernel, Rung::Pktap, Rung::Sockets];

    /// The word that the API and the metrics use.
    pub fn word(self) -> &'static str {
        match self {
            Rung::Kernel => "kernel",
            Rung::Pktap => "pktap",
            Rung::Sockets => "sockets",
        }
    }

    /// What flows whose owner it found say of that.
    pub fn gives(self) -> &'static [OwnerSource] {
        match self {
            Rung::Kernel => &[OwnerSource::Kernel],
            Rung::Pktap => &[OwnerSource::Pktap],
            Rung::Sockets => &[
                OwnerSource::Exact,
                OwnerSource::Wildcard,
                OwnerSource::Port,
                OwnerSource::Late,
            ],
        }
    }
}

/// How the helper is that looks into other processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OwnersState {
    Running,
    Starting,
    /// It ended and is not up again, or could not be started.
    Stopped,
    /// There is nothing to look for: no interface of this machine is watched.
    Off,
}

impl OwnersState {
    pub const ALL: [OwnersState; 4] = [
        OwnersState::Running,
        OwnersState::Starting,
        OwnersState::Stopped,
        OwnersState::Off,
    ];

    /// The word that the API and the metrics use.
    pub fn word(self) -> &'static str {
        match self {
            OwnersState::Running => "running",
            OwnersState::Starting => "starting",
            OwnersState::Stopped => "stopped",
            OwnersState::Off => "off",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct OwnersStatus {
    #[schema(value_type = String)]
    pub state: OwnersState,
    /// Why it does not run, where it does not.
    pub reason: Option<String>,
    /// The best rung that works now.
    #[schema(value_type = Option<String>)]
    pub rung: Option<Rung>,
    /// Since when that is the best one; RFC 3339.
    pub since: Option<String>,
    /// Every rung, best first.
    pub rungs: Vec<RungStatus>,
    pub helper: HelperStatus,
    /// What the kernel told and nobody took in time, since the start.
    pub events_lost: u64,
    /// Flows whose owner was asked for and is not known yet, and how many may be.
    pub asks_pending: u64,
    pub asks_max: u64,
    /// Processes that are remembered, and how many may be.
    pub processes: u64,
    pub processes_max: u64,
}

/// How it is with one rung.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RungStatus {
    #[schema(value_type = String)]
    pub rung: Rung,
    #[schema(value_type = String)]
    pub state: RungState,
    /// Why it does not work, or not for all processes.
    pub reason: Option<String>,
    /// The words of `owner_source` that come of it.
    #[schema(value_type = Vec<String>)]
    pub sources: Vec<OwnerSource>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RungState {
    Works,
    /// It works for some processes: those of the same user, or of the same network namespace.
    Partly,
    Fails,
    /// This system has no such thing.
    NotHere,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct HelperStatus {
    pub pid: Option<u32>,
    /// RFC 3339.
    pub started: Option<String>,
    /// How often it had to be started again.
    pub restarts: u64,
}

impl RungStatus {
    pub fn new(rung: Rung, state: RungState, reason: Option<String>) -> RungStatus {
        RungStatus {
            rung,
            state,
            reason,
            sources: rung.gives().to_vec(),
        }
    }
}

impl OwnersStatus {
    /// Nobody looks for owners, for this reason.
    pub fn without_helper(state: OwnersState, reason: &str) -> OwnersStatus {
        let fails = |rung| RungStatus::new(rung, RungState::Fails, Some(reason.to_owned()));
        OwnersStatus {
            state,
            reason: Some(reason.to_owned()),
            rung: None,
            since: None,
            rungs: Rung::ALL.into_iter().map(fails).collect(),
            helper: HelperStatus::default(),
            events_lost: 0,
            asks_pending: 0,
            asks_max: 0,
            processes: 0,
            processes_max: 0,
        }
    }
}

fn owners(context: &Context, _: &Request) -> Result<Reply, Problem> {
    Reply::json(&(context.owners)())
}
