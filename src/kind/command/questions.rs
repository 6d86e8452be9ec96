//! What a `command` asks: which alternative fits, whether one whose end was not seen did its work,
//! and whether a failed one shall run again.

use super::{WAY, Way};
use crate::error::{Code, Problem};
use crate::kind::text::excerpt;
use crate::step::{Choice, Facts, Form, Question};

/// An answer holds for one run of the command only, so each run has a question of its own.
pub(super) fn numbered(question: &str, facts: &Facts<'_>) -> String {
    match facts.applied.len() {
        0 | 1 => question.to_owned(),
        run => format!("{question}_{run}"),
    }
}

pub(super) fn way(ways: &[Way]) -> Question {
    Question {
        name: WAY.into(),
        prompt: "Which one fits?".into(),
        help: Vec::new(),
        link: None,
        because: None,
        form: Form::Choice(ways.iter().map(|way| choice(&way.name, &way.title, &excerpt(&way.run, 60))).collect()),
        rehearse: ways.first().map(|way| way.name.clone()),
    }
}

pub(super) fn end_not_seen(run: &str) -> Problem {
    Problem::new(Code::CommandUnknown, "the command was started and its end was not seen")
        .why(format!("it was: {}", excerpt(run, 100)))
        .fix("see whether it did its work, then: golive wizard")
}

pub(super) fn outcome(run: &str, facts: &Facts<'_>) -> Question {
    let mut help = vec![format!("It was: {}", excerpt(run, 100))];
    if let Some(last) = facts.applied.last() {
        if last.ran.as_ref().is_some_and(|ran| ran.broken.is_some()) {
            help.push("The connection was lost, or its time was up: it may go on over there.".into());
        }
        help.push(format!("Started {}; its end was not seen, and it is not run again by itself.", last.at));
    }
    Question {
        name: numbered("outcome", facts),
        prompt: "Did it finish?".into(),
        help,
        link: None,
        because: None,
        form: Form::Choice(vec![
            choice("finished", "It finished", "I have seen its work"),
            choice("again", "Run it again", "running it twice does no harm"),
            choice("later", "Later", "stays open in golive status"),
        ]),
        rehearse: None,
    }
}

pub(super) fn again(facts: &Facts<'_>, problem: &Problem) -> Question {
    let mut help = vec![format!("[{}] {}", problem.code, problem.message)];
    if let (Some(found), Some(wanted)) = (&problem.found, &problem.wanted) {
        help.push(format!("found {found}, wanted {wanted}"));
    }
    help.extend(problem.why.iter().cloned());
    Question {
        name: numbered("again", facts),
        prompt: "Run the command again?".into(),
        help,
        link: None,
        because: None,
        form: Form::Choice(vec![
            choice("later", "Later", "it stays failed in golive status"),
            choice("again", "Run it again", "the cause is gone, and running it twice does no harm"),
        ]),
        rehearse: None,
    }
}

fn choice(value: &str, label: &str, hint: &str) -> Choice {
    Choice { value: value.into(), label: label.into(), hint: hint.into() }
}
