//! What will happen, and where each fact comes from: the first screen of a launch.

use crate::mode::Mode;
use crate::render::layout::{hang, pad, width};
use crate::render::{Ink, Style, words};

/// What is known before the first phase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outlook {
    /// The run's mode.
    pub mode: Mode,
    /// `10 phases, 48 items`
    pub size: String,
    /// The checklist's title.
    pub title: String,
    /// The checklist's name.
    pub origin: String,
    /// The phase that asks for the keys: its number and title.
    pub keys_in: Option<(usize, String)>,
    /// The env file, as the operator knows it.
    pub env_file: String,
    /// How many commands the checklist has.
    pub commands: usize,
    /// How many items a person does.
    pub by_hand: usize,
}

/// Columns of a row's name.
const NAME: usize = 12;
/// Where the origin stands.
const ORIGIN: usize = 60;

/// The screen. No newline at the end.
pub fn outlook(view: &Outlook, style: &Style) -> String {
    let stripe = match view.mode {
        Mode::Rehearse => "a simulator; nothing is real",
        Mode::Test => "your account, in test mode",
        Mode::Live => "your account, live",
    };
    let origin = view.origin.as_str();
    let mut rows = vec![
        line("This is what will happen", "", "from", style),
        line("Checklist", &view.title, origin, style),
        line("", &view.size, "", style),
        line("Stripe", stripe, "the mode", style),
    ];
    if let (Some((number, title)), false) = (&view.keys_in, view.mode == Mode::Rehearse) {
        rows.push(line("Keys", &format!("asked for in phase {number}, {title}"), origin, style));
    }
    rows.push(line("Env file", &view.env_file, origin, style));
    if view.commands > 0 {
        let fate = if view.mode == Mode::Rehearse { "named, not run" } else { "each shown before it runs" };
        let commands = words::count(view.commands, "command", "commands");
        rows.push(line("Computer", &format!("{commands}, {fate}"), origin, style));
    }
    if view.by_hand > 0 {
        let items = words::count(view.by_hand, "item", "items");
        rows.push(line("By hand", &format!("{items}, with the page to open for each"), origin, style));
    }
    rows.join("\n")
}

fn line(name: &str, value: &str, origin: &str, style: &Style) -> String {
    let value = style.text(value);
    if style.is_plain() {
        let text = [name, &value].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(": ");
        return words::sentence(&text);
    }
    let name_columns = if value.is_empty() { width(name) + 1 } else { NAME };
    let left = hang(style, &format!("  {}", pad(name, name_columns)), 2 + NAME, &value);
    let room = ORIGIN.saturating_sub(width(&left));
    if left.contains('\n') || room < 2 || ORIGIN + width(origin) > style.width || origin.is_empty() {
        return left;
    }
    format!("{left}{}{}", " ".repeat(room), style.paint(Ink::Dim, &style.text(origin)))
}

#[cfg(test)]
mod tests {
    use super::{Outlook, outlook};
    use crate::mode::Mode;
    use crate::render::layout::width;
    use crate::render::{Glyphs, Style};

    fn view() -> Outlook {
        Outlook {
            mode: Mode::Live,
            size: "10 phases, 48 items".into(),
            title: "Acme launch".into(),
            origin: "golive.toml".into(),
            keys_in: Some((2, "Keys".into())),
            env_file: ".env.production".into(),
            commands: 1,
            by_hand: 20,
        }
    }

    #[test]
    fn every_fact_says_where_it_comes_from() {
        insta::assert_snapshot!(outlook(&view(), &Style::new(false, Glyphs::Unicode, 80)), @r"
        This is what will happen                                  from
        Checklist   Acme launch                                   golive.toml
                    10 phases, 48 items
        Stripe      your account, live                            the mode
        Keys        asked for in phase 2, Keys                    golive.toml
        Env file    .env.production                               golive.toml
        Computer    1 command, each shown before it runs          golive.toml
        By hand     20 items, with the page to open for each      golive.toml
        ");
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        let long = Outlook { title: "The launch of everything that we have ever made ".repeat(3), ..view() };
        for columns in [40, 60, 80] {
            let text = outlook(&long, &Style::new(true, Glyphs::Unicode, columns));
            assert!(text.lines().all(|line| width(line) <= columns), "{columns}: {text}");
        }
    }
}
