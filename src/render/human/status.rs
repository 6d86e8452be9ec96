//! `golive status` for people: every phase with its count, and under it what is left.

use crate::mode::Mode;
use crate::render::human::phase::{banner, spoken};
use crate::render::layout::{hang, pad, pair, row, truncate, width};
use crate::render::{Ink, Mark, Style, words};
use crate::state::ItemState;
use crate::view::StatusView;
use crate::view::status::{ItemView, PhaseView, RolledBack};

/// Columns of an item's mark under its phase.
const ITEM_INDENT: usize = 7;

/// The whole screen. `all` lists finished items too. Ends with a newline.
pub fn status(view: &StatusView, all: bool, style: &Style) -> String {
    let mut out = vec![headline(view, style), String::new()];
    let columns = title_columns(view, style);
    for (number, phase) in view.phases.iter().enumerate() {
        out.push(phase_line(number + 1, phase, columns, style));
        let shown = phase.items.iter().filter(|item| all || !item.state.is_finished());
        out.extend(shown.map(|item| item_line(item, view, style)));
    }
    out.push(String::new());
    out.push(tally(view, style));
    out.extend(view.rollback.as_ref().map(|rollback| undone(rollback, style)));
    out.extend(drilled(view).map(|text| hang(style, "  ", 2, &text)));
    out.extend(advice(view, style));
    // Read aloud, empty lines say nothing.
    out.retain(|line| !style.is_plain() || !line.is_empty());
    out.join("\n") + "\n"
}

/// `17 of 34 done, 1 failed`: the counts of a headline.
pub fn counts(view: &StatusView) -> String {
    let summary = &view.summary;
    let done = match view.mode {
        Mode::Rehearse => format!("{} of {} rehearsed", summary.done + summary.rehearsed, summary.total),
        Mode::Test | Mode::Live => format!("{} of {} done", summary.done + summary.rehearsed, summary.total),
    };
    let more = [(summary.failed, "failed"), (summary.stale, "to check again"), (summary.unknown, "unknown")];
    let more = more.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}"));
    std::iter::once(done).chain(more).collect::<Vec<_>>().join(", ")
}

/// When a rollback ended, or began, and what it undid.
fn when_and_what(rollback: &RolledBack) -> (String, String) {
    let at = rollback.ended_at.as_ref().unwrap_or(&rollback.at);
    let at = at.get(..16).unwrap_or(at).replace('T', " ");
    let mut what = vec![words::count(rollback.objects, "object in Stripe", "objects in Stripe")];
    what.extend(rollback.env_file.then(|| "the env file".to_owned()));
    (at, words::list(&what))
}

/// Whether a rehearsal that is finished was undone as a drill as well.
fn drilled(view: &StatusView) -> Option<String> {
    if view.mode != Mode::Rehearse || !view.ready || !view.undoable {
        return None;
    }
    let Some(drill) = &view.rollback_drill else {
        return Some("Its rollback is not rehearsed yet: golive rehearse".to_owned());
    };
    let (at, what) = when_and_what(drill);
    Some(match (&drill.ended_at, drill.left) {
        (None, _) => format!("Its rollback was begun on a copy at {at} UTC and is not finished: golive rehearse"),
        (Some(_), 0) => format!("Its rollback is rehearsed too, on a copy, by {} at {at} UTC: {what}.", drill.by),
        (Some(_), left) => format!(
            "Its rollback was rehearsed on a copy at {at} UTC, and {} left: golive rehearse",
            words::count(left, "step is", "steps are")
        ),
    })
}

/// `Undone by anna at 2026-11-24 10:15 UTC: 5 objects in Stripe, the env file.`
fn undone(rollback: &RolledBack, style: &Style) -> String {
    let (at, what) = when_and_what(rollback);
    let text = match (&rollback.ended_at, rollback.left) {
        (None, _) => format!("A rollback began at {at} UTC by {} and is not finished: golive rollback", rollback.by),
        (Some(_), 0) => format!("Undone by {} at {at} UTC: {what}.", rollback.by),
        (Some(_), left) => format!(
            "Undone by {} at {at} UTC: {what}. {} left: golive rollback",
            rollback.by,
            words::count(left, "step is", "steps are")
        ),
    };
    hang(style, "  ", 2, &text)
}

