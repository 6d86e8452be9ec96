//! Searches over lines, as a log or a command brings them: counted as they pass, so that nothing has
//! to be kept. What is looked for may be a secret that must not be there: a line is searched as it is, and
//! shown without secrets.

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

impl Matcher {
    fn finds(&self, line: &str) -> bool {
        match self {
            Self::Text(text) => line.contains(text.as_str()),
            Self::Pattern(pattern) => pattern.is_match(line),
            Self::Nothing => false,
        }
    }
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

    /// A line as it is, and as it may be shown.
    pub(super) fn line(&mut self, raw: &str, shown: &str) {
        for (matcher, hits) in self.matchers.iter().zip(&mut self.hits) {
            if matcher.finds(raw) || (raw != shown && matcher.finds(shown)) {
                hits.count += 1;
                hits.last = Some(shown.trim().chars().take(SHOWN).collect());
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
            tally.line(line, line);
        }
        let hits = tally.finish();
        assert_eq!(hits.iter().map(|hits| hits.count).collect::<Vec<_>>(), [2, 1, 0]);
        assert_eq!(hits[0].last.as_deref(), Some("ERROR two ("));
    }

    #[test]
    fn a_secret_in_a_line_is_found_and_not_shown() {
        let mut tally = Tally::new(&[search(r"sk_live_\w{8}", true)]);
        tally.line("key sk_live_51HqAbCdEfGh", "key sk_live_…EfGh");
        let hits = tally.finish();
        assert_eq!((hits[0].count, hits[0].last.as_deref()), (1, Some("key sk_live_…EfGh")));
    }
}
