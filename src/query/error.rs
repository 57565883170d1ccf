//! Why a question gets no answer.

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("`{what}` is wrong: {why}")]
    Asked {
        what: &'static str,
        why: &'static str,
    },
    #[error(
        "that would read more than {rows} rows: ask for a shorter range, or for fewer interfaces"
    )]
    TooMuch { rows: u64 },
    /// What was named is not there.
    #[error("{0}")]
    Nothing(&'static str),
    #[error("the answer could not be handed over: {0}")]
    Told(std::io::Error),
    #[error(transparent)]
    Store(#[from] crate::store::Error),
}
