//! What was decided on the command line: answers, and what is agreed to without asking.
//!
//! Pure, and shared by every front end, so that all of them accept and refuse the same things.
//! golive never assumes: what is not given here is asked, and what nobody can be asked ends with
//! exit 5 and the question's name.

use std::collections::BTreeMap;

use crate::engine::port::Answer;
use crate::error::{Class, Code, Failure, Problem, Result};
use crate::mode::Mode;
use crate::plan::Plan;
use crate::render::words;
use crate::secret::{Secret, Slot};
use crate::step::{Check, Choice, Form, Question, RefundDraft};

/// What the command line agrees to.
#[derive(Debug, Clone)]
pub struct Consent {
    /// `--yes`: local writes, and changes in rehearsal and test mode.
    pub yes: bool,
    /// `--confirm ACCOUNT`: changes in live mode.
    pub confirm: Option<String>,
    /// `--allow-commands`: the checklist's commands on this computer.
    pub allow_commands: bool,
    /// Whether a saved plan is carried out: with `--yes`, that is consent to exactly its changes.
    pub saved_plan: bool,
    /// The run's mode.
    pub mode: Mode,
}

/// What a plan may do without being asked about.
pub enum Ruling {
    /// All of it; names the flag that says so.
    Granted(&'static str),
    /// Somebody must be asked; the failure is for when nobody is there.
    Open(Failure),
    /// The command line contradicts the plan: asking would not make it right.
    Refused(Failure),
}

impl Consent {
    /// Agrees to nothing.
    pub const fn none(mode: Mode) -> Self {
        Self { yes: false, confirm: None, allow_commands: false, saved_plan: false, mode }
    }

    /// Rules on a plan.
    pub fn rule(&self, plan: &Plan) -> Ruling {
        if plan.is_empty() {
            return Ruling::Granted("");
        }
        if let Some(refund) = plan.refund().filter(|_| self.mode != Mode::Rehearse) {
            return self.rule_money(plan, refund);
        }
        if self.mode != Mode::Live || !plan.touches_stripe() {
            return if self.yes { Ruling::Granted("--yes") } else { Ruling::Open(open(plan)) };
        }
        let local = plan.actions().any(|action| !matches!(action.effect, crate::step::Effect::Stripe(_)));
        match (&self.confirm, &plan.account) {
            (Some(_), None) => Ruling::Refused(account_unknown()),
            (Some(typed), Some(account)) if !account.is_named(typed) => {
                let shown = format!("{} ({})", account.shown(), account.id);
                let problem = Problem::new(Code::Confirmation, "--confirm names another account")
                    .found_wanted(typed, shown)
                    .why("nothing of this plan was done")
                    .fix(format!("look at the account, then: --confirm {}", account.id));
                Ruling::Refused(Failure::new(Class::Refused, problem))
            }
            (Some(_), Some(_)) if self.yes || !local => Ruling::Granted("--confirm"),
            (Some(_), Some(_)) => Ruling::Open(open(plan).fix("accept what is written on this computer too: --yes")),
            (None, _) if self.saved_plan && self.yes => Ruling::Granted("--yes and the saved plan"),
            (None, _) if self.yes => Ruling::Open(not_enough(plan)),
            (None, _) => Ruling::Open(open(plan)),
        }
    }

    /// Rules on a refund: the amount is named, or the account; nothing else will do.
    fn rule_money(&self, plan: &Plan, refund: &RefundDraft) -> Ruling {
        let Some(typed) = &self.confirm else { return Ruling::Open(unnamed(plan, refund, self.yes)) };
        let named = plan.account.as_ref().is_some_and(|account| account.is_named(typed));
        if named || refund.is_named(typed) {
            return Ruling::Granted("--confirm");
        }
        let problem = Problem::new(Code::Confirmation, "--confirm names another amount")
            .found_wanted(typed, &refund.shown)
            .why("nothing was refunded")
            .fix(format!("look at the amount, then: --confirm \"{}\"", refund.shown));
        Ruling::Refused(Failure::new(Class::Refused, problem))
    }

