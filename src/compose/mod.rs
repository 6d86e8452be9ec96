//! A checklist that a program writes: a draft of phases and items in, TOML text in the style of the
//! bundled checklists out; or edits of a file that a person wrote, which keep what is in it.
//!
//! Pure. Whatever text is put in, the file that comes out is TOML that says the same, less the
//! characters that a terminal would obey: no checklist may have them. Called by the
//! imports; [`crate::checklist::load`] is the judge of what was composed.
//!
//! ```
//! use golive::compose::{Draft, Item, Names, Phase, Value};
//!
//! let mut ids = Names::default();
//! let price = Value::table([("lookup_key", "pro_monthly"), ("amount", "29.00 EUR"), ("interval", "month")]);
//! let pro = Item::new(ids.take("Acme Pro"), "product", "Acme Pro").field("prices", Value::list([price]));
//! let mut draft = Draft::new("acme", "Acme launch");
//! draft.comment = vec!["Made of the test account.".to_owned()];
//! draft.env_file = Some(".env.production".to_owned());
//! draft.phases.push(Phase::new("catalog", "Products and prices").item(pro));
//! assert_eq!(
//!     draft.text(),
//!     r##"#:schema ./golive.schema.json
//! ## Made of the test account.
//!
//! schema = 1
//! id = "acme"
//! title = "Acme launch"
//!
//! [env]
//! file = ".env.production"
//!
//!
//! [[phase]]
//! id = "catalog"
//! title = "Products and prices"
//!
//! [[phase.item]]
//! id = "acme_pro"
//! kind = "product"
//! title = "Acme Pro"
//! prices = [{ lookup_key = "pro_monthly", amount = "29.00 EUR", interval = "month" }]
//! "##
//! );
//! ```

mod comment;
mod edit;
mod names;
mod parts;
mod quote;
mod value;
mod write;

#[cfg(test)]
mod tests;

pub use edit::{Edit, NotToml};
pub use names::{Names, slug};
pub use parts::{Part, Sort, parts};
pub use value::{Value, literal};

/// A whole checklist, in the order in which it is written. Everything is public: fill in what there is.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// Paragraphs below the `#:schema` line. A paragraph is wrapped; its own line breaks stay, and a
    /// line that begins with four blanks is an example that is kept in one piece.
    pub comment: Vec<String>,
    /// Its id: `a-z`, `0-9`, `_`, `-`. [`slug`] makes one of any text.
    pub id: String,
    /// Its title.
    pub title: String,
    /// `[vars]`, each with what is said beside it. A value cannot refer to anything, so it cannot
    /// hold `${`.
    pub vars: Vec<Field>,
    /// `[env] file`, within the checklist's folder.
    pub env_file: Option<String>,
    /// The phases. One without an item is left out: a checklist may not have it.
    pub phases: Vec<Phase>,
    /// `[[rollback]]`, in the order in which it is done.
    pub rollback: Vec<Item>,
    /// The fields of `[watch]`; no table is written when there is none.
    pub watch: Vec<Field>,
}

/// A phase.
#[derive(Debug, Clone, Default)]
pub struct Phase {
    /// Paragraphs above its header.
    pub comment: Vec<String>,
    /// Its id; not `vars`, `watch` or `rollback`, which [`Names::phases`] knows.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Why it is there.
    pub why: Option<String>,
    /// Its items.
    pub items: Vec<Item>,
}

/// An item. `id`, `kind` and `title` come first; the other fields follow in their own order.
#[derive(Debug, Clone, Default)]
pub struct Item {
    /// Paragraphs above its header.
    pub comment: Vec<String>,
    /// Its id within the phase.
    pub id: String,
    /// What golive does for it.
    pub kind: String,
    /// What it is about, one line. A `${…}` in it is a reference: see [`literal`].
    pub title: String,
    /// Everything else.
    pub fields: Vec<Field>,
}

/// A field with its value and what is said about it.
#[derive(Debug, Clone)]
pub struct Field {
    /// Paragraphs above it.
    pub comment: Vec<String>,
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Value,
    /// A few words at the end of its line.
    pub aside: Option<String>,
}

impl Draft {
    /// An empty checklist.
    pub fn new(id: impl Into<String>, title: impl Into<String>) -> Self {
        Self { id: id.into(), title: title.into(), ..Self::default() }
    }

    /// The same without an item.
    #[must_use]
    pub fn clone_without_items(&self) -> Self {
        let phase = |phase: &Phase| Phase {
            comment: phase.comment.clone(),
            id: phase.id.clone(),
            title: phase.title.clone(),
            why: phase.why.clone(),
            items: Vec::new(),
        };
        Self {
            comment: self.comment.clone(),
            id: self.id.clone(),
            title: self.title.clone(),
            vars: self.vars.clone(),
            env_file: self.env_file.clone(),
            phases: self.phases.iter().map(phase).collect(),
            rollback: self.rollback.clone(),
            watch: self.watch.clone(),
        }
    }

    /// Its text, as it is kept in a file.
    pub fn text(&self) -> String {
        write::text(self)
    }
}

impl Phase {
    /// A phase without items.
    pub fn new(id: impl Into<String>, title: impl Into<String>) -> Self {
        Self { id: id.into(), title: title.into(), ..Self::default() }
    }

    /// Adds an item.
    #[must_use]
    pub fn item(mut self, item: Item) -> Self {
        self.items.push(item);
        self
    }
}

impl Item {
    /// An item without fields of its own.
    pub fn new(id: impl Into<String>, kind: impl Into<String>, title: impl Into<String>) -> Self {
        Self { id: id.into(), kind: kind.into(), title: title.into(), ..Self::default() }
    }

    /// Adds a field.
    #[must_use]
    pub fn field(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.fields.push(Field::new(name, value));
        self
    }

    /// Adds a field if there is a value for it.
    #[must_use]
    pub fn maybe(self, name: impl Into<String>, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.field(name, value),
            None => self,
        }
    }

    /// Says a paragraph above the item.
    #[must_use]
    pub fn note(mut self, paragraph: impl Into<String>) -> Self {
        self.comment.push(paragraph.into());
        self
    }

    /// The value of a field.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.fields.iter().find(|field| field.name == name).map(|field| &field.value)
    }
}

impl Field {
    /// A field that nothing is said about.
    pub fn new(name: impl Into<String>, value: impl Into<Value>) -> Self {
        Self { comment: Vec::new(), name: name.into(), value: value.into(), aside: None }
    }

    /// Says a paragraph above it.
    #[must_use]
    pub fn note(mut self, paragraph: impl Into<String>) -> Self {
        self.comment.push(paragraph.into());
        self
    }

    /// Says a few words beside it.
    #[must_use]
    pub fn aside(mut self, words: impl Into<String>) -> Self {
        self.aside = Some(words.into());
        self
    }
}
