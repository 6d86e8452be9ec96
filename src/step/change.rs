//! Changes: what is shown in a plan, and what is then carried out, from one and the same value.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{MoneyWrite, RefundDraft, Search, Write};
use crate::secret::Slot;

/// The changes an item wants, to be shown as one plan with those of its whole phase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Actions of a lower stage are finished before those of a higher one are sent; within a stage
    /// they go side by side.
    pub actions: Vec<Action>,
    /// Whether it ends something that was consented to before, and shown then: giving back what a
    /// proof had borrowed. It is not asked about again.
    #[serde(default)]
    pub follows: bool,
}

impl Change {
    /// A change to be consented to.
    pub fn of(actions: Vec<Action>) -> Self {
        Self { actions, follows: false }
    }

    /// Whether it moves money.
    pub fn moves_money(&self) -> bool {
        self.actions.iter().any(|action| action.refund().is_some())
    }
}

/// One change to one thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    /// What it is: `product`, `price`, `webhook`, `env`, `command`, `session`.
    pub noun: String,
    /// Its name within the item: `pro`, `pro_monthly`.
    pub name: String,
    /// What happens to it.
    pub verb: Verb,
    /// One line to the right of the verb: an amount, an id, a file.
    pub summary: String,
    /// What exactly changes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Field>,
    /// Good to know before saying yes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// How it is carried out.
    pub effect: Effect,
    /// Order within the item's change.
    #[serde(default)]
    pub stage: u8,
    /// What takes it back, for `golive rollback`: an update with the values of now. Creations need
    /// none ([`Write::inverse`]). Not part of what is consented to, and journaled with the intent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo: Option<Write>,
}

impl Action {
    /// An action at stage 0, with nothing to say about it yet.
    pub fn new(noun: &str, name: impl Into<String>, verb: Verb, effect: Effect) -> Self {
        Self {
            noun: noun.to_owned(),
            name: name.into(),
            verb,
            summary: String::new(),
            fields: Vec::new(),
            notes: Vec::new(),
            effect,
            stage: 0,
            undo: None,
        }
    }

    /// With one line to the right of the verb.
    #[must_use]
    pub fn summary(mut self, summary: impl Into<String>) -> Self {
        self.summary = summary.into();
        self
    }

    /// With what exactly changes.
    #[must_use]
    pub fn fields(mut self, fields: Vec<Field>) -> Self {
        self.fields = fields;
        self
    }

    /// With one more thing that is good to know.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// At a later stage.
    #[must_use]
    pub fn stage(mut self, stage: u8) -> Self {
        self.stage = stage;
        self
    }

    /// With what takes it back.
    #[must_use]
    pub fn undo(mut self, write: Write) -> Self {
        self.undo = Some(write);
        self
    }

    /// The refund it makes, if it does.
    pub const fn refund(&self) -> Option<&RefundDraft> {
        match &self.effect {
            Effect::Stripe(Write::Money(MoneyWrite::CreateRefund(draft))) => Some(draft),
            _ => None,
        }
    }

    /// The action's name in journals and screens: `price pro_monthly`.
    pub fn label(&self) -> String {
        format!("{} {}", self.noun, self.name)
    }
}

impl CommandSpec {
    /// The text as it is shown and remembered: with the other computer it runs on.
    pub fn shown(&self) -> Cow<'_, str> {
        match &self.on {
            Some(on) => Cow::Owned(format!("ssh {on}: {}", self.run)),
            None => Cow::Borrowed(&self.run),
        }
    }

    /// The text with everything else that decides what runs: as it is listed before it is allowed on
    /// this computer. A variable such as `PATH` can make another command of the same text.
    pub fn listed(&self) -> String {
        let mut lines = vec![self.shown().into_owned()];
        lines.extend(self.dir.iter().map(|dir| format!("in {dir}")));
        lines.extend(self.env.iter().map(|(name, value)| format!("with {name}={value}")));
        lines.extend(self.secret_env.iter().map(|name| format!("with {name} of the env file")));
        lines.join("\n")
    }
}

