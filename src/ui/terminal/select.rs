//! Lists to choose from, drawn by dialoguer with golive's own theme.
//!
//! Entries are cut to the terminal's width, because a wrapped one corrupts the screen. Every list
//! ends in "Pause here".

use std::fmt;

use console::Term;
use dialoguer::Select;
use dialoguer::theme::Theme;

use crate::engine::port::Stop;
use crate::render::layout::{pad, truncate, width};
use crate::render::{Ink, Mark, Style};
use crate::step::Choice;
use crate::ui::guard;

/// The entry that leaves.
pub const PAUSE: &str = "Pause here";

/// Lets the operator choose; returns the choice's value.
pub fn choose(prompt: &str, choices: &[Choice], style: &Style) -> Result<String, Stop> {
    let term = Term::stderr();
    let columns = usize::from(term.size().1);
    let entries = entries(choices, style, columns);
    let look = Look(*style);
    let prompt = truncate(&style.text(prompt), columns.saturating_sub(6), style.ellipsis());
    guard::discard_typeahead();
    let hidden = guard::NoEcho::new();
    guard::list(true);
    let select = Select::with_theme(&look).with_prompt(prompt).items(&entries).default(0).report(false);
    let chosen = select.interact_on_opt(&term);
    if !matches!(&chosen, Err(dialoguer::Error::IO(error)) if error.kind() == std::io::ErrorKind::Interrupted) {
        guard::list(false);
    }
    drop(hidden);
    match chosen {
        Ok(Some(number)) => choices.get(number).map(|choice| choice.value.clone()).ok_or(Stop::Pause),
        Ok(None) => Err(Stop::Pause),
        Err(dialoguer::Error::IO(error)) => {
            // The list goes, as it does with every other answer.
            let _ = term.clear_last_lines(entries.len() + 1);
            guard::show_cursor();
            Err(super::unreadable(error))
        }
    }
}

/// The lines of a list: label and hint in two columns, cut to fit.
fn entries(choices: &[Choice], style: &Style, columns: usize) -> Vec<String> {
    let longest = choices.iter().map(|choice| width(&choice.label)).max().unwrap_or(0);
    let label = longest.min(columns / 2) + 2;
    let line = |choice: &Choice| {
        let text = if choice.hint.is_empty() {
            style.text(&choice.label)
        } else {
            format!("{}{}", pad(&style.text(&choice.label), label), style.text(&choice.hint))
        };
        truncate(&text, columns.saturating_sub(6), style.ellipsis())
    };
    choices.iter().map(line).chain([PAUSE.to_owned()]).collect()
}

struct Look(Style);

impl Theme for Look {
    fn format_select_prompt(&self, f: &mut dyn fmt::Write, prompt: &str) -> fmt::Result {
        write!(f, "{} {prompt}", self.0.mark(Mark::Question))
    }

    fn format_select_prompt_item(&self, f: &mut dyn fmt::Write, text: &str, active: bool) -> fmt::Result {
        if active {
            write!(f, "{} {}", self.0.mark(Mark::Cursor), self.0.paint(Ink::Active, text))
        } else {
            write!(f, "  {text}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{PAUSE, entries};
    use crate::render::layout::width;
    use crate::render::{Glyphs, Style};
    use crate::step::Choice;

    #[test]
    fn entries_have_columns_fit_the_terminal_and_end_in_a_pause() {
        let choice = |label: &str, hint: &str| Choice { value: label.into(), label: label.into(), hint: hint.into() };
        let choices =
            [choice("Rehearsal", "sandbox keys and a test card; nothing is real"), choice("Live", "the real account")];
        let wide = entries(&choices, &Style::new(false, Glyphs::Unicode, 80), 80);
        assert_eq!(wide[1], "Live       the real account");
        assert_eq!(wide.last().map(String::as_str), Some(PAUSE));
        let narrow = entries(&choices, &Style::new(false, Glyphs::Unicode, 40), 40);
        assert!(narrow.iter().all(|entry| width(entry) <= 34), "{narrow:?}");
    }
}
