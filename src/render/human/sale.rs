//! A purchase that is watched: where to buy, as a text and, where it fits, as a QR code; how long it
//! has been waited for; and what was seen of it. Pure; drawn by the front ends of `ui`.

use qrcode::{EcLevel, QrCode};

use crate::engine::port::News;
use crate::render::human::Block;
use crate::render::layout::{hang, pad, paragraph, row, shorten_id, truncate, width};
use crate::render::{Glyphs, Mark, Style, words};
use crate::step::{Milestone, Sale};

/// Light modules around the code, without which no camera finds it (ISO/IEC 18004, 6.3.8).
const QUIET: usize = 4;
/// Columns of what was seen.
const WHAT: usize = 22;
/// Lines that stay free below the code, for the address and the line that moves.
const BELOW: usize = 4;

/// What is told of a purchase, without a code: nobody points a camera at a log.
pub(super) fn news(news: &News<'_>, style: &Style) -> Option<Block> {
    match *news {
        News::Invite { sale, page, rehearsed } => Some(invite(sale, page, rehearsed, 0, style)),
        News::Milestone { milestone: seen } => Some(milestone(seen, style)),
        News::Outage { what } => {
            let lost = format!("{what} cannot be reached");
            Some(Block::line(row(style, 2, Mark::Attention, &lost, "still waiting")))
        }
        _ => None,
    }
}

/// The invitation: what to buy and where.
pub fn invite(sale: &Sale, page: &str, rehearsed: bool, rows: usize, style: &Style) -> Block {
    let who = if sale.by_operator { "Please buy" } else { "On sale" };
    let what = match sale.goods.as_slice() {
        [] => format!("{who}, on this page:"),
        goods => format!("{who}  {}, on this page:", words::list(goods)),
    };
    if style.is_plain() {
        return Block::line(format!("{what} {page}\nWaiting for a payment on {page}"));
    }
    let mut lines = vec![paragraph(style, &what)];
    // Nobody's telephone reaches the loopback address of a rehearsal.
    let code = if rehearsed { None } else { code(page, rows, style) };
    if let Some(code) = code {
        lines.push(String::new());
        lines.push(code);
    }
    lines.push(hang(style, "      ", 6, page));
    if rehearsed && !sale.by_operator {
        lines.push(paragraph(style, "Somebody made up buys there; no money moves."));
    } else if rehearsed {
        lines.push(paragraph(style, "The page is the simulator's; no card is asked for, and no money moves."));
    }
    Block::apart(lines.join("\n"))
}

/// A QR code in half blocks, light on dark, when the window is wide and high enough for it and can
/// draw them.
pub fn code(text: &str, rows: usize, style: &Style) -> Option<String> {
    if style.glyphs != Glyphs::Unicode {
        return None;
    }
    let code = QrCode::with_error_correction_level(text, EcLevel::L).ok()?;
    let (side, dark) = (code.width(), code.to_colors());
    let whole = side + 2 * QUIET;
    if whole + 6 > style.width || whole.div_ceil(2) + BELOW > rows {
        return None;
    }
    let is_light = |x: usize, y: usize| {
        let inside = |at: usize| (QUIET..QUIET + side).contains(&at);
        // The row below an odd number of rows is no part of the code.
        y < whole && !(inside(x) && inside(y) && dark[(y - QUIET) * side + x - QUIET] == qrcode::Color::Dark)
    };
    let line = |y: usize| -> String {
        let cell = |x: usize| match (is_light(x, y), is_light(x, y + 1)) {
            (true, true) => '█',
            (true, false) => '▀',
            (false, true) => '▄',
            (false, false) => ' ',
        };
        format!("      {}", (0..whole).map(cell).collect::<String>())
    };
    Some((0..whole).step_by(2).map(line).collect::<Vec<_>>().join("\n"))
}

/// What the line that moves says: `waiting for a payment   1m 12s   last looked 3 s ago   Ctrl-C pauses`.
pub fn waiting(what: &str, so_far: u64, ago: u64, style: &Style) -> String {
    let whole = format!("waiting for {what}   {}   last looked {ago} s ago   Ctrl-C pauses", span(so_far));
    let short = format!("{what}   {}   Ctrl-C pauses", span(so_far));
    let room = style.width.saturating_sub(6);
    if whole.chars().count() <= room { whole } else { truncate(&short, room, style.ellipsis()) }
}

