//! The processes of a connection as bytes. The app of the one that has it is its label's and stands
//! there; that of the other end stands here.

use super::codec::{Damaged, In, Out};
use crate::label::App;
use crate::owners::{PARENTS, Parent, Process};
use crate::platform::Run;
use crate::tick::Facts;
use crate::units::Nanos;
use std::sync::Arc;

/// What lies in front of a process.
const NONE: u8 = 0;
const PLAIN: u8 = 1;
const WITH_APP: u8 = 2;

pub(super) fn write(out: &mut Out, facts: Option<&Facts>) {
    let owner = facts.and_then(|facts| facts.owner.as_deref());
    let peer = facts.and_then(|facts| facts.peer.as_deref());
    match owner {
        Some(owner) => {
            out.byte(PLAIN);
            process(out, owner);
        }
        None => out.byte(NONE),
    }
    match peer {
        Some(peer) => {
            out.byte(WITH_APP);
            app(out, &peer.app);
            process(out, peer);
        }
        None => out.byte(NONE),
    }
}

/// Owner and peer. The owner's app is to be taken from the label.
pub(super) fn read(input: &mut In) -> Result<[Option<Arc<Process>>; 2], Damaged> {
    Ok([read_one(input)?, read_one(input)?])
}

fn read_one(input: &mut In) -> Result<Option<Arc<Process>>, Damaged> {
    let app = match input.byte()? {
        NONE => return Ok(None),
        PLAIN => App::unknown(),
        WITH_APP => read_app(input)?,
        _ => return Err(Damaged("a process of no known kind")),
    };
    Ok(Some(Arc::new(read_process(input, app)?)))
}

fn process(out: &mut Out, process: &Process) {
    out.number(process.run.pid.into());
    out.number(process.run.since);
    out.signed(process.started.map_or(0, |started| started.0));
    perhaps(out, process.container.as_deref());
    perhaps(out, process.unit.as_deref());
    let parents = &process.parents[..process.parents.len().min(PARENTS)];
    out.byte(parents.len() as u8);
    for parent in parents {
        out.number(parent.pid.into());
        out.bytes(parent.name.as_bytes());
    }
}

fn read_process(input: &mut In, app: App) -> Result<Process, Damaged> {
    let run = Run {
        pid: input.small()?,
        since: input.number()?,
    };
    let started = Some(Nanos(input.signed()?)).filter(|started| started.0 != 0);
    let (container, unit) = (read_perhaps(input)?, read_perhaps(input)?);
    let count = usize::from(input.byte()?);
    if count > PARENTS {
        return Err(Damaged("more parents than a process has here"));
    }
    let parent = |_| {
        Ok(Parent {
            pid: input.small()?,
            name: input.text()?.into(),
        })
    };
    Ok(Process {
        run,
        started,
        app,
        via: None,
        container,
        unit,
        parents: (0..count).map(parent).collect::<Result<_, _>>()?,
    })
}

/// Who is called how, and the user it ran as: one more than the number, so that zero is none.
fn app(out: &mut Out, app: &App) {
    out.bytes(app.name.as_bytes());
    perhaps(out, app.path.as_deref());
    out.number(app.user.map_or(0, |user| u64::from(user) + 1));
}

fn read_app(input: &mut In) -> Result<App, Damaged> {
    let name = input.text()?.into();
    let path = read_perhaps(input)?;
    let user = input.number()?.checked_sub(1);
    let user = user.map(u32::try_from).transpose();
    Ok(App {
        name,
        path,
        user: user.map_err(|_| Damaged("a user that cannot be"))?,
    })
}

/// A text that may be missing: nothing is none.
fn perhaps(out: &mut Out, text: Option<&str>) {
    out.bytes(text.unwrap_or_default().as_bytes());
}

fn read_perhaps(input: &mut In) -> Result<Option<Arc<str>>, Damaged> {
    let text = input.text()?;
    Ok((!text.is_empty()).then(|| text.into()))
}
