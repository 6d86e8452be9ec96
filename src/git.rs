//! git, asked about a folder that may be a stranger's: it answers, and runs nothing that the folder's own
//! configuration names. A repository that was downloaded with its `.git` can name a program there
//! (`core.fsmonitor`, hooks, a transport), and git would run it for as little as a list of files. Used by
//! `world` and `env_file`, which wait for the answer.

use std::path::Path;
use std::process::{Command, Stdio};

/// What is said before every question. `safe.directory`: a repository of another user must not hide what is in
/// it; what that check would protect from is switched off by the others.
const CALM: [&str; 8] = [
    "-c",
    "safe.directory=*",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "protocol.allow=never",
];

/// git in a folder, with nothing to read and nothing to say but its answer.
pub fn asked_in(folder: &Path) -> Command {
    let mut git = Command::new("git");
    git.args(CALM).current_dir(folder);
    // What is not there is not fetched, and an index is not written on the way.
    git.env("GIT_NO_LAZY_FETCH", "1").env("GIT_OPTIONAL_LOCKS", "0");
    git.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    git
}
