//! The report as one page of HTML: self-contained, without scripts or anything from elsewhere, readable on a
//! phone, in the dark and on paper. Every text of the checklist, the journal or a person is escaped by
//! `esc`, the only way into the page.

use std::fmt::Write as _;

use crate::control;
use crate::mode::Mode;
use crate::render::words;
use crate::state::ItemState;
use crate::view::report::{ChangeView, CommandView, EnvView, ReportView, SignOff};
use crate::view::status::{ItemView, PhaseView, RolledBack};

const STYLE: &str = include_str!("report.css");

/// The whole page. Ends with a newline.
pub fn report(view: &ReportView) -> String {
    let title = format!("{}, {}", view.checklist.title, mode(view.mode).to_lowercase());
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"robots\" content=\"noindex\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n",
        esc(&title)
    );
    out.push_str(&header(view));
    out.extend(view.rollback.as_ref().map(|rollback| undone("Rolled back", rollback, true)));
    out.extend(view.rollback_drill.as_ref().map(|drill| undone("Rollback rehearsed on a copy", drill, false)));
    let _ = writeln!(out, "<section>\n<h2>The checklist</h2>");
    view.phases.iter().enumerate().for_each(|(index, one)| out.push_str(&phase(index + 1, one)));
    out.push_str("</section>\n");
    out.push_str(&section("Changed in Stripe", &view.changes, change));
    out.push_str(&section("Written to the env file", &view.env_file, env));
    out.push_str(&section("Commands", &view.commands, command));
    out.push_str(&section("Stated by people", &view.sign_offs, |word| signed(word, "by hand")));
    out.push_str(&section("Left out", &view.skipped, |word| signed(word, "skipped")));
    out.push_str(&footer(view));
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

/// Text as text, whatever stands in it.
fn esc(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(letter),
            // What no page may hold, or what would turn the reading direction of what follows.
            letter if control::is(letter) => out.push('\u{fffd}'),
            letter => out.push(letter),
        }
    }
    out
}

fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Rehearse => "Rehearsal",
        Mode::Test => "Test mode",
        Mode::Live => "Live",
    }
}

fn header(view: &ReportView) -> String {
    let summary = &view.summary;
    let verdict = match (view.rollback.is_some(), view.ready, view.mode) {
        (true, ..) => "Rolled back",
        (_, true, Mode::Live) => "Live",
        (_, true, Mode::Test) => "Works in test mode",
        (_, true, Mode::Rehearse) => "Rehearsed",
        (_, false, _) => "Not finished",
    };
    let tone = if view.ready && view.rollback.is_none() { "good" } else { "open" };
    let account = view.account.as_ref().map_or_else(
        || "account not known yet".to_owned(),
        |account| format!("{} <code>{}</code>", esc(account.shown()), esc(&account.id)),
    );
    let mut figures = vec![
        (format!("{} of {}", summary.finished() - summary.skipped, summary.total), "items done"),
        (took(view.run.seconds), "at work"),
        (view.changes.len().to_string(), "changes in Stripe"),
    ];
    figures.extend((summary.skipped > 0).then(|| (summary.skipped.to_string(), "left out")));
    figures.extend((summary.blocking > 0).then(|| (summary.blocking.to_string(), "block the launch")));
    let figures = figures.iter().fold(String::new(), |mut out, (figure, name)| {
        let _ = write!(out, "<div><dt>{}</dt><dd>{}</dd></div>", esc(name), esc(figure));
        out
    });
    let span = match (&view.run.started_at, &view.run.updated_at) {
        (Some(from), Some(to)) if clock(from) == clock(to) => clock(from),
        (Some(from), Some(to)) => format!("{} to {}", clock(from), clock(to)),
        _ => "nothing recorded yet".to_owned(),
    };
    let breaks = match view.run.breaks {
        0 => String::new(),
        count => format!(", {}", words::count(count, "break", "breaks")),
    };
    format!(
        "<header>\n<p class=\"eyebrow\"><span class=\"mode {}\">{}</span> {account}</p>\n<h1>{}</h1>\n\
         <p class=\"verdict {tone}\">{verdict}</p>\n<dl class=\"figures\">{figures}</dl>\n<p class=\"dim\">{span}{breaks}</p>\n</header>\n",
        view.mode,
        mode(view.mode),
        esc(&view.checklist.title)
    )
}

/// A rollback, or one that was walked as a drill; the first is a warning.
fn undone(what: &str, rollback: &RolledBack, warns: bool) -> String {
    let end = match (&rollback.ended_at, rollback.left) {
        (None, _) => "It is not finished.".to_owned(),
        (Some(at), 0) => format!("It was finished {}.", clock(at)),
        (Some(at), left) => format!("It ended {}; {} left.", clock(at), words::count(left, "step is", "steps are")),
    };
    let env = if rollback.env_file { " The env file is as it was before the launch." } else { "" };
    let env = if warns { env } else { &env.replace("is as", "was as") };
    let objects = words::count(rollback.objects, "object in Stripe was", "objects in Stripe were");
    format!(
        "<section{}>\n<h2>{what}</h2>\n<p>{} began it {}. {objects} taken back.{env} {end}</p>\n</section>\n",
        if warns { " class=\"notice\"" } else { "" },
        esc(&rollback.by),
        clock(&rollback.at)
    )
}

fn phase(number: usize, phase: &PhaseView) -> String {
    let items: String = phase.items.iter().map(item).collect();
    format!(
        "<h3><span class=\"number\">{number}</span> {} <span class=\"count\">{}/{}</span></h3>\n<ul class=\"items\">\n{items}</ul>\n",
        esc(&phase.title),
        phase.finished(),
        phase.items.len()
    )
}

