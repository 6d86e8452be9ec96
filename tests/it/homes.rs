//! Everything that a guide holds beside its tick boxes has a home in its checklist too: every step, table
//! row, command, expected output, rollback step, monitoring rule and troubleshooting entry. The files
//! of `tests/guides/homes/` name it; here it is looked whether the home says what is claimed of it.

use std::collections::BTreeMap;
use std::fs;

use golive::checklist::BUNDLED;

/// The guides, with how many entries they have, and how many of these are troubles.
const GUIDES: [(&str, usize, usize); 5] = [
    ("minipass", 100, 16),
    ("recorder-ed", 42, 15),
    ("alwrity", 6, 1),
    ("caixahub", 94, 15),
    ("smart-strategies", 90, 14),
];

/// One entry of a guide.
struct Entry {
    text: String,
    home: String,
    words: String,
}

fn entries(name: &str) -> Vec<Entry> {
    let path = format!("{}/tests/guides/homes/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(path).unwrap();
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with("# "));
    let entry = |line: &str| {
        let (text, rest) = line.rsplit_once(" => ").unwrap_or_else(|| panic!("{name}: no home: {line}"));
        let (home, words) = rest.split_once(' ').unwrap_or_else(|| panic!("{name}: no words: {line}"));
        let words = words
            .strip_prefix('"')
            .and_then(|words| words.strip_suffix('"'))
            .unwrap_or_else(|| panic!("{name}: {line}"));
        Entry { text: text.into(), home: home.into(), words: words.into() }
    };
    lines.map(entry).collect()
}

/// The texts of a checklist's items as they are written, by address; `watch` holds the thresholds.
fn items(name: &str) -> BTreeMap<String, String> {
    let (_, text) = BUNDLED.iter().find(|(known, _)| *known == name).unwrap();
    let (mut phase, mut address, mut items) = (String::new(), String::new(), BTreeMap::<String, String>::new());
    let mut group = "";
    for line in text.lines() {
        match line {
            "[[phase]]" | "[[phase.item]]" | "[[rollback]]" | "[[watch.check]]" | "[watch]" => {
                group = line;
                address = if line == "[watch]" { "watch".into() } else { String::new() };
            }
            _ if address.is_empty() && line.starts_with("id = ") => {
                let id = line.trim_start_matches("id = ").trim_matches('"');
                match group {
                    "[[phase]]" => phase = id.into(),
                    "[[rollback]]" => address = format!("rollback.{id}"),
                    "[[watch.check]]" => address = format!("watch.{id}"),
                    _ => address = format!("{phase}.{id}"),
                }
            }
            _ => {}
        }
        if !address.is_empty() {
            items.entry(address.clone()).or_default().extend([line, "\n"]);
        }
    }
    items
}

#[test]
fn everything_else_in_a_guide_has_a_home_that_says_so() {
    for (name, count, troubles) in GUIDES {
        let (entries, items) = (entries(name), items(name));
        let wrong: Vec<String> = entries
            .iter()
            .filter_map(|Entry { text, home, words }| match items.get(home) {
                None => Some(format!("`{text}`: there is no item {home}")),
                Some(item) if !item.to_lowercase().contains(&words.to_lowercase()) => {
                    Some(format!("`{text}`: {home} does not hold `{words}`"))
                }
                Some(_) => None,
            })
            .collect();
        assert!(wrong.is_empty(), "{name}:\n{}", wrong.join("\n"));
        let trouble = entries.iter().filter(|entry| entry.text.starts_with('!')).count();
        assert_eq!((entries.len(), trouble), (count, troubles), "{name}");
    }
}

#[test]
fn a_trouble_has_its_home_where_golive_finds_it_by_itself() {
    for (name, ..) in GUIDES {
        let items = items(name);
        for Entry { text, home, .. } in entries(name).iter().filter(|entry| entry.text.starts_with('!')) {
            assert!(!items[home].contains("kind = \"manual\""), "{name}: `{text}` is left to a person: {home}");
        }
    }
}