    /// Rules on running the checklist's commands on this computer.
    pub fn rule_commands(&self, count: usize) -> Ruling {
        if self.allow_commands {
            return Ruling::Granted("--allow-commands");
        }
        if self.mode == Mode::Rehearse {
            return Ruling::Granted("a rehearsal");
        }
        // `--yes` was meant, and is not enough; without it, a question has no answer.
        let class = if self.yes { Class::Refused } else { Class::NeedsAnswer };
        let commands = words::count(count, "command", "commands");
        let problem =
            Problem::new(Code::CommandsNotAllowed, format!("the checklist runs {commands}, not yet allowed here"))
                .why("they are shown above; nothing was run")
                .fix("read them, then run the same command with: --allow-commands");
        Ruling::Open(Failure::new(class, problem))
    }
}

/// The question a plan's consent is asked with, without its end: `Type yes to change …`.
pub fn consent_question(plan: &Plan) -> String {
    if let Some(refund) = plan.refund() {
        return format!("Type the amount to refund, {}", refund.shown);
    }
    if plan.touches_stripe() {
        let account = plan.account.as_ref().map(|account| format!(" {}", account.shown())).unwrap_or_default();
        let which = match plan.mode {
            Mode::Rehearse => "simulated",
            Mode::Test => "TEST",
            Mode::Live => "LIVE",
        };
        return format!("Type yes to change the {which} account{account}");
    }
    let commands = plan.actions().filter(|action| matches!(action.effect, crate::step::Effect::Run(_))).count();
    let writes = plan.actions().any(|action| matches!(action.effect, crate::step::Effect::Env(_)));
    let file = plan.env_file.as_deref().unwrap_or("the env file");
    match (writes, commands) {
        (true, 0) => format!("Write {file}?"),
        (true, 1) => format!("Write {file} and run this command?"),
        (true, many) => format!("Write {file} and run these {many} commands?"),
        (false, 1) => "Run this command?".to_owned(),
        (false, many) => format!("Run these {many} commands?"),
    }
}

/// Whether what was typed agrees to a plan that changes Stripe: the word itself, or the amount.
pub fn agrees(plan: &Plan, typed: &str) -> bool {
    plan.refund().map_or_else(|| typed.trim() == "yes", |refund| refund.is_named(typed))
}

/// The failure of a refund whose amount nobody named; `--yes` was meant, and is never enough.
fn unnamed(plan: &Plan, refund: &RefundDraft, yes: bool) -> Failure {
    let (class, code, message) = if yes {
        (Class::Refused, Code::Confirmation, "--yes does not refund money")
    } else {
        (Class::NeedsAnswer, Code::QuestionOpen, "this needs an answer, and there is no terminal to ask")
    };
    let problem = Problem::new(code, message)
        .why(format!("question: {}", consent_question(plan)))
        .why("nothing was refunded")
        .fix(format!("name the amount: --confirm \"{}\"", refund.shown));
    Failure::new(class, problem)
}

fn open(plan: &Plan) -> Failure {
    let problem = Problem::new(Code::QuestionOpen, "this needs an answer, and there is no terminal to ask")
        .why(format!("question: {}", consent_question(plan)))
        .why("nothing of this plan was done");
    let live = plan.mode == Mode::Live && plan.touches_stripe();
    let problem = match (&plan.account, live) {
        (_, false) => problem.fix("accept it beforehand: --yes"),
        (Some(account), true) => problem
            .fix("golive plan --out plan.json   then   golive apply plan.json --yes")
            .fix(format!("name the account: --confirm {}", account.id)),
        (None, true) => problem.fix("golive plan --out plan.json   then   golive apply plan.json --yes"),
    };
    Failure::new(Class::NeedsAnswer, problem)
}

fn not_enough(plan: &Plan) -> Failure {
    let mut problem = Problem::new(Code::Confirmation, "--yes alone does not change a live account")
        .why(format!("question: {}", consent_question(plan)))
        .why("nothing of this plan was done")
        .fix("golive plan --out plan.json   then   golive apply plan.json --yes");
    if let Some(account) = &plan.account {
        problem = problem.fix(format!("name the account: --confirm {}", account.id));
    }
    Failure::new(Class::Refused, problem)
}

fn account_unknown() -> Failure {
    let problem = Problem::new(Code::Confirmation, "--confirm names an account, and the plan's is not known yet")
        .why("nothing of this plan was done")
        .fix("let golive see the key first: golive wizard --phase keys");
    Failure::new(Class::Refused, problem)
}

/// Answers and consent together.
#[derive(Debug, Clone)]
pub struct Policy {
    /// `--answer ID=VALUE`.
    pub answers: BTreeMap<String, String>,
    /// What is agreed to.
    pub consent: Consent,
}

impl Policy {
    /// No answers, and nothing agreed to.
    pub const fn none(mode: Mode) -> Self {
        Self { answers: BTreeMap::new(), consent: Consent::none(mode) }
    }

