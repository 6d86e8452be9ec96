//! A golive that stands still at every crash point: the test sees the point's name and effect, and a
//! world in which nothing moves, so that what `kill -9` would leave there can be copied.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::{Golive, Output};

/// A crash point that was reached.
pub struct Stop {
    /// Its number in this run, from 1.
    pub number: usize,
    /// `journal.synced`, `request.leaving` and so on.
    pub name: String,
    /// What just happened to the disk, if that is what the point is about.
    pub effect: Value,
}

/// Runs a golive to its end and calls `each` at every crash point, while the whole process is stopped.
pub fn stepped(golive: Golive, home: &Path, each: &mut dyn FnMut(&Stop)) -> Output {
    let path = home.join("step.sock");
    let _ = std::fs::remove_file(&path);
    let listener = UnixListener::bind(&path).unwrap();
    listener.set_nonblocking(true).unwrap();
    let child = golive.env("GOLIVE_CRASH_STEP", &path).start();
    let pid = Pid::from_child(&child);
    let waiter = std::thread::spawn(move || Output::of(&child.wait_with_output().unwrap()));
    let mut number = 0;
    while !waiter.is_finished() {
        let Ok((stream, _)) = listener.accept() else {
            std::thread::sleep(Duration::from_millis(1));
            continue;
        };
        stream.set_nonblocking(false).unwrap();
        let mut answer = stream.try_clone().unwrap();
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            let mut told: Value = serde_json::from_str(&line).unwrap();
            number += 1;
            let stop = Stop { number, name: told["point"].as_str().unwrap().to_owned(), effect: told["effect"].take() };
            freeze(pid);
            each(&stop);
            let _ = kill_process(pid, Signal::CONT);
            let _ = answer.write_all(b".");
        }
    }
    let _ = std::fs::remove_file(&path);
    waiter.join().unwrap()
}

/// Stops every thread of a process, and returns when they stand still.
fn freeze(pid: Pid) {
    let _ = kill_process(pid, Signal::STOP);
    let stat = format!("/proc/{}/stat", pid.as_raw_nonzero());
    loop {
        let text = std::fs::read_to_string(&stat).unwrap_or_default();
        // The state stands behind the name, which stands in parentheses.
        let state = text.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next());
        if !matches!(state, Some('R' | 'S' | 'D')) {
            return;
        }
        std::thread::sleep(Duration::from_micros(100));
    }
}
