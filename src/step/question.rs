//! Questions as data: an id that `--answer` can name, a prompt, and what counts as an answer.

use crate::error::{Code, Problem};
use crate::key::{self, Role};
use crate::mode::Mode;
use crate::secret::Slot;

/// One question to the operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The question's name within the item (`done`, `secret`); the engine prefixes the address.
    pub name: String,
    /// One line, at most 76 columns. Ends with `?` unless it labels an input.
    pub prompt: String,
    /// What to read before answering, one line each.
    pub help: Vec<String>,
    /// The page the operator needs.
    pub link: Option<String>,
    /// Why it is asked (again): a problem with the last answer. Where nobody can be asked, the
    /// item fails with it.
    pub because: Option<Box<Problem>>,
    /// What sort of answer.
    pub form: Form,
    /// The answer of an unattended rehearsal, where nothing is real.
    pub rehearse: Option<String>,
}

/// The sort of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    /// Yes or no, answered `yes` or `no`. Enter takes the default, which must be the safe answer.
    Confirm {
        /// What Enter means.
        default: bool,
    },
    /// One of several; the terminal adds "Pause here".
    Choice(Vec<Choice>),
    /// A line of text.
    Text {
        /// What Enter takes.
        default: Option<String>,
        /// What is acceptable.
        check: Check,
    },
    /// A secret: read without echo, kept in the vault under its slot, never journaled.
    Secret {
        /// Where it is kept.
        slot: Slot,
        /// What is acceptable.
        check: Check,
    },
}

/// One entry of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The answer's value.
    pub value: String,
    /// What is shown.
    pub label: String,
    /// What it means, dim, on the same line.
    pub hint: String,
}

/// What is acceptable as text. Pure, so that every front end refuses the same things.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Check {
    /// Anything but nothing.
    NotEmpty,
    /// A Stripe key of a role and mode.
    Key(Role, Mode),
    /// A webhook signing secret.
    SigningSecret,
}

impl Check {
    /// The cleaned answer with a note of what was taken away, or what is wrong with it.
    pub fn accept(&self, raw: &str) -> Result<(String, Option<String>), Problem> {
        match self {
            Self::NotEmpty => {
                match raw.trim() {
                    "" => Err(Problem::new(Code::QuestionOpen, "an empty answer")
                        .fix("type something, or press Esc to pause")),
                    text => Ok((text.to_owned(), None)),
                }
            }
            Self::Key(role, mode) => key::accept(raw, *role, *mode),
            Self::SigningSecret => key::accept_signing_secret(raw),
        }
    }
}
