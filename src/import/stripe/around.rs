//! What stands around the account: the application's env files, read as data, and its source. Values of
//! secrets never come here; what is public comes as text.

/// Everything around the account.
#[derive(Debug, Clone, Default)]
pub struct Around {
    /// Env files, the one that counts most first.
    pub files: Vec<EnvText>,
    /// The application's source.
    pub source: Source,
}

/// An env file.
#[derive(Debug, Clone, Default)]
pub struct EnvText {
    /// Its name, `.env`.
    pub name: String,
    /// Its variables, in order; one may stand twice.
    pub variables: Vec<Variable>,
    /// Lines that cannot be read.
    pub unreadable: Vec<String>,
}

/// A variable.
#[derive(Debug, Clone)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its line.
    pub line: usize,
    /// What it holds.
    pub holds: Holds,
}

/// What a variable holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holds {
    /// A secret or restricted key of Stripe's.
    SecretKey,
    /// A publishable key.
    PublishableKey,
    /// A webhook's signing secret.
    SigningSecret,
    /// A text that may be shown.
    Text(String),
    /// What may not be shown; the ids of the account that it equals are known all the same.
    Hidden,
}

/// The application's source.
#[derive(Debug, Clone, Default)]
pub struct Source {
    /// How many files were read.
    pub files: u64,
    /// Ids of Stripe's objects that stand in it.
    pub ids: Vec<Mention>,
    /// Names of events that stand in it.
    pub events: Vec<Mention>,
    /// Whether there were more places than were kept.
    pub cut: bool,
}

/// Something that stands in the source.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mention {
    /// What.
    pub what: String,
    /// In which file.
    pub file: String,
    /// On which line.
    pub line: u64,
}

impl Mention {
    /// `src/pay.ts:12`
    pub fn place(&self) -> String {
        format!("{}:{}", self.file, self.line)
    }
}

/// A variable with the file it stands in.
#[derive(Debug, Clone, Copy)]
pub struct Found<'a> {
    /// The file.
    pub file: &'a EnvText,
    /// The variable.
    pub variable: &'a Variable,
}

impl Found<'_> {
    /// `.env:12`
    pub fn place(&self) -> String {
        format!("{}:{}", self.file.name, self.variable.line)
    }
}

impl Around {
    /// Every variable, those of the file that counts most first.
    pub fn variables(&self) -> impl Iterator<Item = Found<'_>> {
        self.files.iter().flat_map(|file| file.variables.iter().map(move |variable| Found { file, variable }))
    }

    /// The first variable that holds something of this sort.
    pub fn first(&self, holds: &Holds) -> Option<Found<'_>> {
        self.variables().find(|found| found.variable.holds == *holds)
    }
}
