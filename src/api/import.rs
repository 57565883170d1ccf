//! `POST /api/import`: sums that another program counted, put into the history. A large import is
//! several of these; doing one again changes nothing.

use super::context::Context;
use super::problem::Problem;
use super::reply::Reply;
use super::request::Request;
use super::route::{Answer, Gives, Guard, Route, shape};
use crate::label::harmless;
use crate::platform::Role;
use crate::store::{Error, Imported, Sum, Tier};
use crate::units::Second;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub(super) const ROUTE: Route = Route {
    name: "POST /api/import",
    guard: Guard::Token,
    about: "Puts sums that another program counted into the history.",
    takes: &[],
    body: Some(shape::<ImportBatch>),
    gives: Gives::Json(shape::<ImportReport>),
    answer: Answer::Handler(import),
};

/// Sums of one import.
const MOST: usize = 1_000;
/// No interface is called by more.
const NAME: usize = 64;
/// Seconds from 1970 on, of times that a history can have.
const TIMES: std::ops::Range<i64> = 0..9_000_000_000;

#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportBatch {
    /// At most 1,000.
    pub sums: Vec<ImportSum>,
}

/// What an interface carried in an hour or a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportSum {
    pub interface: String,
    /// What the interface is for, where the history does not know it: one of the roles of
    /// `/api/interfaces`.
    #[schema(value_type = String)]
    pub role: Role,
    /// `hour` or `day`.
    pub tier: ImportTier,
    /// The middle of it, in seconds since 1970.
    pub at_s: i64,
    pub bytes_in: u64,
    pub bytes_out: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ImportTier {
    Hour,
    Day,
}

/// What came of it, in sums.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportReport {
    pub taken: u64,
    pub bytes_in: u64,
    pub bytes_out: u64,
    /// An earlier import brought them.
    pub had: u64,
    /// Something was counted by netmonitor itself in that hour or day.
    pub covered: u64,
    /// Hours where only days are kept, and days behind which hours, minutes or seconds are kept.
    pub unfit: u64,
}

impl From<Imported> for ImportReport {
    fn from(done: Imported) -> ImportReport {
        ImportReport {
            taken: done.taken,
            bytes_in: done.bytes_in,
            bytes_out: done.bytes_out,
            had: done.had,
            covered: done.covered,
            unfit: done.unfit,
        }
    }
}

impl ImportSum {
    /// The same for the store; names become harmless. `None` if it cannot be one.
    pub fn sum(&self) -> Option<Sum> {
        let name = harmless(&self.interface, NAME + 1);
        let fits = !name.is_empty() && name.len() <= NAME && TIMES.contains(&self.at_s);
        // So that sums of some thousand of them stay numbers.
        let counts = self.bytes_in.max(self.bytes_out) <= u64::MAX >> 16;
        (fits && counts).then(|| Sum {
            tier: match self.tier {
                ImportTier::Hour => Tier::Hour,
                ImportTier::Day => Tier::Day,
            },
            at: Second(self.at_s),
            interface: name.into(),
            role: self.role,
            bytes_in: self.bytes_in,
            bytes_out: self.bytes_out,
        })
    }
}

fn import(context: &Context, request: &Request) -> Result<Reply, Problem> {
    let batch: ImportBatch = request.json()?;
    if batch.sums.len() > MOST {
        return Err(Problem::bad_request("There may be 1,000 sums at a time."));
    }
    let sums = batch.sums.iter().map(ImportSum::sum).collect::<Option<_>>();
    let wrong = "A sum has a name of 1 to 64 bytes, a time from 1970 on and fewer than 2^48 bytes.";
    let sums = sums.ok_or_else(|| Problem::bad_request(wrong))?;
    let done = (context.import)(sums).map_err(|error| match error {
        Error::StillWorking | Error::Closed => Problem::busy(error.to_string()),
        inside => Problem::internal(inside),
    })?;
    Reply::json(&ImportReport::from(done))
}
