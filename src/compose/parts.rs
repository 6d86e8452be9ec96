//! A checklist's text cut into its tables, by the lexer alone: each item with what stands above it, at a
//! small part of the memory that a tree of the whole takes. Called where a few items of many are edited.

use toml_parser::Source;
use toml_parser::lexer::TokenKind;

/// What a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// What stands above the first table.
    Head,
    /// `[[phase]]`, without its items.
    Phase,
    /// `[[phase.item]]`, with the tables within it.
    Item,
    /// Any other table.
    Other,
}

/// A table with the comments above it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part<'t> {
    /// What it is.
    pub sort: Sort,
    /// Its text, whole lines.
    pub text: &'t str,
    /// Its `id`, where it has one that is written as a plain string.
    pub id: Option<&'t str>,
}

/// The parts of a text, in order: together they are the text.
pub fn parts(text: &str) -> Vec<Part<'_>> {
    let mut out: Vec<Part<'_>> = Vec::new();
    let mut walk = Walk::default();
    let mut begin = 0;
    let mut sort = Sort::Head;
    for token in Source::new(text).lex() {
        let (kind, from, to) = (token.kind(), token.span().start(), token.span().end());
        let word = text.get(from..to).unwrap_or_default();
        if let Some(next) = walk.token(kind, word) {
            let at = walk.above;
            out.push(Part { sort, text: text.get(begin..at).unwrap_or_default(), id: walk.id.take() });
            (begin, sort) = (at, next);
        }
        walk.pass(kind, word, text, to);
    }
    out.push(Part { sort, text: text.get(begin..).unwrap_or_default(), id: walk.id });
    out
}

/// Where in the text the lexer is.
#[derive(Default)]
struct Walk<'t> {
    /// Brackets and braces that are open in a value.
    depth: usize,
    /// The words of the line so far, spaces apart: enough to know a header, or `id = "…"`.
    line: Vec<(TokenKind, &'t str)>,
    /// Where the comments and blank lines above the next table begin.
    above: usize,
    /// Whether the line is a header.
    header: bool,
    id: Option<&'t str>,
}

impl<'t> Walk<'t> {
    /// What begins with this token, should a header end here.
    fn token(&mut self, kind: TokenKind, word: &'t str) -> Option<Sort> {
        if matches!(kind, TokenKind::Whitespace | TokenKind::Newline | TokenKind::Comment | TokenKind::Eof) {
            return None;
        }
        if self.depth == 0 && self.line.is_empty() && kind == TokenKind::LeftSquareBracket {
            self.header = true;
        }
        if self.line.len() < 8 {
            self.line.push((kind, word));
        }
        let words: Vec<&str> = self.line.iter().map(|(_, word)| *word).collect();
        if !self.header || kind != TokenKind::RightSquareBracket || self.depth != 1 {
            return None;
        }
        match words.as_slice() {
            ["[", "[", "phase", "]", "]"] => Some(Sort::Phase),
            ["[", "[", "phase", ".", "item", "]", "]"] => Some(Sort::Item),
            // A table within an item is a part of it.
            ["[", "phase", ".", "item", ".", ..] | ["[", "[", "phase", ".", "item", ".", ..] => None,
            _ => Some(Sort::Other),
        }
    }

    fn pass(&mut self, kind: TokenKind, word: &'t str, text: &'t str, to: usize) {
        match kind {
            TokenKind::LeftSquareBracket | TokenKind::LeftCurlyBracket => self.depth += 1,
            TokenKind::RightSquareBracket | TokenKind::RightCurlyBracket => self.depth = self.depth.saturating_sub(1),
            TokenKind::BasicString | TokenKind::LiteralString if self.depth == 0 => self.id_of(word),
            TokenKind::Newline if self.depth == 0 => {
                if !self.line.is_empty() {
                    self.above = to;
                }
                self.line.clear();
                self.header = false;
            }
            TokenKind::Eof => self.above = text.len(),
            _ => {}
        }
    }

    /// `id = "pro"`, where nothing is escaped.
    fn id_of(&mut self, word: &'t str) {
        let words: Vec<&str> = self.line.iter().map(|(_, word)| *word).collect();
        if let ["id", "=", _] = words.as_slice()
            && word.len() >= 2
            && !word.contains('\\')
        {
            self.id.get_or_insert(&word[1..word.len() - 1]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Sort, parts};

    const TEXT: &str = r#"# head
schema = 1
id = "acme"

[vars]
host = "a.example"   # [[phase]]


# first
[[phase]]
id = "catalog"

# the item's own
[[phase.item]]
id = "pro"
help = """
[[phase.item]]
id = "no"
"""
prices = [
  { lookup_key = "a" },
[[1]],
] # after

  [[ phase . item ]] # spaced
  id = 'team'
[phase.item.metadata]
id = "x"
[[rollback]]
id = "back"
"#;

    #[test]
    fn a_text_is_cut_at_its_headers_and_nowhere_else() {
        let cut = parts(TEXT);
        assert_eq!(cut.iter().map(|part| part.text).collect::<String>(), TEXT);
        let seen: Vec<(Sort, Option<&str>)> = cut.iter().map(|part| (part.sort, part.id)).collect();
        assert_eq!(
            seen,
            [
                (Sort::Head, Some("acme")),
                (Sort::Other, None),
                (Sort::Phase, Some("catalog")),
                (Sort::Item, Some("pro")),
                (Sort::Item, Some("team")),
                (Sort::Other, Some("back")),
            ]
        );
        assert!(cut[3].text.starts_with("\n# the item's own\n[[phase.item]]"), "{:?}", cut[3].text);
        assert!(cut[3].text.ends_with("] # after\n"), "{:?}", cut[3].text);
    }

    #[test]
    fn any_text_is_the_sum_of_its_parts() {
        for text in
            ["", "x", "[", "[[phase]]", "[[phase", "\"", "a = [\n", "\u{feff}[[phase]]\r\nid = 'x'\r\n", "]]]]\n[a]"]
        {
            assert_eq!(parts(text).iter().map(|part| part.text).collect::<String>(), text, "{text:?}");
        }
    }
}
