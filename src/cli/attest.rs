//! `golive done | skip | reopen`: what a person says about an item.

use super::place::Place;
use super::{Desk, Ended};
use crate::checklist::Item;
use crate::config;
use crate::engine::port::Store as _;
use crate::error::{Class, Code, Failure, Problem, Result};
use crate::kind::{self, Realm};
use crate::mode::Mode;
use crate::state::Event;
use crate::step::Address;

/// `golive done ITEM`: for what only a person can see, and for commands they finished by hand.
pub fn done(desk: &Desk, address: &Address, note: Option<String>) -> Ended {
    let (place, mode) = find(desk)?;
    let item = place.checklist.find(address).ok_or_else(|| place.no_item(address))?;
    let realm =
        kind::entry(&item.kind).and_then(|entry| (entry.load)(item.fields.clone()).ok()).map(|kind| kind.realm());
    if realm != Some(Realm::Person) && item.kind != "command" {
        let problem = Problem::new(Code::NotAPerson, format!("`{address}` is checked by golive, not by word"))
            .why(format!("its kind is `{}`", item.kind))
            .fix(format!("look at it again: golive check {address}"))
            .fix(format!("leave it out, knowingly: golive skip {address} --reason \"…\""));
        return Err(Failure::new(Class::Refused, problem));
    }
    let (by, digest) = (config::who(), item.digest.clone());
    record(desk, &place, mode, Event::Attested { item: address.clone(), by, note, digest })?;
    say(desk, item, mode, "done");
    Ok(None)
}

/// `golive skip ITEM --reason …`
pub fn skip(desk: &Desk, address: &Address, reason: String) -> Ended {
    let (place, mode) = find(desk)?;
    let item = place.checklist.find(address).ok_or_else(|| place.no_item(address))?;
    if reason.trim().is_empty() {
        let problem = Problem::new(Code::Usage, "a reason is needed; it is shown in the status")
            .fix(format!("say why: golive skip {address} --reason \"no app in production yet\""));
        return Err(Failure::new(Class::Usage, problem));
    }
    record(desk, &place, mode, Event::Skipped { item: address.clone(), by: config::who(), reason })?;
    say(desk, item, mode, "skipped");
    Ok(None)
}

/// `golive reopen ITEM`
pub fn reopen(desk: &Desk, address: &Address) -> Ended {
    let (place, mode) = find(desk)?;
    let item = place.checklist.find(address).ok_or_else(|| place.no_item(address))?;
    record(desk, &place, mode, Event::Reopened { item: address.clone(), by: config::who() })?;
    say(desk, item, mode, "open again");
    Ok(None)
}

fn find(desk: &Desk) -> Result<(Place, Mode)> {
    let place = Place::find(&desk.global, &desk.talk, None)?;
    let mode = desk.global.mode.or_else(|| place.last_mode()).unwrap_or(Mode::Live);
    Ok((place, mode))
}

fn record(desk: &Desk, place: &Place, mode: Mode, event: Event) -> Result<()> {
    let (mut journal, ..) = place.open(mode, desk.command)?;
    journal.append(&[event])
}

fn say(desk: &Desk, item: &Item, mode: Mode, what: &str) {
    if !desk.global.quiet {
        desk.say(&format!("  {} ({}): {what}. See what is left: golive status\n", item.title, mode.banner()));
    }
}
