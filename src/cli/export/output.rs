//! Where an export goes: standard output, or a file that gets its name when it is whole. Shows on a
//! terminal how much there is.

use crate::cli::{Error, text};
use crate::export::{Ended, Wish, resume};
use crate::monitor;
use crate::platform::private;
use crate::store;
use crate::units::Second;
use std::fs::{self, File};
use std::io::{self, BufReader, IsTerminal, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Bytes after which it is shown again how much there is.
const STEP: u64 = 1 << 20;

pub(super) struct Output {
    target: Target,
    length: u64,
    shown: Option<u64>,
}

enum Target {
    Stdout,
    File {
        file: File,
        part: PathBuf,
        path: PathBuf,
    },
}

impl Output {
    pub(super) fn stdout(quiet: bool) -> Output {
        // What is written stands on the terminal already, if that is where it goes.
        Output::new(Target::Stdout, 0, quiet || io::stdout().is_terminal())
    }

    /// A file that is begun, in the place of an unfinished one.
    pub(super) fn begun(path: &Path, force: bool, quiet: bool) -> Result<Output, Error> {
        if !force && path.try_exists()? {
            let there = store::Error::Exists(path.to_owned());
            return Err(monitor::Error::Store(there).into());
        }
        let part = part(path);
        let file = private::open(&part)?;
        file.set_len(0)?;
        Ok(Output::to_file(file, part, path, 0, quiet))
    }

    /// A file that is continued, and from where: the unfinished one, or a copy of the whole one.
    pub(super) fn resumed(
        path: &Path,
        wish: &Wish,
        quiet: bool,
    ) -> Result<(Output, Option<Second>), Error> {
        let part = part(path);
        let from_part = part.try_exists()?;
        let there = if from_part { part.as_path() } else { path };
        let name = there.display().to_string();
        let mut source = File::open(there)?;
        let Ended { bytes, from } = resume(wish, &name, BufReader::new(&source))?;
        let mut file = private::open(&part)?;
        if !from_part {
            source.seek(SeekFrom::Start(0))?;
            file.set_len(0)?;
            io::copy(&mut source.take(bytes), &mut file)?;
        }
        // What was written before the first record is written again.
        let bytes = if from.is_some() { bytes } else { 0 };
        file.set_len(bytes)?;
        file.seek(SeekFrom::Start(bytes))?;
        Ok((Output::to_file(file, part, path, bytes, quiet), from))
    }

    fn to_file(file: File, part: PathBuf, path: &Path, length: u64, quiet: bool) -> Output {
        let path = path.to_owned();
        Output::new(Target::File { file, part, path }, length, quiet)
    }

    fn new(target: Target, length: u64, quiet: bool) -> Output {
        let shown = (!quiet && io::stderr().is_terminal()).then_some(0);
        Output {
            target,
            length,
            shown,
        }
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        match &mut self.target {
            Target::Stdout => io::stdout().lock().write_all(bytes)?,
            Target::File { file, .. } => file.write_all(bytes)?,
        }
        self.length += bytes.len() as u64;
        if let Some(shown) = &mut self.shown
            && self.length / STEP > *shown
        {
            *shown = self.length / STEP;
            // A terminal that is gone has nobody to tell.
            let _ = write!(io::stderr(), "\r{} written ", text::bytes(self.length));
        }
        Ok(())
    }

    /// It is whole: gives it its name, and says how long it is.
    pub(super) fn done(mut self) -> Result<u64, Error> {
        match &mut self.target {
            Target::Stdout => io::stdout().lock().flush()?,
            Target::File { file, part, path } => {
                file.sync_all()?;
                fs::rename(&*part, &*path)?;
                let folder = path
                    .parent()
                    .filter(|folder| !folder.as_os_str().is_empty());
                File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
            }
        }
        Ok(self.length)
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        if self.shown.is_some_and(|shown| shown > 0) {
            let _ = write!(io::stderr(), "\r{:24}\r", "");
        }
    }
}

/// The name of a file while it is not whole.
fn part(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    path.with_file_name(name)
}
