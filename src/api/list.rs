//! The shape of every list.

use serde::Serialize;
use utoipa::ToSchema;

/// A page of a list. `next` goes back as `?cursor=`; it is `null` on the last page.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct List<T: ToSchema> {
    pub items: Vec<T>,
    pub next: Option<String>,
}

impl<T: ToSchema> List<T> {
    /// A list that fits on one page.
    pub fn whole(items: Vec<T>) -> List<T> {
        List { items, next: None }
    }
}
