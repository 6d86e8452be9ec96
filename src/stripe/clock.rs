//! Two clocks: this computer's, and Stripe's as the `Date` of its answers shows it. Pure, but for the
//! look at this computer's.

/// Less than this is the line's doing, and the header knows no less than seconds.
const NOTICED: i64 = 60;

/// How many seconds Stripe's clock is ahead, by the `Date` of an answer that just came; 0 when the two agree.
pub(super) fn ahead(date: &str) -> Option<i64> {
    between(date, jiff::Timestamp::now())
}

fn between(date: &str, here: jiff::Timestamp) -> Option<i64> {
    let there = jiff::fmt::rfc2822::parse(date).ok()?.timestamp();
    let ahead = there.as_second() - here.as_second();
    Some(if ahead.abs() < NOTICED { 0 } else { ahead })
}

#[cfg(test)]
mod tests {
    use super::between;

    #[test]
    fn clocks_agree_within_a_minute() {
        let here = "2026-11-24T10:15:32Z".parse().unwrap();
        assert_eq!(between("Tue, 24 Nov 2026 10:15:30 GMT", here), Some(0));
        assert_eq!(between("Tue, 24 Nov 2026 08:15:32 GMT", here), Some(-7_200));
        assert_eq!(between("Tue, 24 Nov 2026 10:20:32 GMT", here), Some(300));
        assert_eq!(between("soon", here), None);
    }
}
