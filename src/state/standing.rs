//! How an item stands, from what is recorded of it. The one rule, used by the engine and by every
//! view, so that what `status` shows is what the engine acts on.

use super::{ItemRecord, ItemState};
use crate::checklist::Item;
use crate::step::{Address, Verdict};

/// The state of one item, and the items it waits for when it is [`ItemState::Blocked`].
///
/// `finished` says of other items whether nothing is left to do for them; items that are not part
/// of the run's mode count as finished.
pub fn item_state(
    item: &Item,
    record: Option<&ItemRecord>,
    finished: &dyn Fn(&Address) -> bool,
) -> (ItemState, Vec<Address>) {
    if let Some(settled) = record.and_then(|record| recorded_state(item, record)) {
        return (settled, Vec::new());
    }
    let waits_for: Vec<Address> = item.needs.iter().filter(|need| !finished(need)).cloned().collect();
    (if waits_for.is_empty() { ItemState::Todo } else { ItemState::Blocked }, waits_for)
}

/// The state that the record alone decides: `None` when the item never came to a verdict.
pub fn recorded_state(item: &Item, record: &ItemRecord) -> Option<ItemState> {
    if record.skipped.is_some() {
        return Some(ItemState::Skipped);
    }
    let judged = record.verdict.as_ref()?;
    Some(match judged.verdict {
        // A tick is about what the item said at that time.
        Verdict::Pass { .. } if judged.digest != item.digest => ItemState::Stale,
        Verdict::Pass { .. } if judged.rehearsed => ItemState::Rehearsed,
        Verdict::Pass { .. } => ItemState::Done,
        Verdict::Fail { .. } if record.held => ItemState::Stale,
        Verdict::Fail { .. } => ItemState::Failed,
        Verdict::Unknown { .. } => ItemState::Unknown,
    })
}

#[cfg(test)]
mod tests {
    use super::item_state;
    use crate::checklist::{Item, Severity, When};
    use crate::error::{Code, Problem};
    use crate::state::Judged;
    use crate::state::{ItemRecord, ItemState};
    use crate::step::{Address, Verdict};

    fn item() -> Item {
        Item {
            address: Address::new("catalog", "pro"),
            kind: "product".into(),
            title: "Pro".into(),
            why: None,
            help: None,
            link: None,
            source: Vec::new(),
            severity: Severity::Blocker,
            needs: vec![Address::new("keys", "main")],
            when: When::Launch,
            owner: None,
            minutes: None,
            modes: Vec::new(),
            once: false,
            causes: Vec::new(),
            fields: toml::Table::new(),
            digest: "d1".into(),
        }
    }

    fn judged(verdict: Verdict, digest: &str, rehearsed: bool) -> ItemRecord {
        let judged = Judged { verdict, digest: digest.into(), rehearsed, at: "2026-11-24T10:00:00Z".into() };
        ItemRecord { verdict: Some(judged), ..ItemRecord::default() }
    }

    fn problem() -> Problem {
        Problem::new(Code::HttpFailed, "no")
    }

    fn state(record: Option<&ItemRecord>) -> ItemState {
        item_state(&item(), record, &|_| true).0
    }

    #[test]
    fn an_item_without_a_verdict_waits_for_its_unfinished_needs() {
        let (blocked, waits_for) = item_state(&item(), None, &|_| false);
        assert_eq!((blocked, waits_for), (ItemState::Blocked, vec![Address::new("keys", "main")]));
        assert_eq!(state(None), ItemState::Todo);
    }

    #[test]
    fn a_pass_is_done_rehearsed_or_out_of_date() {
        assert_eq!(state(Some(&judged(Verdict::pass("ok"), "d1", false))), ItemState::Done);
        assert_eq!(state(Some(&judged(Verdict::pass("ok"), "d1", true))), ItemState::Rehearsed);
        assert_eq!(state(Some(&judged(Verdict::pass("ok"), "d0", true))), ItemState::Stale);
    }

    #[test]
    fn what_held_once_and_fails_now_is_stale_and_not_failed() {
        let mut record = judged(Verdict::fail(problem()), "d1", false);
        assert_eq!(state(Some(&record)), ItemState::Failed);
        record.held = true;
        assert_eq!(state(Some(&record)), ItemState::Stale);
    }

    #[test]
    fn what_could_not_be_looked_at_is_unknown_even_if_it_held() {
        let mut record = judged(Verdict::Unknown { problem: problem() }, "d1", false);
        record.held = true;
        assert_eq!(state(Some(&record)), ItemState::Unknown);
    }

    #[test]
    fn a_skipped_item_is_skipped_whatever_was_found() {
        let mut record = judged(Verdict::fail(problem()), "d1", false);
        record.skipped = Some(("anna".into(), "later".into(), "2026-11-24T10:00:00Z".into()));
        assert_eq!(state(Some(&record)), ItemState::Skipped);
    }
}
