//! The checklists that are part of the program, and how a name or a path becomes a text.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::{Source, suggest};
use crate::error::{AtPath, Class, Code, Failure, Problem, Result};

/// The file that is looked for when no checklist is named.
pub const DEFAULT_FILE: &str = "golive.toml";

/// Every bundled checklist: its name and its text. The general ones come first, as a newcomer without
/// a guide needs them; those of the written guides follow.
pub const BUNDLED: &[(&str, &str)] = &[
    ("saas-subscriptions", include_str!("../../checklists/saas-subscriptions.toml")),
    ("one-time-payments", include_str!("../../checklists/one-time-payments.toml")),
    ("stripe-official", include_str!("../../checklists/stripe-official.toml")),
    ("minipass", include_str!("../../checklists/minipass.toml")),
    ("recorder-ed", include_str!("../../checklists/recorder-ed.toml")),
    ("alwrity", include_str!("../../checklists/alwrity.toml")),
    ("caixahub", include_str!("../../checklists/caixahub.toml")),
    ("smart-strategies", include_str!("../../checklists/smart-strategies.toml")),
];

/// Finds a checklist: a bundled name, or a file relative to the folder; `golive.toml` when nothing
/// is named. `read` is the caller's way to the disk, [`std::fs::read_to_string`].
pub fn find(
    named: Option<&str>,
    dir: &Path,
    read: &dyn Fn(&Path) -> std::io::Result<String>,
) -> Result<(Source, String)> {
    let bundled = named.and_then(|name| BUNDLED.iter().find(|(known, _)| *known == name));
    if let Some((name, text)) = bundled {
        return Ok((Source::Bundled(name), (*text).to_owned()));
    }
    let path = within(dir, named.unwrap_or(DEFAULT_FILE));
    match read(&path) {
        Ok(text) => Ok((Source::File(path), text)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Err(missing(named, &path))
        }
        Err(error) if error.kind() == ErrorKind::InvalidData => {
            let message = format!("`{}` is not a text in UTF-8", path.display());
            let problem = Problem::new(Code::ChecklistSyntax, message);
            Err(Failure::new(Class::Usage, problem.fix("save it as UTF-8, or name another file with --checklist")))
        }
        Err(error) if error.kind() == ErrorKind::IsADirectory => {
            let problem =
                Problem::new(Code::ChecklistMissing, format!("`{}` is a folder, not a checklist", path.display()));
            let file = within(&path, DEFAULT_FILE);
            Err(Failure::new(Class::Usage, problem.fix(format!("name the file in it: --checklist {}", file.display()))))
        }
        Err(error) if matches!(error.kind(), ErrorKind::FileTooLarge | ErrorKind::InvalidInput) => {
            let message = format!("`{}` cannot be a checklist", path.display());
            let problem = Problem::new(Code::ChecklistSyntax, message).why(error.to_string());
            Err(Failure::new(Class::Usage, problem.fix("name another file with --checklist")))
        }
        Err(error) => Err(error).at("read", &path),
    }
}

/// A path as short as it can be said: what is in the current folder needs no folder.
fn within(dir: &Path, named: &str) -> PathBuf {
    if dir.as_os_str().is_empty() || dir == Path::new(".") { PathBuf::from(named) } else { dir.join(named) }
}

fn missing(named: Option<&str>, path: &Path) -> Failure {
    let all = || BUNDLED.iter().map(|(name, _)| *name);
    let problem = Problem::new(Code::ChecklistMissing, format!("there is no checklist `{}`", path.display()));
    let looks_like_file = named.is_none_or(|name| name.contains(['/', '\\', '.']));
    let near = named.and_then(|name| suggest::nearest(name.trim_end_matches(".toml"), all()));
    let problem = match near {
        Some(near) => problem.fix(format!("use the bundled one of that name: --checklist {near}")),
        None if looks_like_file => problem
            .fix("begin with a bundled one: golive checklist new saas-subscriptions")
            .fix("see what is bundled: golive checklist list"),
        None => problem
            .why(format!("bundled are {}", suggest::list(all())))
            .fix("see what is bundled: golive checklist list"),
    };
    Failure::new(Class::Usage, problem)
}

#[cfg(test)]
mod tests {
    use std::io::{Error, ErrorKind};
    use std::path::Path;

    use super::{BUNDLED, find};
    use crate::checklist::Source;
    use crate::error::{Code, Failure};

    fn nothing(_: &Path) -> std::io::Result<String> {
        Err(Error::from(ErrorKind::NotFound))
    }

    fn refused(named: Option<&str>) -> Failure {
        find(named, Path::new("shop"), &nothing).unwrap_err()
    }

    #[test]
    fn a_bundled_name_needs_no_disk() {
        let (source, text) = find(Some("minipass"), Path::new("."), &nothing).unwrap();
        assert_eq!(source, Source::Bundled("minipass"));
        assert!(BUNDLED.contains(&("minipass", text.as_str())));
    }

    #[test]
    fn without_a_name_the_folders_own_file_is_read() {
        let read = |path: &Path| Ok(path.display().to_string());
        let (source, text) = find(None, Path::new("shop"), &read).unwrap();
        assert_eq!(source, Source::File("shop/golive.toml".into()));
        assert_eq!(text, "shop/golive.toml");
        assert_eq!(find(None, Path::new("."), &read).unwrap().1, "golive.toml");
    }

    #[test]
    fn a_missing_checklist_comes_with_what_to_type() {
        let failure = refused(None);
        assert_eq!(failure.class.exit_code(), 2);
        assert_eq!(failure.problem.code, Code::ChecklistMissing);
        assert_eq!(failure.problem.message, "there is no checklist `shop/golive.toml`");
        assert_eq!(failure.problem.fix[0], "begin with a bundled one: golive checklist new saas-subscriptions");
        assert_eq!(refused(Some("minipas")).problem.fix, ["use the bundled one of that name: --checklist minipass"]);
        assert!(refused(Some("shop")).problem.why[0].starts_with("bundled are `saas-subscriptions`, "));
    }

    #[test]
    fn a_file_that_is_no_text_is_said_to_be_none() {
        let read = |_: &Path| Err(Error::from(ErrorKind::InvalidData));
        let failure = find(Some("logo.png"), Path::new("."), &read).unwrap_err();
        assert_eq!(failure.problem.message, "`logo.png` is not a text in UTF-8");
    }
}
