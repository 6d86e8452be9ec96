//! References in texts: `${catalog.pro.prices.pro_monthly.id}`, `${vars.host}`, and `$${` for a
//! literal `${`. Pure; `parse` checks that every one leads somewhere, the engine resolves them.
//!
//! A command's own text is never touched: its `${…}` are the shell's, and a value reaches it as
//! an environment variable, never spliced in.

use toml::{Table, Value};

/// The field of an item whose text belongs to the shell.
const VERBATIM: &str = "run";

/// Whether the text of an item's field may hold references.
pub(super) fn is_open(field: &str) -> bool {
    field != VERBATIM
}

/// A stretch of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece<'a> {
    /// As it stands.
    Text(&'a str),
    /// `$${`, which stands for `${`.
    Escaped,
    /// What stands between `${` and `}`.
    Reference(&'a str),
    /// `${` without its `}`: the rest of the text.
    Open(&'a str),
}

/// Cuts a text into its stretches.
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let escaped = rest[..at].ends_with('$');
        let before = &rest[..if escaped { at - 1 } else { at }];
        if !before.is_empty() {
            out.push(Piece::Text(before));
        }
        let inside = &rest[at + 2..];
        if escaped {
            out.push(Piece::Escaped);
            rest = inside;
        } else if let Some((reference, after)) = inside.split_once('}') {
            out.push(Piece::Reference(reference));
            rest = after;
        } else {
            out.push(Piece::Open(&rest[at..]));
            return out;
        }
    }
    if !rest.is_empty() {
        out.push(Piece::Text(rest));
    }
    out
}

/// The references in a text.
pub fn references(text: &str) -> impl Iterator<Item = &str> {
    pieces(text).into_iter().filter_map(|piece| match piece {
        Piece::Reference(reference) => Some(reference),
        _ => None,
    })
}

/// Resolves every reference in an item's fields, or names those that have no value yet.
pub fn resolve(fields: &Table, lookup: &dyn Fn(&str) -> Option<String>) -> Result<Table, Vec<String>> {
    let mut missing = Vec::new();
    let resolved = map_fields(fields, &mut |text| {
        let mut out = String::with_capacity(text.len());
        for piece in pieces(text) {
            match piece {
                Piece::Text(text) | Piece::Open(text) => out.push_str(text),
                Piece::Escaped => out.push_str("${"),
                Piece::Reference(reference) => match lookup(reference) {
                    Some(value) => out.push_str(&value),
                    None if missing.iter().any(|known| known == reference) => {}
                    None => missing.push(reference.to_owned()),
                },
            }
        }
        out
    });
    if missing.is_empty() { Ok(resolved) } else { Err(missing) }
}

/// Resolves what can be resolved in a text and leaves everything else, escapes included.
pub fn resolve_some(text: &str, lookup: &dyn Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    for piece in pieces(text) {
        match piece {
            Piece::Text(text) | Piece::Open(text) => out.push_str(text),
            Piece::Escaped => out.push_str("$${"),
            Piece::Reference(reference) => match lookup(reference) {
                Some(value) => out.push_str(&value),
                None => out.extend(["${", reference, "}"]),
            },
        }
    }
    out
}

/// Fills in the references that are known, and leaves the others as they stand.
pub fn resolve_known(fields: &Table, lookup: &dyn Fn(&str) -> Option<String>) -> Table {
    map_fields(fields, &mut |text| resolve_some(text, lookup))
}

/// Rewrites every text in an item's fields. Names of fields are never texts.
pub(super) fn map_fields(fields: &Table, each: &mut dyn FnMut(&str) -> String) -> Table {
    let mut map = |name: &str, value| if is_open(name) { map_value(value, each) } else { Value::clone(value) };
    fields.iter().map(|(name, value)| (name.clone(), map(name, value))).collect()
}

fn map_table(fields: &Table, each: &mut dyn FnMut(&str) -> String) -> Table {
    fields.iter().map(|(name, value)| (name.clone(), map_value(value, each))).collect()
}

