//! Once a second: the workers' parts merged by key and labelled into one [`Delta`], with loss and
//! coverage beside it. Knows nothing of files or pages.

mod delta;
mod gather;
mod labelled;
mod labels;
mod whole;

pub use delta::{Amendment, Connection, Cost, Delta, FlowRow, InterfaceSecond, Open, sum};
pub use gather::{Gather, Merged};
pub use labelled::{Config, Labeller, MOST_OTHERS, MOST_ROWS, connection};
pub use labels::{Facts, Labels, Told};
pub use whole::{FlowSum, InterfaceSum, Outcome, Whole};
