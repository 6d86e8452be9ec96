//! How what is known of an item is forgotten: when somebody reopens it, and when a rollback takes away
//! what it stood on. What stands in Stripe is never forgotten. Called by the fold.

use super::{ItemRecord, Judged};
use crate::error::{Code, Problem};
use crate::step::{Applied, Verdict, Write};

/// Questions whose answers begin something: the watch for a first payment, its refund. The payment of a
/// launch that was taken back is none of the next launch's.
const OF_ITS_MOMENT: [&str; 2] = ["how", "refund"];

impl ItemRecord {
    /// Forgets what was said and proved, not what stands in Stripe: a created object stays known,
    /// so that it is never created twice, and so does a subscription that may have to be given
    /// back; commands and proofs are done again.
    pub(super) fn reopen(&mut self) {
        let stands = |applied: &Applied| applied.write.as_ref().is_some_and(Write::stands);
        let applied = std::mem::take(&mut self.applied).into_iter().filter(stands).collect();
        *self = Self { applied, ..Self::default() };
    }

    /// The same for what a rollback takes away; answers, outputs and the fact that it held once stay.
    /// A command is asked about anew, and so is what was answered for its moment.
    pub(super) fn roll_back(&mut self, at: &str) {
        let Some(judged) = self.verdict.take() else { return };
        let problem = Problem::new(Code::RolledBack, "undone by golive rollback")
            .why(format!("at {at}"))
            .fix("bring it back, when the launch is to be tried again: golive wizard");
        let ran = self.applied.iter().any(|applied| applied.run.is_some());
        self.applied.retain(|applied| applied.write.as_ref().is_some_and(Write::stands));
        if ran {
            self.answers.clear();
        }
        for question in OF_ITS_MOMENT {
            self.answers.remove(question);
            self.answered_at.remove(question);
        }
        self.attested = None;
        self.verdict = Some(Judged { verdict: Verdict::fail(problem), rehearsed: false, at: at.to_owned(), ..judged });
    }
}
