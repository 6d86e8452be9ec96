//! `scan`: keys and ids that do not belong in the repository, what its files must not and must hold,
//! and what git must ignore. It looks, and changes nothing; what it could not read is never called clean.

use schemars::JsonSchema;
use serde::Deserialize;

use super::text::{complaint, excerpt, is_open, misunderstood, pattern_complaint};
use super::{Complaint, Kind, Realm};
use crate::error::{Code, Problem};
use crate::mode::Mode;
use crate::step::{Facts, Look, ScanAsk, ScanFound, ScanRule, ScanSight, ScanSort, Sight, Step, Verdict};

/// How many places are shown of all that were found.
const SHOWN: usize = 10;

/// The fields of a `scan` item.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// Files and folders, relative to the checklist's folder; all of it when left out.
    #[serde(default = "here")]
    pub paths: Vec<String>,
    /// What is left out, as in `.gitignore`.
    #[serde(default)]
    pub exclude: Vec<String>,
    /// Only what git keeps; else everything that git does not ignore.
    #[serde(default)]
    pub tracked_only: bool,
    /// Looks for secret keys of Stripe, live and test, and for signing secrets.
    #[serde(default = "yes")]
    pub keys: bool,
    /// Looks for ids of prices and products that are written out.
    #[serde(default)]
    pub ids: bool,
    /// What must stand nowhere.
    #[serde(default)]
    pub forbid: Vec<Rule>,
    /// What must stand somewhere.
    #[serde(default)]
    pub require: Vec<Rule>,
    /// Paths that git must ignore: `.env`.
    #[serde(default)]
    pub ignored: Vec<String>,
}

/// A pattern, and the files it is about.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// A regular expression.
    pub pattern: String,
    /// The files it is about, as in `.gitignore`; all of them when left out.
    #[serde(default, rename = "in")]
    pub files: Vec<String>,
    /// What is wrong when it is not as it should be.
    pub message: Option<String>,
}

fn here() -> Vec<String> {
    vec![".".into()]
}

const fn yes() -> bool {
    true
}

impl Kind for Spec {
    fn next(&self, facts: &Facts<'_>) -> Step {
        if facts.mode == Mode::Rehearse {
            return Step::Done(Verdict::pass(format!("would search {}", excerpt(&self.paths.join(", "), 80))));
        }
        let look = Look::Scan(self.ask());
        match facts.see(&look) {
            None => Step::Look(vec![look]),
            Some(Sight::Scan(seen)) => Step::Done(self.judge(seen)),
            Some(Sight::Unseen(problem)) if problem.code == Code::ScanPlace => Step::Done(Verdict::fail(problem.clone())),
            Some(Sight::Unseen(problem)) => Step::Done(Verdict::Unknown { problem: problem.clone() }),
            Some(other) => Step::Done(Verdict::Unknown { problem: misunderstood(other) }),
        }
    }

    fn realm(&self) -> Realm {
        Realm::World
    }

    fn complaints(&self) -> Vec<Complaint> {
        let mut complaints = Vec::new();
        if self.paths.is_empty() {
            complaints.push(complaint("paths", Code::BadValue, "nothing would be searched", "leave it out for the whole folder"));
        }
        let outside = |path: &&String| path.is_empty() || path.starts_with(['/', '~', '-']) || path.split('/').any(|part| part == "..");
        for (field, paths) in [("paths", &self.paths), ("ignored", &self.ignored)] {
            for path in paths.iter().filter(|path| !is_open(path)).filter(outside) {
                let help = "write a path within the checklist's folder";
                complaints.push(complaint(field, Code::BadValue, format!("`{path}` is outside of the folder"), help));
            }
        }
        if !self.keys && !self.ids && self.forbid.is_empty() && self.require.is_empty() && self.ignored.is_empty() {
            let help = "say what to look for: keys = true, ids = true, forbid, require or ignored";
            complaints.push(complaint("keys", Code::MissingField, "nothing is looked for", help));
        }
        for (field, rules) in [("forbid", &self.forbid), ("require", &self.require)] {
            for (index, rule) in rules.iter().enumerate() {
                let path = format!("{field}[{index}].pattern");
                let empty = regex::Regex::new(&rule.pattern).is_ok_and(|pattern| pattern.is_match(""));
                if empty {
                    let message = format!("`{}` is found in every file", rule.pattern);
                    complaints.push(complaint(&path, Code::BadValue, message, "write what matters"));
                }
                complaints.extend(pattern_complaint(&path, &rule.pattern));
            }
        }
        complaints
    }
}

impl Spec {
    fn ask(&self) -> ScanAsk {
        let own = |sort| ScanRule { sort, pattern: String::new(), files: Vec::new() };
        let rule = |sort, rule: &Rule| ScanRule { sort, pattern: rule.pattern.clone(), files: rule.files.clone() };
        let mut rules = Vec::new();
        rules.extend(self.keys.then(|| own(ScanSort::Keys)));
        rules.extend(self.ids.then(|| own(ScanSort::Ids)));
        rules.extend(self.forbid.iter().map(|forbid| rule(ScanSort::Forbid, forbid)));
        rules.extend(self.require.iter().map(|require| rule(ScanSort::Require, require)));
        ScanAsk {
            paths: self.paths.clone(),
            exclude: self.exclude.clone(),
            tracked_only: self.tracked_only,
            rules,
            ignored: self.ignored.clone(),
        }
    }

