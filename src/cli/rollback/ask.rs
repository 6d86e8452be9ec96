//! What a rollback asks before it touches anything: the key, which steps, what becomes of edits in the env
//! file, and the account by its name. Unattended, every one of them is answered beforehand or refused.

use super::{has_key, is_gone};
use crate::cli::args::Agree;
use crate::cli::opening::{question, text};
use crate::engine::Engine;
use crate::engine::port::{Answer, Stop};
use crate::error::{Class, Code, Failure, Problem};
use crate::key::Role;
use crate::mode::Mode;
use crate::render::words;
use crate::secret::Slot;
use crate::step::{Check, Choice, EnvSight, Form, Origin, Question, Sight};
use crate::undo::{self, UndoPlan, What};

fn choice(value: &str, label: &str, hint: &str) -> Choice {
    Choice { value: value.into(), label: label.into(), hint: hint.into() }
}

fn asked(prompt: &str, form: Form) -> Question {
    Question { form, ..question(prompt, Vec::new()) }
}

/// The key that everything is undone with. It is not written anywhere.
pub fn key(engine: &mut Engine<'_>) -> Result<(), Stop> {
    if has_key(engine) {
        return Ok(());
    }
    if !engine.ports.operator.attended() {
        let problem = Problem::new(Code::KeyMissing, "a key is needed to undo what stands in Stripe")
            .why("the env file holds none of this mode any more")
            .fix("give it without a terminal: GOLIVE_LIVE_KEY (GOLIVE_TEST_KEY in test mode) or --key-file FILE");
        return Err(Failure::new(Class::NeedsAnswer, problem).into());
    }
    let check = Check::Key(Role::Secret, engine.mode);
    let form = Form::Secret { slot: Slot::SecretKey, check };
    let mut question = asked("Secret key of the account", form);
    question.help.push("It is used for this rollback only, and written nowhere.".into());
    if let Answer::Secret(slot, secret) = engine.ports.operator.ask("rollback.key", &question)? {
        engine.hand_over(slot, secret, Origin::Prompt);
    }
    Ok(())
}

/// Which steps; `false` when it was only to be shown.
pub fn which_steps(engine: &mut Engine<'_>, plan: &mut UndoPlan, agree: &Agree) -> Result<bool, Stop> {
    let decided = agree.confirm.is_some() || (agree.yes && engine.mode == Mode::Rehearse);
    if !engine.ports.operator.attended() || decided || plan.steps.len() < 2 {
        return Ok(true);
    }
    let all = format!("All {}, one after another", plan.steps.len());
    let choices = vec![
        choice("all", &all, ""),
        choice("choose", "Choose steps", "by their numbers"),
        choice("show", "Only show what would happen", "nothing is changed"),
    ];
    match text(engine.ports.operator.ask("rollback.steps", &question("Which steps?", choices))?).as_str() {
        "show" => Ok(false),
        "choose" => {
            let form = Form::Text { default: None, check: Check::NotEmpty };
            let question = asked("Their numbers, as in 1,3-5", form);
            let typed = text(engine.ports.operator.ask("rollback.numbers", &question)?);
            let chosen = numbers(&typed, plan.steps.len())?;
            let mut number = 0;
            plan.steps.retain(|_| {
                number += 1;
                chosen.contains(&number)
            });
            plan.settled.clear();
            Ok(true)
        }
        _ => Ok(true),
    }
}

/// `1,3-5` as numbers.
fn numbers(typed: &str, most: usize) -> Result<Vec<usize>, Failure> {
    let mut chosen = Vec::new();
    for part in typed.split([',', ' ']).filter(|part| !part.is_empty()) {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        match (from.trim().parse::<usize>(), to.trim().parse::<usize>()) {
            (Ok(from), Ok(to)) if from >= 1 && from <= to && to <= most => chosen.extend(from..=to),
            _ => {
                let problem = Problem::new(Code::Usage, format!("`{part}` names no step"))
                    .why(format!("there are steps 1 to {most}; nothing was undone"))
                    .fix("run it again and name their numbers, as in 1,3-5: golive rollback");
                return Err(Failure::new(Class::Usage, problem));
            }
        }
    }
    Ok(chosen)
}

