//! What is known of an address, as the API gives it.

use crate::names::places::Place;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// Of the remote address; null where nothing is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct PlaceItem {
    /// Two letters (ISO 3166-1).
    pub country: Option<String>,
    /// `registry`: of whom the address was assigned to, wherever the machine stands; `city`: by the
    /// user's database.
    pub country_source: Option<&'static str>,
    /// Number of the network that announces it, by the user's database.
    pub asn: Option<u32>,
    /// Whose network that is.
    #[schema(value_type = Option<String>)]
    pub organisation: Option<Arc<str>>,
    #[schema(value_type = Option<String>)]
    pub city: Option<Arc<str>>,
}

impl From<Place> for PlaceItem {
    fn from(place: Place) -> PlaceItem {
        let country = place.country;
        PlaceItem {
            country: country.map(|country| country.code().to_owned()),
            country_source: country.map(|country| country.source.word()),
            asn: place.asn,
            organisation: place.organisation,
            city: place.city,
        }
    }
}
