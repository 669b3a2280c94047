//! A browser's end of a Server-Sent Events stream.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::client::Client;

/// Longest wait for the next event.
const TIMEOUT: Duration = Duration::from_secs(30);

/// One event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its data.
    pub data: String,
}

/// An open stream.
pub struct EventStream {
    lines: BufReader<TcpStream>,
    /// Status of the answer.
    pub status: u16,
}

impl EventStream {
    /// Opens the stream with the client's cookies, resuming after `last_event_id`.
    pub fn open(client: &Client, path: &str, last_event_id: Option<&str>) -> Self {
        let address = client.base().trim_start_matches("http://");
        let mut socket = TcpStream::connect(address).unwrap();
        socket.set_read_timeout(Some(TIMEOUT)).unwrap();
        let resume = last_event_id.map(|id| format!("Last-Event-ID: {id}\r\n")).unwrap_or_default();
        let head = format!(
            "GET {path} HTTP/1.1\r\nHost: {address}\r\nAccept: text/event-stream\r\nCookie: {}\r\n{resume}\r\n",
            client.cookies()
        );
        socket.write_all(head.as_bytes()).unwrap();
        let mut stream = Self { lines: BufReader::new(socket), status: 0 };
        let status = stream.line();
        stream.status = status.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a status line");
        while !stream.line().is_empty() {}
        stream
    }

    /// The next event; comments and chunk framing are skipped.
    pub fn next_event(&mut self) -> Event {
        let mut event = Event::default();
        loop {
            let line = self.line();
            let Some((field, value)) = line.split_once(':') else {
                if line.is_empty() && !(event.name.is_empty() && event.data.is_empty()) {
                    return event;
                }
                continue;
            };
            let value = value.trim_start();
            match field {
                "id" => value.clone_into(&mut event.id),
                "event" => value.clone_into(&mut event.name),
                "data" => event.data.push_str(value),
                _ => {}
            }
        }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        let read = self.lines.read_line(&mut line).expect("the stream goes on");
        assert!(read > 0, "the stream ended");
        line.trim_end_matches(['\r', '\n']).to_owned()
    }
}
