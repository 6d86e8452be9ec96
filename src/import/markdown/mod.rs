//! A go-live document as a checklist: bytes in, a draft and an account of every line out. Pure.
//!
//! `normal` makes lines of Markdown of whatever was stored, `tree` makes sections of them; then each
//! family of rules takes what it understands and claims its lines: `catalog` (by `amount`), `env`,
//! `webhook`, `portal`; what is left becomes steps in `steps`, `code` and `around`. `draft` composes. A
//! rule more is a function in one of these files, or a word in `words`.

mod amount;
mod around;
mod billing;
mod catalog;
mod code;
mod draft;
mod dress;
mod env;
mod html;
mod machine;
mod masks;
mod normal;
mod portal;
mod products;
mod shell;
mod steps;
mod tree;
mod webhook;
mod words;
mod work;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::compose::Draft;
use crate::secret::Scrubber;

pub use normal::{LARGEST, Unreadable};
pub use work::Question;
use work::{Fate, Work};

/// What a document became.
#[derive(Debug)]
pub struct Imported {
    /// The checklist.
    pub draft: Draft,
    /// What became of every line that says something.
    pub account: Account,
    /// What only a person can decide.
    pub questions: Vec<Question>,
    /// Secrets that stood in the document: the line, and the secret as it may be shown.
    pub secrets: Vec<(usize, String)>,
    /// What was done to the text before it was read.
    pub notes: Vec<String>,
}

/// What became of the lines of a document.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Account {
    /// Lines in all.
    pub lines: usize,
    /// Lines that say nothing: blank, rules, the frames of tables and code.
    pub bare: usize,
    /// Lines that are in the checklist.
    pub used: usize,
    /// Lines that are left out, with the reason, as stretches.
    pub left: Vec<Left>,
}

/// A stretch of lines that is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Left {
    /// Its first line.
    pub from: usize,
    /// Its last.
    pub to: usize,
    /// How many of them say something.
    pub count: usize,
    /// Why.
    pub why: &'static str,
    /// How it begins.
    pub begins: String,
}

impl Account {
    /// How many lines are left out.
    pub fn left_out(&self) -> usize {
        self.left.iter().map(|left| left.count).sum()
    }
}

/// Reads a document. `named` is its title if it has none; `answers` are those to questions of an
/// earlier reading, by their ids.
pub fn import(bytes: &[u8], named: &str, answers: &BTreeMap<String, String>) -> Result<Imported, Unreadable> {
    let normal = normal::read(bytes)?;
    let sections = tree::sections(&normal.lines);
    let mut work = Work::new(&normal.lines, &sections, answers);
    title(&mut work);
    catalog::find(&mut work);
    env::find(&mut work);
    env::match_prices(&mut work);
    webhook::find(&mut work);
    portal::find(&mut work);
    portal::thresholds(&mut work);
    let steps = steps::find(&mut work);
    for (_, _, lines) in &steps.whys {
        for line in lines {
            work.claim(*line..*line + 1, "why");
        }
    }
    let mut draft = draft::draft(&mut work, &steps, named);
    let account = account(&work);
    introduce(&mut draft, named, &account, &normal);
    let questions = std::mem::take(&mut work.found.questions);
    Ok(Imported { draft, account, questions, secrets: normal.secrets, notes: normal.notes })
}

/// The first heading is the checklist's title.
fn title(work: &mut Work<'_>) {
    if let Some(first) = work.sections.iter().find(|section| section.level > 0) {
        work.claim(first.heading.clone(), "the title");
    } else if let Some(first) = work.sections.first().and_then(|section| section.blocks.first()) {
        let text = first.text.trim();
        let short = !text.contains('\n') && text.chars().count() <= 72 && !text.ends_with(['.', ':']);
        if matches!(first.kind, tree::Kind::Paragraph) && short && work.sections[0].blocks.len() > 1 {
            work.found.title = Some(text.to_owned());
            work.claim(first.lines.clone(), "the title");
        }
    }
}

/// Every line is bare, in the checklist, or left out; a line no rule has had is left out as well.
fn account(work: &Work<'_>) -> Account {
    let mut out = Account { lines: work.lines.len(), ..Account::default() };
    let mut open: Option<Left> = None;
    for (line, fate) in work.lines.iter().zip(&work.fates) {
        let why = match fate {
            Fate::Bare => {
                out.bare += 1;
                continue;
            }
            Fate::In(_) => {
                out.used += 1;
                out.left.extend(open.take());
                continue;
            }
            Fate::Left(why) => *why,
            Fate::Open => "nothing that golive understands",
        };
        match &mut open {
            Some(left) if left.why == why => {
                left.to = line.to;
                left.count += 1;
            }
            other => {
                out.left.extend(other.take());
                // A key of test mode is left out, and is no less a key.
                let begins = work::short(&Scrubber::mask_in(line.text.trim()), 48);
                *other = Some(Left { from: line.at, to: line.to, count: 1, why, begins });
            }
        }
    }
    out.left.extend(open);
    out
}

/// What stands at the head of the file.
fn introduce(draft: &mut Draft, named: &str, account: &Account, normal: &normal::Normal) {
    draft.comment.push(format!("Made of {named} by golive import markdown. Read it once from top to bottom: what the document left open is marked DECIDE."));
    draft.comment.push(format!("{} of {} lines are in here.", account.used, account.used + account.left_out()));
    if !account.left.is_empty() {
        let place = |left: &Left| {
            if left.from == left.to { left.from.to_string() } else { format!("{}-{}", left.from, left.to) }
        };
        let mut groups: Vec<(&str, Vec<String>)> = Vec::new();
        for left in &account.left {
            match groups.iter_mut().find(|(why, _)| *why == left.why) {
                Some((_, places)) if places.last() == Some(&place(left)) => {}
                Some((_, places)) => places.push(place(left)),
                None => groups.push((left.why, vec![place(left)])),
            }
        }
        draft.comment.push("Left out, by line:".to_owned());
        draft.comment.extend(groups.iter().map(|(why, places)| format!("  {why}: {}", places.join(", "))));
    }
    if !normal.secrets.is_empty() {
        let lines: Vec<String> = normal.secrets.iter().map(|(line, _)| line.to_string()).collect();
        draft
            .comment
            .push(format!("The document holds secrets, in line {}; none of them is in here.", lines.join(", ")));
    }
}