fn headline(view: &StatusView, style: &Style) -> String {
    let age = view.age.map(words::ago);
    let when = match (view.paused, age) {
        (true, Some(age)) => Some(format!("paused {age}")),
        (true, None) => Some("paused".to_owned()),
        (false, Some(age)) => Some(format!("last run {age}")),
        (false, None) => None,
    };
    let account = view.account.as_ref().map(|account| account.shown().to_owned());
    let (title, counts) = (&view.checklist.title, counts(view));
    if style.is_plain() {
        let mut parts = vec![words::sentence(title), format!("{} mode.", spoken(view.mode))];
        parts.extend(account.map(|account| words::sentence(&format!("Account {account}"))));
        parts.push(words::sentence(&counts));
        parts.extend(when.map(|when| words::sentence(&super::super::layout::capital(&when))));
        return parts.join(" ");
    }
    let mut mode = view.mode.banner().to_owned();
    if let Some(account) = account {
        mode = format!("{mode}  {account}");
    }
    let parts: Vec<String> = [Some(title.clone()), Some(mode), when, Some(counts)].into_iter().flatten().collect();
    // Parts stay whole: one that does not fit begins the next line.
    let mut lines = vec![String::from("  ")];
    for part in parts {
        let line = lines.last().map_or(0, |line| width(line));
        if line > 2 && line + 3 + width(&part) > style.width {
            lines.push(String::from("  "));
        } else if line > 2
            && let Some(last) = lines.last_mut()
        {
            last.push_str("   ");
        }
        if let Some(last) = lines.last_mut() {
            last.push_str(&truncate(&part, style.width.saturating_sub(2), style.ellipsis()));
        }
    }
    lines.join("\n").replacen(view.mode.banner(), &banner(view.mode, style), 1)
}

fn title_columns(view: &StatusView, style: &Style) -> usize {
    // The count stands right behind the longest title, within reason.
    let longest = view.phases.iter().map(|phase| width(&phase.title)).max().unwrap_or(0);
    longest.clamp(18, style.width.saturating_sub(22).max(18)) + 2
}

fn phase_mark(phase: &PhaseView) -> Mark {
    match phase.state {
        ItemState::Todo | ItemState::Blocked if phase.finished() > 0 => Mark::Active,
        ItemState::Rehearsed => Mark::Done,
        state => Mark::of(state),
    }
}

fn phase_line(number: usize, phase: &PhaseView, columns: usize, style: &Style) -> String {
    let (finished, total) = (phase.finished(), phase.items.len());
    let skipped = phase.items.iter().filter(|item| item.state == ItemState::Skipped).count();
    let mark = phase_mark(phase);
    if style.is_plain() {
        return format!("Phase {number}, {}: {}. {finished} of {total}.", phase.title, style.mark(mark));
    }
    let title = pad(&truncate(&phase.title, columns - 2, style.ellipsis()), columns);
    let skipped = match skipped {
        0 => String::new(),
        count => format!("   {}", style.paint(Ink::Dim, &format!("{count} skipped"))),
    };
    let mark = pad(&style.mark(mark), style.mark_width());
    let line = format!("  {mark}{}{title}{finished}/{total}", pad(&number.to_string(), 3));
    if width(&line) + width(&skipped) > style.width { line } else { line + &skipped }
}

fn item_line(item: &ItemView, view: &StatusView, style: &Style) -> String {
    let mut value = item_value(item, view);
    if item.severity != crate::checklist::Severity::Blocker && !item.state.is_finished() {
        value = if value.is_empty() { "advised".to_owned() } else { format!("advised; {value}") };
    }
    let mut mark = Mark::of(item.state);
    if item.state == ItemState::Blocked && style.is_plain() {
        mark = Mark::Open;
    }
    row(style, ITEM_INDENT, mark, &item.title, &value)
}

