//! What a range is narrowed to, in words that stand in each of its records: a file says by itself what
//! was left out of it, and is continued only with the same.

use super::Wish;
use form_urlencoded::Serializer;

/// The column, or the field, that only a narrowed range has.
pub(super) const NAME: &str = "narrowed";

/// As the query string that asks for it, whatever the order in which it was asked; `None`: to nothing.
pub(super) fn narrowed(wish: &Wish) -> Option<String> {
    let ask = &wish.ask;
    let names = ask.interfaces.iter();
    let interfaces = names.map(|name| ("interface", name.as_str()));
    let mut all: Vec<_> = ask.filter.values().chain(interfaces).collect();
    if all.is_empty() || !wish.what.is_range() {
        return None;
    }
    all.sort_unstable();
    all.dedup();
    Some(Serializer::new(String::new()).extend_pairs(all).finish())
}
