//! Why nothing, or not all, is handed on.

use crate::query;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("`{0}` does not go with what is asked for")]
    Unfit(&'static str),
    #[error(
        "`{0}` narrows lists and series, rows and connections: totals and interfaces are told whole"
    )]
    Narrowed(&'static str),
    #[error("`top` needs `by`: one of {0}")]
    By(String),
    #[error("whoever asked is gone")]
    Gone,
    #[error("{0} cannot be continued: it is not the beginning of such an export")]
    Strange(String),
    #[error(
        "{file} cannot be continued: it was written with {was}, and it is to be continued with {is}"
    )]
    Narrowing {
        file: String,
        was: String,
        is: String,
    },
    #[error("it could not be written: {0}")]
    Written(#[from] std::io::Error),
    #[error(transparent)]
    Query(query::Error),
}

impl From<query::Error> for Error {
    fn from(error: query::Error) -> Error {
        match error {
            query::Error::Left => Error::Gone,
            other => Error::Query(other),
        }
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Error {
        Error::Written(error.into())
    }
}
