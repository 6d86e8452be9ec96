//! The way to Stripe: over IPv6 alone, and through a company's proxy, which sees a host's name and no key.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::support::{Launch, skipped};

/// Passes bytes on, both ways.
fn join(from: TcpStream, to: TcpStream) {
    let copy = |mut from: TcpStream, mut to: TcpStream| {
        let _ = std::io::copy(&mut from, &mut to);
        let _ = to.shutdown(std::net::Shutdown::Write);
    };
    let (back, forth) = (to.try_clone().unwrap(), from.try_clone().unwrap());
    thread::spawn(move || copy(back, forth));
    thread::spawn(move || copy(from, to));
}

#[test]
fn a_launch_over_ipv6_alone_is_whole() {
    let launch = Launch::small();
    let Ok(listener) = TcpListener::bind("[::1]:0") else { return skipped("no IPv6 on this computer") };
    let port = listener.local_addr().unwrap().port();
    let stripe = launch.simulator.url.trim_start_matches("http://").to_owned();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            join(stream, TcpStream::connect(&stripe).unwrap());
        }
    });
    let _ = launch.wizard().env("GOLIVE_API_BASE", format!("http://[::1]:{port}")).run().exits(0);
    launch.is_whole("over IPv6");
}

/// A proxy that opens no tunnel, or one to a server that is not Stripe. Everything it is told is kept.
fn proxy(opens: bool) -> (String, Arc<Mutex<Vec<u8>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://anna:a-long-password@{}", listener.local_addr().unwrap());
    let heard = Arc::new(Mutex::new(Vec::new()));
    let ears = Arc::clone(&heard);
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let mut line = String::new();
            while reader.read_line(&mut line).is_ok_and(|read| read > 0) && !line.ends_with("\r\n\r\n") {}
            ears.lock().unwrap().extend(line.as_bytes());
            let answer = if opens { "HTTP/1.1 200 OK\r\n\r\n" } else { "HTTP/1.1 403 Forbidden\r\n\r\n" };
            let _ = stream.write_all(answer.as_bytes());
            // In the tunnel: the first flight, and an answer that proves nothing.
            let mut flight = [0; 4096];
            let read = reader.read(&mut flight).unwrap_or(0);
            ears.lock().unwrap().extend(&flight[..read]);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}");
        }
    });
    (address, heard)
}

#[test]
fn a_proxy_learns_stripes_name_and_no_key_and_cannot_answer_for_stripe() {
    for opens in [false, true] {
        let launch = Launch::small();
        let (address, heard) = proxy(opens);
        let golive = launch.wizard().without("GOLIVE_API_BASE").env("HTTPS_PROXY", &address);
        let output = golive.env("GOLIVE_CRASH_LIMITS", "5000,20000,5,200").run();
        assert_eq!(output.code, 75, "{output}");
        let output = output.says("it goes through the proxy http://127.0.0.1:").says("NO_PROXY=api.stripe.com");
        assert!(!output.stderr.contains("a-long-password"), "{output}");
        let heard = heard.lock().unwrap().clone();
        let text = String::from_utf8_lossy(&heard).into_owned();
        assert!(text.starts_with("CONNECT api.stripe.com:443 HTTP/1.1\r\n"), "{text}");
        for secret in [&launch.simulator.live.secret, &launch.simulator.live.publishable] {
            assert!(!text.contains(secret.as_str()), "the proxy heard a key");
        }
        assert_eq!(launch.requests(), 0);
    }
}

#[test]
fn a_simulator_on_this_computer_is_never_reached_through_a_proxy() {
    let launch = Launch::small();
    let (address, heard) = proxy(false);
    let _ = launch.wizard().env("HTTPS_PROXY", &address).env("https_proxy", &address).run().exits(0);
    assert!(heard.lock().unwrap().is_empty());
    launch.is_whole("with a proxy");
}

#[test]
fn a_proxy_that_golive_cannot_use_is_refused_and_not_passed_by() {
    let launch = Launch::small();
    let golive = || launch.wizard().without("GOLIVE_API_BASE");
    let _ = golive().env("HTTPS_PROXY", "socks5://127.0.0.1:1080").run().exits(2).says("GL1203");
}
