//! Parts of what a service has answered: what is not as expected is nothing, as services differ by
//! version. Knows no question.

use serde_json::Value;

pub(super) fn word(value: &Value, otherwise: &str) -> String {
    value.as_str().unwrap_or(otherwise).to_owned()
}

pub(super) fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_default()
}

pub(super) fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
