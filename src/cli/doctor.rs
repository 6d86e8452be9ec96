//! `golive doctor`: whether this computer is fit for a launch. It asks nothing, needs no key, takes no
//! lock and changes nothing.

use std::path::Path;
use std::time::Duration;

use rustix::fs::{Access, access};

use super::place::Place;
use super::session::{self, runtime};
use super::{Desk, Ended};
use crate::checklist::Source;
use crate::config;
use crate::engine::port::EnvFile;
use crate::env_file::{self, EnvFileAt, Git};
use crate::error::{Class, Code, Failure, Problem};
use crate::mode::Mode;
use crate::render::{Glyphs, human, json};
use crate::step::Sight;
use crate::store;
use crate::stripe::{ApiBase, Config, Greeting, StripeApi};
use crate::view::StatusView;
use crate::view::doctor::{DoctorView, Finding, clock};

/// Answers slower than this deserve a word.
const SLOW: Duration = Duration::from_secs(2);

/// Runs it.
pub fn run(desk: &Desk, as_json: bool) -> Ended {
    let mut findings = vec![terminal(desk)];
    findings.extend(stripe()?);
    match Place::find(&desk.global, &desk.talk, None) {
        Ok(place) => {
            let mode = desk.global.mode.or_else(|| place.last_mode()).unwrap_or(Mode::Live);
            findings.push(checklist(&place));
            findings.extend(env_file(&place, mode));
            findings.extend(state(&place, mode));
        }
        Err(failure) => findings.push(no_checklist(&failure)),
    }
    let view = DoctorView::of(findings);
    desk.print(&if as_json { json::doctor(&view) } else { human::doctor::doctor(&view, &desk.out) })?;
    Ok((view.bad > 0).then_some(Class::Remaining))
}

fn terminal(desk: &Desk) -> Finding {
    const NAME: &str = "Terminal";
    if !desk.attended() {
        return Finding::good(NAME, "none: golive would ask nothing here");
    }
    let (rows, columns) = console::Term::stderr().size();
    let glyphs = match desk.talk.glyphs {
        Glyphs::Unicode => "Unicode",
        Glyphs::Ascii => "ASCII",
        Glyphs::Plain => "plain lines",
    };
    let color = if desk.talk.color { "colour" } else { "no colour" };
    let found = format!("{columns} x {rows}, {color}, {glyphs}");
    if columns < 60 {
        return Finding::attention(NAME, found, "make the window wider; screens are made for 80 columns: resize");
    }
    Finding::good(NAME, found)
}

/// Whether Stripe answers, and what its clock says of this one.
fn stripe() -> Result<Vec<Finding>, Failure> {
    const NAME: &str = "Network";
    let base = match ApiBase::parse(config::variable("GOLIVE_API_BASE").as_deref()) {
        Ok(base) => base,
        Err(failure) => return Ok(vec![Finding::bad(NAME, &failure.problem)]),
    };
    let runtime = runtime()?;
    let api =
        StripeApi::new(Config { proxy: session::proxy(&base)?, base, mode: Mode::Live }, runtime.handle().clone())?;
    Ok(match api.greet() {
        Ok(greeting) => vec![clock(greeting.clock_ahead), network(NAME, &greeting)],
        Err(problem) => vec![Finding::bad(NAME, &problem)],
    })
}

fn network(name: &'static str, greeting: &Greeting) -> Finding {
    let found = format!("{} answers in {} ms", greeting.host, greeting.millis);
    if !greeting.is_stripe {
        return Finding::attention(name, format!("{found}; it is no Stripe"), "talk to Stripe: unset GOLIVE_API_BASE");
    }
    if u128::from(greeting.millis) > SLOW.as_millis() {
        return Finding::attention(
            name,
            format!("{found}, which is slow"),
            "see how Stripe is: https://status.stripe.com",
        );
    }
    Finding::good(name, found)
}

fn checklist(place: &Place) -> Finding {
    let checklist = &place.checklist;
    let origin = match &checklist.origin {
        Source::Bundled(name) => format!("{name} (bundled)"),
        Source::File(_) => checklist.origin.shown(),
    };
    Finding::good("Checklist", format!("{origin}, {} items, no complaints", checklist.items().count()))
}