/// The line that is written now and then where nothing moves.
pub fn still_waiting(what: &str, so_far: u64, style: &Style) -> String {
    if style.is_plain() {
        let minutes = usize::try_from(so_far / 60).unwrap_or(usize::MAX);
        let rest = usize::try_from(so_far % 60).unwrap_or(0);
        let mut parts = Vec::new();
        parts.extend((minutes > 0).then(|| words::count(minutes, "minute", "minutes")));
        parts.extend((rest > 0 || minutes == 0).then(|| words::count(rest, "second", "seconds")));
        return format!("Still waiting for {what}. {}.", words::list(&parts));
    }
    paragraph(style, &format!("still waiting for {what}, {}", span(so_far)))
}

fn span(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{}m {:02}s", seconds / 60, seconds % 60),
        _ => format!("{}h {:02}m", seconds / 3600, seconds % 3600 / 60),
    }
}

/// Something that was seen on the way.
pub fn milestone(seen: &Milestone, style: &Style) -> Block {
    let mark = if seen.good { Mark::Done } else { Mark::Attention };
    if style.is_plain() || style.is_narrow() {
        return Block::line(row(style, 2, mark, &seen.what, &seen.value));
    }
    let at = seen.at.and_then(|at| jiff::Timestamp::from_second(at).ok());
    let at = at.map(|at| at.to_zoned(jiff::tz::TimeZone::system()).strftime("%H:%M:%S").to_string());
    let mark = pad(&style.mark(mark), style.mark_width());
    let head = format!("  {mark}{}  {}", pad(&at.unwrap_or_default(), 8), pad(&style.text(&seen.what), WHAT));
    let short: Vec<String> = seen.value.split(' ').map(|word| shortened(word, style)).collect();
    Block::line(hang(style, &head, width(&head), &style.text(&short.join(" "))))
}

/// An id among other words, shortened like every other.
fn shortened(word: &str, style: &Style) -> String {
    let id = word.trim_end_matches([',', ';']);
    let short = if style.verbose { id.to_owned() } else { shorten_id(id, style.ellipsis()) };
    format!("{short}{}", &word[id.len()..])
}

#[cfg(test)]
mod tests {
    use super::{code, invite, milestone, still_waiting, waiting};
    use crate::render::{Glyphs, Style};
    use crate::step::{Milestone, Sale};

    const PAGE: &str = "https://app.acme.example/pricing";

    fn sale(by_operator: bool) -> Sale {
        let goods = vec!["Acme Pro, 29.00 EUR per month".to_owned()];
        Sale { url: PAGE.into(), goods, prices: Vec::new(), by_operator }
    }

