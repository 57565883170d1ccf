//! What one run's history holds, read back from the file: the proof that nothing was lost unnamed.

use super::Error;
use crate::clock::Clock;
use crate::config::Config;
use crate::query;
use crate::store::Store;
use crate::units::Epoch;
use std::path::Path;

/// Opens the history again and writes the sums since an epoch as one JSON object.
pub(super) fn write(
    path: &Path,
    config: &Config,
    clock: &Clock,
    since: Epoch,
) -> Result<(), Error> {
    let store = Store::open(&config.data_dir, config.store.clone(), clock.now().wall)?;
    let interfaces = query::interfaces_since(&store.reader(), since)?;
    let text = serde_json::json!({ "interfaces": interfaces }).to_string();
    std::fs::write(path, text + "\n").map_err(|problem| {
        Error::Other(format!(
            "cannot write the report to {}: {problem}",
            path.display()
        ))
    })
}
