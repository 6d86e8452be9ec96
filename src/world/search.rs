//! Searches over lines, as a log or a command brings them: counted as they pass, so that nothing has
//! to be kept. Lines come cleaned and without secrets.

use regex::Regex;

use crate::step::{Hits, Search};

/// How much of a line is shown.
const SHOWN: usize = 160;

enum Matcher {
    Text(String),
    Pattern(Regex),
    /// A pattern that cannot be read finds nothing; its item has complained about it.
    Nothing,
}

/// Searches, and what they found so far.
#[derive(Default)]
pub(super) struct Tally {
    matchers: Vec<Matcher>,
    hits: Vec<Hits>,
}

impl Tally {
    pub(super) fn new(searches: &[Search]) -> Self {
        let matcher = |search: &Search| {
            if search.regex {
                Regex::new(&search.what).map_or(Matcher::Nothing, Matcher::Pattern)
            } else {
                Matcher::Text(search.what.clone())
            }
        };
        Self { matchers: searches.iter().map(matcher).collect(), hits: vec![Hits::default(); searches.len()] }
    }

    pub(super) fn line(&mut self, line: &str) {
        for (matcher, hits) in self.matchers.iter().zip(&mut self.hits) {
            let found = match matcher {
                Matcher::Text(text) => line.contains(text.as_str()),
                Matcher::Pattern(pattern) => pattern.is_match(line),
                Matcher::Nothing => false,
            };
            if found {
                hits.count += 1;
                hits.last = Some(line.trim().chars().take(SHOWN).collect());
            }
        }
    }

    /// Begins anew.
    pub(super) fn clear(&mut self) {
        self.hits.fill(Hits::default());
    }

    pub(super) fn finish(self) -> Vec<Hits> {
        self.hits
    }
}

#[cfg(test)]
mod tests {
    use super::Tally;
    use crate::step::Search;

    fn search(what: &str, regex: bool) -> Search {
        Search { what: what.into(), regex }
    }

    #[test]
    fn lines_are_counted_and_the_last_one_is_kept() {
        let mut tally = Tally::new(&[search("ERROR", false), search(r"^\d+ ok$", true), search("(", true)]);
        for line in ["12 ok", "ERROR one", "  ERROR two (", "12 ok?"] {
            tally.line(line);
        }
        let hits = tally.finish();
        assert_eq!(hits.iter().map(|hits| hits.count).collect::<Vec<_>>(), [2, 1, 0]);
        assert_eq!(hits[0].last.as_deref(), Some("ERROR two ("));
    }
}
