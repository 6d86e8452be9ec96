//! A length of time in words, for whoever tells it.

/// So many seconds, in the largest unit that says them whole: `5 minutes`, `24 hours`, `7 days`.
pub fn in_words(seconds: i64) -> String {
    const UNITS: [(i64, i64, &str); 3] = [(86_400, 2 * 86_400, "day"), (3_600, 3_600, "hour"), (60, 60, "minute")];
    let fits = UNITS.into_iter().find(|(unit, least, _)| seconds >= *least && seconds % unit == 0);
    let (number, unit) = fits.map_or((seconds, "second"), |(unit, _, name)| (seconds / unit, name));
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::in_words;

    #[test]
    fn a_span_is_told_in_the_largest_unit_that_says_it_whole() {
        let told = [0, 1, 59, 60, 90, 3600, 5400, 86_400, 7 * 86_400, 90_000].map(in_words);
        let wanted = [
            "0 seconds",
            "1 second",
            "59 seconds",
            "1 minute",
            "90 seconds",
            "1 hour",
            "90 minutes",
            "24 hours",
            "7 days",
            "25 hours",
        ];
        assert_eq!(told, wanted);
    }
}
