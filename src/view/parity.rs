//! What `golive parity` shows: the two accounts, and of each list what is the same, what differs and what
//! stands on one side only.

use serde::Serialize;

use crate::parity::{Compared, Side};

/// The whole comparison.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ParityView {
    /// Whether both sides are the same; `None` when nothing differs and something could not be compared.
    pub equal: Option<bool>,
    /// The test side.
    pub test: Party,
    /// The live side.
    pub live: Party,
    /// Counts over all lists.
    pub summary: Summary,
    /// The lists, in the order in which they depend on each other.
    pub lists: Vec<ListView>,
    /// Good to know.
    pub notes: Vec<String>,
}

/// An account on one side.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Party {
    /// Its id, where the key may see it.
    pub account: Option<String>,
    /// The name an operator knows it by.
    pub name: Option<String>,
    /// Objects that were left out, archived ones above all.
    pub left_out: usize,
}

impl Party {
    /// `Acme Oy, acct_1`
    pub fn shown(&self) -> String {
        let parts: Vec<&str> = [&self.name, &self.account].into_iter().filter_map(Option::as_deref).collect();
        if parts.is_empty() { "an account that the key may not see".to_owned() } else { parts.join(", ") }
    }
}

/// Counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Summary {
    /// Pairs without a difference.
    pub same: usize,
    /// Pairs that differ.
    pub different: usize,
    /// Objects of test mode without a counterpart.
    pub only_test: usize,
    /// Objects of live mode without a counterpart.
    pub only_live: usize,
    /// Lists that could not be compared.
    pub unknown: usize,
}

/// One list.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ListView {
    /// Whether both sides are the same here; `None` when that is not known.
    pub equal: Option<bool>,
    /// What came of it.
    #[serde(flatten)]
    pub compared: Compared,
}

impl ListView {
    /// The sides that could not be read, each once.
    pub fn unread(&self) -> Vec<Side> {
        let mut sides: Vec<Side> = self.compared.unknown.iter().map(|unknown| unknown.side).collect();
        sides.dedup();
        sides
    }
}

impl ParityView {
    /// Of what was compared.
    pub fn of(test: Party, live: Party, lists: Vec<Compared>) -> Self {
        let mut summary = Summary::default();
        for list in &lists {
            summary.same += list.same;
            summary.different += list.different.len();
            summary.only_test += list.only_test.len();
            summary.only_live += list.only_live.len();
            summary.unknown += usize::from(!list.unknown.is_empty());
        }
        let apart = summary.different + summary.only_test + summary.only_live > 0;
        let equal = match (apart, summary.unknown) {
            (true, _) => Some(false),
            (false, 0) => Some(true),
            (false, _) => None,
        };
        let notes = two_accounts(&test, &live).into_iter().collect();
        let lists = lists.into_iter().map(|compared| ListView { equal: compared.equal(), compared }).collect();
        Self { equal, test, live, summary, lists, notes }
    }
}

/// A sandbox is an account of its own, so two accounts are no mistake; they are told.
fn two_accounts(test: &Party, live: &Party) -> Option<String> {
    let (here, there) = (test.account.as_deref()?, live.account.as_deref()?);
    (here != there)
        .then(|| format!("The keys are of two accounts, {here} and {there}: a sandbox beside its live account?"))
}
