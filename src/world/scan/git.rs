//! What git knows of files: which it keeps, and which it ignores. Asked by its own program.

use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::error::{Code, Problem};

fn git(dir: &Path, arguments: &[&str]) -> Option<Output> {
    // `safe.directory`: a repository of another user must not hide what is in it.
    let mut git = Command::new("git");
    git.args(["-c", "safe.directory=*"]).args(arguments).current_dir(dir);
    git.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()
}

/// The files that git keeps below these paths.
pub(super) fn tracked(dir: &Path, paths: &[String]) -> Result<Vec<PathBuf>, Problem> {
    let mut arguments = vec!["ls-files", "-z", "--"];
    arguments.extend(paths.iter().map(String::as_str));
    let listed = git(dir, &arguments).filter(|output| output.status.success()).ok_or_else(|| {
        Problem::new(Code::ScanPlace, "git does not list the files here")
            .why("`tracked_only` asks for what git keeps, and this is no repository, or git is not installed")
            .fix("look what git says: git ls-files")
    })?;
    let names = listed.stdout.split(|byte| *byte == 0).filter(|name| !name.is_empty());
    Ok(names.map(|name| dir.join(std::ffi::OsStr::from_bytes(name))).collect())
}

/// Why a path is not kept out of git, if it is not.
pub(super) fn not_ignored(dir: &Path, path: &str) -> Option<String> {
    let said = git(dir, &["check-ignore", "-q", "--", path]).and_then(|output| output.status.code());
    match said {
        Some(0) => None,
        Some(1) => {
            let kept = git(dir, &["ls-files", "--error-unmatch", "--", path]);
            let kept = kept.is_some_and(|output| output.status.success());
            Some(if kept { format!("git keeps `{path}`") } else { format!("git does not ignore `{path}`") })
        }
        _ => Some(format!(
            "whether git ignores `{path}` cannot be known: this is no repository, or git is not installed"
        )),
    }
}