/// What happens to a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// `+`
    Create,
    /// `~`
    Change,
    /// `±`: a new one takes its place, the old one is closed, nothing is deleted.
    Replace,
    /// `~`: taken over as it is, and marked.
    Adopt,
    /// `~`: closed to new sales, switched off.
    Close,
    /// `~`: ended for good.
    Cancel,
    /// `!`: money goes back.
    Refund,
    /// `+` or `~` in the env file.
    Write,
    /// `!`: a command of the operator's.
    Run,
    /// `~`: opened and closed again, to prove that it works.
    Prove,
}

impl Verb {
    /// The mark at the left end of a plan's line.
    pub const fn mark(self) -> &'static str {
        match self {
            Self::Create | Self::Prove => "+",
            Self::Replace => "±",
            Self::Change | Self::Adopt | Self::Close | Self::Cancel | Self::Write => "~",
            Self::Run | Self::Refund => "!",
        }
    }

    /// The word in a plan: `create`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Change => "change",
            Self::Replace => "replace",
            Self::Adopt => "adopt",
            Self::Close => "close",
            Self::Cancel => "cancel",
            Self::Refund => "refund",
            Self::Write => "write",
            Self::Run => "run",
            Self::Prove => "prove",
        }
    }

    /// The word after it happened: `created`.
    pub const fn past(self) -> &'static str {
        match self {
            Self::Create => "created",
            Self::Change => "changed",
            Self::Replace => "replaced",
            Self::Adopt => "adopted",
            Self::Close => "closed",
            Self::Cancel => "cancelled",
            Self::Refund => "refunded",
            Self::Write => "written",
            Self::Run => "ran",
            Self::Prove => "proved",
        }
    }
}

/// One field of a change; values are ready to show and never secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// The field's name, Stripe's own.
    pub name: String,
    /// Its value now, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Its value afterwards.
    pub to: String,
}

impl Field {
    /// A field that gets its first value.
    pub fn new(name: impl Into<String>, to: impl Into<String>) -> Self {
        Self { name: name.into(), from: None, to: to.into() }
    }

    /// A field whose value changes.
    pub fn change(name: impl Into<String>, from: impl Into<String>, to: impl Into<String>) -> Self {
        Self { name: name.into(), from: Some(from.into()), to: to.into() }
    }
}

/// How an action is carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// One POST to Stripe.
    Stripe(Write),
    /// Variables of the env file, all in one atomic replacement.
    Env(Vec<EnvSet>),
    /// A command of the operator's.
    Run(CommandSpec),
}

/// One variable of the env file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvSet {
    /// Its name.
    pub variable: String,
    /// Where its value comes from. Secret values are named, never held.
    pub value: EnvSource,
}

/// Where a variable's value comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EnvSource {
    /// A public value.
    Text(String),
    /// A secret of the vault.
    Vault(Slot),
    /// A new random secret, made at the moment of writing.
    Generate {
        /// How it is written down.
        format: SecretFormat,
        /// How many random bytes.
        bytes: usize,
    },
}

/// How a generated secret is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SecretFormat {
    /// Two digits a byte.
    Hex,
    /// RFC 4648 with padding.
    Base64,
    /// Letters and digits, one a byte.
    Alphanumeric,
}

/// A command of the operator's. The text goes to `sh -c` as it stands; values reach it as
/// environment variables, never spliced into the text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandSpec {
    /// The shell text.
    pub run: String,
    /// Variables for it.
    pub env: BTreeMap<String, String>,
    /// The folder, relative to the checklist's.
    pub dir: Option<String>,
    /// Seconds until it is stopped.
    pub timeout: u64,
    /// Where it runs, as `ssh` takes it; here when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<String>,
    /// Variables of the env file that it gets as well: their names, never their values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub secret_env: Vec<String>,
    /// What its whole output is searched for, line by line, however long it is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub search: Vec<Search>,
    /// Variables for it that are never written down: what a customer is known by.
    #[serde(skip)]
    pub private: BTreeMap<String, String>,
}
