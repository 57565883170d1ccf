//! Where an export goes: standard output, or a file that gets its name when it is whole. Shows on a
//! terminal how much there is.

use crate::cli::{Error, text};
use crate::export::{Ended, Wish, resume};
use crate::monitor;
use crate::platform::{self, private};
use crate::store;
use crate::units::Second;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, ErrorKind, IsTerminal, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Bytes after which it is shown again how much there is.
const STEP: u64 = 1 << 20;

/// What is continued.
pub(super) struct Resumed<'a> {
    pub(super) wish: &'a Wish,
    /// Seconds by which a connection may be written after its last frame.
    pub(super) late: u32,
    /// Refuses where the history no longer has the second that would be written again.
    pub(super) has: &'a dyn Fn(Second) -> Result<(), Error>,
}

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
        if !force && path.try_exists().map_err(failed("look for", path))? {
            let there = store::Error::Exists(path.to_owned());
            return Err(monitor::Error::Store(there).into());
        }
        let part = part(path);
        let file = private::open(&part)?;
        file.set_len(0).map_err(failed("write", &part))?;
        Ok(Output::to_file(file, part, path, 0, quiet))
    }

    /// A file that is continued, and from where: the unfinished one, or a copy of the whole one; or
    /// one that is begun, where there is none.
    pub(super) fn resumed(
        path: &Path,
        how: &Resumed,
        quiet: bool,
    ) -> Result<(Output, Option<Ended>), Error> {
        let part = part(path);
        let Some(ended) = going_on(path, &part, how)? else {
            return Ok((Output::begun(path, false, quiet)?, None));
        };
        if let Some(again) = ended.again {
            (how.has)(again)?;
        }
        let mut file = private::open(&part)?;
        // What was written before the first record is written again.
        let bytes = ended.from.map_or(0, |_| ended.bytes);
        let cut = file.set_len(bytes);
        cut.and_then(|()| file.seek(SeekFrom::Start(bytes)))
            .map_err(failed("write", &part))?;
        Ok((Output::to_file(file, part, path, bytes, quiet), Some(ended)))
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
            Target::File { file, part, .. } => {
                file.write_all(bytes).map_err(failed("write", part))?;
            }
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
                file.sync_all().map_err(failed("write", part))?;
                fs::rename(&*part, &*path).map_err(failed("put the whole export at", path))?;
                let folder = path
                    .parent()
                    .filter(|folder| !folder.as_os_str().is_empty());
                let folder = folder.unwrap_or(Path::new("."));
                let synced = File::open(folder).and_then(|folder| folder.sync_all());
                synced.map_err(failed("write", folder))?;
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

/// Where there is something to go on from: makes `part` what it is.
fn going_on(path: &Path, part: &Path, how: &Resumed) -> Result<Option<Ended>, Error> {
    let (whole, begun) = (reading(path)?, reading(part)?);
    let Some(mut whole) = whole else {
        return match begun {
            Some(begun) if length(&begun, part)? > 0 => ended(&begun, part, how).map(Some),
            _ => Ok(None),
        };
    };
    let end = ended(&whole, path, how)?;
    let start = |file: &mut File| file.seek(SeekFrom::Start(0));
    start(&mut whole).map_err(failed("read", path))?;
    if let Some(mut begun) = begun
        && length(&begun, part)? >= length(&whole, path)?
        && let Ok(further) = ended(&begun, part, how)
        && further.from >= end.from
        && further.first == end.first
    {
        start(&mut begun).map_err(failed("read", part))?;
        let parts = [&whole, &begun].map(|file| BufReader::new(file.take(end.bytes)));
        if is_same(parts).map_err(failed("read", part))? {
            return Ok(Some(further));
        }
        start(&mut whole).map_err(failed("read", path))?;
    }
    // Until it is longer than the whole one it is taken for what it is: a copy that broke off.
    let mut copy = private::open(part)?;
    let copied = copy
        .set_len(0)
        .and_then(|()| io::copy(&mut whole.take(end.bytes), &mut copy));
    copied.map_err(failed("write", part))?;
    Ok(Some(end))
}

fn reading(path: &Path) -> Result<Option<File>, Error> {
    match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        opened => Ok(Some(opened.map_err(failed("read", path))?)),
    }
}

fn length(file: &File, path: &Path) -> Result<u64, Error> {
    Ok(file.metadata().map_err(failed("look at", path))?.len())
}

fn ended(file: &File, path: &Path, how: &Resumed) -> Result<Ended, Error> {
    let name = path.display().to_string();
    Ok(resume(how.wish, how.late, &name, BufReader::new(file))?)
}

/// Whether both have the same bytes.
fn is_same([mut one, mut other]: [impl BufRead; 2]) -> io::Result<bool> {
    loop {
        let (some, more) = (one.fill_buf()?, other.fill_buf()?);
        let length = some.len().min(more.len());
        if length == 0 {
            return Ok(some.is_empty() && more.is_empty());
        }
        if some.get(..length) != more.get(..length) {
            return Ok(false);
        }
        one.consume(length);
        other.consume(length);
    }
}

/// For `map_err` after something was done with a file.
fn failed(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.to_owned();
    move |source| {
        let error = platform::Error::File {
            doing,
            path,
            source,
        };
        error.into()
    }
}

/// The name of a file while it is not whole.
fn part(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    path.with_file_name(name)
}
