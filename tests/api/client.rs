//! A client that sends exactly the bytes it is told to: what a browser would never send, too.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

/// Long enough that only a hang reaches it.
const PATIENCE: Duration = Duration::from_mins(1);

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(key, _)| key == name);
        values.next().map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

pub fn connect(port: u16) -> TcpStream {
    connect_to((Ipv4Addr::LOCALHOST, port).into())
}

fn connect_to(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// Sends `head` with these header lines and this body, and reads the answer. `None`: the server
/// closed the connection without one.
pub fn ask(port: u16, head: &str, headers: &[String], body: &[u8]) -> Option<Answer> {
    exchange(connect(port), head, headers, body)
}

/// The same over IPv6, without a body.
pub fn ask_over_six(port: u16, head: &str, headers: &[String]) -> Option<Answer> {
    let stream = connect_to((Ipv6Addr::LOCALHOST, port).into());
    exchange(stream, head, headers, b"")
}

fn exchange(mut stream: TcpStream, head: &str, headers: &[String], body: &[u8]) -> Option<Answer> {
    let mut bytes = format!("{head}\r\n").into_bytes();
    for header in headers {
        bytes.extend_from_slice(header.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(body);
    // A server that refuses early may close before everything is written.
    let _ = stream.write_all(&bytes);
    read(&mut BufReader::new(stream), head.starts_with("HEAD "))
}

/// Reads one answer; a chunked body is read raw, to its end.
pub fn read(reader: &mut BufReader<TcpStream>, head_only: bool) -> Option<Answer> {
    let (status, headers) = read_head(reader)?;
    let length = headers.iter().find(|(key, _)| key == "content-length");
    let length = length.map_or(0, |(_, value)| value.parse().unwrap());
    let mut body = vec![
        0;
        if head_only || status == 304 {
            0
        } else {
            length
        }
    ];
    reader.read_exact(&mut body).unwrap();
    Some(Answer {
        status,
        headers,
        body,
    })
}

pub fn read_head(reader: &mut BufReader<TcpStream>) -> Option<(u16, Vec<(String, String)>)> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let status = line.split(' ').nth(1)?.parse().unwrap();
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let Some((name, value)) = line.trim_end().split_once(':') else {
            return Some((status, headers));
        };
        headers.push((name.to_lowercase(), value.trim().to_owned()));
    }
}
