//! Carries the steps of a rollback out, in order, and counts what is left. A step that fails stops no other:
//! on a bad day, most of it undone is better than none.

use std::collections::BTreeMap;

use crate::cli::Desk;
use crate::engine::Engine;
use crate::engine::port::{News, Stop};
use crate::error::{Class, Code, Problem};
use crate::mode::Mode;
use crate::plan::PlanItem;
use crate::render::human::rollback as screen;
use crate::render::words;
use crate::step::{Address, Sight};
use crate::undo::{self, Former, Step, UndoPlan, What};

/// Writes that go to Stripe together.
#[derive(Default)]
struct Batch {
    items: Vec<PlanItem>,
    covers: BTreeMap<(Address, String), Vec<String>>,
}

/// How many steps there were, and how many are left.
pub fn out(desk: &Desk, engine: &mut Engine<'_>, plan: UndoPlan) -> Result<(usize, usize), Stop> {
    let steps = plan.steps.len();
    let restores = plan.steps.iter().any(|step| matches!(step.what, What::Env(_)));
    let mut left = 0;
    let mut batch = Batch::default();
    for settled in plan.settled {
        engine.covered(settled.intents, settled.why)?;
    }
    for Step { name, what, .. } in plan.steps {
        match what {
            What::Writes(item, covers) => {
                batch.items.push(item);
                batch.covers.extend(covers);
            }
            What::Env(former) => {
                left += send(engine, &mut batch)?;
                restore(desk, engine, &name, &former)?;
            }
            What::Guide(address) => {
                left += send(engine, &mut batch)?;
                left += guide(engine, &address)?;
            }
        }
    }
    left += send(engine, &mut batch)?;
    left += proof(desk, engine, restores);
    Ok((steps, left))
}

/// How many items Stripe refused something.
fn send(engine: &mut Engine<'_>, batch: &mut Batch) -> Result<usize, Stop> {
    let Batch { items, covers } = std::mem::take(batch);
    if items.is_empty() {
        return Ok(0);
    }
    let refused = engine.take_back(items, covers)?;
    for (label, problem) in &refused {
        let told = Problem::new(Code::RollbackLeft, format!("{label} could not be undone: {}", problem.message));
        let told = problem.why.iter().fold(told, |told, why| told.why(why.clone()));
        let told = told.request(problem.request_id.clone()).fix("see to it, then go on: golive rollback");
        engine.ports.operator.tell(&News::Warning { problem: &told });
    }
    Ok(refused.len())
}

fn restore(desk: &Desk, engine: &mut Engine<'_>, name: &str, former: &Former) -> Result<(), Stop> {
    let from = former.path().map(str::to_owned);
    let text = match &from {
        Some(_) => "restored",
        None => "taken away, as before the launch",
    };
    let kept = engine.restore_env(from.as_deref())?;
    let kept = kept.map(|kept| format!("; the launch's is kept in {}", beside(name, &kept))).unwrap_or_default();
    let line = screen::done(name, &format!("{text}{kept}"), &desk.talk_now());
    engine.ports.operator.tell(&News::Screen { text: &line });
    Ok(())
}

/// A path as it is seen from the folder of a file, where it lies below it.
fn beside<'p>(file: &str, path: &'p str) -> &'p str {
    let folder = file.rsplit_once('/').map(|(folder, _)| folder);
    folder.and_then(|folder| path.strip_prefix(folder)?.strip_prefix('/')).unwrap_or(path)
}

/// One of the checklist's own steps; 1 when it is not finished.
fn guide(engine: &mut Engine<'_>, address: &Address) -> Result<usize, Stop> {
    let checklist = engine.checklist;
    let Some(item) = checklist.find(address) else { return Ok(0) };
    let mut open = None;
    match engine.step_back(item) {
        // A question that nobody is there to answer keeps nothing else from being undone.
        Err(Stop::Failed(failure)) if failure.class == Class::NeedsAnswer => open = Some(failure.problem),
        other => other?,
    }
    if engine.is_finished(address) {
        return Ok(0);
    }
    if !engine.was_judged(address) {
        let problem = Problem::new(Code::RollbackLeft, format!("{} is not done yet", item.title))
            .why(format!("it is `{address}`, a step of the checklist's own"));
        let problem = open.iter().flat_map(|open| &open.why).fold(problem, |problem, why| problem.why(why.clone()));
        let problem = open.iter().flat_map(|open| &open.fix).fold(problem, |problem, fix| problem.fix(fix.clone()));
        let problem = problem
            .fix(format!("do it, then say so: golive done {address}"))
            .fix("go on with what is left: golive rollback");
        engine.ports.operator.tell(&News::Warning { problem: &problem });
    }
    Ok(1)
}

/// Whether test mode is active again, as far as the env file shows; 1 when live keys were left in it.
fn proof(desk: &Desk, engine: &mut Engine<'_>, restored: bool) -> usize {
    if engine.mode == Mode::Test || engine.checklist.env_file.is_none() {
        return 0;
    }
    let Sight::EnvFile(sight) = engine.ports.env.look() else { return 0 };
    let keys = undo::live_keys(&sight);
    let file = engine.ports.env.name();
    if keys.is_empty() {
        let secret =
            sight.variables.iter().find(|variable| variable.has_prefix("sk_test_") || variable.has_prefix("rk_test_"));
        let text = match (secret, sight.exists) {
            (Some(variable), _) => format!("{} is {}; no live key in it", variable.name, variable.masked()),
            (None, true) => "no live key in it".to_owned(),
            (None, false) => "no live key: there is none, as before the launch".to_owned(),
        };
        let line = screen::done(&file, &text, &desk.talk_now());
        engine.ports.operator.tell(&News::Screen { text: &line });
        return 0;
    }
    let problem =
        Problem::new(Code::RollbackUnproved, format!("`{file}` still holds live keys: {}", words::list(&keys)))
            .why(if restored { "they stood there before the launch as well" } else { "it was left as it is" })
            .fix(format!("write the test keys into it, then restart the application: $EDITOR {file}"));
    engine.ports.operator.tell(&News::Warning { problem: &problem });
    usize::from(!restored)
}
