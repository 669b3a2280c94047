//! A client of raw bytes that understands just enough HTTP/1.1 to find the end of an answer.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::patient;

pub(crate) struct Client {
    socket: TcpStream,
    buffer: Vec<u8>,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then_some(value)
        })
    }
}

impl Client {
    pub(crate) fn new(socket: TcpStream) -> Self {
        Self { socket, buffer: Vec::new() }
    }

    /// Reads while writing would do the same for large bodies: the kernel's buffers do not hold a megabyte.
    pub(crate) async fn send(&mut self, text: &str) {
        let (mut read, mut write) = self.socket.split();
        let mut piece = vec![0; 64 * 1024];
        let mut left = text.as_bytes();
        while !left.is_empty() {
            tokio::select! {
                written = write.write(left) => match written {
                    Ok(written) => left = &left[written..],
                    Err(_) => return,
                },
                got = read.read(&mut piece) => match got {
                    Ok(0) | Err(_) => return,
                    Ok(got) => self.buffer.extend_from_slice(&piece[..got]),
                },
            }
        }
    }

    /// Whether the bytes could still be sent and the peer has not closed.
    pub(crate) async fn try_send(&mut self, text: &str) -> bool {
        let mut piece = [0; 1024];
        let closed = matches!(self.socket.try_read(&mut piece), Ok(0));
        !closed && self.socket.write_all(text.as_bytes()).await.is_ok()
    }

    async fn more(&mut self) -> bool {
        let mut piece = vec![0; 64 * 1024];
        let got = patient(self.socket.read(&mut piece)).await.unwrap_or(0);
        self.buffer.extend_from_slice(&piece[..got]);
        got > 0
    }

    /// Everything until the connection is closed.
    pub(crate) async fn rest(&mut self) -> String {
        while self.more().await {}
        String::from_utf8(std::mem::take(&mut self.buffer)).unwrap()
    }

    pub(crate) async fn answer(&mut self) -> Answer {
        let end = loop {
            if let Some(at) = self.buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                break at + 4;
            }
            assert!(self.more().await, "closed within a head: {:?}", String::from_utf8_lossy(&self.buffer));
        };
        let head = String::from_utf8(self.buffer.drain(..end).collect()).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let mut answer = Answer { status, head, body: String::new() };
        let length: Option<usize> = answer.header("content-length").map(|length| length.parse().unwrap());
        let body = match length {
            Some(length) => {
                while self.buffer.len() < length {
                    assert!(self.more().await, "closed within a body");
                }
                self.buffer.drain(..length).collect()
            }
            None => self.chunks().await,
        };
        answer.body = String::from_utf8(body).unwrap();
        answer
    }

    async fn chunks(&mut self) -> Vec<u8> {
        let mut body = Vec::new();
        loop {
            let line = loop {
                if let Some(at) = self.buffer.windows(2).position(|window| window == b"\r\n") {
                    break at;
                }
                assert!(self.more().await, "closed within a chunk's size");
            };
            let size: Vec<u8> = self.buffer.drain(..line + 2).collect();
            let size = usize::from_str_radix(std::str::from_utf8(&size).unwrap().trim(), 16).unwrap();
            while self.buffer.len() < size + 2 {
                assert!(self.more().await, "closed within a chunk");
            }
            body.extend(self.buffer.drain(..size));
            self.buffer.drain(..2);
            if size == 0 {
                return body;
            }
        }
    }
}
