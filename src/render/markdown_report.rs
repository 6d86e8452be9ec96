//! The report as Markdown, for a wiki or a pull request. Texts are escaped as in the status.

use crate::render::html::{clock, took};
use crate::render::markdown::{escape, line};
use crate::render::words;
use crate::view::StatusView;
use crate::view::report::{CommandView, ReportView};
use crate::view::status::RolledBack;

/// The whole report. Ends with a newline.
pub fn report(view: &ReportView, status: &StatusView) -> String {
    let mut out = head(view);
    for phase in &view.phases {
        out.push(format!("\n## {} ({}/{})\n", escape(&phase.title), phase.finished(), phase.items.len()));
        out.extend(phase.items.iter().map(|item| line(item, status)));
    }
    let mut section = |title: &str, lines: Vec<String>| {
        if !lines.is_empty() {
            out.push(format!("\n## {title}\n"));
            out.extend(lines.into_iter().map(|line| format!("- {line}")));
        }
    };
    let changes = view.changes.iter().map(|change| {
        let object = linked(&change.object, change.page.as_ref());
        let request = change.request_id.as_ref().map(|id| format!(", {}", linked(id, change.request_page.as_ref())));
        let undone = change.undone_at.as_ref().map(|at| format!(", taken back {}", clock(at)));
        let rest = format!("{}{}", request.unwrap_or_default(), undone.unwrap_or_default());
        format!("{} {} {}: {object}{rest}", clock(&change.at), escape(&change.what), change.how)
    });
    section("Changed in Stripe", changes.collect());
    let writes = view.env_file.iter().map(|env| {
        let names =
            if env.variables.is_empty() { String::new() } else { format!(": {}", escape(&env.variables.join(", "))) };
        format!("{} {} {}{names}", clock(&env.at), escape(&env.file), env.how)
    });
    section("Written to the env file", writes.collect());
    section("Commands", view.commands.iter().map(command).collect());
    let words = |words: &[crate::view::report::SignOff]| {
        let line = |word: &crate::view::report::SignOff| {
            let note = word.note.as_ref().map(|note| format!(": \"{}\"", escape(note))).unwrap_or_default();
            format!("{} {} `{}`, {}{note}", clock(&word.at), escape(&word.title), word.item, escape(&word.by))
        };
        words.iter().map(line).collect::<Vec<_>>()
    };
    section("Stated by people", words(&view.sign_offs));
    section("Left out", words(&view.skipped));
    out.push(format!(
        "\nChecklist {}, SHA-256 `{}`. Run `{}`. Made by golive {} on {}; it holds no secrets.",
        escape(&view.checklist.path),
        view.checklist.sha256,
        view.run.id,
        view.golive,
        clock(&view.generated_at)
    ));
    out.join("\n") + "\n"
}

fn head(view: &ReportView) -> Vec<String> {
    let account = view.account.as_ref().map(|account| format!(", {} (`{}`)", escape(account.shown()), account.id));
    let summary = &view.summary;
    let mut out = vec![
        format!("# {}\n", escape(&view.checklist.title)),
        format!(
            "**{}**{}: {} of {} done, {} left out, {} to do; {} at work, {}.",
            view.mode.banner(),
            account.unwrap_or_default(),
            summary.finished() - summary.skipped,
            summary.total,
            summary.skipped,
            summary.left(),
            took(view.run.seconds),
            words::count(view.run.breaks, "break", "breaks")
        ),
    ];
    out.extend(view.rollback.as_ref().map(|rollback| undone("Rolled back", rollback)));
    out.extend(view.rollback_drill.as_ref().map(|drill| undone("Rollback rehearsed on a copy", drill)));
    out
}

fn undone(what: &str, rollback: &RolledBack) -> String {
    let end = rollback.ended_at.as_ref().map_or_else(|| "not finished".to_owned(), |at| clock(at));
    let objects = words::count(rollback.objects, "object in Stripe", "objects in Stripe");
    let env = if rollback.env_file { " and the env file" } else { "" };
    format!("\n**{what}** by {}, {end}: {objects}{env}, {} left.", escape(&rollback.by), rollback.left)
}

fn linked(id: &str, page: Option<&String>) -> String {
    match page {
        Some(page) => format!("[`{id}`]({page})"),
        None => format!("`{id}`"),
    }
}

fn command(command: &CommandView) -> String {
    let took = command.millis.map(|millis| format!(" in {}", words::took(millis))).unwrap_or_default();
    let end = command.exit.map_or_else(|| command.end.to_owned(), |exit| format!("exit {exit}"));
    format!("{} {}: {end}{took}, for `{}`", clock(&command.at), escape(command.run.trim()), command.item)
}
