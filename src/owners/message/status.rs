//! How a helper is: which of its ways to know an owner work, and why the others do not.

use super::Garbled;
use super::bytes::{In, Out};

/// A way to know an owner.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rung {
    pub works: bool,
    /// Why it does not, or what it lacks.
    pub why: Option<String>,
}

/// What works, and what was lost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// Programs in the kernel tell of sockets by themselves.
    pub kernel: Rung,
    /// Sockets are looked up when a flow begins.
    pub sockets: Rung,
    /// Processes of other users may be looked into.
    pub others: Rung,
    /// Events that the kernel had no room for.
    pub lost: u64,
    /// Questions that found no room.
    pub refused: u64,
    /// Questions that are asked again.
    pub pending: u32,
    /// Processes that are remembered.
    pub processes: u32,
}

/// The longest reason, in bytes.
const WHY: usize = 512;

impl Rung {
    pub fn works() -> Rung {
        Rung {
            works: true,
            why: None,
        }
    }

    pub fn fails(why: impl Into<String>) -> Rung {
        Rung {
            works: false,
            why: Some(why.into()),
        }
    }

    fn write(&self, out: &mut Out) {
        out.byte(u8::from(self.works));
        out.perhaps(self.why.as_deref(), WHY);
    }

    fn read(input: &mut In) -> Result<Rung, Garbled> {
        Ok(Rung {
            works: input.byte()? != 0,
            why: input.perhaps()?,
        })
    }
}

impl Status {
    /// What works and why the rest does not, as one line.
    pub fn told(&self) -> String {
        let rung = |name: &str, rung: &Rung| match (rung.works, &rung.why) {
            (true, None) => format!("{name} works"),
            (true, Some(why)) => format!("{name} works ({why})"),
            (false, why) => format!("{name} does not ({})", why.as_deref().unwrap_or("off")),
        };
        [
            rung("what the kernel tells", &self.kernel),
            rung("looking up sockets", &self.sockets),
            rung("looking into others' processes", &self.others),
        ]
        .join(", ")
    }

    pub(super) fn write(&self, out: &mut Out) {
        out.long(self.lost);
        out.long(self.refused);
        out.word(self.pending);
        out.word(self.processes);
        self.kernel.write(out);
        self.sockets.write(out);
        self.others.write(out);
    }

    pub(super) fn read(input: &mut In) -> Result<Status, Garbled> {
        Ok(Status {
            lost: input.long()?,
            refused: input.long()?,
            pending: input.word()?,
            processes: input.word()?,
            kernel: Rung::read(input)?,
            sockets: Rung::read(input)?,
            others: Rung::read(input)?,
        })
    }
}