/// A copy that is gone, or edits that restoring would take away: asked about, or answered beforehand
/// with `--answer rollback.env=…`; otherwise nothing is undone at all.
pub fn about_the_env_file(engine: &mut Engine<'_>, plan: &mut UndoPlan) -> Result<(), Stop> {
    let Some(at) = plan.steps.iter().position(|step| matches!(step.what, What::Env(_))) else { return Ok(()) };
    let What::Env(former) = &plan.steps[at].what else { return Ok(()) };
    let file = engine.ports.env.name();
    let problem = if is_gone(former) {
        let path = former.path().unwrap_or_default().to_owned();
        Problem::new(Code::RollbackBackup, format!("the copy of `{file}` from before the launch is gone"))
            .why(format!("it was kept as {path}"))
            .why("nothing was undone")
            .fix(format!("put a copy back there: cp YOUR_COPY {path}"))
            .fix("leave the file as it is and undo the rest: golive rollback --answer rollback.env=leave")
    } else {
        let before: Option<EnvSight> = match former.path() {
            Some(path) => engine.ports.env.backup(path)?,
            None => None,
        };
        let Sight::EnvFile(present) = engine.ports.env.look() else { return Ok(()) };
        let edits = undo::edits(&present, before.as_ref(), &engine.book.state.history);
        if !present.exists || edits.is_empty() || same(&present, before.as_ref()) {
            return Ok(());
        }
        let which = words::list(&edits.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>());
        Problem::new(Code::RollbackEdited, format!("`{file}` was edited since the launch wrote it"))
            .why(format!("restoring it takes these edits away: {which}"))
            .why("nothing was undone; the present file is kept in .golive/backups whenever it is restored")
            .fix("go on, and copy them over afterwards: golive rollback --answer rollback.env=restore")
            .fix("leave the file as it is: golive rollback --answer rollback.env=leave")
    };
    let mut choices = vec![choice("leave", "Leave it as it is", "and undo the rest")];
    if !is_gone(former) {
        choices.push(choice("restore", "Restore it all the same", "the present file is kept"));
    }
    let question = Question { because: Some(Box::new(problem.clone())), ..question("And the env file?", choices) };
    let foreseen = engine.ports.operator.foresees("rollback.env", &question);
    if !foreseen && !engine.ports.operator.attended() {
        return Err(Failure::new(Class::Refused, problem).into());
    }
    if !foreseen {
        engine.ports.operator.tell(&crate::engine::port::News::Warning { problem: &problem });
    }
    if text(engine.ports.operator.ask("rollback.env", &question)?) == "leave" {
        plan.steps.remove(at);
    }
    Ok(())
}

/// Whether it was restored already, by a golive that could not say so any more.
fn same(present: &EnvSight, before: Option<&EnvSight>) -> bool {
    before.is_some_and(|before| before.says_the_same_as(present))
}

/// Refuses a `--confirm` that names another account.
pub fn contradicted(engine: &Engine<'_>, agree: &Agree) -> Result<(), Failure> {
    let (Some(typed), Some(account)) = (&agree.confirm, engine.account()) else { return Ok(()) };
    if account.is_named(typed) {
        return Ok(());
    }
    let shown = format!("{} ({})", account.shown(), account.id);
    let problem = Problem::new(Code::Confirmation, "--confirm names another account")
        .found_wanted(typed, shown)
        .why("nothing was undone")
        .fix(format!("look at the account, then: golive rollback --confirm {}", account.id));
    Err(Failure::new(Class::Refused, problem))
}

/// The typed name of the account, or `--confirm`; in a rehearsal, where nothing is real, a yes.
pub fn consent(engine: &mut Engine<'_>, agree: &Agree) -> Result<(), Stop> {
    let attended = engine.ports.operator.attended();
    contradicted(engine, agree)?;
    if agree.confirm.is_some() && engine.account().is_some() {
        return Ok(());
    }
    if engine.mode == Mode::Rehearse && (agree.yes || !attended) {
        return Ok(());
    }
    let account = engine.account().cloned();
    let (name, id) =
        account.as_ref().map_or(("the account", "ACCOUNT"), |account| (account.shown(), account.id.as_str()));
    let mode = engine.mode.banner();
    let prompt = format!("Type the account name to undo changes in {mode} mode, {name}");
    if !attended {
        let problem =
            Problem::new(Code::Confirmation, "a rollback needs the account by name, and there is no terminal to ask")
                .why(format!("question: {prompt}"))
                .why("nothing was undone")
                .fix(format!("name the account: golive rollback --confirm {id}"));
        return Err(Failure::new(Class::NeedsAnswer, problem).into());
    }
    let form = match (engine.mode, &account) {
        (Mode::Live, Some(_)) => Form::Text { default: None, check: Check::NotEmpty },
        _ => Form::Confirm { default: false },
    };
    let asks_name = matches!(form, Form::Text { .. });
    let prompt = if asks_name { prompt } else { format!("Undo this in {mode} mode?") };
    let typed = text(engine.ports.operator.ask("rollback.account", &asked(&prompt, form))?);
    let agreed = match &account {
        Some(account) if asks_name => account.is_named(&typed),
        _ => typed == "yes",
    };
    if agreed {
        return Ok(());
    }
    let problem = Problem::new(Code::Confirmation, "that is not the account's name, so nothing was undone")
        .found_wanted(typed, name)
        .fix("look at the account, then run it again: golive rollback");
    Err(Failure::new(Class::Refused, problem).into())
}
