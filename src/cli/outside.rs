//! Links that lead out of the launch's folder. A repository from elsewhere can hold one in the place of
//! the env file, or of golive's own folder: what golive writes would then land where nobody looked.
//! Asked by `session` before anything is opened.

use std::path::{Path, PathBuf};

use super::args::Global;
use super::place::Place;
use crate::error::{Class, Code, Failure, Problem, Result};
use crate::mode::Mode;

/// The answer that names a place outside, and so allows it.
const ANSWER: &str = "env_file";

/// Refuses to write through a link that leaves the folder, unless the operator named where it leads.
pub fn refuse(place: &Place, mode: Mode, global: &Global) -> Result<()> {
    folders(place)?;
    let (path, shown) = place.env_file(mode);
    let Some(target) = leaves(&place.dir, &path) else { return Ok(()) };
    let target = target.display().to_string();
    if global.answers.iter().any(|(id, value)| id == ANSWER && *value == target) {
        return Ok(());
    }
    let problem = Problem::new(Code::OutsideFolder, format!("`{shown}` is a link out of this folder"))
        .why(format!("it leads to {target}, and secrets would be written there"))
        .fix(format!("if that is meant, say so: --answer {ANSWER}={target}"))
        .fix(format!("if not, take the link away: rm {shown}"));
    Err(Failure::new(Class::Refused, problem))
}

/// Refuses golive's own folders when they are links out of the launch's.
pub fn folders(place: &Place) -> Result<()> {
    let below = ["backups", "reports", "import", "drills"].map(|name| place.folder().join(name));
    for folder in [place.folder(), place.rehearsal()].into_iter().chain(below) {
        if let Some(target) = leaves(&place.dir, &folder) {
            let shown = folder.display();
            let problem = Problem::new(Code::OutsideFolder, format!("`{shown}` is a link out of this folder"))
                .why(format!("it leads to {}", target.display()))
                .why("golive keeps its records, and copies of the env file, in a folder of its own")
                .fix(format!("take the link away, then run the same command again: rm {shown}"));
            return Err(Failure::new(Class::Refused, problem));
        }
    }
    Ok(())
}

/// Where a path leads to when that is not below a folder. What is not there yet leads where the nearest
/// folder above it does.
fn leaves(folder: &Path, path: &Path) -> Option<PathBuf> {
    let home = folder.canonicalize().ok()?;
    let target = resolved(path, 40)?;
    (!target.starts_with(&home)).then_some(target)
}

fn resolved(path: &Path, links: u8) -> Option<PathBuf> {
    if let Ok(found) = path.canonicalize() {
        return Some(found);
    }
    // A link to nothing: a write through it would make the file there.
    if let (Ok(next), Some(left)) = (path.read_link(), links.checked_sub(1)) {
        return resolved(&path.parent().unwrap_or(Path::new("")).join(next), left);
    }
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = path.file_name()?;
    (parent != path).then(|| resolved(parent, links)).flatten().map(|parent| parent.join(name))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::leaves;

    #[test]
    fn a_link_is_followed_to_its_end_and_compared_with_the_folder() {
        let all = tempfile::tempdir().unwrap();
        let (home, other) = (all.path().join("home"), all.path().join("other"));
        std::fs::create_dir_all(home.join("shared")).unwrap();
        std::fs::create_dir(&other).unwrap();
        assert_eq!(leaves(&home, &home.join(".env")), None, "what is not there yet");
        symlink("shared/env", home.join("inside")).unwrap();
        assert_eq!(leaves(&home, &home.join("inside")), None);
        symlink("../other/rc", home.join("dangling")).unwrap();
        symlink("dangling", home.join("twice")).unwrap();
        symlink(&other, home.join("folder")).unwrap();
        let there = other.canonicalize().unwrap();
        assert_eq!(leaves(&home, &home.join("dangling")), Some(there.join("rc")));
        assert_eq!(leaves(&home, &home.join("twice")), Some(there.join("rc")));
        assert_eq!(leaves(&home, &home.join("folder/.env")), Some(there.join(".env")));
        symlink("round", home.join("round")).unwrap();
        assert_eq!(leaves(&home, &home.join("round")), None, "a circle leads nowhere");
    }
}
