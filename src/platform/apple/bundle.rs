//! The application that a program is part of: the outermost `.app` folder on its way, and what the
//! description in there says. Browsers have helpers in bundles within theirs: a person knows the
//! outer one.

use super::plist;
use crate::platform::Bundle;
use nix::libc;
use std::fs::OpenOptions;
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// More than any description has.
const MOST_BYTES: u64 = 1 << 20;

/// The bundle of a program; without a description that can be read its folder's name must do.
pub(crate) fn bundle(executable: &Path) -> Option<Bundle> {
    let folder = outermost(executable)?;
    let told = read(&folder.join("Contents/Info.plist")).unwrap_or_default();
    let text = |key| plist::string(&told, key).filter(|text| !text.is_empty());
    let called = || Some(folder.file_stem()?.to_string_lossy().into_owned());
    Some(Bundle {
        id: text("CFBundleIdentifier"),
        name: text("CFBundleDisplayName")
            .or_else(|| text("CFBundleName"))
            .or_else(called)?,
    })
}

fn outermost(executable: &Path) -> Option<PathBuf> {
    let folders = executable.ancestors().skip(1);
    let bundles = folders.filter(|folder| folder.extension().is_some_and(|end| end == "app"));
    bundles.last().map(Path::to_owned)
}

/// Whoever made the bundle may have put a pipe there: opening it must not wait.
fn read(path: &Path) -> Option<Vec<u8>> {
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(libc::O_NONBLOCK);
    let file = options.open(path).ok()?;
    if !file.metadata().ok()?.is_file() {
        return None;
    }
    let mut content = Vec::new();
    file.take(MOST_BYTES).read_to_end(&mut content).ok()?;
    Some(content)
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::sys::stat::Mode;
    use std::fs;

    #[test]
    fn a_helper_is_of_the_bundle_around_it_and_a_tool_of_none() {
        let place = tempfile::tempdir().unwrap();
        let outer = place.path().join("Browser.app");
        let helper = outer.join("Contents/Helpers/Browser Helper.app/Contents/MacOS/helper");
        fs::create_dir_all(helper.parent().unwrap()).unwrap();
        let named = |id: Option<&str>, name: &str| Bundle {
            id: id.map(str::to_owned),
            name: name.to_owned(),
        };
        assert_eq!(bundle(&helper), Some(named(None, "Browser")));
        let described = "<plist><dict><key>CFBundleIdentifier</key><string>org.example.b</string>\
                         <key>CFBundleName</key><string>The Browser</string></dict></plist>";
        fs::write(outer.join("Contents/Info.plist"), described).unwrap();
        let whole = named(Some("org.example.b"), "The Browser");
        assert_eq!(bundle(&helper), Some(whole));
        assert_eq!(bundle(Path::new("/usr/bin/curl")), None);
        assert_eq!(bundle(Path::new("/tools/named.app")), None);
    }

    #[test]
    fn a_pipe_for_a_description_keeps_nobody_waiting() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("Odd.app/Contents");
        fs::create_dir_all(&folder).unwrap();
        nix::unistd::mkfifo(&folder.join("Info.plist"), Mode::S_IRWXU).unwrap();
        assert_eq!(bundle(&folder.join("MacOS/odd")).unwrap().name, "Odd");
    }
}
