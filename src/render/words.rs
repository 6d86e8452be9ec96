//! Words that depend on a number or a time: the one helper for plurals, and spans of time.
//!
//! English only, and every form is written out at the call site: no sentence is glued together
//! from an `s`.

/// `1 item`, `2 items`.
pub fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// `0.4 s`, `12 s`, `1m 12s`: how long something took, from milliseconds.
pub fn took(millis: u64) -> String {
    match millis {
        0..=9_949 => {
            let tenths = (millis + 50) / 100;
            format!("{}.{} s", tenths / 10, tenths % 10)
        }
        9_950..=59_499 => format!("{} s", (millis + 500) / 1000),
        _ => {
            let seconds = (millis + 500) / 1000;
            format!("{}m {:02}s", seconds / 60, seconds % 60)
        }
    }
}

/// `a moment ago`, `12 minutes ago`, `21 hours ago`, `3 days ago`, from seconds.
pub fn ago(seconds: i64) -> String {
    let minutes = usize::try_from(seconds / 60).unwrap_or(0);
    match minutes {
        0 => "a moment ago".to_owned(),
        1..=89 => format!("{} ago", count(minutes, "minute", "minutes")),
        90..=2879 => format!("{} ago", count((minutes + 30) / 60, "hour", "hours")),
        _ => format!("{} ago", count((minutes + 720) / 1440, "day", "days")),
    }
}

/// `a`, `a and b`, `a, b and c`.
pub fn list(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// A text that ends like a sentence, for reading aloud. Addresses and commands stay as they are.
pub fn sentence(text: &str) -> String {
    let text = text.trim_end();
    let last = text.rsplit(' ').next().unwrap_or("");
    if text.is_empty() || text.ends_with(['.', '?', ':', '!', '`']) || last.contains('/') {
        text.to_owned()
    } else {
        format!("{text}.")
    }
}

#[cfg(test)]
mod tests {
    use super::{ago, count, list, sentence, took};

    #[test]
    fn one_is_singular_and_everything_else_plural() {
        assert_eq!(count(1, "item", "items"), "1 item");
        assert_eq!(count(0, "item", "items"), "0 items");
        assert_eq!(count(2, "entry", "entries"), "2 entries");
    }

    #[test]
    fn short_times_have_tenths_and_long_ones_minutes() {
        assert_eq!(took(0), "0.0 s");
        assert_eq!(took(449), "0.4 s");
        assert_eq!(took(9_949), "9.9 s");
        assert_eq!(took(9_950), "10 s");
        assert_eq!(took(59_499), "59 s");
        assert_eq!(took(72_000), "1m 12s");
    }

    #[test]
    fn an_age_is_told_in_the_unit_people_use() {
        assert_eq!(ago(-5), "a moment ago");
        assert_eq!(ago(60), "1 minute ago");
        assert_eq!(ago(21 * 3600), "21 hours ago");
        assert_eq!(ago(3 * 86_400), "3 days ago");
    }

    #[test]
    fn the_last_word_of_a_list_follows_and() {
        assert_eq!(list(&["a".into(), "b".into(), "c".into()]), "a, b and c");
        assert_eq!(list(&["a".into()]), "a");
    }

    #[test]
    fn an_address_never_gets_a_full_stop() {
        assert_eq!(sentence("open https://stripe.com"), "open https://stripe.com");
        assert_eq!(sentence("all good"), "all good.");
    }
}