fn item_value(item: &ItemView, view: &StatusView) -> String {
    let problem = || {
        item.problem.as_ref().map_or_else(String::new, |problem| {
            let short = problem.found.as_ref().unwrap_or(&problem.message);
            format!("{short}  {}", problem.code)
        })
    };
    let evidence = || item.evidence.clone().unwrap_or_default();
    match item.state {
        ItemState::Todo => String::new(),
        ItemState::Blocked => {
            let first = item.waits_for.first().map(|address| view.title_of(address)).unwrap_or_default();
            match item.waits_for.len() {
                0 | 1 => format!("waits for: {first}"),
                more => format!("waits for: {first}, and {} more", more - 1),
            }
        }
        ItemState::Done | ItemState::Rehearsed => evidence(),
        ItemState::Failed => problem(),
        ItemState::Unknown => format!("could not be checked: {}", problem()),
        ItemState::Stale if item.problem.is_some() => format!("held once, and does not now: {}", problem()),
        ItemState::Stale => "the checklist changed since; check again".to_owned(),
        ItemState::Skipped => item.note.clone().unwrap_or_default(),
    }
}

fn tally(view: &StatusView, style: &Style) -> String {
    let summary = &view.summary;
    let left = summary.left();
    let mut text = match (left, summary.blocking) {
        (0, _) => "Nothing is left.".to_owned(),
        (left, 0) => format!("{left} left, none blocks the launch."),
        (left, blocking) if left == blocking => {
            if left == 1 {
                "1 left, and it blocks the launch.".to_owned()
            } else {
                format!("{left} left, all of them block the launch.")
            }
        }
        (left, blocking) => {
            let verb = if blocking == 1 { "blocks" } else { "block" };
            let advised = left - blocking;
            let are = if advised == 1 { "is" } else { "are" };
            format!("{left} left: {blocking} {verb} the launch, {advised} {are} advised.")
        }
    };
    if summary.skipped > 0 {
        text = format!("{text} {} skipped.", summary.skipped);
    }
    if style.is_plain() { text } else { hang(style, "  ", 2, &text) }
}

