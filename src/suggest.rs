//! The name that was probably meant, for every complaint about one that does not exist.

/// The known name nearest to a wrong one, if one is near enough to be worth saying.
pub fn nearest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wrong = plain(wrong);
    known
        .into_iter()
        .map(|name| (distance(&wrong, &plain(name)), name))
        .filter(|(distance, name)| *distance <= wrong.chars().count().max(name.chars().count()) / 3)
        .min()
        .map(|(_, name)| name)
}

/// The known name that a wrong one is a slip of the hand away from: for lists that may be older
/// than the name.
pub fn slip<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wrong = plain(wrong);
    let of = |name: &'a str| (strsim::damerau_levenshtein(&wrong, &plain(name)), name);
    known.into_iter().map(of).filter(|(distance, _)| *distance <= 2).min().map(|(_, name)| name)
}

/// Names differ in case and in `-` or `_` by habit, not by meaning.
fn plain(name: &str) -> String {
    name.to_lowercase().replace('-', "_")
}

fn distance(wrong: &str, known: &str) -> usize {
    // A cut-off word is nearer than its missing letters say: `desc` for `description`.
    if wrong.len() >= 4 && known.starts_with(wrong) { 1 } else { strsim::damerau_levenshtein(wrong, known) }
}

/// Names in backticks, for a sentence: `a`, `b` and `c`.
pub fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match names.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::{list, nearest};

    #[test]
    fn a_misspelt_name_finds_the_one_that_was_meant() {
        let known = ["severity", "title", "description", "lookup_key"];
        assert_eq!(nearest("severty", known), Some("severity"));
        assert_eq!(nearest("tilte", known), Some("title"));
        assert_eq!(nearest("desc", known), Some("description"));
        assert_eq!(nearest("Lookup-Key", known), Some("lookup_key"));
    }

    #[test]
    fn a_name_that_resembles_nothing_gets_no_suggestion() {
        assert_eq!(nearest("colour", ["severity", "title"]), None);
        assert_eq!(nearest("x", ["id"]), None);
        assert_eq!(nearest("", ["id"]), None);
    }

    #[test]
    fn names_are_listed_as_in_a_sentence() {
        assert_eq!(list([]), "");
        assert_eq!(list(["a"]), "`a`");
        assert_eq!(list(["a", "b", "c"]), "`a`, `b` and `c`");
    }
}
