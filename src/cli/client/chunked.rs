//! A body in HTTP/1.1's chunks: it is whole only if its last chunk came.

use std::io::{self, BufRead, Read, Take};

/// A chunk's length and what may stand beside it.
const LINE: u64 = 1_024;

/// Reads the content, and fails where it is cut off.
pub(in crate::cli) struct Chunked<R = std::io::BufReader<std::net::TcpStream>> {
    chunk: Take<R>,
    begun: bool,
    ended: bool,
}

impl<R: BufRead> Chunked<R> {
    pub(super) fn new(inner: R) -> Chunked<R> {
        Chunked {
            chunk: inner.take(0),
            begun: false,
            ended: false,
        }
    }

    /// Goes to the next chunk; its length, 0 at the end.
    fn next(&mut self) -> io::Result<u64> {
        if self.begun {
            self.line()?;
        }
        self.begun = true;
        let line = self.line()?;
        let length = line.split(';').next().unwrap_or_default().trim();
        let length = u64::from_str_radix(length, 16).map_err(|_| cut())?;
        self.chunk.set_limit(length);
        self.ended = length == 0;
        Ok(length)
    }

    fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        self.chunk.get_mut().take(LINE).read_line(&mut line)?;
        if line.ends_with('\n') {
            Ok(line)
        } else {
            Err(cut())
        }
    }
}

impl<R: BufRead> Read for Chunked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.ended || buffer.is_empty() {
            return Ok(0);
        }
        if self.chunk.limit() == 0 && self.next()? == 0 {
            return Ok(0);
        }
        match self.chunk.read(buffer)? {
            0 => Err(cut()),
            read => Ok(read),
        }
    }
}

fn cut() -> io::Error {
    let why = "the answer was cut off: the service may have stopped, or could not read on";
    io::Error::new(io::ErrorKind::UnexpectedEof, why)
}

/// The header lines of an answer's head, names in small letters.
pub(super) fn headers(head: &[u8]) -> Vec<(String, String)> {
    let head = String::from_utf8_lossy(head);
    let lines = head.lines().skip(1).filter_map(|line| line.split_once(':'));
    lines
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> io::Result<String> {
        let mut content = String::new();
        Chunked::new(body.as_bytes()).read_to_string(&mut content)?;
        Ok(content)
    }

    #[test]
    fn chunks_are_put_together_and_a_cut_is_told_wherever_it_is() {
        let body = "5\r\nhello\r\n6;x=y\r\n, you\n\r\n0\r\n\r\n";
        assert_eq!(read(body).unwrap(), "hello, you\n");
        let end = body.find("0\r\n\r\n").unwrap() + 3;
        for cut in 0..end {
            let read = read(&body[..cut]);
            assert!(read.is_err(), "{cut}: {read:?}");
        }
    }
}
