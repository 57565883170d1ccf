//! The running service, asked over its own API: one request a connection, in HTTP/1.0, so that the
//! answer ends where the connection does; a long one is read as it comes. Knows no route and no
//! shape.

mod chunked;

pub(super) use chunked::Chunked;

use super::{Error, token};
use crate::api::Token;
use crate::config::Config;
use crate::monitor;
use serde_json::Value;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

/// A healthy service answers within milliseconds.
const PATIENCE: Duration = Duration::from_secs(5);
/// What reads a whole history first may be silent for that long.
const MUCH_PATIENCE: Duration = Duration::from_mins(2);
/// No answer that the command line asks for comes near this.
const LONGEST: u64 = 16 << 20;

pub(super) struct Client {
    port: u16,
    token: Option<Token>,
}

/// An answer whose body is still to be read.
pub(super) struct Streamed {
    pub(super) body: BufReader<TcpStream>,
    path: String,
}

impl Streamed {
    /// The whole body as JSON.
    pub(super) fn json(self) -> Result<Value, Error> {
        let mut body = Vec::new();
        self.body.take(LONGEST).read_to_end(&mut body)?;
        serde_json::from_slice(&body).map_err(|error| refused_with(&self.path, error.to_string()))
    }
}

impl Client {
    pub(super) fn new(port: u16, token: Option<Token>) -> Client {
        Client { port, token }
    }

    /// The service that runs with this data folder, if one does.
    pub(super) fn running(config: &Config) -> Result<Option<Client>, Error> {
        let Some(port) = monitor::port(&config.data_dir)? else {
            return Ok(None);
        };
        Ok(Some(Client::new(
            port,
            Some(token::read(&config.data_dir)?),
        )))
    }

    /// The JSON that this path answers with.
    pub(super) fn get(&self, path: &str) -> Result<Value, Error> {
        let answer = self.ask(path).map_err(|error| self.unreachable(&error))?;
        let (status, body) = parse(&answer).ok_or_else(|| Error::Unreachable {
            port: self.port,
            why: "what answers there does not speak HTTP".to_owned(),
        })?;
        let body: Option<Value> = serde_json::from_slice(body).ok();
        match (status, body) {
            (200, Some(body)) => Ok(body),
            (status, body) => Err(refused(path, status, body.as_ref())),
        }
    }

    /// Asks what takes long, and reads the answer's head.
    pub(super) fn patiently(&self, method: &str, path: &str) -> Result<Streamed, Error> {
        self.send(method, path, (method == "POST").then_some("{}"))
    }

    /// The same with this JSON.
    pub(super) fn send(
        &self,
        method: &str,
        path: &str,
        json: Option<&str>,
    ) -> Result<Streamed, Error> {
        let (status, body) = self
            .begin(method, path, json)
            .map_err(|error| self.unreachable(&error))?;
        let path = path.to_owned();
        let mut answer = Streamed { body, path };
        if status == 200 {
            return Ok(answer);
        }
        let mut told = Vec::new();
        answer.body.by_ref().take(LONGEST).read_to_end(&mut told)?;
        let told = serde_json::from_slice(&told).ok();
        Err(refused(&answer.path, status, told.as_ref()))
    }

    /// Sends JSON, and waits for the JSON that is the answer.
    pub(super) fn post(&self, path: &str, body: &Value) -> Result<Value, Error> {
        self.send("POST", path, Some(&body.to_string()))?.json()
    }

    /// Asks for what may be of any length and is whole only if its end comes; also the answer's
    /// header lines.
    pub(super) fn whole(&self, path: &str) -> Result<(Vec<(String, String)>, Chunked), Error> {
        let mut request = self
            .request("GET", path, None)
            .replace("HTTP/1.0", "HTTP/1.1");
        request.insert_str(request.len() - 2, "Connection: close\r\n");
        let asked = self.exchange(&request);
        let (status, head, mut body) = asked.map_err(|error| self.unreachable(&error))?;
        if status == 200 {
            return Ok((chunked::headers(&head), Chunked::new(body)));
        }
        let mut told = Vec::new();
        body.by_ref().take(LONGEST).read_to_end(&mut told)?;
        let told = serde_json::from_slice(&told).ok();
        Err(refused(path, status, told.as_ref()))
    }

