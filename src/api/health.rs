//! `GET /health`: for whoever watches over the service. Open, so it says no more than that.

use super::context::Context;
use super::problem::Problem;
use super::reply::Reply;
use super::request::Request;
use super::route::{Answer, Gives, Guard, Route, shape};
use crate::query::time;
use crate::store::Progress;
use serde::Serialize;
use utoipa::ToSchema;

pub(super) const ROUTE: Route = Route {
    name: "GET /health",
    guard: Guard::Open,
    about: "Is it up, and what is committed.",
    takes: &[],
    body: None,
    gives: Gives::Json(shape::<Health>),
    answer: Answer::Handler(health),
};

/// The daemon's status says more, to whoever has the token.
const DEGRADED: &str = "the history cannot be written at present; seconds are kept in memory";
const DAMAGED: &str = "the daily check found the history damaged; `netmonitor db check` says where";
const DIED: &str = "the history is not written any more until netmonitor is started again";

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Health {
    pub status: State,
    /// Why it is degraded.
    pub reason: Option<String>,
    /// Everything up to and including this second survives a crash.
    pub committed_through: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum State {
    Ok,
    /// Nothing was committed yet.
    Starting,
    Degraded,
}

fn health(context: &Context, _: &Request) -> Result<Reply, Problem> {
    let progress = context.query.recent().committed().now();
    Reply::json(&Health {
        status: state(&progress),
        reason: reason(&progress),
        committed_through: progress.through.map(|through| time(through.second)),
    })
}

fn state(progress: &Progress) -> State {
    match (&progress.degraded, progress.through) {
        (Some(_), _) => State::Degraded,
        _ if is_damaged(progress) => State::Degraded,
        (None, None) => State::Starting,
        (None, Some(_)) => State::Ok,
    }
}

fn is_damaged(progress: &Progress) -> bool {
    progress.checked.is_some_and(|checked| checked.damaged > 0)
}

fn reason(progress: &Progress) -> Option<String> {
    match &progress.degraded {
        Some(_) if progress.died => Some(DIED.to_owned()),
        Some(_) => Some(format!("{}: {DEGRADED}", progress.plainly)),
        None => is_damaged(progress).then(|| DAMAGED.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::care::Checked;
    use crate::units::{Moment, Second};

    #[test]
    fn what_the_daily_check_finds_is_told() {
        let checked = |damaged| Progress {
            through: Some(Moment::default()),
            checked: Some(Checked {
                at: Second(1),
                values: 9,
                damaged,
            }),
            ..Progress::default()
        };
        let sound = checked(0);
        assert_eq!((state(&sound), reason(&sound)), (State::Ok, None));
        let mut damaged = checked(1);
        assert_eq!(state(&damaged), State::Degraded);
        assert_eq!(reason(&damaged).as_deref(), Some(DAMAGED));
        damaged.degraded = Some("no room".into());
        damaged.plainly = "the disk is full";
        assert_eq!(state(&damaged), State::Degraded);
        assert!(reason(&damaged).is_some_and(|why| why.starts_with("the disk is full: ")));
    }
}
