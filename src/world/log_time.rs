//! The time at the beginning of a log's line, in the shapes that logs have: ISO 8601 with a `T` or a
//! blank, syslog's, and that of web servers. Without a zone it is the time of this computer.

use std::sync::LazyLock;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};
use regex::Regex;

/// Where in a line a time is looked for: after a level or a brace, not in the message.
const WITHIN: usize = 64;
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

#[expect(clippy::unwrap_used, reason = "a constant pattern, compiled by a test")]
static ISO: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,]\d+)? ?(Z|[+-]\d\d:?\d\d)?").unwrap()
});
#[expect(clippy::unwrap_used, reason = "a constant pattern, compiled by a test")]
static SYSLOG: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^(?:<\d+>)?([A-Z][a-z]{2}) +(\d{1,2}) (\d\d):(\d\d):(\d\d)").unwrap());
#[expect(clippy::unwrap_used, reason = "a constant pattern, compiled by a test")]
static WEB: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\[(\d\d)/([A-Z][a-z]{2})/(\d{4}):(\d\d):(\d\d):(\d\d) ([+-]\d{4})").unwrap());

/// Reads times, seen from a moment.
pub(super) struct Clock {
    now: Timestamp,
    zone: TimeZone,
}

impl Clock {
    /// Of this computer.
    pub(super) fn at(now: Timestamp) -> Self {
        Self { now, zone: TimeZone::system() }
    }

    /// The time of a line, if it says one.
    pub(super) fn time_of(&self, line: &[u8]) -> Option<Timestamp> {
        let head = String::from_utf8_lossy(&line[..line.len().min(WITHIN)]);
        // The client's name stands before a web server's time, and may be long.
        self.iso(&head).or_else(|| self.syslog(&head)).or_else(|| {
            let head = String::from_utf8_lossy(&line[..line.len().min(4 * WITHIN)]);
            self.web(&head)
        })
    }

    fn iso(&self, head: &str) -> Option<Timestamp> {
        let found = ISO.captures(head)?;
        let number = |at: usize| found[at].parse::<i16>().ok();
        let part = |at: usize| found[at].parse::<i8>().ok();
        let moment = moment(number(1)?, part(2)?, part(3)?, [part(4)?, part(5)?, part(6)?])?;
        self.stamp(moment, found.get(7).map(|zone| zone.as_str()))
    }

    fn syslog(&self, head: &str) -> Option<Timestamp> {
        let found = SYSLOG.captures(head)?;
        let part = |at: usize| found[at].parse::<i8>().ok();
        let year = self.now.to_zoned(self.zone.clone()).year();
        let at = |year| {
            let moment = moment(year, month(&found[1])?, part(2)?, [part(3)?, part(4)?, part(5)?])?;
            self.stamp(moment, None)
        };
        // It names no year: one that would be to come is of the last.
        at(year).filter(|time| *time <= self.now + SignedDuration::from_hours(24)).or_else(|| at(year - 1))
    }

    fn web(&self, head: &str) -> Option<Timestamp> {
        let found = WEB.captures(head)?;
        let part = |at: usize| found[at].parse::<i8>().ok();
        let year = found[3].parse().ok()?;
        let moment = moment(year, month(&found[2])?, part(1)?, [part(4)?, part(5)?, part(6)?])?;
        self.stamp(moment, Some(&found[7]))
    }

    fn stamp(&self, moment: DateTime, zone: Option<&str>) -> Option<Timestamp> {
        let zone = match zone {
            None => self.zone.clone(),
            Some("Z") => TimeZone::UTC,
            Some(offset) => {
                let digits: String = offset[1..].chars().filter(char::is_ascii_digit).collect();
                let (hours, minutes) = (digits.get(..2)?.parse::<i32>().ok()?, digits.get(2..)?.parse::<i32>().ok()?);
                let seconds = (hours * 60 + minutes) * 60;
                let seconds = if offset.starts_with('-') { -seconds } else { seconds };
                TimeZone::fixed(Offset::from_seconds(seconds).ok()?)
            }
        };
        zone.to_timestamp(moment).ok()
    }
}

fn month(name: &str) -> Option<i8> {
    MONTHS.iter().position(|month| *month == name).and_then(|at| i8::try_from(at + 1).ok())
}

fn moment(year: i16, month: i8, day: i8, [hour, minute, second]: [i8; 3]) -> Option<DateTime> {
    // A leap second is the second before it.
    let time = Time::new(hour, minute, second.min(59), 0).ok()?;
    Some(DateTime::from_parts(Date::new(year, month, day).ok()?, time))
}

#[cfg(test)]
mod tests {
    use jiff::tz::{Offset, TimeZone};

    use super::Clock;

    fn time(line: &str) -> Option<String> {
        let zone = TimeZone::fixed(Offset::from_seconds(-5 * 3600).unwrap());
        let clock = Clock { now: "2026-01-02T00:00:00Z".parse().unwrap(), zone };
        clock.time_of(line.as_bytes()).map(|time| time.to_string())
    }

    #[test]
    fn the_time_of_a_line_is_read_in_every_usual_shape() {
        let cases = [
            ("2025-12-31T10:00:00.123Z INFO ok", "2025-12-31T10:00:00Z"),
            ("[2025-12-31 10:00:00,123] INFO ok", "2025-12-31T15:00:00Z"),
            ("INFO 2025-12-31 10:00:00 +0200 ok", "2025-12-31T08:00:00Z"),
            (r#"{"level":"info","time":"2025-12-31T10:00:00-03:30","msg":"ok"}"#, "2025-12-31T13:30:00Z"),
            ("Jan  1 18:00:00 host app[1]: ok", "2026-01-01T23:00:00Z"),
            ("Dec 31 18:00:00 host app[1]: ok", "2025-12-31T23:00:00Z"),
            ("203.0.113.9 - - [31/Dec/2025:10:00:00 +0100] \"GET / HTTP/1.1\" 200", "2025-12-31T09:00:00Z"),
        ];
        for (line, wanted) in cases {
            assert_eq!(time(line).as_deref(), Some(wanted), "{line}");
        }
    }

    #[test]
    fn a_line_without_a_time_has_none() {
        for line in
            ["", "  File \"app.py\", line 3", "Xyz 31 10:00:00 no month", "2025-13-31T10:00:00Z", "\u{fffd}\u{1f600}"]
        {
            assert_eq!(time(line), None, "{line}");
        }
    }
}
