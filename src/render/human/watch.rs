//! `golive watch` for people: a line for each thing that happens, and one that says how it stands.

use crate::render::layout::{NAME, hang, row, width};
use crate::render::{Mark, Style, words};
use crate::view::watch::{Line, Severity, Sort, Tally};

/// Columns under which facts and fixes stand.
const INDENT: usize = 26;

/// What one line of a watch looks like. Ends with a newline.
pub fn line(line: &Line, style: &Style) -> String {
    let mark = match (line.event, line.severity) {
        (Sort::Alert, Some(Severity::Critical)) => Mark::Failed,
        (Sort::Alert | Sort::Outage, _) => Mark::Attention,
        (Sort::Cleared | Sort::Back, _) => Mark::Done,
        (Sort::Began | Sort::Ended | Sort::Told, _) => Mark::Open,
    };
    let name = format!("{}  {}", clock(&line.at), line.subject);
    let mut out = row(style, 2, mark, &name, &line.message);
    // Beside a name that is wider than its column, the message has lines of its own further left.
    let indent = if style.is_narrow() || width(&name) > NAME { 6 } else { INDENT };
    for fact in &line.facts {
        out.push('\n');
        out.push_str(&below(style, indent, fact));
    }
    if let Some(fix) = &line.fix {
        out.push('\n');
        out.push_str(&below(style, indent, &format!("fix {fix}")));
    }
    out + "\n"
}

fn below(style: &Style, indent: usize, text: &str) -> String {
    if style.is_plain() {
        return words::sentence(&style.text(text));
    }
    hang(style, &" ".repeat(indent), indent, &style.text(text))
}

/// The time of day on this computer.
fn clock(at: &str) -> String {
    let zoned = at.parse::<jiff::Timestamp>().map(|at| at.to_zoned(jiff::tz::TimeZone::system()));
    zoned.map(|at| at.strftime("%H:%M:%S").to_string()).unwrap_or_default()
}

/// How it stands: the line that moves.
pub fn standing(tally: &Tally, so_far: i64, looked: i64, alerts: usize, out: bool) -> String {
    let state = if out { "Stripe is silent" } else { "watching" };
    let alerts = words::count(alerts, "alert", "alerts");
    format!(
        "{state}  {}   {looked} s ago   {}   {alerts}   Ctrl-C ends",
        span(so_far),
        words::count(usize::try_from(tally.payments).unwrap_or(usize::MAX), "payment", "payments"),
    )
}

/// What was seen, at the end.
pub fn summary(tally: &Tally, so_far: i64, standing: usize) -> String {
    let number = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
    let alerts = match (tally.alerts, standing) {
        (0, _) => "no alert".to_owned(),
        (raised, standing) => format!("{}, {standing} still standing", words::count(number(raised), "alert", "alerts")),
    };
    format!(
        "watched {}: {}, {}, {alerts}; {} at Stripe",
        span(so_far),
        words::count(number(tally.events), "event", "events"),
        words::count(number(tally.payments), "payment", "payments"),
        words::count(number(tally.looks), "look", "looks"),
    )
}

/// `42s`, `1m 12s`, `3h 05m`
fn span(seconds: i64) -> String {
    match seconds {
        ..60 => format!("{seconds}s"),
        60..3600 => format!("{}m {:02}s", seconds / 60, seconds % 60),
        _ => format!("{}h {:02}m", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::{line, standing, summary};
    use crate::render::{Glyphs, Style};
    use crate::view::watch::{Line, Severity, Sort, Tally};

    fn alert() -> Line {
        Line {
            severity: Some(Severity::Critical),
            facts: vec!["charge.succeeded: 3 not taken".into()],
            fix: Some("see what the handler answered: https://dashboard.stripe.com/webhooks".into()),
            ..Line::new(Sort::Alert, "deliveries", "7.5 % of deliveries failed in 5 minutes (3 of 40)".into(), 0)
        }
    }

    #[test]
    fn an_alert_says_what_why_and_what_to_do_within_80_columns() {
        let text = line(&alert(), &Style::new(false, Glyphs::Unicode, 80));
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        assert!(text.starts_with("  ✗ ") && text.contains("deliveries  "), "{text}");
        assert!(text.contains("not taken") && text.contains("fix see what the handler answered"), "{text}");
    }

    #[test]
    fn how_it_stands_fits_on_a_line() {
        let tally = Tally { looks: 2880, events: 120_000, payments: 4321, alerts: 12 };
        let text = standing(&tally, 86_000, 59, 3, true);
        assert!(text.chars().count() <= 80, "{text}");
        assert_eq!(
            summary(&tally, 86_400, 0),
            "watched 24h 00m: 120000 events, 4321 payments, 12 alerts, 0 still standing; 2880 looks at Stripe"
        );
        assert!(summary(&Tally::default(), 5, 0).contains("no alert"));
    }
}