    fn begin(
        &self,
        method: &str,
        path: &str,
        json: Option<&str>,
    ) -> io::Result<(u16, BufReader<TcpStream>)> {
        let (status, _, body) = self.exchange(&self.request(method, path, json))?;
        Ok((status, body))
    }

    /// Sends a request, and reads the head of what takes long.
    fn exchange(&self, request: &str) -> io::Result<(u16, Vec<u8>, BufReader<TcpStream>)> {
        let mut stream = self.connect(MUCH_PATIENCE)?;
        stream.write_all(request.as_bytes())?;
        let mut body = BufReader::new(stream);
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") && head.len() < 64 << 10 {
            if body.by_ref().take(16 << 10).read_until(b'\n', &mut head)? == 0 {
                break;
            }
        }
        let strange = || io::Error::other("what answers there does not speak HTTP");
        let (status, _) = parse(&head).ok_or_else(strange)?;
        Ok((status, head, body))
    }

    fn connect(&self, patience: Duration) -> io::Result<TcpStream> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_read_timeout(Some(patience))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(stream)
    }

    fn ask(&self, path: &str) -> io::Result<Vec<u8>> {
        let mut stream = self.connect(PATIENCE)?;
        stream.write_all(self.request("GET", path, None).as_bytes())?;
        let mut answer = Vec::new();
        stream.take(LONGEST).read_to_end(&mut answer)?;
        Ok(answer)
    }

    fn request(&self, method: &str, path: &str, json: Option<&str>) -> String {
        let authorization = match &self.token {
            Some(token) => format!("Authorization: Bearer {}\r\n", token.text()),
            None => String::new(),
        };
        let body = match json {
            Some(json) => format!(
                "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{json}",
                json.len()
            ),
            None => "\r\n".to_owned(),
        };
        format!(
            "{method} {path} HTTP/1.0\r\nHost: 127.0.0.1:{}\r\n{authorization}{body}",
            self.port
        )
    }

    fn unreachable(&self, error: &io::Error) -> Error {
        Error::Unreachable {
            port: self.port,
            why: error.to_string(),
        }
    }
}

fn refused(path: &str, status: u16, body: Option<&Value>) -> Error {
    let detail = body.and_then(|body| body["detail"].as_str()).unwrap_or("");
    refused_with(path, format!("{status} {detail}").trim_end().to_owned())
}

fn refused_with(path: &str, answer: String) -> Error {
    Error::Refused {
        path: path.to_owned(),
        answer,
    }
}

/// Status and body of an answer.
fn parse(answer: &[u8]) -> Option<(u16, &[u8])> {
    let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n")?;
    let (head, body) = answer.split_at(end + 4);
    let line = std::str::from_utf8(head).ok()?.lines().next()?;
    let (version, rest) = line.split_once(' ')?;
    let status = rest.split(' ').next()?.parse().ok()?;
    version.starts_with("HTTP/1.").then_some((status, body))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    /// The outcome of asking a server that says `answer`, and what it was asked.
    fn asked(answer: &'static str) -> (Result<Value, Error>, String) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = std::thread::Builder::new().spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                stream.read_exact(&mut byte).unwrap();
                request.push(byte[0]);
            }
            stream.write_all(answer.as_bytes()).unwrap();
            String::from_utf8(request).unwrap()
        });
        let said = Client::new(port, None).get("/health");
        (said, server.unwrap().join().unwrap())
    }

    #[test]
    fn an_answer_is_its_body() {
        let (said, request) =
            asked("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{\"status\": \"ok\"}");
        assert_eq!(said.unwrap()["status"], "ok");
        assert!(request.starts_with("GET /health HTTP/1.0\r\nHost: 127.0.0.1:"));
    }

    #[test]
    fn a_refusal_says_why() {
        let (said, _) =
            asked("HTTP/1.1 401 Unauthorized\r\n\r\n{\"status\": 401, \"detail\": \"No token.\"}");
        let said = said.unwrap_err().to_string();
        assert_eq!(said, "the service refused /health: 401 No token.");
    }

    #[test]
    fn what_speaks_something_else_is_no_service() {
        for answer in ["SSH-2.0-OpenSSH_9.2\r\n", "", "HTTP/1.1 abc\r\n\r\n"] {
            let (said, _) = asked(answer);
            assert!(matches!(said, Err(Error::Unreachable { .. })), "{answer}");
        }
    }
}
