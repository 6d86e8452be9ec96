//! Values of fields, and how they are laid out: texts of several lines, lists that are wrapped when
//! they are long, and tables in one line, as prices are.

use super::quote;

/// Up to here a list stays on the line of its field.
const WIDTH: usize = 100;

/// A value. Made of texts, numbers and booleans with `into()`, of others with [`Value::list`] and
/// [`Value::table`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A text. `${…}` in it is a reference: see [`literal`].
    Text(String),
    /// A whole number.
    Number(i64),
    /// A number with decimals, as it is written: `2.5`.
    Decimal(String),
    /// Yes or no.
    Flag(bool),
    /// A list.
    List(Vec<Value>),
    /// A table, its fields in order.
    Table(Vec<(String, Value)>),
}

/// A text in which every `${` stands for itself, in all fields but a command's `run`, whose text is the
/// shell's alone.
pub fn literal(text: &str) -> String {
    text.replace("${", "$${")
}

impl Value {
    /// A list.
    pub fn list<V: Into<Value>>(entries: impl IntoIterator<Item = V>) -> Self {
        Self::List(entries.into_iter().map(Into::into).collect())
    }

    /// A table; what has other types than text is added with [`Value::with`].
    pub fn table<N: Into<String>, V: Into<Value>>(fields: impl IntoIterator<Item = (N, V)>) -> Self {
        Self::Table(fields.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }

    /// A table with one more field. Anything else stays what it is.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        if let Self::Table(fields) = &mut self {
            fields.push((name.into(), value.into()));
        }
        self
    }

    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The entries, if it is a list.
    pub fn entries(&self) -> &[Value] {
        match self {
            Self::List(entries) => entries,
            _ => &[],
        }
    }

    /// A field of a table.
    pub fn get(&self, name: &str) -> Option<&Value> {
        match self {
            Self::Table(fields) => fields.iter().find(|(known, _)| known == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// Its TOML, where `used` columns of the line are taken.
    pub(super) fn toml(&self, used: usize) -> String {
        match self {
            Self::Text(text) if text.contains('\n') => quote::lines(text),
            Self::List(_) => self.laid_out(0, used),
            _ => self.inline(),
        }
    }

    /// As a value of `toml_edit`, laid out for a field of this name.
    pub(super) fn edited(&self, name: &str) -> toml_edit::Value {
        // What is written here is TOML, which the tests prove of every value; should it ever not be,
        // the library's own layout says the same.
        self.toml(name.chars().count() + 3).parse().unwrap_or_else(|_| self.plain())
    }

    /// A list: on one line if it fits, each entry on its own otherwise.
    fn laid_out(&self, depth: usize, used: usize) -> String {
        let inline = self.inline();
        let entries = match self {
            Self::List(entries) if !entries.is_empty() => entries,
            _ => return inline,
        };
        let tables = entries.iter().filter(|entry| matches!(entry, Self::Table(_))).count();
        if tables < 2 && used + inline.chars().count() <= WIDTH {
            return inline;
        }
        let indent = "  ".repeat(depth + 1);
        let mut out = String::from("[\n");
        for entry in entries {
            out.push_str(&indent);
            out.push_str(&entry.laid_out(depth + 1, indent.len() + 1));
            out.push_str(",\n");
        }
        out.push_str(&"  ".repeat(depth));
        out.push(']');
        out
    }

    fn inline(&self) -> String {
        match self {
            Self::Text(text) => quote::line(text),
            Self::Number(number) => number.to_string(),
            Self::Decimal(text) => text.clone(),
            Self::Flag(flag) => flag.to_string(),
            Self::List(entries) => {
                format!("[{}]", entries.iter().map(Self::inline).collect::<Vec<_>>().join(", "))
            }
            Self::Table(fields) if fields.is_empty() => "{}".to_owned(),
            Self::Table(fields) => {
                let field = |(name, value): &(String, Self)| format!("{} = {}", quote::key(name), value.inline());
                format!("{{ {} }}", fields.iter().map(field).collect::<Vec<_>>().join(", "))
            }
        }
    }

    fn plain(&self) -> toml_edit::Value {
        match self {
            Self::Text(text) => text.as_str().into(),
            Self::Number(number) => (*number).into(),
            Self::Decimal(text) => text.parse::<f64>().unwrap_or_default().into(),
            Self::Flag(flag) => (*flag).into(),
            Self::List(entries) => entries.iter().map(Self::plain).collect(),
            Self::Table(fields) => fields.iter().map(|(name, value)| (name.as_str(), value.plain())).collect(),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<Vec<Value>> for Value {
    fn from(entries: Vec<Value>) -> Self {
        Self::List(entries)
    }
}
