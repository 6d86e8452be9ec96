//! Ids out of any words: short, made of what ids are made of, and each given once.

use std::collections::{BTreeMap, BTreeSet};

/// The longest id that is made of words; they are cut between words where that is possible.
const LONGEST: usize = 40;

/// An id of any text: `MiniPass Pro (Jährlich)` becomes `minipass_pro_jaehrlich`; empty when the text
/// has no letter and no digit that an id may hold.
pub fn slug(text: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut fresh = true;
    for c in text.chars() {
        let plain = plain(c);
        if plain.is_empty() {
            // An apostrophe does not part a word.
            fresh = fresh || !matches!(c, '\'' | '’' | '`');
            continue;
        }
        if fresh {
            words.push(String::new());
        }
        fresh = false;
        if let Some(word) = words.last_mut() {
            word.push_str(&plain);
        }
        if words.len() > LONGEST || words.last().is_some_and(|word| word.len() > LONGEST) {
            break;
        }
    }
    let mut out = String::new();
    for word in words {
        if !out.is_empty() && out.len() + 1 + word.len() > LONGEST {
            break;
        }
        if !out.is_empty() {
            out.push('_');
        }
        out.push_str(&word);
    }
    out.truncate(LONGEST);
    out
}

/// A character as ids write it; nothing when they cannot.
fn plain(c: char) -> String {
    let lower = c.to_lowercase().next().unwrap_or(c);
    let letters = match lower {
        'a'..='z' | '0'..='9' => return lower.to_string(),
        'à' | 'á' | 'â' | 'ã' | 'å' | 'ā' | 'ă' | 'ą' => "a",
        'ä' | 'æ' => "ae",
        'ç' | 'ć' | 'č' => "c",
        'ď' | 'đ' | 'ð' => "d",
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ę' | 'ě' => "e",
        'ğ' => "g",
        'ì' | 'í' | 'î' | 'ï' | 'ī' | 'ı' => "i",
        'ł' | 'ľ' => "l",
        'ñ' | 'ń' | 'ň' => "n",
        'ò' | 'ó' | 'ô' | 'õ' | 'ō' | 'ő' => "o",
        'ö' | 'ø' | 'œ' => "oe",
        'ř' => "r",
        'ś' | 'š' | 'ş' | 'ș' => "s",
        'ß' => "ss",
        'ť' | 'ț' | 'ţ' => "t",
        'ù' | 'ú' | 'û' | 'ū' | 'ů' | 'ű' => "u",
        'ü' => "ue",
        'ý' | 'ÿ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        _ => "",
    };
    letters.to_owned()
}

/// Ids that are given away once.
#[derive(Debug, Clone, Default)]
pub struct Names {
    taken: BTreeSet<String>,
    /// The number that comes next for words that were asked for before.
    next: BTreeMap<String, usize>,
}

impl Names {
    /// For phases: some names are not theirs.
    pub fn phases() -> Self {
        Self::besides(["vars", "watch", "rollback"])
    }

    /// Besides names that are in use already.
    pub fn besides<S: Into<String>>(taken: impl IntoIterator<Item = S>) -> Self {
        Self { taken: taken.into_iter().map(Into::into).collect(), next: BTreeMap::new() }
    }

    /// An id for these words that nobody has: `pro`, then `pro_2`; `item`, when the words hold
    /// nothing that an id can.
    pub fn take(&mut self, words: &str) -> String {
        let wanted = Some(slug(words)).filter(|slug| !slug.is_empty()).unwrap_or_else(|| "item".to_owned());
        let mut name = wanted.clone();
        if self.taken.contains(&name) {
            let number = self.next.entry(wanted.clone()).or_insert(2);
            while self.taken.contains(&name) {
                name = format!("{wanted}_{number}");
                *number += 1;
            }
        }
        self.taken.insert(name.clone());
        name
    }

    /// Takes a name as it stands; `false` when somebody has it.
    pub fn reserve(&mut self, name: &str) -> bool {
        self.taken.insert(name.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::{Names, slug};

    #[test]
    fn an_id_reads_like_the_words_it_was_made_of() {
        for (text, id) in [
            ("MiniPass Pro", "minipass_pro"),
            ("3. Create Products & Prices in Live Mode", "3_create_products_prices_in_live_mode"),
            ("Zahlungen prüfen: Übersicht", "zahlungen_pruefen_uebersicht"),
            ("Don't panic", "dont_panic"),
            ("S'inscrire à l’école", "sinscrire_a_lecole"),
            ("🚀", ""),
            ("日本", ""),
            ("a sentence that goes on for much longer than an id should", "a_sentence_that_goes_on_for_much_longer"),
        ] {
            assert_eq!(slug(text), id);
        }
        assert_eq!(slug(&"x".repeat(400)).len(), 40);
    }

    #[test]
    fn no_name_is_given_twice() {
        let mut names = Names::phases();
        let given = ["Pro", "pro!", "Watch", "🚀", "✅", "pro_2"].map(|words| names.take(words));
        assert_eq!(given, ["pro", "pro_2", "watch_2", "item", "item_2", "pro_2_2"]);
        assert!(!names.reserve("pro") && names.reserve("basic"));
    }
}
