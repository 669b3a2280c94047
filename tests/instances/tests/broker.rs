//! The broker and the network that other tests build upon.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};

use instances::{Proxy, Rabbit};

/// The first eight bytes of a conversation; a broker answers them with a frame.
fn greeted(port: u16) -> bool {
    let Ok(mut stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) else { return false };
    stream.write_all(b"AMQP\x00\x00\x09\x01").unwrap();
    let mut first = [0];
    stream.read(&mut first).is_ok_and(|length| length == 1)
}

#[test]
fn a_broker_serves_and_comes_back_after_a_kill() {
    let rabbit = Rabbit::start();
    assert!(greeted(rabbit.port()));
    assert_ne!(rabbit.virtual_host(), rabbit.virtual_host());
    for _ in 0..2 {
        rabbit.kill();
        assert!(!greeted(rabbit.port()));
        rabbit.start_again();
        assert!(greeted(rabbit.port()));
    }
    rabbit.set_memory_alarm(true);
    assert!(rabbit.ctl(&["eval", "rabbit_alarm:get_alarms()."]).contains("memory"));
    rabbit.set_memory_alarm(false);
    let port = rabbit.port();
    drop(rabbit);
    assert!(!greeted(port));
}

#[test]
fn a_proxy_carries_cuts_and_restores() {
    let echo = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let proxy = Proxy::start(echo.local_addr().unwrap().port());
    let mut client = TcpStream::connect((Ipv4Addr::LOCALHOST, proxy.port())).unwrap();
    let (mut server, _) = echo.accept().unwrap();
    let mut byte = [0];
    client.write_all(b"a").unwrap();
    server.read_exact(&mut byte).unwrap();
    proxy.cut();
    client.write_all(b"b").unwrap();
    server.set_nonblocking(true).unwrap();
    assert!(server.read(&mut byte).is_err());
    server.set_nonblocking(false).unwrap();
    proxy.restore();
    server.read_exact(&mut byte).unwrap();
    assert_eq!(&byte, b"b");
    proxy.half_close();
    assert_eq!(client.read(&mut byte).unwrap(), 0);
    proxy.refuse();
    assert_eq!(server.read(&mut byte).unwrap_or(0), 0);
    let refused = TcpStream::connect((Ipv4Addr::LOCALHOST, proxy.port()));
    assert!(refused.is_err() || refused.is_ok_and(|mut stream| stream.read(&mut byte).unwrap_or(0) == 0));
}
