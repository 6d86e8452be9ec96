//! `--write-lookup-keys`: gives the prices of the test account the keys that the checklist proposes, so
//! that both modes know a price by one name. Shown and consented to as any change, journaled as every
//! write, in the checklist's journal of test mode.

use std::collections::BTreeMap;
use std::path::Path;

use super::super::super::Desk;
use super::super::super::place::Place;
use super::super::super::session::{Record, Session};
use crate::cli::args::Agree;
use crate::engine::port::News;
use crate::error::{Class, Code, Failure, Problem, Result};
use crate::import::stripe::{Imported, NewKey};
use crate::mode::Mode;
use crate::secret::{Secret, Slot};
use crate::step::{Action, Address, Change, Effect, Field, Origin, PricePatch, Verb, Write};

/// Writes them.
pub fn write(desk: &Desk, path: &Path, agree: &Agree, imported: &Imported, key: Option<Secret>) -> Result<()> {
    if imported.keys.is_empty() {
        return Ok(());
    }
    let mut global = desk.global.clone();
    global.checklist = Some(path.display().to_string());
    let place = Place::find(&global, &desk.talk, None)?;
    let changes = changes(&place, &imported.keys);
    let mut session = Session::open_nameless(desk, place, Mode::Test, agree, false, Record::Journal)?;
    let mut engine = session.engine(&global, desk.command)?;
    if let Some(key) = key {
        engine.hand_over(Slot::SecretKey, key, Origin::Prompt);
    }
    engine.same_account()?;
    let plan = engine.plan(changes, &[]);
    if !engine.apply(&plan)? {
        engine.ports.operator.tell(&News::Note { text: "The prices of the test account stay as they are." });
    }
    let refused = plan.items.iter().filter(|item| engine.was_judged(&item.address)).count();
    if refused == 0 {
        return Ok(());
    }
    let problem = Problem::new(Code::StripeRefused, format!("{refused} items have lookup keys that Stripe refused"))
        .fix("give them other ones in the checklist, then: golive import stripe --write-lookup-keys");
    Err(Failure::new(Class::Remaining, problem))
}

/// One change an item, for the prices that it has.
fn changes(place: &Place, keys: &[NewKey]) -> Vec<(Address, Change)> {
    let mut by_item: BTreeMap<&str, Vec<&NewKey>> = BTreeMap::new();
    for key in keys {
        by_item.entry(&key.item).or_default().push(key);
    }
    let item = |(address, keys): (&str, Vec<&NewKey>)| {
        let address: Address = address.parse().ok()?;
        place.checklist.find(&address)?;
        Some((address, Change::of(keys.into_iter().map(action).collect())))
    };
    by_item.into_iter().filter_map(item).collect()
}

fn action(key: &NewKey) -> Action {
    let patch = PricePatch { lookup_key: Some(key.key.clone()), ..PricePatch::default() };
    let write = Write::UpdatePrice { id: key.price.clone(), patch };
    Action::new("price", &key.key, Verb::Change, Effect::Stripe(write))
        .summary(&key.price)
        .fields(vec![Field::new("lookup_key", &key.key)])
}