fn map_value(value: &Value, each: &mut dyn FnMut(&str) -> String) -> Value {
    match value {
        Value::String(text) => Value::String(each(text)),
        Value::Array(entries) => Value::Array(entries.iter().map(|entry| map_entry(entry, each)).collect()),
        Value::Table(table) => Value::Table(map_table(table, each)),
        other => other.clone(),
    }
}

/// A table in a list is an alternative, or a proof: it has a text of the shell's like the item itself.
fn map_entry(entry: &Value, each: &mut dyn FnMut(&str) -> String) -> Value {
    match entry {
        Value::Table(table) => Value::Table(map_fields(table, each)),
        entry => map_value(entry, each),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use toml::toml;

    use super::{Piece, pieces, references, resolve, resolve_some};

    fn known(reference: &str) -> Option<String> {
        match reference {
            "vars.host" => Some("minipass.me".into()),
            "catalog.pro.prices.pro_monthly.id" => Some("price_1".into()),
            _ => None,
        }
    }

    #[test]
    fn references_are_resolved_in_every_text_however_deep() {
        let fields = toml! {
            url = "https://${vars.host}/webhook"
            prices = ["${catalog.pro.prices.pro_monthly.id}", "price_2"]
            values = { SITE = "${vars.host}", N = 3 }
        };
        let wanted = toml! {
            url = "https://minipass.me/webhook"
            prices = ["price_1", "price_2"]
            values = { SITE = "minipass.me", N = 3 }
        };
        assert_eq!(resolve(&fields, &known), Ok(wanted));
    }

    #[test]
    fn what_has_no_value_yet_is_named_once() {
        let fields = toml! {
            a = "${webhook.main.id} ${webhook.main.id} ${vars.host}"
            b = "${keys.live.account}"
        };
        assert_eq!(resolve(&fields, &known), Err(vec!["webhook.main.id".into(), "keys.live.account".into()]));
    }

    #[test]
    fn a_doubled_dollar_is_a_literal_one() {
        let fields = toml! { help = "echo $${HOME} $$ $HOME $(date)" };
        let resolved = resolve(&fields, &known).unwrap();
        assert_eq!(resolved["help"].as_str(), Some("echo ${HOME} $$ $HOME $(date)"));
    }

    #[test]
    fn the_text_of_a_command_is_the_shells_alone() {
        let fields = toml! {
            run = "echo ${HOME} ${vars.host} $${x}"
            env = { run = "${vars.host}" }
        };
        let resolved = resolve(&fields, &known).unwrap();
        assert_eq!(resolved["run"], fields["run"]);
        assert_eq!(resolved["env"]["run"].as_str(), Some("minipass.me"));
        let fields = toml! { choose = [{ name = "${vars.host}", run = "echo ${HOME} ${vars.host}" }] };
        let resolved = resolve(&fields, &known).unwrap();
        assert_eq!(resolved["choose"][0]["name"].as_str(), Some("minipass.me"));
        assert_eq!(resolved["choose"][0]["run"], fields["choose"][0]["run"]);
    }

    #[test]
    fn a_value_is_never_read_as_a_reference_again() {
        let fields = toml! { a = "${x.y.z}" };
        let resolved = resolve(&fields, &|_| Some("${vars.host}".into())).unwrap();
        assert_eq!(resolved["a"].as_str(), Some("${vars.host}"));
    }

    #[test]
    fn an_open_reference_is_found() {
        assert_eq!(pieces("a ${vars.host"), [Piece::Text("a "), Piece::Open("${vars.host")]);
        assert_eq!(references("${a.b.c}${vars.x").collect::<Vec<_>>(), ["a.b.c"]);
    }

    #[test]
    fn resolving_some_leaves_the_rest_for_later() {
        assert_eq!(resolve_some("$${x} ${vars.host} ${a.b.c}", &known), "$${x} minipass.me ${a.b.c}");
    }

    proptest! {
        #[test]
        fn resolving_nothing_changes_nothing(text in "[a$ {}é.]{0,24}") {
            prop_assert_eq!(resolve_some(&text, &|_| None), text);
        }
    }
}
