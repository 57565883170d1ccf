//! What can be wrong with a configuration, said so that it can be put right: where it stands,
//! what is wrong, what was probably meant.

use super::file::Place;
use super::layers::Origin;
use std::io;
use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot read the configuration file {}: {source}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("{place}: this is not TOML: {message}")]
    Syntax { place: Place, message: String },
    #[error("{place}: there is no setting `{key}`{}", meant(*nearest))]
    Unknown {
        place: Place,
        key: String,
        nearest: Option<&'static str>,
    },
    #[error("{origin}: `{key}` cannot be {value}: {message}")]
    Value {
        origin: Origin,
        key: String,
        value: String,
        message: String,
    },
}

fn meant(nearest: Option<&str>) -> String {
    match nearest {
        Some(known) => format!("; did you mean `{known}`?"),
        None => " (`netmonitor config show` lists them all)".to_owned(),
    }
}
