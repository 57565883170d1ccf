//! The dashboard's files, embedded by `build.rs`. Owns what a path gives; knows nothing of HTTP
//! beyond a type and a tag, and nothing of traffic: the page asks the API for all that it shows.

#[cfg(test)]
mod tests;

/// One embedded file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asset {
    /// The whole request path: `/dashboard/js/main.js`.
    pub path: &'static str,
    pub content_type: &'static str,
    /// Weak: it stands for both forms.
    pub etag: &'static str,
    pub identity: &'static [u8],
    /// Compressed, where that saves anything.
    pub gzip: Option<&'static [u8]>,
}

/// What the page may do, as its `Content-Security-Policy`: its own files and its own API, nothing
/// inline, nothing from elsewhere.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; \
     style-src 'self'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; \
     base-uri 'none'; form-action 'none'";

const INDEX: &str = "/dashboard/index.html";

/// Sorted by path.
const ASSETS: &[Asset] = include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// The file of exactly this path. No path is ever joined or cleaned, so none can lead elsewhere.
pub fn asset(path: &str) -> Option<&'static Asset> {
    let path = match path {
        "/dashboard" | "/dashboard/" => INDEX,
        other => other,
    };
    let found = ASSETS.binary_search_by(|asset| asset.path.cmp(path)).ok()?;
    ASSETS.get(found)
}