    /// The answer given beforehand, if there is one: `--answer` first, then, in a rehearsal with
    /// `--yes`, the one the question proposes.
    pub fn answer(&self, id: &str, question: &Question) -> Result<Option<Answer>> {
        if let Some(value) = self.answers.get(id) {
            if matches!(question.form, Form::Secret { .. }) {
                let problem = Problem::new(Code::Usage, format!("the secret `{id}` may not be given with --answer"))
                    .why("command lines are seen by other programs and kept in the shell's history")
                    .fix(secret_fix(&question.form, self.consent.mode));
                return Err(Failure::new(Class::Refused, problem));
            }
            return match accept(&question.form, value) {
                Ok((answer, _)) => Ok(Some(answer)),
                Err(mut problem) => {
                    problem.why.insert(0, format!("--answer {id}={value}"));
                    Err(Failure::new(Class::Usage, problem))
                }
            };
        }
        match &question.rehearse {
            // What a list proposes for a rehearsal is the kind's own word, not one of its entries.
            Some(value) if self.rehearses() && matches!(question.form, Form::Choice(_)) => {
                Ok(Some(Answer::Text(value.clone())))
            }
            Some(value) if self.rehearses() => {
                accept(&question.form, value).map(|(answer, _)| Some(answer)).map_err(|problem| {
                    Failure::new(Class::Unforeseen, problem).fix(format!("answer it yourself: --answer {id}=…"))
                })
            }
            _ => Ok(None),
        }
    }
}

impl Policy {
    /// Whether this is a rehearsal that nobody watches.
    fn rehearses(&self) -> bool {
        self.consent.yes && self.consent.mode == Mode::Rehearse
    }
}

/// The failure of a question that nobody can be asked. Where it is asked again because what was
/// given is refused, that is what went wrong.
pub fn needs_answer(id: &str, question: &Question, mode: Mode) -> Failure {
    let because = question.because.as_deref().filter(|because| because.code.is_refusal());
    let open = || Problem::new(Code::QuestionOpen, "this needs an answer, and there is no terminal to ask");
    let class = if because.is_some() { Class::Refused } else { Class::NeedsAnswer };
    let problem = because.cloned().unwrap_or_else(open);
    let mut problem = problem.why(format!("question {id}: {}", question.prompt));
    // What a person would read before choosing is what whoever reads the log must know.
    if matches!(question.form, Form::Choice(_)) {
        problem.why.extend(question.help.iter().cloned());
    }
    problem = match &question.form {
        Form::Confirm { .. } => problem.fix(format!("answer it beforehand: --answer {id}=yes")),
        Form::Choice(choices) => {
            let values: Vec<String> = choices.iter().map(|choice| choice.value.clone()).collect();
            let first = values.first().cloned().unwrap_or_default();
            problem
                .why(format!("answers: {}", values.join(", ")))
                .fix(format!("answer it beforehand: --answer {id}={first}"))
        }
        Form::Text { default, .. } => {
            let value = default.as_deref().unwrap_or("…");
            problem.fix(format!("answer it beforehand: --answer {id}={value}"))
        }
        Form::Secret { check: Check::SigningSecret, slot: Slot::Env(name) } => problem
            .fix("give it at a terminal: golive wizard")
            .fix(format!("golive did not make this endpoint? Then write it into the env file yourself, as {name}=")),
        Form::Secret { .. } => problem.fix(secret_fix(&question.form, mode)),
    };
    Failure::new(class, problem)
}

fn secret_fix(form: &Form, mode: Mode) -> String {
    let prefix = match mode {
        Mode::Test => "GOLIVE_TEST",
        Mode::Rehearse | Mode::Live => "GOLIVE_LIVE",
    };
    match form {
        Form::Secret { slot: Slot::PublishableKey, .. } => {
            format!("put it into the variable {prefix}_PUBLISHABLE_KEY")
        }
        Form::Secret { slot: Slot::Env(name), .. } => format!("write it into the env file yourself, as {name}="),
        _ => format!("put it into the variable {prefix}_KEY, or use: --key-file FILE"),
    }
}

/// Turns text into the answer of a form, with a note of what was taken away from it.
pub fn accept(form: &Form, raw: &str) -> Result<(Answer, Option<String>), Problem> {
    match form {
        Form::Confirm { .. } => match raw.trim().to_ascii_lowercase().as_str() {
            "y" | "yes" => Ok((Answer::Text("yes".into()), None)),
            "n" | "no" => Ok((Answer::Text("no".into()), None)),
            _ => Err(Problem::new(Code::QuestionOpen, "the answer is yes or no").fix("type yes or no")),
        },
        Form::Choice(choices) => choice(choices, raw).map(|value| (Answer::Text(value), None)),
        Form::Text { default, check } => {
            let raw = match default {
                Some(default) if raw.trim().is_empty() => default,
                _ => raw,
            };
            check.accept(raw).map(|(text, note)| (Answer::Text(text), note))
        }
        Form::Secret { slot, check } => {
            check.accept(raw).map(|(text, note)| (Answer::Secret(slot.clone(), Secret::new(text)), note))
        }
    }
}

fn choice(choices: &[Choice], raw: &str) -> Result<String, Problem> {
    let found = choices.iter().find(|choice| choice.value.eq_ignore_ascii_case(raw.trim()));
    found.map(|choice| choice.value.clone()).ok_or_else(|| {
        let values: Vec<String> = choices.iter().map(|choice| choice.value.clone()).collect();
        Problem::new(Code::QuestionOpen, format!("`{}` is not one of the answers", raw.trim()))
            .fix(format!("choose one of: {}", values.join(", ")))
    })
}

#[cfg(test)]
#[path = "policy_tests.rs"]
pub(crate) mod tests;
