//! A network between a client and a server that a test can break.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

/// Bytes carried at once.
const PIECE: usize = 64 << 10;

/// Forwards a port of 127.0.0.1 to another. Dropping it cuts every connection and takes no more.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    line: Arc<Line>,
}

/// How the network behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mood {
    /// Carries everything.
    Works,
    /// Carries nothing and tells nobody: what is sent waits, as behind a cut cable.
    Cut,
    /// Refuses new connections and has broken those there were.
    Refuses,
    /// Carries what the client sends, and none of the answers.
    HalfCut,
    /// Is gone.
    Over,
}

#[derive(Debug)]
struct Line {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    mood: Mood,
    delay: Duration,
    open: Vec<(TcpStream, TcpStream)>,
}

/// Which way bytes go.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    ToServer,
    ToClient,
}

impl Proxy {
    /// Listens on a free port and forwards to `target` on 127.0.0.1.
    pub fn start(target: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = State { mood: Mood::Works, delay: Duration::ZERO, open: Vec::new() };
        let line = Arc::new(Line { state: Mutex::new(state), changed: Condvar::new() });
        std::thread::spawn({
            let line = Arc::clone(&line);
            move || line.serve(&listener, target)
        });
        Self { port, line }
    }

    /// The port that clients take.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Carries nothing from now on, without a word to either side, until [`Proxy::restore`]. New connections are taken
    /// and hear nothing.
    pub fn cut(&self) {
        self.line.set(|state| state.mood = Mood::Cut);
    }

    /// Carries what the client sends and holds the answers back, until [`Proxy::restore`].
    pub fn cut_answers(&self) {
        self.line.set(|state| state.mood = Mood::HalfCut);
    }

    /// Breaks every connection and refuses new ones, until [`Proxy::restore`].
    pub fn refuse(&self) {
        self.line.set(|state| {
            state.mood = Mood::Refuses;
            state.hang_up(Shutdown::Both);
        });
    }

    /// Ends the sending side of every connection towards the client, as a server does that is about to go.
    pub fn half_close(&self) {
        self.line.set(|state| state.hang_up(Shutdown::Write));
    }

    /// Waits this long before each piece is carried on.
    pub fn delay(&self, delay: Duration) {
        self.line.set(|state| state.delay = delay);
    }

    /// Carries everything again, what waited included.
    pub fn restore(&self) {
        self.line.set(|state| {
            state.mood = Mood::Works;
            state.delay = Duration::ZERO;
        });
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.line.set(|state| {
            state.mood = Mood::Over;
            state.hang_up(Shutdown::Both);
        });
        // Wakes the listening thread, so that it sees the end.
        drop(TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)));
    }
}

impl State {
    fn hang_up(&mut self, how: Shutdown) {
        for (client, server) in &self.open {
            // One that is closed already is as wanted.
            drop(client.shutdown(how));
            if how == Shutdown::Both {
                drop(server.shutdown(how));
            }
        }
        if how == Shutdown::Both {
            self.open.clear();
        }
    }

    fn carries(&self, way: Way) -> bool {
        match self.mood {
            Mood::Works | Mood::Refuses | Mood::Over => true,
            Mood::Cut => false,
            Mood::HalfCut => way == Way::ToServer,
        }
    }
}

impl Line {
    fn set(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().unwrap());
        self.changed.notify_all();
    }

    fn serve(self: &Arc<Self>, listener: &TcpListener, target: u16) {
        for client in listener.incoming() {
            let Ok(client) = client else { continue };
            let mut state = self.state.lock().unwrap();
            match state.mood {
                Mood::Over => return,
                Mood::Refuses => continue,
                Mood::Works | Mood::Cut | Mood::HalfCut => {}
            }
            let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, target)) else { continue };
            state.open.push((client.try_clone().unwrap(), server.try_clone().unwrap()));
            drop(state);
            for stream in [&client, &server] {
                stream.set_nodelay(true).unwrap();
            }
            let ways = [
                (Way::ToServer, client.try_clone().unwrap(), server.try_clone().unwrap()),
                (Way::ToClient, server, client),
            ];
            for (way, from, to) in ways {
                let line = Arc::clone(self);
                std::thread::spawn(move || line.carry(way, from, to));
            }
        }
    }

    fn carry(&self, way: Way, mut from: TcpStream, mut to: TcpStream) {
        let mut piece = vec![0; PIECE];
        while let Ok(length @ 1..) = from.read(&mut piece) {
            self.wait(way);
            if to.write_all(&piece[..length]).is_err() {
                break;
            }
        }
        self.wait(way);
        // Either side may have hung up first.
        drop(to.shutdown(Shutdown::Write));
    }

    /// Returns when a piece may go on.
    fn wait(&self, way: Way) {
        let mut state = self.state.lock().unwrap();
        let end = Instant::now() + state.delay;
        while !state.carries(way) || (state.delay > Duration::ZERO && Instant::now() < end) {
            state = if state.carries(way) {
                let left = end.saturating_duration_since(Instant::now());
                self.changed.wait_timeout(state, left).unwrap().0
            } else {
                self.changed.wait(state).unwrap()
            };
        }
    }
}