    /// The operator's own words for each rule, in their order.
    fn messages(&self) -> Vec<Option<&str>> {
        let own = usize::from(self.keys) + usize::from(self.ids);
        let written = self.forbid.iter().chain(&self.require).map(|rule| rule.message.as_deref());
        std::iter::repeat_n(None, own).chain(written).collect()
    }

    fn judge(&self, seen: &ScanSight) -> Verdict {
        let mut misses: Vec<Problem> = Vec::new();
        let mut good = Vec::new();
        for ((rule, message), found) in self.ask().rules.iter().zip(self.messages()).zip(&seen.found) {
            match judge(rule, message, found) {
                Ok(evidence) => good.push(evidence),
                Err(problem) => misses.push(problem),
            }
        }
        for why in &seen.not_ignored {
            misses.push(
                Problem::new(Code::ScanFound, why.clone())
                    .fix("add it to .gitignore; if git keeps it already: git rm --cached FILE, and roll every live key in it"),
            );
        }
        good.extend((!self.ignored.is_empty()).then(|| format!("git ignores {}", self.ignored.join(", "))));
        if seen.files == 0 && !seen.found.is_empty() {
            return Verdict::fail(self.nothing_read(seen));
        }
        if let Some(first) = seen.unreadable.first() {
            let count = seen.unreadable.len();
            let problem = Problem::new(Code::ScanPlace, format!("{} could not be read", files(count as u64)))
                .why(first.clone())
                .fix("let your user read them, or leave them out: exclude = [\"…\"]");
            if misses.is_empty() {
                return Verdict::Unknown { problem };
            }
            misses.push(problem);
        }
        let mut misses = misses.into_iter();
        let Some(mut problem) = misses.next() else { return Verdict::pass(Self::evidence(seen, &good)) };
        for miss in misses {
            problem = problem.why(format!("also: {}", miss.message));
            problem.why.extend(miss.why);
        }
        Verdict::fail(problem)
    }

    /// Where nothing is read, nothing is clean.
    fn nothing_read(&self, seen: &ScanSight) -> Problem {
        let problem = Problem::new(Code::ScanPlace, "no file was read");
        if let Some(first) = seen.unreadable.first() {
            return problem.why(first.clone()).fix("let your user read what is there: ls -la");
        }
        if self.tracked_only {
            let problem = problem.why("`tracked_only` reads what git keeps, and git keeps no file there yet");
            return problem.fix("have git keep your sources, and no env file: git status, then git add FILES && git commit");
        }
        problem.fix("correct the paths in the checklist: paths = [\".\"]")
    }

    fn evidence(seen: &ScanSight, good: &[String]) -> String {
        let mut text = format!("{}: {}", files(seen.files), good.join(", "));
        let left = [(seen.binary, "no text"), (seen.long.len() as u64, "over 8 MB")];
        let left: Vec<String> =
            left.iter().filter(|(count, _)| *count > 0).map(|(count, why)| format!("{count} ({why})")).collect();
        if !left.is_empty() {
            text = format!("{text}; left out: {}", left.join(", "));
        }
        text
    }
}

fn files(count: u64) -> String {
    if count == 1 { "1 file".to_owned() } else { format!("{count} files") }
}

/// What a rule came to: evidence, or what is wrong.
fn judge(rule: &ScanRule, message: Option<&str>, found: &ScanFound) -> Result<String, Problem> {
    if !rule.files.is_empty() && found.files == 0 {
        let names = rule.files.join(", ");
        return Err(Problem::new(Code::ScanPlace, format!("there is no file `{names}` to look into"))
            .fix(format!("correct the name in the checklist: in = [\"{names}\"]")));
    }
    if rule.sort == ScanSort::Require {
        if let Some(place) = found.places.first() {
            return Ok(format!("`{}` in {}:{}", rule.pattern, place.file, place.line));
        }
        let message = message.map_or_else(|| format!("no file holds `{}`", rule.pattern), str::to_owned);
        return Err(Problem::new(Code::ScanFound, message)
            .found_wanted(format!("none in {}", files(found.files)), format!("`{}`", rule.pattern))
            .fix("correct the file, or the pattern in the checklist"));
    }
    if found.count == 0 {
        return Ok(match rule.sort {
            ScanSort::Keys => "no secret keys".into(),
            ScanSort::Ids => "no ids written out".into(),
            ScanSort::Forbid | ScanSort::Require => format!("no `{}`", rule.pattern),
        });
    }
    let count = found.count;
    let (what, fix) = match rule.sort {
        ScanSort::Keys => (
            if count == 1 { "a secret is written out".to_owned() } else { format!("{count} secrets are written out") },
            "roll every live key that was ever committed, then take it out: https://dashboard.stripe.com/apikeys",
        ),
        ScanSort::Ids => (
            if count == 1 { "an id is written out".to_owned() } else { format!("{count} ids are written out") },
            "read them from the env file: an id of test mode does not exist in live mode",
        ),
        ScanSort::Forbid | ScanSort::Require => (format!("`{}` is in {}", rule.pattern, places(count)), "correct the places named above"),
    };
    let mut problem = Problem::new(Code::ScanFound, message.map_or(what, str::to_owned));
    for place in found.places.iter().take(SHOWN) {
        problem = problem.why(format!("{}:{}  {}", place.file, place.line, place.text));
    }
    if count > SHOWN as u64 {
        problem = problem.why(format!("and {} more", places(count - SHOWN as u64)));
    }
    Err(problem.fix(fix))
}

fn places(count: u64) -> String {
    if count == 1 { "1 place".to_owned() } else { format!("{count} places") }
}

#[cfg(test)]
#[path = "scan_tests.rs"]
mod tests;
