//! The causes that a written guide knows for a failure: the entries of its troubleshooting section,
//! beside the item that finds the trouble. Pure; the engine explains every failed verdict with them
//! before it is journaled, so that status, report and `--json` all name the cause.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::error::Problem;
use crate::kind::pattern;

/// One cause of a failure.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cause {
    /// A regular expression. It is looked for in what golive found: code, message, found, and facts.
    pub when: String,
    /// What is behind it, in the words of the guide.
    pub says: String,
    /// What to do about it; ends in something to type or open.
    pub fix: Option<String>,
}

impl Cause {
    /// The cause with its texts as people read them.
    pub(super) fn shown(self, shown: &impl Fn(String) -> String) -> Self {
        Self { when: self.when, says: shown(self.says), fix: self.fix.map(shown) }
    }
}

/// The problem with every cause that fits in front of its facts, and their fixes before its own.
pub fn explain(mut problem: Problem, causes: &[Cause]) -> Problem {
    let text = found(&problem);
    let fits = |cause: &&Cause| pattern(&cause.when).is_some_and(|when| when.is_match(&text));
    let (mut why, mut fix) = (Vec::new(), Vec::new());
    for cause in causes.iter().filter(fits) {
        why.push(cause.says.clone());
        fix.extend(cause.fix.clone());
    }
    why.append(&mut problem.why);
    fix.append(&mut problem.fix);
    Problem { why, fix, ..problem }
}

/// What golive found, one fact a line.
fn found(problem: &Problem) -> String {
    let mut lines = vec![problem.code.id().to_owned(), problem.message.clone()];
    lines.extend(problem.found.clone());
    lines.extend(problem.why.iter().cloned());
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::{Cause, explain};
    use crate::error::{Code, Problem};

    fn cause(when: &str, says: &str, fix: Option<&str>) -> Cause {
        Cause { when: when.into(), says: says.into(), fix: fix.map(Into::into) }
    }

    fn refused() -> Problem {
        Problem::new(Code::HttpFailed, "`https://shop.example/` answers 401")
            .found_wanted("401", "200")
            .why("a fact")
            .fix("look")
    }

    #[test]
    fn the_causes_that_fit_stand_before_the_facts_and_their_fixes_before_the_others() {
        let causes = [
            cause("answers 401", "the secret is missing", Some("set it")),
            cause("answers 404", "the URL is incorrect", None),
            cause("^GL0711$|(?m)^a fact$", "the page is wrong", None),
        ];
        let explained = explain(refused(), &causes);
        assert_eq!(explained.why, ["the secret is missing", "the page is wrong", "a fact"]);
        assert_eq!(explained.fix, ["set it", "look"]);
        assert_eq!(explained.message, refused().message);
    }

    #[test]
    fn what_was_wanted_is_no_sign_of_a_cause() {
        assert_eq!(explain(refused(), &[cause("(?m)^200$", "never", None)]), refused());
    }
}