fn no_checklist(failure: &Failure) -> Finding {
    const NAME: &str = "Checklist";
    if failure.problem.code == Code::ChecklistMissing {
        return Finding::attention(NAME, "none here", "choose one: golive checklist list");
    }
    let fix = "see every complaint: golive checklist validate";
    Finding { fix: vec![fix.into()], ..Finding::bad(NAME, &failure.problem) }
}

/// The env file, and what git does with it.
fn env_file(place: &Place, mode: Mode) -> Vec<Finding> {
    const NAME: &str = "Env file";
    let (path, shown) = place.env_file(mode);
    let sight = EnvFileAt::new(&path, &*shown, place.folder().join("backups")).look();
    let file = match sight {
        Sight::EnvFile(sight) => match sight.problems.first() {
            Some(problem) => Finding::bad(NAME, problem),
            None if !sight.exists => Finding::good(NAME, format!("{shown} will be made")),
            None => readable(NAME, &shown, sight.variables.len(), sight.mode),
        },
        Sight::Unseen(problem) => Finding::bad(NAME, &problem),
        _ => return Vec::new(),
    };
    let git = match env_file::git(&path) {
        Git::Absent => Finding::good("Git", "no repository here"),
        Git::Ignores => Finding::good("Git", format!("ignores {shown}")),
        Git::WouldTake => {
            let fix = format!("keep it out: echo {shown} >> .gitignore");
            Finding::attention("Git", format!("does not ignore {shown}; the next commit may take it"), fix)
        }
        // What the env file's own finding says.
        Git::Tracks => return vec![file],
    };
    vec![git, file]
}

fn readable(name: &'static str, shown: &str, variables: usize, mode: Option<u32>) -> Finding {
    let found = format!("{shown}, {variables} variables");
    match mode {
        Some(mode) if mode & 0o077 != 0 => {
            let found = format!("{found}; others on this computer may read it (mode {:o})", mode & 0o777);
            Finding::attention(name, found, format!("close it: chmod 600 {shown}"))
        }
        _ => Finding::good(name, found),
    }
}

/// Whether a run can be written down, who writes one now, and how far it is.
fn state(place: &Place, mode: Mode) -> Vec<Finding> {
    const NAME: &str = "State";
    let folder = place.folder();
    let nearest = if folder.is_dir() { folder.as_path() } else { place.dir.as_path() };
    if access(nearest, Access::WRITE_OK | Access::EXEC_OK).is_err() {
        let shown = nearest.display();
        let problem = Problem::new(Code::NotWritable, format!("`{shown}` cannot be written to"));
        return vec![Finding::bad(NAME, &problem.fix(format!("make it writable: chmod u+rwx {shown}")))];
    }
    if !place.journal(mode).exists() {
        return vec![Finding::good(NAME, format!("{}/ can be written, nothing begun", store::FOLDER))];
    }
    let (state, notes) = match place.state(mode) {
        Ok(read) => read,
        Err(failure) => return vec![Finding::bad(NAME, &failure.problem)],
    };
    let view = StatusView::of(&place.checklist, &state, mode);
    let (skipped, total) = (view.summary.skipped, view.summary.total);
    let done = view.summary.finished() - skipped;
    let left_out = if skipped > 0 { format!(", {skipped} skipped") } else { String::new() };
    let mut findings = vec![Finding::good(NAME, format!("{}, {done} of {total} done{left_out}", mode.banner()))];
    let fix = "look at what it says: golive status";
    findings.extend(notes.into_iter().map(|note| Finding::attention(NAME, note, fix)));
    findings.extend(holder(place, mode));
    findings
}

/// The golive that works on the run now. A name that a killed one left behind is told from it by
/// whether the process lives.
fn holder(place: &Place, mode: Mode) -> Option<Finding> {
    let holder = store::read_holder(&store::lock_path(&place.dir, &place.checklist.id, mode))?;
    let lives = Path::new("/proc").join(holder.pid.to_string()).exists();
    lives.then(|| {
        let found = format!("`{}`, process {}, works on it since {}", holder.command, holder.pid, holder.started);
        Finding::attention("Lock", found, format!("wait for it, or see what it does: ps -p {}", holder.pid))
    })
}
