//! Opens a capture file or standard input, and unpacks gzip on the way.

use super::Error;
use flate2::read::MultiGzDecoder;
use std::fs;
use std::io::{self, Read};
use std::path::Path;

const GZIP: [u8; 2] = [0x1f, 0x8b];

/// A reader of the capture's own bytes.
pub(super) fn open(path: &Path) -> Result<Box<dyn Read + Send>, Error> {
    let failed = |problem| Error::Open {
        path: path.into(),
        problem,
    };
    if path == Path::new("-") {
        return unpack(Box::new(io::stdin())).map_err(failed);
    }
    let file = fs::File::open(path).map_err(failed)?;
    if file.metadata().map_err(failed)?.is_dir() {
        return Err(failed(io::Error::from(io::ErrorKind::IsADirectory)));
    }
    unpack(Box::new(file)).map_err(failed)
}

/// Whether a file can be read once more from its beginning, as it is. A pipe cannot: to open it
/// again would wait for another writer, or take bytes that follow those already read.
pub(super) fn is_plain(path: &Path) -> bool {
    path != Path::new("-") && fs::metadata(path).is_ok_and(|of| of.is_file()) && !is_packed(path)
}

/// Whether a file is gzip'd; one that cannot be read is none.
fn is_packed(path: &Path) -> bool {
    let mut head = [0; 2];
    let read = fs::File::open(path).and_then(|mut file| file.read_exact(&mut head));
    read.is_ok() && head == GZIP
}

/// What `raw` holds, unpacked if it is gzip'd.
pub(super) fn unpack(mut raw: Box<dyn Read + Send>) -> io::Result<Box<dyn Read + Send>> {
    let mut head = [0; 2];
    let (got, failure) = read_full(&mut raw, &mut head);
    failure.map_or(Ok(()), Err)?;
    let whole = io::Cursor::new(head).take(got as u64).chain(raw);
    Ok(if head == GZIP {
        Box::new(MultiGzDecoder::new(whole))
    } else {
        Box::new(whole)
    })
}

/// Reads until `place` is full or the input ends or fails: how much there was, and the failure.
pub(super) fn read_full(input: &mut dyn Read, place: &mut [u8]) -> (usize, Option<io::Error>) {
    let mut got = 0;
    while let Some(rest) = place.get_mut(got..).filter(|rest| !rest.is_empty()) {
        match input.read(rest) {
            Ok(0) => break,
            Ok(more) => got += more,
            Err(problem) if problem.kind() == io::ErrorKind::Interrupted => {}
            Err(problem) => return (got, Some(problem)),
        }
    }
    (got, None)
}
