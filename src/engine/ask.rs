//! Questions: who may be asked, what is told beforehand, and where an answer goes. A secret goes to
//! the vault, a person's word becomes an attestation, everything else is journaled as it is.

use super::looks::{Door, door};
use super::port::{Answer, News, Stop};
use super::walk::LATER;
use super::{Engine, Permit};
use crate::checklist::explain;
use crate::error::Failure;
use crate::secret::{Secret, Slot};
use crate::state::Event;
use crate::step::{Address, Choice, Form, KnownSecret, Origin, Question, Verdict};

/// The question, and the answer, by which a person states that something is done.
const DONE: &str = "done";

impl Engine<'_> {
    /// Asks one question. `false` when it stays open.
    pub(super) fn ask(&mut self, address: &Address, question: &Question, permit: Permit) -> Result<bool, Stop> {
        let id = format!("{address}.{}", question.name);
        let foreseen = self.ports.operator.foresees(&id, question);
        // What was given beforehand and did not do will not do a second time.
        let again = foreseen && !self.answered.insert(id.clone());
        if again || !(permit.ask || (permit.change && foreseen)) {
            if let Some(problem) = &question.because {
                self.judge(vec![(address.clone(), Verdict::Fail { problem: (**problem).clone() })])?;
                return Ok(true);
            }
            return Ok(false);
        }
        // What only a person can settle stays open where nobody is; every other question ends the run.
        if !foreseen && can_wait(question) && !self.ports.operator.attended() {
            self.put_off.insert(address.clone());
            return Ok(false);
        }
        let question = &self.explained(address, question);
        self.introduce(address, question);
        match self.ports.operator.ask(&id, question)? {
            Answer::Text(text) if text == LATER && matches!(question.form, Form::Choice(_)) => {
                self.put_off.insert(address.clone());
                return Ok(false);
            }
            Answer::Text(text) if question.name == DONE && text == DONE => {
                let item = self.checklist.find(address);
                let digest = item.map(|item| item.digest.clone()).unwrap_or_default();
                let by = self.ports.who.clone();
                self.book.write(vec![Event::Attested { item: address.clone(), by, note: None, digest }])?;
            }
            Answer::Text(text) => self.answered(address, question, text)?,
            Answer::Secret(slot, secret) => {
                self.take(slot, secret);
                self.answered(address, question, "given".into())?;
            }
        }
        Ok(true)
    }

    /// The question, with the causes that the checklist knows for what went wrong before it.
    fn explained(&self, address: &Address, question: &Question) -> Question {
        let because = question.because.as_ref().map(|problem| match self.checklist.find(address) {
            Some(item) => Box::new(explain((**problem).clone(), &item.causes)),
            None => problem.clone(),
        });
        Question { because, ..question.clone() }
    }

    /// Tells what the question is about: the problem with the last answer, or, once, the item.
    fn introduce(&mut self, address: &Address, question: &Question) {
        if let Some(problem) = &question.because {
            // A secret has no answer where nobody is: then this is how the run ends, told once.
            if self.ports.operator.attended() || !matches!(question.form, Form::Secret { .. }) {
                self.ports.operator.tell(&News::Warning { problem });
            }
        } else if let Some(item) = self.checklist.find(address)
            && self.introduced.insert(address.clone())
        {
            self.ports.operator.tell(&News::Item {
                title: &item.title,
                why: item.why.as_deref(),
                help: item.help.as_deref(),
                link: item.link.as_deref(),
            });
        }
    }

    /// Keeps a typed secret. What was seen with another key counts for nothing.
    fn take(&mut self, slot: Slot, secret: Secret) {
        self.secrets.insert(slot.clone(), KnownSecret::of(&secret, Origin::Prompt));
        if matches!(slot, Slot::SecretKey | Slot::PublishableKey) {
            self.sights.retain(|look, _| door(look) != Door::Stripe);
        }
        self.vault.put(slot, secret);
    }

    fn answered(&mut self, address: &Address, question: &Question, answer: String) -> Result<(), Stop> {
        let question = question.name.clone();
        Ok(self.book.write(vec![Event::Answered { item: address.clone(), question, answer }])?)
    }

    /// What can be said of an item whose question has no answer.
    pub(super) fn standing(&self, address: &Address) -> Result<Option<Verdict>, Failure> {
        let Some(item) = self.checklist.find(address) else { return Ok(None) };
        let Ok(kind) = self.resolved(item)? else { return Ok(None) };
        Ok(self.with_facts(item, |facts| kind.standing(facts)))
    }
}

/// The questions that nobody has to answer now: whether a thing is done, how a purchase is to be
/// watched, whether it is refunded.
const OPTIONAL: [&str; 3] = [DONE, "how", "refund"];

/// Whether only a person can settle it, and may do so later.
fn can_wait(question: &Question) -> bool {
    let later = |choices: &[Choice]| choices.iter().any(|choice| choice.value == LATER);
    OPTIONAL.contains(&question.name.as_str()) && matches!(&question.form, Form::Choice(choices) if later(choices))
}
