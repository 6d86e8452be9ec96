//! What git knows of files: which it keeps, and which it ignores. Asked by its own program.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use crate::error::{Code, Problem};

fn git(dir: &Path, arguments: &[&str]) -> Option<Output> {
    crate::git::asked_in(dir).args(arguments).stdout(Stdio::piped()).output().ok()
}

/// The files that git keeps below these paths.
pub(super) fn tracked(dir: &Path, paths: &[String]) -> Result<Vec<PathBuf>, Problem> {
    let mut arguments = vec!["ls-files", "-z", "--"];
    arguments.extend(paths.iter().map(String::as_str));
    let listed = git(dir, &arguments).filter(|output| output.status.success()).ok_or_else(|| {
        Problem::new(Code::ScanPlace, "git does not list the files here")
            .why("`tracked_only` asks for what git keeps, and this is no repository, or git is not installed")
            .fix("look what git says: git ls-files")
            .fix("no repository here? Leave the item out: golive skip PHASE.ITEM --reason \"no repository\"")
    })?;
    Ok(split(&listed.stdout).map(|name| dir.join(name)).collect())
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

/// What git says of some places, each asked in its own repository.
#[derive(Default)]
pub(super) struct Listing {
    /// Whether any of them lies in a repository.
    pub repository: bool,
    /// Files that it keeps although its rules ignore them.
    pub kept: Vec<PathBuf>,
    /// Files that it ignores, folder by folder where all of a folder is ignored.
    pub ignored_files: Vec<PathBuf>,
    /// Folders that it ignores whole.
    pub ignored_folders: Vec<PathBuf>,
}

impl Listing {
    pub(super) fn of(places: &[PathBuf]) -> Self {
        let mut listing = Self::default();
        for place in places.iter().filter(|place| place.is_dir()) {
            let list = |arguments: &[&str]| {
                let said = git(place, arguments).filter(|output| output.status.success())?;
                Some(split(&said.stdout).map(|name| place.join(name)).collect::<Vec<_>>())
            };
            let standard = "--exclude-standard";
            let Some(kept) = list(&["ls-files", "-z", "--cached", "--ignored", standard]) else { continue };
            listing.repository = true;
            listing.kept.extend(kept);
            let ignored = list(&["ls-files", "-z", "--others", "--ignored", standard, "--directory"]);
            // A place that is ignored itself was asked for by name, and is walked as it is.
            let ignored = ignored.into_iter().flatten().filter(|path| path != place);
            let (folders, files): (Vec<_>, Vec<_>) = ignored.partition(|path| path.is_dir() && !path.is_symlink());
            listing.ignored_folders.extend(folders);
            listing.ignored_files.extend(files);
        }
        listing.repository |= places.iter().filter(|place| !place.is_dir()).any(|place| repository_of(place).is_some());
        listing
    }
}

fn split(listed: &[u8]) -> impl Iterator<Item = &Path> {
    listed.split(|byte| *byte == 0).filter(|name| !name.is_empty()).map(path_of)
}

fn path_of(name: &[u8]) -> &Path {
    Path::new(std::ffi::OsStr::from_bytes(name))
}

/// The nearest folder above that is a repository, or a part of one that has a life of its own.
fn repository_of(file: &Path) -> Option<&Path> {
    file.ancestors().skip(1).find(|folder| folder.join(".git").exists())
}

/// How git treats some files.
#[derive(Default)]
pub(super) struct Known {
    /// It keeps these.
    pub tracked: BTreeSet<String>,
    /// It ignores these.
    pub ignored: BTreeSet<String>,
}

/// How git treats these files, named from a folder: each asked in its own repository.
pub(super) fn known(dir: &Path, files: &BTreeSet<String>) -> Known {
    /// As many names as a command line, and a pipe, surely hold.
    const AT_ONCE: usize = 200;
    let mut by_repository: BTreeMap<PathBuf, Vec<(&str, PathBuf)>> = BTreeMap::new();
    for file in files {
        let path = dir.join(file);
        let Some(repository) = repository_of(&path).map(Path::to_owned) else { continue };
        let Ok(name) = path.strip_prefix(&repository).map(Path::to_owned) else { continue };
        by_repository.entry(repository).or_default().push((file, name));
    }
    let mut known = Known::default();
    for (repository, files) in by_repository {
        for files in files.chunks(AT_ONCE) {
            let ask = |arguments: &[&str]| -> BTreeSet<String> {
                let names = files.iter().filter_map(|(_, name)| name.to_str());
                let arguments: Vec<&str> = arguments.iter().copied().chain(names).collect();
                let said = git(&repository, &arguments).map(|output| output.stdout).unwrap_or_default();
                let said: BTreeSet<&Path> = said.split(|byte| matches!(byte, 0 | b'\n')).map(path_of).collect();
                let here = files.iter().filter(|(_, name)| said.contains(name.as_path()));
                here.map(|(file, _)| (*file).to_owned()).collect()
            };
            known.tracked.append(&mut ask(&["--literal-pathspecs", "ls-files", "-z", "--"]));
            known.ignored.append(&mut ask(&["-c", "core.quotePath=false", "check-ignore", "--"]));
        }
    }
    known
}
