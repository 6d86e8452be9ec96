//! Decides colour and glyphs from flags and variables: once, for everything that draws.
//!
//! Pure: variables come in through a function, so that `config` stays their only reader. Order of
//! precedence: the flag, `NO_COLOR` (when not empty, <https://no-color.org>), `CLICOLOR_FORCE`,
//! `TERM=dumb`, `CLICOLOR=0`, whether the output is a terminal.

use crate::render::{Glyphs, Style};

/// `--color`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ColorChoice {
    /// When the output is a terminal and no variable says otherwise.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What the flags say about looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Looks {
    /// `--color`
    pub color: ColorChoice,
    /// `--ascii`
    pub ascii: bool,
    /// `--plain`
    pub plain: bool,
    /// `-v`
    pub verbose: bool,
}

impl Looks {
    /// The style of one output. `columns` is its width when it is a terminal.
    pub fn style(&self, variable: &dyn Fn(&str) -> Option<String>, columns: Option<usize>) -> Style {
        let glyphs = if self.plain || accessible(variable) {
            Glyphs::Plain
        } else if self.ascii || truthy(variable("GOLIVE_ASCII")) || !speaks_utf8(variable) {
            Glyphs::Ascii
        } else {
            Glyphs::Unicode
        };
        let color = color(self.color, variable, columns.is_some());
        Style { verbose: self.verbose, ..Style::new(color, glyphs, columns.unwrap_or(80)) }
    }
}

/// Whether colours are written.
pub fn color(choice: ColorChoice, variable: &dyn Fn(&str) -> Option<String>, is_terminal: bool) -> bool {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    match choice {
        ColorChoice::Always => return true,
        ColorChoice::Never => return false,
        ColorChoice::Auto => {}
    }
    if set("NO_COLOR").is_some() {
        return false;
    }
    if set("CLICOLOR_FORCE").is_some_and(|value| value != "0") {
        return true;
    }
    is_terminal && set("TERM").as_deref() != Some("dumb") && set("CLICOLOR").as_deref() != Some("0")
}

/// Whether screens are to be read aloud: `GOLIVE_ACCESSIBLE` or `ACCESSIBLE`, unless `0` or `false`.
pub fn accessible(variable: &dyn Fn(&str) -> Option<String>) -> bool {
    truthy(variable("GOLIVE_ACCESSIBLE")) || truthy(variable("ACCESSIBLE"))
}

fn truthy(value: Option<String>) -> bool {
    value.is_some_and(|value| !matches!(value.to_ascii_lowercase().as_str(), "" | "0" | "false" | "no" | "off"))
}

/// The first of `LC_ALL`, `LC_CTYPE` and `LANG` that is set decides (POSIX, 8.2).
fn speaks_utf8(variable: &dyn Fn(&str) -> Option<String>) -> bool {
    if cfg!(windows) {
        return variable("WT_SESSION").is_some();
    }
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| variable(name).filter(|v| !v.is_empty()));
    locale.is_some_and(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.ends_with("utf-8") || locale.ends_with("utf8")
    })
}

#[cfg(test)]
mod tests {
    use super::{ColorChoice, Looks, accessible, color};
    use crate::render::Glyphs;

    fn with<'a>(variables: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + 'a {
        move |name| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
    }

    #[test]
    fn an_empty_no_color_means_nothing() {
        assert!(color(ColorChoice::Auto, &with(&[("NO_COLOR", "")]), true));
        assert!(!color(ColorChoice::Auto, &with(&[("NO_COLOR", "1")]), true));
    }

    #[test]
    fn no_color_beats_being_forced_and_the_flag_beats_both() {
        let both = with(&[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")]);
        assert!(!color(ColorChoice::Auto, &both, true));
        assert!(color(ColorChoice::Always, &both, false));
        assert!(!color(ColorChoice::Never, &with(&[("CLICOLOR_FORCE", "1")]), true));
    }

    #[test]
    fn a_pipe_a_dumb_terminal_and_clicolor_0_get_no_colour() {
        assert!(!color(ColorChoice::Auto, &with(&[]), false));
        assert!(!color(ColorChoice::Auto, &with(&[("TERM", "dumb")]), true));
        assert!(!color(ColorChoice::Auto, &with(&[("CLICOLOR", "0")]), true));
        assert!(color(ColorChoice::Auto, &with(&[("CLICOLOR_FORCE", "1")]), false));
        assert!(!color(ColorChoice::Auto, &with(&[("CLICOLOR_FORCE", "0")]), false));
    }

    #[test]
    fn glyphs_follow_the_locale_that_counts() {
        let glyphs = |variables: &[(&str, &str)]| Looks::default().style(&with(variables), Some(80)).glyphs;
        assert_eq!(glyphs(&[("LANG", "fi_FI.UTF-8")]), Glyphs::Unicode);
        assert_eq!(glyphs(&[("LC_ALL", "C"), ("LANG", "fi_FI.UTF-8")]), Glyphs::Ascii);
        assert_eq!(glyphs(&[("LC_ALL", ""), ("LC_CTYPE", "en_US.utf8")]), Glyphs::Unicode);
        assert_eq!(glyphs(&[]), Glyphs::Ascii);
        assert_eq!(glyphs(&[("LANG", "C.UTF-8"), ("ACCESSIBLE", "1")]), Glyphs::Plain);
    }

    #[test]
    fn accessible_can_be_switched_off() {
        assert!(!accessible(&with(&[("ACCESSIBLE", "0")])) && !accessible(&with(&[("ACCESSIBLE", "false")])));
        assert!(accessible(&with(&[("GOLIVE_ACCESSIBLE", "1")])));
    }
}
