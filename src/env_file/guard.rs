//! What makes an env file unfit to be written, as problems in the operator's words.
//!
//! Asked by every look, and again before every write.

use std::path::{Path, PathBuf};

use rustix::fs::{Access, access};

use super::text::Document;
use crate::error::{Code, Problem};

/// The file behind a path: the link's target when it is a link, so that the link stays.
pub(super) fn target(path: &Path) -> PathBuf {
    let mut target = path.to_owned();
    // As many steps as the kernel takes before it calls it a loop.
    for _ in 0..40 {
        let Ok(next) = std::fs::read_link(&target) else { break };
        target = target.parent().unwrap_or(Path::new("")).join(next);
    }
    target
}

/// The folder a file stands in.
pub(super) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Everything wrong with the file itself.
pub(super) fn of_place(target: &Path, shown: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    let folder = folder_of(target);
    if !folder.is_dir() {
        let place = folder.display();
        problems.push(
            Problem::new(Code::NotWritable, format!("the folder of `{shown}` does not exist"))
                .fix(format!("make it, then run the same command again: mkdir -p {place}")),
        );
    } else if access(folder, Access::WRITE_OK | Access::EXEC_OK).is_err() {
        let place = folder.display();
        problems.push(
            Problem::new(Code::NotWritable, format!("the folder of `{shown}` is read-only"))
                .why("the file is replaced as a whole, so that it is never half written")
                .fix(format!("make the folder writable, then run the same command again: chmod u+w {place}")),
        );
    }
    if target.metadata().is_ok_and(|metadata| metadata.permissions().readonly()) {
        problems.push(
            Problem::new(Code::NotWritable, format!("`{shown}` is read-only"))
                .fix(format!("make it writable, then run the same command again: chmod 600 {shown}")),
        );
    }
    if is_tracked(target) {
        problems.push(
            Problem::new(Code::EnvTracked, format!("git tracks `{shown}`"))
                .why("a secret written to it would be in the history for ever")
                .fix(format!("take it out of git: git rm --cached {shown}"))
                .fix(format!("keep it out: echo {shown} >> .gitignore")),
        );
    }
    problems
}

/// Everything wrong with its text.
pub(super) fn of_text(document: &Document, shown: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    if let Some((first, _)) = document.unreadable.first() {
        let mut problem = Problem::new(Code::EnvSyntax, format!("line {first} of `{shown}` cannot be read"));
        if document.unreadable.len() > 1 {
            problem.message = format!("{} lines of `{shown}` cannot be read", document.unreadable.len());
        }
        for (line, why) in &document.unreadable {
            problem = problem.why(format!("line {line}: {why}"));
        }
        problems.push(problem.fix(format!("repair it, then run the same command again: $EDITOR {shown} +{first}")));
    }
    for (name, lines) in document.duplicates() {
        let (last, others) = lines.split_last().map_or((0, Vec::new()), |(last, others)| {
            (*last, others.iter().map(ToString::to_string).collect::<Vec<_>>())
        });
        let text = format!("`{name}` stands more than once in `{shown}`, in lines {} and {last}", others.join(", "));
        problems.push(
            Problem::new(Code::EnvDuplicate, text)
                .why("which of them counts depends on the program that reads the file")
                .fix(format!("remove all but one, then run the same command again: $EDITOR {shown} +{last}")),
        );
    }
    problems
}

/// What git does with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Git {
    /// It is in no repository, or there is no git.
    Absent,
    /// It is in the history.
    Tracks,
    /// It is kept out by an ignore rule.
    Ignores,
    /// The next `git add .` would take it.
    WouldTake,
}

/// What git does with a file, whether it exists or not.
pub fn git(path: &Path) -> Git {
    let target = target(path);
    if is_tracked(&target) {
        Git::Tracks
    } else if !git_agrees(&target, &["rev-parse", "--is-inside-work-tree"], false) {
        Git::Absent
    } else if git_agrees(&target, &["check-ignore", "--quiet", "--"], true) {
        Git::Ignores
    } else {
        Git::WouldTake
    }
}

/// Whether git keeps the file. Without git, or outside a repository, nothing does.
fn is_tracked(target: &Path) -> bool {
    git_agrees(target, &["ls-files", "--error-unmatch", "--"], true)
}

/// Whether a git command, run in the file's folder and about the file, ends well.
fn git_agrees(target: &Path, arguments: &[&str], about_it: bool) -> bool {
    let Some(name) = target.file_name() else { return false };
    let mut git = crate::git::asked_in(folder_of(target));
    git.args(arguments).args(about_it.then_some(name)).status().is_ok_and(|status| status.success())
}