fn advice(view: &StatusView, style: &Style) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(next) = &view.next {
        let command = match view.mode {
            Mode::Rehearse => "golive rehearse".to_owned(),
            mode => format!("golive wizard --mode {mode}"),
        };
        let title = view.title_of(&next.item);
        let text = format!("{command}   continues with {title}");
        if style.is_plain() || width(&text) + 12 <= style.width {
            lines.push(pair(style, "Next", 10, &text));
        } else {
            lines.push(pair(style, "Next", 10, &command));
            lines.push(pair(style, "", 10, &format!("continues with {title}")));
        }
    }
    // What failed is the worst; then what changed since, and what could not be looked at.
    let told =
        |state: ItemState| view.items().filter(move |item| item.state == state).find_map(|item| item.problem.as_ref());
    let worst = [ItemState::Failed, ItemState::Stale, ItemState::Unknown];
    if let Some(problem) = worst.into_iter().find_map(told) {
        lines.push(pair(style, "Explain", 10, &format!("golive explain {}", problem.code)));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::status;
    use crate::mode::Mode;
    use crate::render::layout::width;
    use crate::render::{Glyphs, Style};
    use crate::state::State;
    use crate::view::{StatusView, fixture};

    fn view() -> StatusView {
        let now = "2026-11-25T07:14:20Z".parse().expect("a time");
        StatusView::of(&fixture::checklist(), &fixture::state(), Mode::Live).at(now)
    }

    #[test]
    fn at_eighty_columns() {
        insta::assert_snapshot!(status(&view(), false, &Style::new(false, Glyphs::Unicode, 80)), @r"
          Acme launch   LIVE  Acme Oy   paused 21 hours ago
          2 of 9 done, 1 failed, 1 to check again, 1 unknown

          ✓ 1  Account              1/1
          ◐ 2  Products and prices  1/2
               ○ Acme Team
          ✗ 3  Webhook              0/4
               ✗ No redirect           301 → https://www.acme.example/hook  GL0403
               ? Certificate           could not be checked: the host cannot be reached
                                       GL0712
               ↻ Login is rate limited  the checklist changed since; check again
               ○ Create the endpoint   waits for: No redirect
          ◐ 4  Monitoring           1/2   1 skipped
               ○ Watch the first sale

          6 left, all of them block the launch. 1 skipped.
          Next      golive wizard --mode live   continues with Acme Team
          Explain   golive explain GL0403
        ");
    }

    #[test]
    fn at_sixty_columns() {
        insta::assert_snapshot!(status(&view(), false, &Style::new(false, Glyphs::Unicode, 60)), @r"
        Acme launch   LIVE  Acme Oy   paused 21 hours ago
        2 of 9 done, 1 failed, 1 to check again, 1 unknown

        ✓ 1  Account              1/1
        ◐ 2  Products and prices  1/2
             ○ Acme Team
        ✗ 3  Webhook              0/4
             ✗ No redirect           301 →
                                     https://www.acme.example/hook
                                     GL0403
             ? Certificate           could not be checked: the
                                     host cannot be reached GL0712
             ↻ Login is rate limited  the checklist changed since;
                                      check again
             ○ Create the endpoint   waits for: No redirect
        ◐ 4  Monitoring           1/2   1 skipped
             ○ Watch the first sale

        6 left, all of them block the launch. 1 skipped.
        Next      golive wizard --mode live
                  continues with Acme Team
        Explain   golive explain GL0403
        ");
    }

    #[test]
    fn in_ascii_with_everything() {
        let text = status(&view(), true, &Style::new(false, Glyphs::Ascii, 80));
        assert!(text.is_ascii());
        insta::assert_snapshot!(text, @r#"
          Acme launch   LIVE  Acme Oy   paused 21 hours ago
          2 of 9 done, 1 failed, 1 to check again, 1 unknown

          [ok] 1  Account              1/1
               [ok] Account can take payments  charges and payouts are on
          [~]  2  Products and prices  1/2
               [ok] Acme Pro              2 prices as in the checklist
               [ ]  Acme Team
          [x]  3  Webhook              0/4
               [x]  No redirect           301 -> https://www.acme.example/hook  GL0403
               [?]  Certificate           could not be checked: the host cannot be
                                          reached GL0712
               [?]  Login is rate limited  the checklist changed since; check again
               [ ]  Create the endpoint   waits for: No redirect
          [~]  4  Monitoring           1/2   1 skipped
               [-]  Alerts reach the person on call  "PagerDuty comes in December", Anna
               [ ]  Watch the first sale

          6 left, all of them block the launch. 1 skipped.
          Next      golive wizard --mode live   continues with Acme Team
          Explain   golive explain GL0403
        "#);
    }

    #[test]
    fn read_aloud() {
        insta::assert_snapshot!(status(&view(), false, &Style::PLAIN), @r"
        Acme launch. Live mode. Account Acme Oy. 2 of 9 done, 1 failed, 1 to check again, 1 unknown. Paused 21 hours ago.
        Phase 1, Account: done. 1 of 1.
        Phase 2, Products and prices: in progress. 1 of 2.
        open: Acme Team.
        Phase 3, Webhook: failed. 0 of 4.
        failed: No redirect. 301 becomes https://www.acme.example/hook  GL0403.
        unknown: Certificate. Could not be checked: the host cannot be reached  GL0712.
        check again: Login is rate limited. The checklist changed since; check again.
        open: Create the endpoint. Waits for: No redirect.
        Phase 4, Monitoring: in progress. 1 of 2.
        open: Watch the first sale.
        6 left, all of them block the launch. 1 skipped.
        Next: golive wizard --mode live   continues with Acme Team
        Explain: golive explain GL0403
        ");
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        for columns in [40, 50, 60, 72, 80, 200] {
            for glyphs in [Glyphs::Unicode, Glyphs::Ascii] {
                let style = Style::new(true, glyphs, columns);
                for line in status(&view(), true, &style).lines() {
                    assert!(width(line) <= columns.min(80), "{columns}: {line}");
                }
            }
        }
    }

    #[test]
    fn a_launch_that_has_not_begun_says_where_to_begin() {
        let text = status(
            &StatusView::of(&fixture::checklist(), &State::default(), Mode::Rehearse),
            false,
            &Style::new(false, Glyphs::Unicode, 80),
        );
        assert!(text.contains("0 of 8 rehearsed") && text.contains("golive rehearse   continues with"), "{text}");
    }
}
