//! Secrets that somebody pasted into a document: found by their shape or by the name they are given to,
//! and masked before any rule sees the line. A pattern of a secret, `sk_live_XXXX`, is none.

use std::sync::LazyLock;

use regex::Regex;

use super::normal::Line;
use crate::secret::{Scrubber, mask};

#[expect(clippy::unwrap_used, reason = "constant patterns, compiled by tests")]
static KEYS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\b(?:[sr]k_(?:live|test|org)_|rkcs_|whsec_)[A-Za-z0-9+/=_]{10,}|\b(?:AKIA|ghp_|xox[bp]-|SG\.)[A-Za-z0-9_.-]{12,}").unwrap()
});

#[expect(clippy::unwrap_used, reason = "constant patterns, compiled by tests")]
static LOGINS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?P<begin>://[^\s:/@<>]+:)(?P<word>[^\s@/<>$]{3,})@").unwrap());
#[expect(clippy::unwrap_used, reason = "constant patterns, compiled by tests")]
static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?P<begin>\b[A-Za-z0-9_]*(?:PASSWORD|PASSWD|SECRET|TOKEN|API_KEY|PRIVATE_KEY|ENCRYPTION_KEY|password|passwort|senha)[A-Za-z0-9_]*\s*[=:]\s*["']?)(?P<word>[^\s"'`<>#,)]{6,})"#).unwrap()
});

/// What a pasted secret leaves behind.
pub const MASKED: &str = "…masked…";

pub fn mask_secrets(lines: &mut [Line], secrets: &mut Vec<(usize, String)>) {
    for line in lines {
        if KEYS.is_match(&line.text) {
            let at = line.at;
            let masked = KEYS.replace_all(&line.text, |found: &regex::Captures<'_>| {
                if is_made_up(&found[0]) {
                    return pattern_of(&found[0]);
                }
                let shown = mask(&found[0]);
                let shown = if shown.ends_with("hidden") { MASKED.to_owned() } else { shown };
                secrets.push((at, shown.clone()));
                shown
            });
            line.text = masked.into_owned();
        }
        for pattern in [&*LOGINS, &*NAMED] {
            if !pattern.is_match(&line.text) {
                continue;
            }
            let at = line.at;
            let masked = pattern.replace_all(&line.text, |found: &regex::Captures<'_>| {
                let word = found.name("word").map_or("", |word| word.as_str());
                if is_made_up(word) || word.contains('…') || !looks_secret(word) {
                    return found[0].to_owned();
                }
                secrets.push((at, format!("{} characters, hidden", word.chars().count())));
                let end = if found[0].ends_with('@') { "@" } else { "" };
                format!("{}{MASKED}{end}", &found["begin"])
            });
            line.text = masked.into_owned();
        }
    }
}

/// A pattern for a key, short enough that golive does not take it for one when it prints it.
fn pattern_of(made_up: &str) -> String {
    if Scrubber::scrub(made_up) == made_up {
        return made_up.to_owned();
    }
    let prefix: String = made_up.split_inclusive('_').take(if made_up.starts_with("whsec_") { 1 } else { 2 }).collect();
    format!("{prefix}…")
}

/// Whether a value is a pattern for one: `sk_live_XXXX`, `your_password`, `changeme`.
pub fn is_made_up(value: &str) -> bool {
    let lower = value.to_lowercase();
    let tail = ["sk_live_", "sk_test_", "rk_live_", "rk_test_", "pk_live_", "pk_test_", "whsec_", "price_", "prod_"]
        .iter()
        .find_map(|prefix| lower.strip_prefix(prefix))
        .unwrap_or(&lower);
    let letters: std::collections::BTreeSet<char> = tail.chars().filter(|c| c.is_alphanumeric()).collect();
    let hints = [
        "your",
        "example",
        "xxxx",
        "placeholder",
        "change",
        "todo",
        "replace",
        "...",
        "___",
        "insert",
        "dein",
        "ihr_",
        "seu_",
        "sua_",
        "tu_",
        "dummy",
        "<",
        "to-be",
        "${",
    ];
    let prefixed = tail.len() < lower.len();
    (letters.len() < 4 && (prefixed || tail.len() > 7) && !tail.bytes().all(|byte| byte.is_ascii_digit()))
        || hints.iter().any(|hint| tail.contains(hint))
        || tail.starts_with("abc")
        || tail.starts_with("123456")
}

/// Words of prose are no secrets: one has digits or signs among its letters, or nothing but odd ones.
fn looks_secret(word: &str) -> bool {
    let digits = word.chars().any(|c| c.is_ascii_digit());
    let letters = word.chars().any(char::is_alphabetic);
    let signs =
        word.chars().any(|c| !c.is_alphanumeric() && !matches!(c, '.' | ':' | ';' | '_' | '-' | '/' | '*' | '(' | ')'));
    (digits && letters && !word.contains("()")) || signs
}
