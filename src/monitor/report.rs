//! What one run's history holds, read back from the file: the proof that nothing was lost unnamed.

use super::Error;
use crate::query;
use crate::store::Reader;
use crate::units::Epoch;
use std::path::Path;

/// Writes the report as one JSON object.
pub(super) fn write(path: &Path, reader: &Reader, since: Epoch) -> Result<(), Error> {
    let interfaces = query::interfaces_since(reader, since)?;
    let text = serde_json::json!({ "interfaces": interfaces }).to_string();
    std::fs::write(path, text + "\n").map_err(|problem| {
        Error::Other(format!(
            "cannot write the report to {}: {problem}",
            path.display()
        ))
    })
}
