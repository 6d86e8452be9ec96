//! What the rules work on: the document, what became of each of its lines, and what was found. A rule
//! reads the sections, adds to the findings, and claims the lines it has understood.

use std::collections::BTreeMap;
use std::ops::Range;

use super::amount::Custom;
use super::normal::Line;
use super::tree::Section;
use super::words::{self, Topic};

/// What became of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// No rule has had it yet.
    Open,
    /// There is nothing on it: blank, a rule, the frame of a table or of code.
    Bare,
    /// It is in the checklist, there: `catalog.pro`, `[env]`, `the title`.
    In(String),
    /// It is left out, for this reason.
    Left(&'static str),
}

/// Something that only a person can decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Its name in `--answer`.
    pub id: String,
    /// The line of the document.
    pub line: usize,
    /// What stands there.
    pub written: String,
    /// What has to be decided.
    pub asked: String,
    /// Whether it is only which dollar is meant.
    pub dollar: bool,
}

/// A product.
#[derive(Debug, Clone, Default)]
pub struct Product {
    pub name: String,
    pub description: Option<String>,
    pub prices: Vec<Price>,
    /// The lines it was made of.
    pub lines: Vec<usize>,
}

/// A price. Without an amount it is a question.
#[derive(Debug, Clone, Default)]
pub struct Price {
    pub nickname: String,
    pub amount: Option<String>,
    pub interval: Option<&'static str>,
    pub env: Option<String>,
    pub line: usize,
    pub question: Option<Question>,
    /// Whether the document does not say how often it is charged.
    pub unsaid: bool,
    /// Whether the document gives two amounts.
    pub disputed: bool,
    /// Where the amount was found, if not beside the price.
    pub elsewhere: Option<usize>,
}

/// A variable of the env file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Variable {
    Value(String),
    Ask { secret: bool },
    Generated,
    NotEquals(String),
    Absent,
}

/// The endpoint.
#[derive(Debug, Clone, Default)]
pub struct Webhook {
    pub url: Option<(String, usize)>,
    pub uuid: bool,
    pub description: Option<String>,
    pub events: Vec<String>,
    pub lines: Vec<usize>,
}

/// What the rules have found.
#[derive(Debug, Default)]
pub struct Findings {
    pub products: Vec<Product>,
    pub webhook: Option<Webhook>,
    pub portal: Vec<(String, crate::compose::Value, usize)>,
    pub variables: BTreeMap<String, (Variable, usize)>,
    pub order: Vec<String>,
    pub secret_key: Option<(String, usize)>,
    pub publishable_key: Option<(String, usize)>,
    pub signing_secret: Option<(String, usize)>,
    pub price_variables: Vec<(String, usize)>,
    pub env_file: Option<String>,
    /// The title of a document without headings.
    pub title: Option<String>,
    /// Boxes that say what a variable must be.
    pub said: Vec<usize>,
    /// Products by the words of their names.
    pub by_name: BTreeMap<String, usize>,
    pub watch: Vec<(String, crate::compose::Value, usize)>,
    pub questions: Vec<Question>,
}

/// A document at work.
pub struct Work<'d> {
    pub lines: &'d [Line],
    pub sections: &'d [Section],
    /// What each section is about, its parents asked as well.
    pub topics: Vec<Option<Topic>>,
    pub custom: Custom,
    pub answers: &'d BTreeMap<String, String>,
    pub fates: Vec<Fate>,
    pub found: Findings,
}

impl<'d> Work<'d> {
    pub fn new(lines: &'d [Line], sections: &'d [Section], answers: &'d BTreeMap<String, String>) -> Self {
        let fates = lines.iter().map(|line| if is_bare(&line.text) { Fate::Bare } else { Fate::Open }).collect();
        let topics = topics(sections);
        Self { lines, sections, topics, custom: Custom::default(), answers, fates, found: Findings::default() }
    }

    /// Says where lines went; what another rule has claimed stays its own.
    pub fn claim(&mut self, lines: Range<usize>, place: &str) {
        for index in lines {
            if let Some(fate) = self.fates.get_mut(index).filter(|fate| matches!(fate, Fate::Open | Fate::Left(_))) {
                *fate = Fate::In(place.to_owned());
            }
        }
    }

    /// Says that open lines are left out, and why.
    pub fn leave(&mut self, lines: Range<usize>, why: &'static str) {
        for index in lines {
            if let Some(fate) = self.fates.get_mut(index).filter(|fate| **fate == Fate::Open) {
                *fate = Fate::Left(why);
            }
        }
    }

    pub fn is_open(&self, line: usize) -> bool {
        self.fates.get(line).is_some_and(|fate| *fate == Fate::Open)
    }

    /// The line of the document.
    pub fn at(&self, line: usize) -> usize {
        self.lines.get(line).map_or(0, |line| line.at)
    }

    /// A line as it reads, without its indentation.
    pub fn raw(&self, line: usize) -> String {
        let text = self.lines.get(line).map(|line| line.text.trim()).unwrap_or_default();
        let unboxed = text.replacen("[ ] ", "", 1).replacen("[x] ", "", 1);
        short(&unboxed, 160)
    }
}

/// A text that is cut when it is very long.
pub fn short(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(most.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

fn is_bare(text: &str) -> bool {
    let text = text.trim();
    let ruled = text.chars().all(|c| matches!(c, '-' | '=' | '*' | '_' | '|' | ':' | ' ' | '~' | '^' | '#' | '+'));
    ruled || text.starts_with("```") || text.starts_with("~~~")
}

/// What sections are about: their own heading first, then the nearest above that says something.
fn topics(sections: &[Section]) -> Vec<Option<Topic>> {
    let mut above: Vec<(u8, Option<Topic>)> = Vec::new();
    let mut out = Vec::with_capacity(sections.len());
    let first = sections.iter().position(|section| section.level > 0);
    for (index, section) in sections.iter().enumerate() {
        above.retain(|(level, _)| *level < section.level);
        let own = words::topic(&section.title);
        let inherited = above.iter().rev().find_map(|(_, topic)| *topic);
        // What is inside of trouble or of the way back is about that, whatever else it names.
        let strong = matches!(inherited, Some(Topic::Trouble | Topic::Rollback | Topic::Elsewhere));
        let topic = if strong { inherited } else { own.or(inherited) };
        // The document's own title says what all of it is about, so it says nothing of a part.
        let whole = Some(index) == first && section.level == 1;
        above.push((section.level, topic.filter(|_| !whole)));
        out.push(if whole { own.filter(|topic| !matches!(topic, Topic::Rollback | Topic::Trouble)) } else { topic });
    }
    out
}
