//! A launch that is over, as people read it: its status and its report, with what differs between two
//! runs left out, so that they can be pinned.

use regex::Regex;

use super::{Output, Town};

/// What differs, and what stands for it.
const RULES: &[(&str, &str)] = &[
    (r"last run .*", "last run [AGO]"),
    (r"/\S*/launch/server\b", "[SERVER]"),
    (r"/\S*/launch\b", "[DIR]"),
    (r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?(\.\d+)?( UTC|Z)?", "[WHEN]"),
    (r"\b\d{8}\\?_\d{6}\b", "[WHEN]"),
    (r"\b\d\d:\d\d(:\d\d)?( UTC)?\b", "[TIME]"),
    (r"\b\d+(\.\d+)? (ms|s)\b", "[TIME]"),
    (r"; .* at work", "; [TIME] at work"),
    (r"-rw-+ .*", "[FILE]"),
    (r"429 after \d+ requests", "429 after [N] requests"),
    (r"\b\d+ lines?\b", "[N] lines"),
    (r"\b\d+ of \d+ (events|payments)\b", "[N] of [N] $1"),
    (r"golive \d+\.\d+\.\d+", "golive X.Y.Z"),
    (r"\b[0-9a-f]{64}\b", "[SHA]"),
    (r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "[UUID]"),
    (r"\b(acct|price|prod|we|evt|pi|ch|py|re|cs\\?_live|cus|sub|in|bpc|pmc|req|si|txn)\\?_[A-Za-z0-9…]{4,}", "[$1]"),
    (r"\b(whsec|sk\\?_live|pk\\?_live)\\?_…\w*", "[$1]"),
    (r"\b8\d days left\b", "[DAYS] left"),
];

impl Town {
    /// The status of every item.
    pub fn status_as_read(&self) -> String {
        pinned(&self.golive("status --mode live --all").run().exits(0))
    }

    /// The report, which must hold no secret.
    pub fn report_as_read(&self) -> String {
        for format in ["markdown", "html", "json"] {
            let report = self.golive(&format!("report --mode live --format {format} --out -")).run().exits(0).stdout;
            for (name, value) in self.secrets() {
                assert!(!report.contains(&value), "the {format} report holds {name}");
            }
        }
        pinned(&self.golive("report --mode live --format markdown --out -").run().exits(0))
    }
}

/// Filtered, and without what the length of a time or of an id decides: where a line is folded, and in
/// which order requests that were sent side by side came back.
fn pinned(output: &Output) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in output.stdout.lines() {
        match lines.last_mut() {
            Some(last) if line.starts_with("          ") => *last = format!("{last} {}", line.trim()),
            _ => lines.push(line.to_owned()),
        }
    }
    let even = |line: String| {
        let words = line.trim_start();
        let indent = &line[..line.len() - words.len()];
        format!("{indent}{}", words.split_whitespace().collect::<Vec<_>>().join(" "))
    };
    let text = lines.into_iter().map(even).collect::<Vec<_>>().join("\n");
    let tidy =
        |text: String, (find, put): &(&str, &str)| Regex::new(find).unwrap().replace_all(&text, *put).into_owned();
    let text = RULES.iter().fold(text, tidy);
    let mut lines: Vec<&str> = text.lines().collect();
    for same in lines.chunk_by_mut(|one, other| one.starts_with("- [WHEN] ") && other.starts_with("- [WHEN] ")) {
        same.sort_unstable();
    }
    lines.join("\n")
}
