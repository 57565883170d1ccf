//! Packs the dashboard: every file under `src/dashboard/assets` becomes a row of the table that
//! `dashboard` includes, with its type, its ETag and its gzip. Needs no tool beside cargo; the same
//! files give the same bytes.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write as _;
use std::path::{Path, PathBuf};

const ASSETS: &str = "src/dashboard/assets";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={ASSETS}");
    println!("cargo::rerun-if-changed=build.rs");
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?).join(ASSETS);
    let mut files = Vec::new();
    walk(&root, &mut files)?;
    files.sort();
    fs::write(out.join("assets.rs"), table(&root, &files, &out)?)?;
    Ok(())
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            walk(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

/// The rows, sorted by path, so that a request is found by binary search.
fn table(root: &Path, files: &[PathBuf], out: &Path) -> Result<String, Box<dyn Error>> {
    let mut rows = String::from("&[\n");
    for (number, file) in files.iter().enumerate() {
        let name = file
            .strip_prefix(root)?
            .to_str()
            .ok_or("a name that is not UTF-8")?;
        let bytes = fs::read(file)?;
        writeln!(
            rows,
            "Asset {{ path: \"/dashboard/{name}\", content_type: {:?}, etag: {:?}, identity: include_bytes!({:?}), gzip: {} }},",
            content_type(name)?,
            etag(&bytes),
            file.display().to_string(),
            packed(&bytes, &out.join(format!("asset-{number}.gz")))?,
        )?;
    }
    rows.push_str("]\n");
    Ok(rows)
}

fn content_type(name: &str) -> Result<&'static str, String> {
    match name.rsplit('.').next() {
        Some("html") => Ok("text/html; charset=utf-8"),
        Some("js") => Ok("text/javascript; charset=utf-8"),
        Some("css") => Ok("text/css; charset=utf-8"),
        Some("svg") => Ok("image/svg+xml"),
        Some("txt") => Ok("text/plain; charset=utf-8"),
        _ => Err(format!("{name}: say in build.rs what type this is")),
    }
}

/// Weak, since it stands for the plain and the compressed form alike. It only has to change when
/// the file does.
fn etag(bytes: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    format!("W/\"{:016x}\"", hasher.finish())
}

/// The compressed form, where it saves anything.
fn packed(bytes: &[u8], target: &Path) -> Result<String, Box<dyn Error>> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(bytes)?;
    let gzip = packer.finish()?;
    if gzip.len() >= bytes.len() {
        return Ok("None".into());
    }
    fs::write(target, gzip)?;
    Ok(format!(
        "Some(include_bytes!({:?}))",
        target.display().to_string()
    ))
}
