//! What a parser makes of the beginning of something.

/// How far a parser came with the bytes that there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parsed<T> {
    /// Whole, and understood.
    Done(T),
    /// As far as it goes it fits: the rest has not come yet.
    More,
    /// It is something else, or damaged: more bytes would not help.
    Not,
}

impl<T> Parsed<T> {
    /// The same progress with what `change` makes of the value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Parsed<U> {
        match self {
            Parsed::Done(value) => Parsed::Done(change(value)),
            Parsed::More => Parsed::More,
            Parsed::Not => Parsed::Not,
        }
    }

    /// The value, if it is whole.
    pub fn done(self) -> Option<T> {
        match self {
            Parsed::Done(value) => Some(value),
            Parsed::More | Parsed::Not => None,
        }
    }
}
