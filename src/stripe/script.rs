//! A scripted server on loopback for the tests of this module: it answers each request with the
//! next line of its script and remembers what it was asked.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What the server does with one request.
#[derive(Debug, Clone)]
pub(super) enum Act {
    /// Status, further headers, body.
    Reply(u16, Vec<(&'static str, String)>, String),
    /// Closes the connection without an answer.
    Drop,
    /// Never answers.
    Hang,
    /// Answers after a while.
    Slow(Duration, Box<Act>),
}

/// A plain answer.
pub(super) fn reply(status: u16, body: &str) -> Act {
    Act::Reply(status, Vec::new(), body.to_owned())
}

/// An answer with headers.
pub(super) fn with(status: u16, headers: &[(&'static str, &str)], body: &str) -> Act {
    let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    Act::Reply(status, headers, body.to_owned())
}

/// A request as it came in.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    /// Method, path and query.
    pub line: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Seen {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

type Rule = Box<dyn FnMut(&Seen) -> Option<Act> + Send>;

struct Inner {
    script: VecDeque<Act>,
    rule: Option<Rule>,
    seen: Vec<Seen>,
    connections: usize,
}

/// The server. What the script does not say is answered with 404 and an error object.
#[derive(Clone)]
pub(super) struct Server {
    inner: Arc<Mutex<Inner>>,
    pub address: String,
}

impl Server {
    /// A server that plays a script, on any port.
    pub(super) async fn play(script: impl IntoIterator<Item = Act>) -> Self {
        Self::start(script.into_iter().collect(), None).await
    }

    /// A server that answers by a rule.
    pub(super) async fn rule(rule: impl FnMut(&Seen) -> Option<Act> + Send + 'static) -> Self {
        Self::start(VecDeque::new(), Some(Box::new(rule))).await
    }

    async fn start(script: VecDeque<Act>, rule: Option<Rule>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let inner = Arc::new(Mutex::new(Inner { script, rule, seen: Vec::new(), connections: 0 }));
        let server = Self { inner, address };
        let accepting = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                accepting.inner.lock().unwrap().connections += 1;
                tokio::spawn(serve(stream, accepting.clone()));
            }
        });
        server
    }

    pub(super) fn seen(&self) -> Vec<Seen> {
        self.inner.lock().unwrap().seen.clone()
    }

    pub(super) fn connections(&self) -> usize {
        self.inner.lock().unwrap().connections
    }

    fn next(&self, seen: Seen) -> Act {
        let mut inner = self.inner.lock().unwrap();
        let ruled = inner.rule.as_mut().and_then(|rule| rule(&seen));
        inner.seen.push(seen);
        let missing = r#"{"error":{"type":"invalid_request_error","message":"not in the script"}}"#;
        ruled.or_else(|| inner.script.pop_front()).unwrap_or_else(|| reply(404, missing))
    }
}

async fn serve(mut stream: TcpStream, server: Server) {
    let mut buffer = Vec::new();
    while let Some(seen) = read(&mut stream, &mut buffer).await {
        let mut act = server.next(seen);
        if let Act::Slow(pause, inner) = act {
            tokio::time::sleep(pause).await;
            act = *inner;
        }
        let Act::Reply(status, headers, body) = act else {
            if matches!(act, Act::Hang) {
                std::future::pending::<()>().await;
            }
            return;
        };
        let mut text = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n", body.len());
        for (name, value) in headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str("\r\n");
        text.push_str(&body);
        if stream.write_all(text.as_bytes()).await.is_err() {
            return;
        }
    }
}

async fn read(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<Seen> {
    loop {
        if let Some(end) = buffer.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&buffer[..end]).into_owned();
            let mut lines = head.lines();
            let line = lines.next()?.trim_end_matches(" HTTP/1.1").to_owned();
            let headers: Vec<_> = lines
                .filter_map(|line| line.split_once(": "))
                .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
                .collect();
            let length = headers.iter().find(|(name, _)| name == "content-length");
            let length: usize = length.and_then(|(_, value)| value.parse().ok()).unwrap_or(0);
            if buffer.len() >= end + 4 + length {
                let body = String::from_utf8_lossy(&buffer[end + 4..end + 4 + length]).into_owned();
                buffer.drain(..end + 4 + length);
                return Some(Seen { line, headers, body });
            }
        }
        let mut part = [0; 4096];
        match stream.read(&mut part).await {
            Ok(count) if count > 0 => buffer.extend_from_slice(&part[..count]),
            _ => return None,
        }
    }
}
