//! What files are searched for: golive's own patterns for keys and ids, and the operator's.

use std::path::Path;

use ignore::gitignore::{Gitignore, GitignoreBuilder};
use regex::bytes::{Regex, RegexBuilder};

use super::bad_glob;
use crate::error::{Code, Problem};
use crate::secret::{self, Scrubber};
use crate::step::{ScanFound, ScanPlace, ScanRule, ScanSort};
use crate::world::output::clean;

/// Secret and restricted keys of Stripe, and signing secrets, whole.
const KEYS: &str = "(?:sk_live_|rk_live_|sk_test_|rk_test_|sk_org_)[A-Za-z0-9_]{16,}|whsec_[A-Za-z0-9+/=]{24,}";
/// Ids of prices and products as Stripe makes them up.
const IDS: &str = "(?:price_|prod_)[A-Za-z0-9]{14,}";
/// How much of a line is shown.
const SHOWN: usize = 100;

/// A rule that is ready.
struct Rule {
    sort: ScanSort,
    pattern: Regex,
    files: Option<Gitignore>,
}

/// All rules.
pub(super) struct Rules(Vec<Rule>);

impl Rules {
    pub(super) fn new(rules: &[ScanRule], dir: &Path) -> Result<Self, Problem> {
        let each = rules.iter().map(|rule| {
            let pattern = match rule.sort {
                ScanSort::Keys => KEYS,
                ScanSort::Ids => IDS,
                ScanSort::Forbid | ScanSort::Require => rule.pattern.as_str(),
            };
            let pattern = RegexBuilder::new(pattern).multi_line(true).build().map_err(|error| {
                let last = error.to_string().lines().last().unwrap_or_default().to_owned();
                Problem::new(Code::BadValue, format!("`{}` is not a regular expression", rule.pattern)).why(last)
            })?;
            Ok(Rule { sort: rule.sort, pattern, files: globs(&rule.files, dir)? })
        });
        each.collect::<Result<_, _>>().map(Self)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Searches one file for everything that is about it.
    /// Of each rule, so many places are kept.
    pub(super) fn search(&self, text: &[u8], file: &Path, most: usize, found: &mut [ScanFound]) {
        for (rule, found) in self.0.iter().zip(found) {
            let about = |globs: &Gitignore| globs.matched_path_or_any_parents(file, false).is_ignore();
            if rule.files.as_ref().is_some_and(|globs| !about(globs)) {
                continue;
            }
            found.files += 1;
            for place in rule.pattern.find_iter(text) {
                if !rule.counts(text, place.range()) {
                    continue;
                }
                found.count += 1;
                if found.places.len() < most {
                    found.places.push(rule.place(text, place.range(), file));
                }
            }
        }
    }
}

pub(super) fn globs(files: &[String], dir: &Path) -> Result<Option<Gitignore>, Problem> {
    if files.is_empty() {
        return Ok(None);
    }
    let mut builder = GitignoreBuilder::new(dir);
    for glob in files {
        builder.add_line(None, glob).map_err(|error| bad_glob(glob, &error))?;
    }
    builder.build().map(Some).map_err(|error| bad_glob(&files.join(", "), &error))
}

impl Rule {
    /// Whether a match is what it looks like: a word of its own, and no placeholder.
    fn counts(&self, text: &[u8], range: std::ops::Range<usize>) -> bool {
        if !matches!(self.sort, ScanSort::Keys | ScanSort::Ids) {
            return !range.is_empty();
        }
        let before = range.start.checked_sub(1).map(|at| text[at]);
        let whole = before.is_none_or(|byte| !byte.is_ascii_alphanumeric() && byte != b'_');
        let value = &text[range];
        let body = value.rsplit(|byte| *byte == b'_').next().unwrap_or(value);
        let digits = body.iter().any(u8::is_ascii_digit);
        whole && !is_placeholder(body) && (self.sort == ScanSort::Keys || digits)
    }

    fn place(&self, text: &[u8], range: std::ops::Range<usize>, file: &Path) -> ScanPlace {
        let newline = |byte: &u8| *byte == b'\n';
        let before = text[..range.start].iter().filter(|byte| newline(byte)).count();
        let matched = &text[range.start..range.end.min(range.start + SHOWN)];
        let matched = if self.sort == ScanSort::Keys {
            secret::mask(&String::from_utf8_lossy(&text[range.clone()]))
        } else {
            clean(matched)
        };
        let shown = if self.sort == ScanSort::Keys {
            matched.clone()
        } else {
            let begin = text[..range.start].iter().rposition(newline).map_or(0, |at| at + 1);
            let end = text[range.start..].iter().position(newline).map_or(text.len(), |at| range.start + at);
            // A line made by a program may be a whole file.
            let begin = begin.max(range.start.saturating_sub(SHOWN));
            clean(&text[begin..end.min(begin + 8 * SHOWN)]).trim().chars().take(SHOWN).collect()
        };
        let line = u64::try_from(before + 1).unwrap_or(u64::MAX);
        // A file may be named after what stands in it.
        let file = Scrubber::mask_in(&file.display().to_string()).into_owned();
        ScanPlace { file, line, text: shown, matched }
    }
}

/// `sk_live_xxxxxxxxxxxxxxxx`, and what documents write in a key's place.
fn is_placeholder(body: &[u8]) -> bool {
    let mut seen = [false; 256];
    for byte in body {
        seen[usize::from(*byte)] = true;
    }
    seen.iter().filter(|seen| **seen).count() < 6
}
