//! Where the service of a data folder answers: a port that the system may have chosen, in a file
//! beside the history. The service holds it as long as it answers, so that what a crash leaves
//! behind leads nobody, and no token, to whoever has that port by then.

use super::Error;
use crate::platform::private::{self, Held};
use std::path::Path;

const FILE: &str = "port";

/// Tells where this process answers, until the value is gone.
pub(super) fn tell(folder: &Path, port: u16) -> Result<Held, Error> {
    let content = format!("{port}\n");
    Ok(Held::new(&folder.join(FILE), content.as_bytes())?)
}

/// The port on which the service of this data folder answers now, if there is one.
pub fn port(folder: &Path) -> Result<Option<u16>, Error> {
    let told = private::read_held(&folder.join(FILE))?;
    let text = told.and_then(|told| String::from_utf8(told).ok());
    // What is being written at this moment is not there yet.
    Ok(text.and_then(|text| text.trim_end().parse().ok()))
}