fn item(item: &ItemView) -> String {
    let (mark, word) = match item.state {
        ItemState::Done => ("✓", "done"),
        ItemState::Rehearsed => ("•", "rehearsed"),
        ItemState::Skipped => ("–", "left out"),
        ItemState::Failed => ("✗", "failed"),
        ItemState::Stale => ("↻", "to check again"),
        ItemState::Unknown => ("?", "unknown"),
        ItemState::Blocked | ItemState::Todo => ("○", "open"),
    };
    let mut lines = Vec::new();
    match &item.problem {
        Some(problem) => lines.push(format!("{} <code>{}</code>", esc(&problem.message), problem.code)),
        None => lines.extend(item.evidence.as_deref().map(esc)),
    }
    lines.extend(item.note.as_deref().filter(|note| item.evidence.as_deref() != Some(*note)).map(esc));
    let at = item.checked_at.as_deref().map(|at| format!(" · <time>{}</time>", clock(at))).unwrap_or_default();
    let lines: String = lines.iter().fold(String::new(), |out, line| format!("{out}<p>{line}</p>"));
    format!(
        "<li class=\"{}\"><span class=\"mark\" title=\"{word}\">{mark}</span><div><b>{}</b>{lines}\
         <p class=\"dim\"><code>{}</code>{at}</p></div></li>\n",
        item.state.word(),
        esc(&item.title),
        item.id
    )
}

fn section<T>(title: &str, entries: &[T], each: impl Fn(&T) -> String) -> String {
    if entries.is_empty() {
        return String::new();
    }
    let rows: String = entries.iter().map(each).collect();
    format!(
        "<section>\n<h2>{title} <span class=\"count\">{}</span></h2>\n<ol class=\"log\">\n{rows}</ol>\n</section>\n",
        entries.len()
    )
}

/// One line of a log: when, what, and what belongs to it.
fn entry(at: &str, what: &str, more: &[String]) -> String {
    let more: String = more.iter().fold(String::new(), |out, line| format!("{out}<span>{line}</span>"));
    format!(
        "<li><time datetime=\"{}\">{}</time><div><p>{what}</p><p class=\"dim\">{more}</p></div></li>\n",
        esc(at),
        clock(at)
    )
}

fn link(id: &str, page: Option<&String>) -> String {
    match page {
        Some(page) => format!("<a href=\"{}\" rel=\"noreferrer\"><code>{}</code></a>", esc(page), esc(id)),
        None => format!("<code>{}</code>", esc(id)),
    }
}

fn change(change: &ChangeView) -> String {
    let mut more = vec![link(&change.object, change.page.as_ref())];
    more.extend(change.request_id.as_ref().map(|id| link(id, change.request_page.as_ref())));
    more.push(format!("for <code>{}</code>", change.item));
    more.extend(change.undone_at.as_ref().map(|at| format!("taken back {}", clock(at))));
    entry(&change.at, &format!("{} {}", esc(&change.what), change.how), &more)
}

fn env(env: &EnvView) -> String {
    let what = format!("<code>{}</code> {}", esc(&env.file), env.how);
    let names: Vec<String> = env.variables.iter().map(|name| format!("<code>{}</code>", esc(name))).collect();
    entry(&env.at, &what, &names)
}

fn command(command: &CommandView) -> String {
    let took = command.millis.map(|millis| format!(" in {}", words::took(millis))).unwrap_or_default();
    let end = match (command.end, command.exit) {
        ("unseen", _) => "its end was not seen".to_owned(),
        ("stopped", _) => format!("stopped, its time was up{took}"),
        (_, Some(exit)) => format!("exit {exit}{took}"),
        (_, None) => format!("stopped by a signal{took}"),
    };
    entry(
        &command.at,
        &format!("<code class=\"run\">{}</code>", esc(command.run.trim())),
        &[end, format!("for <code>{}</code>", command.item)],
    )
}

fn signed(word: &SignOff, how: &str) -> String {
    let mut more = vec![format!("{how}, {}", esc(&word.by)), format!("<code>{}</code>", word.item)];
    more.extend(word.note.as_ref().map(|note| format!("“{}”", esc(note))));
    entry(&word.at, &esc(&word.title), &more)
}

fn footer(view: &ReportView) -> String {
    format!(
        "<footer>\n<p>Checklist <code>{}</code>, SHA-256 <code>{}</code></p>\n<p>Run <code>{}</code></p>\n\
         <p>Made by golive {} on {}. It holds no secrets: keys, values of variables and outputs of commands are left out.</p>\n</footer>\n",
        esc(&view.checklist.path),
        esc(&view.checklist.sha256),
        esc(&view.run.id),
        esc(&view.golive),
        clock(&view.generated_at)
    )
}

/// `2026-11-24 10:15 UTC`
pub(super) fn clock(at: &str) -> String {
    let time = at.parse::<jiff::Timestamp>().map(|at| at.strftime("%Y-%m-%d %H:%M UTC").to_string());
    time.unwrap_or_else(|_| esc(at))
}

/// `52 min`, `1 h 5 min`
pub(super) fn took(seconds: i64) -> String {
    match seconds {
        ..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", (seconds + 30) / 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::{esc, took};

    #[test]
    fn no_text_becomes_markup() {
        assert_eq!(esc("<script>\"a\" & 'b'</script>"), "&lt;script&gt;&quot;a&quot; &amp; &#39;b&#39;&lt;/script&gt;");
        assert_eq!(esc("a\u{0}b\u{202e}c\u{1b}[31m"), "a\u{fffd}b\u{fffd}c\u{fffd}[31m");
    }

    #[test]
    fn a_time_is_told_as_people_tell_it() {
        assert_eq!([took(4), took(90), took(3120), took(3900)], ["4 s", "2 min", "52 min", "1 h 5 min"]);
    }
}
