//! Property lists, in their XML and their binary form, as far as needed: the texts of the outermost
//! dictionary. What is nested is skipped, what is broken has no texts.

mod binary;
mod xml;

/// The text under a key of the outermost dictionary.
pub(super) fn string(list: &[u8], key: &str) -> Option<String> {
    match list.strip_prefix(b"bplist00") {
        Some(_) => binary::string(list, key),
        None => xml::string(&String::from_utf8_lossy(list), key),
    }
}

#[cfg(test)]
mod tests;
