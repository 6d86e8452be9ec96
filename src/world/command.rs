//! Runs a command of the operator's: `sh -c` in its folder, values as environment variables, no
//! input, its own process group, a time limit. Its output is cleaned of control characters and
//! secrets line by line before anybody sees it; its last 64 KiB are kept.

use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::unix::pipe;
use tokio::process::{Child, Command};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::lend;
use super::output::Output;
use super::remote::{self, Marks};
use super::search::Tally;
use crate::error::{Class, Code, Failure, Problem, Result};
use crate::secret::{Slot, Vault};
use crate::step::{Broken, CommandSpec, Ran};

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
    vault: &Vault,
    line: &mut dyn FnMut(&str),
) -> Result<Ran> {
    if cancel.is_cancelled() {
        return Err(stopped(&command.run));
    }
    let begun = Instant::now();
    let marks = command.on.as_ref().map(|_| Marks::new());
    let mut output = Output::new(Tally::new(&command.search), marks);
    let (child, pipe) = match start(command, base, vault, output.marks.as_ref()) {
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
        End::Stopped => Err(stopped(&command.shown())),
        End::Ended(status) => Ok(ran(status.and_then(|status| status.code()), false, output, begun, line)),
        End::TimedOut => Ok(ran(None, true, output, begun, line)),
    }
}

fn ran(exit: Option<i32>, timed_out: bool, mut output: Output, begun: Instant, line: &mut dyn FnMut(&str)) -> Ran {
    let millis = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    let (mut exit, mut broken) = (exit, None);
    if let Some(marks) = output.marks.as_mut() {
        // What `ssh` itself ended with says nothing: the marks do.
        exit = marks.ended;
        broken = match (marks.begun, marks.ended) {
            (_, Some(_)) => None,
            (true, None) => Some(Broken::EndNotSeen),
            (false, None) => Some(Broken::NotStarted),
        };
    }
    let timed_out = timed_out && exit.is_none();
    let (output, hits) = output.finish(line);
    Ran { exit, timed_out, output, millis, broken, hits }
}

fn stopped(text: &str) -> Failure {
    let problem = Problem::new(Code::CommandUnknown, "a command was stopped before its end")
        .why(format!("it was: {text}"))
        .fix("see whether it did its work, then go on: golive wizard");
    Failure::new(Class::Interrupted, problem)
}

fn start(
    command: &CommandSpec,
    base: &Path,
    vault: &Vault,
    marks: Option<&Marks>,
) -> std::io::Result<(Child, pipe::Receiver)> {
    let lacking = |name: &&String| vault.get(&Slot::Env((*name).clone())).is_none();
    if let Some(name) = command.secret_env.iter().find(lacking) {
        return Err(std::io::Error::other(format!("`{name}` does not stand in the env file once, with a plain value")));
    }
    // One pipe for both streams keeps their lines in order.
    let (reader, writer) = std::io::pipe()?;
    let mut program = match &command.on {
        Some(on) => elsewhere(on, command.timeout, base)?,
        None => here(command, base, vault)?,
    };
    let mut child = program.stdout(writer.try_clone()?).stderr(writer).process_group(0).spawn()?;
    // The writing ends must be closed here, or the output would never end.
    drop(program);
    if let (Some(marks), Some(mut input)) = (marks, child.stdin.take()) {
        let script = remote::script(command, vault, marks);
        // A task of its own: who does not read must not keep the output waiting. It ends with the pipe.
        tokio::spawn(async move {
            let _ = input.write_all(script.as_bytes()).await;
        });
    }
    Ok((child, pipe::Receiver::from_owned_fd(OwnedFd::from(reader))?))
}

fn here(command: &CommandSpec, base: &Path, vault: &Vault) -> std::io::Result<Command> {
    let dir = command.dir.as_ref().map_or_else(|| base.to_path_buf(), |dir| base.join(dir));
    if !dir.is_dir() {
        return Err(std::io::Error::other(format!("`{}` is not a folder", dir.display())));
    }
    let mut shell = shell(command, &dir);
    for name in &command.secret_env {
        if let Some(secret) = vault.get(&Slot::Env(name.clone())) {
            lend::to_command(&mut shell, name, &secret);
        }
    }
    Ok(shell)
}

fn elsewhere(on: &str, timeout: u64, base: &Path) -> std::io::Result<Command> {
    if !remote::is_destination(on) {
        return Err(std::io::Error::other(format!("`{on}` is nothing that ssh can be given")));
    }
    let mut ssh = Command::new("ssh");
    for key in OWN_KEYS {
        ssh.env_remove(key);
    }
    ssh.args(remote::arguments(on, timeout)).current_dir(base).stdin(Stdio::piped());
    Ok(ssh)
}

fn shell(command: &CommandSpec, dir: &Path) -> Command {
    let mut shell = Command::new("sh");
    for key in OWN_KEYS {
        shell.env_remove(key);
    }
    shell.arg("-c").arg(&command.run).envs(&command.env).envs(&command.private).current_dir(dir).stdin(Stdio::null());
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
    Over,
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
            // A command elsewhere has ended when it says so: what it left running there may hold the
            // connection open for ever.
            if phase == Phase::Running && !ended && output.has_ended() {
                phase = Phase::Over;
                self.deadline = Instant::now() + LINGER;
            }
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
                    if phase == Phase::Over {
                        signal(group, Signal::TERM);
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
