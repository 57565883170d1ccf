//! A process as a record.

use super::Garbled;
use super::bytes::{In, Out};
use crate::label::App;
use crate::owners::process::{PARENTS, Parent, Process};
use crate::platform::Run;
use std::sync::Arc;

const NAME: usize = 64;
const PATH: usize = 1_024;
const UNIT: usize = 128;

pub(super) fn write(out: &mut Out, process: &Process) {
    out.word(process.run.pid);
    out.long(process.run.since);
    out.byte(u8::from(process.app.user.is_some()));
    out.word(process.app.user.unwrap_or(0));
    out.text(&process.app.name, NAME);
    out.perhaps(process.app.path.as_deref(), PATH);
    out.perhaps(process.via.as_deref(), NAME);
    out.perhaps(process.container.as_deref(), NAME);
    out.perhaps(process.unit.as_deref(), UNIT);
    let parents = &process.parents[..process.parents.len().min(PARENTS)];
    out.byte(parents.len() as u8);
    for parent in parents {
        out.word(parent.pid);
        out.text(&parent.name, NAME);
    }
}

pub(super) fn read(input: &mut In) -> Result<Process, Garbled> {
    let run = Run {
        pid: input.word()?,
        since: input.long()?,
    };
    let (has_user, user) = (input.byte()?, input.word()?);
    let app = App {
        name: input.text()?.into(),
        path: shared(input)?,
        user: (has_user != 0).then_some(user),
    };
    Ok(Process {
        run,
        started: None,
        app,
        via: shared(input)?,
        container: shared(input)?,
        unit: shared(input)?,
        parents: parents(input)?,
    })
}

fn parents(input: &mut In) -> Result<Vec<Parent>, Garbled> {
    let count = usize::from(input.byte()?).min(PARENTS);
    let parent = |_| {
        Ok(Parent {
            pid: input.word()?,
            name: input.text()?.into(),
        })
    };
    (0..count).map(parent).collect()
}

fn shared(input: &mut In) -> Result<Option<Arc<str>>, Garbled> {
    Ok(input.perhaps()?.map(Into::into))
}