    #[test]
    fn the_address_is_shown_as_a_code_where_it_fits_and_always_as_a_text() {
        let shown = invite(&sale(true), PAGE, false, 40, &Style::new(false, Glyphs::Unicode, 80)).text;
        insta::assert_snapshot!(shown, @r"
          Please buy  Acme Pro, 29.00 EUR per month, on this page:

              █████████████████████████████████
              █████████████████████████████████
              ████ ▄▄▄▄▄ ███▄██▄ ███ ▄▄▄▄▄ ████
              ████ █   █ █▀ ▄▄ ▀▄▀ █ █   █ ████
              ████ █▄▄▄█ █▄▀▀▄█▄▄█▀█ █▄▄▄█ ████
              ████▄▄▄▄▄▄▄█▄█▄█ █▄█ █▄▄▄▄▄▄▄████
              ████▄▄▀▀█ ▄▄██  ▄▄  █▀█▀  ▀▀█████
              █████  ▀▀ ▄▄▄█ ▀ █▀▄ █ ▄█ █▄ ████
              ████▀▀ ██▀▄ ▀▄▄ █▀█▀ ▀▄ ███▀▄████
              ████ █ ▄▀█▄█▀▀ █ █▄  █  ▄ ▀▄ ████
              ████▄█▄█▄▄▄▄ ▄▄▀█▄ ▄ ▄▄▄ █▄██████
              ████ ▄▄▄▄▄ █ █▄ █▄▄▀ █▄█ ███ ████
              ████ █   █ ███       ▄ ▄▄█▄█▄████
              ████ █▄▄▄█ █▀▄▀███▄▄▀▀█▀▀▄▄█ ████
              ████▄▄▄▄▄▄▄█▄█▄▄▄███▄▄███▄██▄████
              █████████████████████████████████
              ▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀
              https://app.acme.example/pricing
        ");
    }

    #[test]
    fn no_code_is_drawn_where_it_would_break() {
        let wide = Style::new(false, Glyphs::Unicode, 80);
        assert!(code(PAGE, 40, &wide).is_some());
        assert!(code(PAGE, 20, &wide).is_none(), "too low");
        assert!(code(PAGE, 40, &Style::new(false, Glyphs::Unicode, 38)).is_none(), "too narrow");
        assert!(code(PAGE, 40, &Style::new(false, Glyphs::Ascii, 80)).is_none(), "no half blocks");
        assert!(code(PAGE, 40, &Style::PLAIN).is_none(), "read aloud");
        assert!(
            code(&"x".repeat(5000), 400, &Style::new(false, Glyphs::Unicode, 400)).is_none(),
            "too much for any code"
        );
    }

    #[test]
    fn every_line_of_the_code_is_as_wide_as_the_first() {
        let code = code(PAGE, 40, &Style::new(false, Glyphs::Unicode, 80)).unwrap();
        let widths: Vec<usize> = code.lines().map(|line| line.chars().count()).collect();
        assert!(widths.iter().all(|width| *width == widths[0]), "{widths:?}");
        assert!(code.lines().next().unwrap().trim().chars().all(|module| module == '█'), "a quiet zone");
    }

    #[test]
    fn a_rehearsal_shows_the_simulators_page_without_a_code() {
        let shown =
            invite(&sale(false), "http://127.0.0.1:1/c/pay/cs_1", true, 40, &Style::new(false, Glyphs::Unicode, 80));
        assert!(!shown.text.contains('█') && shown.text.contains("Somebody made up buys there"), "{}", shown.text);
    }

    #[test]
    fn the_line_that_moves_says_how_long_when_looked_and_how_to_pause() {
        let style = Style::new(false, Glyphs::Unicode, 80);
        let line = waiting("a payment", 72, 3, &style);
        assert_eq!(line, "waiting for a payment   1m 12s   last looked 3 s ago   Ctrl-C pauses");
        let narrow = waiting("a payment", 7320, 0, &Style::new(false, Glyphs::Unicode, 50));
        assert_eq!(narrow, "a payment   2h 02m   Ctrl-C pauses");
    }

    #[test]
    fn read_aloud_the_wait_is_a_sentence() {
        let said = |seconds| still_waiting("a payment", seconds, &Style::PLAIN);
        assert_eq!(said(30), "Still waiting for a payment. 30 seconds.");
        assert_eq!(said(61), "Still waiting for a payment. 1 minute and 1 second.");
        assert_eq!(said(120), "Still waiting for a payment. 2 minutes.");
    }

    #[test]
    fn what_was_seen_is_a_row_and_what_is_odd_stands_out() {
        let style = Style::new(false, Glyphs::Unicode, 80);
        let good = milestone(&Milestone::good(None, "payment succeeded", "29.00 EUR"), &style).text;
        assert_eq!(good, "  ✓           payment succeeded     29.00 EUR");
        let value = "checkout.session.completed evt_1PvHUR4POVlS3EqmKvrfDESB";
        let told = milestone(&Milestone::good(None, "webhook delivered", value), &style).text;
        assert_eq!(told, "  ✓           webhook delivered     checkout.session.completed evt_1PvH…DESB");
        let odd = milestone(&Milestone::odd(None, "payment declined", "card_declined"), &Style::PLAIN).text;
        assert_eq!(odd, "attention: payment declined. card_declined.");
    }
}
