//! Runs a command of the operator's: `sh -c` in its folder, values as environment variables, no
//! input, its own process group, a time limit. Its output is cleaned of control characters and
//! secrets line by line before anybody sees it; its last 64 KiB are kept.

use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe;
use tokio::process::{Child, Command};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::output::Output;
use crate::error::{Class, Code, Failure, Problem, Result};
use crate::step::{CommandSpec, Ran};

/// golive's own keys are not for the operator's programs.
const OWN_KEYS: [&str; 4] =
    ["GOLIVE_LIVE_KEY", "GOLIVE_LIVE_PUBLISHABLE_KEY", "GOLIVE_TEST_KEY", "GOLIVE_TEST_PUBLISHABLE_KEY"];
/// What a stopped command gets for cleaning up, before it is killed.
const GRACE: Duration = Duration::from_secs(2);
/// How long output is awaited after the command itself has ended, when a process that it left
/// behind still holds the pipe.
const LINGER: Duration = Duration::from_millis(300);
/// What a shell answers for a program that cannot be started (POSIX.1-2024, XCU 2.8.2).
const NOT_STARTED: i32 = 127;

/// Runs it to its end. Fails only when the operator stopped it: then its end counts as not seen.
pub(super) async fn run(
    command: &CommandSpec,
    base: &Path,
    cancel: &CancellationToken,
    line: &mut dyn FnMut(&str),
) -> Result<Ran> {
    if cancel.is_cancelled() {
        return Err(stopped(&command.run));
    }
    let begun = Instant::now();
    let mut output = Output::default();
    let (child, pipe) = match start(command, base) {
        Ok(started) => started,
        Err(error) => {
            output.take(format!("the command could not be started: {error}\n").as_bytes(), line);
            return Ok(ran(Some(NOT_STARTED), false, output, begun, line));
        }
    };
    let deadline = begun + Duration::from_secs(command.timeout);
    let watch = Watch { child, pipe, cancel, deadline };
    let end = watch.until_the_end(&mut output, line).await;
    match end {
        End::Stopped => Err(stopped(&command.run)),
        End::Ended(status) => Ok(ran(status.and_then(|status| status.code()), false, output, begun, line)),
        End::TimedOut => Ok(ran(None, true, output, begun, line)),
    }
}

fn ran(exit: Option<i32>, timed_out: bool, output: Output, begun: Instant, line: &mut dyn FnMut(&str)) -> Ran {
    let millis = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ran { exit, timed_out, output: output.finish(line), millis }
}

fn stopped(text: &str) -> Failure {
    let problem = Problem::new(Code::CommandUnknown, "a command was stopped before its end")
        .why(format!("it was: {text}"))
        .fix("see whether it did its work, then go on: golive wizard");
    Failure::new(Class::Interrupted, problem)
}

fn start(command: &CommandSpec, base: &Path) -> std::io::Result<(Child, pipe::Receiver)> {
    // One pipe for both streams keeps their lines in order.
    let (reader, writer) = std::io::pipe()?;
    let dir = command.dir.as_ref().map_or_else(|| base.to_path_buf(), |dir| base.join(dir));
    if !dir.is_dir() {
        return Err(std::io::Error::other(format!("`{}` is not a folder", dir.display())));
    }
    let mut shell = shell(command, &dir);
    let child = shell.stdout(writer.try_clone()?).stderr(writer).spawn()?;
    // The writing ends must be closed here, or the output would never end.
    drop(shell);
    Ok((child, pipe::Receiver::from_owned_fd(OwnedFd::from(reader))?))
}

fn shell(command: &CommandSpec, dir: &Path) -> Command {
    let mut shell = Command::new("sh");
    for key in OWN_KEYS {
        shell.env_remove(key);
    }
    shell
        .arg("-c")
        .arg(&command.run)
        .envs(&command.env)
        .envs(&command.private)
        .current_dir(dir)
        .stdin(Stdio::null())
        .process_group(0);
    shell
}

enum End {
    Ended(Option<ExitStatus>),
    TimedOut,
    Stopped,
}

/// Why and how far a command is being brought to its end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Running,
    Asked,
    Killed,
}

struct Watch<'a> {
    child: Child,
    pipe: pipe::Receiver,
    cancel: &'a CancellationToken,
    deadline: Instant,
}

impl Watch<'_> {
    async fn until_the_end(mut self, output: &mut Output, line: &mut dyn FnMut(&str)) -> End {
        // The child is its group's leader (`process_group(0)`), so its id is the group's.
        let group = self.child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        let (mut phase, mut end, mut status) = (Phase::Running, None, None);
        let (mut open, mut ended) = (true, false);
        let mut buffer = vec![0; 16 * 1024];
        while open || !ended {
            tokio::select! {
                read = self.pipe.read(&mut buffer), if open => match read {
                    Ok(count) if count > 0 => output.take(&buffer[..count], line),
                    _ => open = false,
                },
                waited = self.child.wait(), if !ended => {
                    (ended, status) = (true, waited.ok());
                    self.deadline = Instant::now() + LINGER;
                },
                () = self.cancel.cancelled(), if phase == Phase::Running && !ended => {
                    end = Some(End::Stopped);
                    phase = Phase::Asked;
                    signal(group, Signal::TERM);
                    self.deadline = Instant::now() + GRACE;
                },
                () = tokio::time::sleep_until(self.deadline) => {
                    if ended || phase == Phase::Killed {
                        break;
                    }
                    if phase == Phase::Running {
                        end = Some(End::TimedOut);
                        phase = Phase::Asked;
                        signal(group, Signal::TERM);
                    } else {
                        phase = Phase::Killed;
                        signal(group, Signal::KILL);
                    }
                    self.deadline = Instant::now() + GRACE;
                },
            }
        }
        if end.is_some() {
            // Whatever of the group outlived the shell.
            signal(group, Signal::KILL);
        }
        end.unwrap_or(End::Ended(status))
    }
}

fn signal(group: Option<Pid>, signal: Signal) {
    if let Some(group) = group {
        // Fails only when nobody is left, which is what is wanted.
        let _ = kill_process_group(group, signal);
    }
}

#[cfg(test)]
#[path = "command_tests.rs"]
mod tests;
