//! A history on its way through a connection, so that who wants a backup writes the file, and the
//! service needs no right to its place. Frames: a head, tables, entries, and an end with their
//! number and a CRC-32 of all before it. What has no such end is no backup.

use super::Tell;
use super::copy::{Take, copy};
use super::make::{Made, Maker, Target};
use super::tables::{Found, Kind};
use crate::store::error::Error;
use crate::store::reader::Reader;
use flate2::Crc;
use std::io::{self, Read};

const MAGIC: &[u8] = b"netmonitor backup 1\n";
const TABLE: u8 = 1;
const ENTRY: u8 = 2;
const END: u8 = 3;
const FAILED: u8 = 4;
/// Bytes that are handed on at a time.
const CHUNK: usize = 64 << 10;
/// No entry is longer than this.
const LONGEST: usize = 64 << 20;

/// Hands a whole history on in chunks. Where that fails midway, the reason is the last chunk.
pub fn send(
    reader: &Reader,
    give: &mut dyn FnMut(Vec<u8>) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut frames = Frames {
        waiting: Vec::new(),
        crc: Crc::new(),
        entries: 0,
        give,
    };
    let sent = copy(reader, &mut frames, &mut |_, _| Ok(()));
    match &sent {
        Ok(()) => frames.end()?,
        Err(Error::Gone) => {}
        Err(error) => frames.fail(&error.to_string())?,
    }
    sent
}

/// Makes a file of what was sent.
pub fn receive(from: &mut dyn Read, target: &Target, tell: &mut Tell) -> Result<Made, Error> {
    let mut maker = Maker::new(target)?;
    let mut from = Checked {
        from,
        crc: Crc::new(),
    };
    let mut magic = [0; MAGIC.len()];
    from.fill(&mut magic)?;
    if magic != MAGIC {
        return Err(cut("what came is no backup"));
    }
    let total = from.number()?;
    let (mut entries, mut table) = (0, false);
    loop {
        match from.byte()? {
            TABLE => {
                maker.table(&from.table()?)?;
                table = true;
            }
            ENTRY if table => {
                let (key, value) = from.entry()?;
                maker.entry(&key, &value)?;
                entries += 1;
                if entries % 256 == 0 {
                    tell(entries, total)?;
                }
            }
            END => break,
            FAILED => return Err(Error::Cut(String::from_utf8_lossy(&from.bytes()?).into())),
            _ => return Err(cut("what came is garbled")),
        }
    }
    from.end(entries)?;
    tell(total, total)?;
    maker.finish()
}

fn cut(why: &str) -> Error {
    Error::Cut(why.to_owned())
}

struct Frames<'a> {
    waiting: Vec<u8>,
    crc: Crc,
    entries: u64,
    give: &'a mut dyn FnMut(Vec<u8>) -> Result<(), Error>,
}

impl Frames<'_> {
    fn put(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.crc.update(bytes);
        self.waiting.extend_from_slice(bytes);
        if self.waiting.len() >= CHUNK {
            self.hand()
        } else {
            Ok(())
        }
    }

    fn hand(&mut self) -> Result<(), Error> {
        let chunk = std::mem::take(&mut self.waiting);
        self.waiting.reserve(CHUNK);
        (self.give)(chunk)
    }

    fn sized(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let length = u32::try_from(bytes.len()).map_err(|_| cut("an entry is too long"))?;
        self.put(&length.to_le_bytes())?;
        self.put(bytes)
    }

    fn end(&mut self) -> Result<(), Error> {
        self.put(&[END])?;
        self.put(&self.entries.to_le_bytes())?;
        let sum = self.crc.sum();
        self.put(&sum.to_le_bytes())?;
        self.hand()
    }

    fn fail(&mut self, why: &str) -> Result<(), Error> {
        self.put(&[FAILED])?;
        self.sized(why.as_bytes())?;
        self.hand()
    }
}

impl Take for Frames<'_> {
    fn total(&mut self, entries: u64) -> Result<(), Error> {
        self.put(MAGIC)?;
        self.put(&entries.to_le_bytes())
    }

    fn table(&mut self, table: &Found) -> Result<(), Error> {
        self.put(&[TABLE, table.kind as u8])?;
        self.sized(table.name.as_bytes())
    }

    fn entry(&mut self, key: &[u8], value: &[u8]) -> Result<(), Error> {
        self.entries += 1;
        self.put(&[ENTRY])?;
        self.sized(key)?;
        self.sized(value)
    }
}

struct Checked<'a> {
    from: &'a mut dyn Read,
    crc: Crc,
}

impl Checked<'_> {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        self.from.read_exact(bytes).map_err(|error| {
            if error.kind() == io::ErrorKind::UnexpectedEof {
                cut("it ended before its end")
            } else {
                Error::Cut(error.to_string())
            }
        })?;
        self.crc.update(bytes);
        Ok(())
    }

    fn byte(&mut self) -> Result<u8, Error> {
        let mut byte = [0];
        self.fill(&mut byte)?;
        Ok(byte[0])
    }

    fn number(&mut self) -> Result<u64, Error> {
        let mut bytes = [0; 8];
        self.fill(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn bytes(&mut self) -> Result<Vec<u8>, Error> {
        let mut length = [0; 4];
        self.fill(&mut length)?;
        let length = u32::from_le_bytes(length) as usize;
        if length > LONGEST {
            return Err(cut("an entry would be longer than 64 MiB"));
        }
        let mut bytes = vec![0; length];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    fn table(&mut self) -> Result<Found, Error> {
        let kind = Kind::of_code(self.byte()?).ok_or(cut("a table is of an unknown kind"))?;
        let name = String::from_utf8(self.bytes()?).map_err(|_| cut("a table has no name"))?;
        Ok(Found { name, kind })
    }

    fn entry(&mut self) -> Result<(Vec<u8>, Vec<u8>), Error> {
        Ok((self.bytes()?, self.bytes()?))
    }

    /// The number of entries and the checksum must be right.
    fn end(&mut self, entries: u64) -> Result<(), Error> {
        let told = self.number()?;
        let sum = self.crc.sum();
        let mut bytes = [0; 4];
        self.fill(&mut bytes)?;
        if told != entries || u32::from_le_bytes(bytes) != sum {
            return Err(cut("its checksum does not match"));
        }
        Ok(())
    }
}
