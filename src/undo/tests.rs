//! What is undone, in which order, and what is left alone, told from events as a journal has them.

use super::{Former, What, affected, former, plan};
use crate::mode::Mode;
use crate::state::{Event, Line, State};
use crate::step::object::{Price, Product, WebhookEndpoint};
use crate::step::{
    Address, Effect, Given, Look, PriceDraft, PricePatch, ProductDraft, ProductPatch, Request, Sight, Sights,
    WebhookDraft, WebhookPatch, Write,
};
use crate::view::fixture;

/// A journal with these writes carried out, each at its second.
#[derive(Default)]
struct Journal(Vec<Line>);

impl Journal {
    fn event(&mut self, event: Event) -> &mut Self {
        let seq = self.0.len() as u64 + 1;
        self.0.push(Line { seq, at: format!("2026-11-24T10:00:{seq:02}Z"), event });
        self
    }

    fn wrote(&mut self, item: &str, action: &str, object: &str, write: Write, undo: Option<Write>) -> &mut Self {
        let intent = format!("i{}", self.0.len());
        let request = Request { method: "POST".into(), path: String::new(), body: String::new() };
        self.event(Event::Intended {
            intent: intent.clone(),
            item: item.parse().unwrap(),
            action: action.into(),
            write,
            request,
            key: String::new(),
            undo,
            undoes: Vec::new(),
        });
        let object = object.to_owned();
        self.event(Event::Applied { intent, object, request_id: None, replayed: false, found: false })
    }

    fn state(&self) -> State {
        State::of(&self.0)
    }
}

fn product(id: &str, active: bool, default: Option<&str>) -> (Look, Sight) {
    let product = Product { id: id.into(), active, default_price: default.map(str::to_owned), ..Product::default() };
    (Look::Product(id.into()), Sight::Product(Some(product)))
}

fn open_prices(product: &str, ids: &[&str]) -> (Look, Sight) {
    let price = |id: &&str| Price { id: (*id).into(), active: true, product: product.into(), ..Price::default() };
    (Look::PricesOf(product.into()), Sight::Prices(ids.iter().map(price).collect()))
}

fn made(product: &str, key: &str, replaces: Option<&str>) -> Write {
    Write::CreatePrice(PriceDraft {
        product: product.into(),
        lookup_key: Some(key.into()),
        replaces: replaces.map(str::to_owned),
        ..PriceDraft::default()
    })
}

fn priced(id: &str, patch: PricePatch) -> Write {
    Write::UpdatePrice { id: id.into(), patch }
}

fn changed(id: &str, patch: ProductPatch) -> Write {
    Write::UpdateProduct { id: id.into(), patch }
}

fn named(name: &str) -> ProductPatch {
    ProductPatch { name: Some(name.into()), ..ProductPatch::default() }
}

fn default(price: &str) -> ProductPatch {
    ProductPatch { default_price: Some(Given::Id(price.into())), ..ProductPatch::default() }
}

fn open(active: bool) -> PricePatch {
    PricePatch { active: Some(active), ..PricePatch::default() }
}

fn reopened(key: &str) -> PricePatch {
    PricePatch { lookup_key: Some(key.into()), transfer_lookup_key: true, ..open(true) }
}

/// Stage and write of every action, step by step.
fn writes(state: &State, sights: Vec<(Look, Sight)>) -> Vec<(u8, Write)> {
    let sights: Sights = sights.into_iter().collect();
    let plan = plan(&fixture::checklist(), state, Mode::Live, &sights, Former::Untouched, &[]);
    let mut writes = Vec::new();
    for step in plan.steps {
        let What::Writes(item, _) = step.what else { panic!("{step:?}") };
        writes.extend(item.change.actions.into_iter().map(|action| match action.effect {
            Effect::Stripe(write) => (action.stage, write),
            other => panic!("{other:?}"),
        }));
    }
    writes
}

#[test]
fn a_replaced_price_is_opened_before_the_default_moves_back_and_the_new_one_closes_after_it() {
    let mut journal = Journal::default();
    journal.wrote(
        "catalog.team",
        "price team_monthly",
        "price_new",
        made("team", "team_monthly", Some("price_old")),
        None,
    );
    journal.wrote(
        "catalog.team",
        "product team_monthly",
        "team",
        changed("team", default("price_new")),
        Some(changed("team", default("price_old"))),
    );
    let close = priced("price_old", open(false));
    journal.wrote(
        "catalog.team",
        "price team_monthly (old)",
        "price_old",
        close,
        Some(priced("price_old", reopened("team_monthly"))),
    );
    let seen = vec![product("team", true, Some("price_new")), open_prices("team", &["price_new"])];
    assert_eq!(
        writes(&journal.state(), seen),
        [
            (1, priced("price_old", reopened("team_monthly"))),
            (2, changed("team", default("price_old"))),
            (3, priced("price_new", open(false))),
        ]
    );
}

#[test]
fn what_was_stopped_between_making_a_price_and_closing_the_old_one_gives_the_key_back() {
    let mut journal = Journal::default();
    journal.wrote(
        "catalog.team",
        "price team_monthly",
        "price_new",
        made("team", "team_monthly", Some("price_old")),
        None,
    );
    let key = PricePatch { active: None, ..reopened("team_monthly") };
    assert_eq!(
        writes(&journal.state(), vec![product("team", true, None), open_prices("team", &["price_new", "price_old"])]),
        [(1, priced("price_old", key)), (3, priced("price_new", open(false)))]
    );
}

#[test]
fn a_product_that_was_made_is_archived_last_and_its_default_price_with_it() {
    let mut journal = Journal::default();
    let draft = ProductDraft { id: "pro".into(), ..ProductDraft::default() };
    journal.wrote("catalog.pro", "product pro", "pro", Write::CreateProduct(draft), None);
    journal.wrote("catalog.pro", "price a", "price_a", made("pro", "a", None), None);
    journal.wrote("catalog.pro", "price b", "price_b", made("pro", "b", None), None);
    journal.wrote(
        "webhook.main",
        "product pro",
        "pro",
        changed("pro", named("marked")),
        Some(changed("pro", named("Pro"))),
    );
    let archive = changed("pro", ProductPatch { active: Some(false), ..ProductPatch::default() });
    let state = journal.state();
    let seen = || vec![product("pro", true, Some("price_b")), open_prices("pro", &["price_a", "price_b"])];
    assert_eq!(writes(&state, seen()), [(3, priced("price_a", open(false))), (4, archive)]);
    let plan = plan(&fixture::checklist(), &state, Mode::Live, &seen().into_iter().collect(), Former::Untouched, &[]);
    let What::Writes(_, covers) = &plan.steps[0].what else { panic!("{plan:?}") };
    let mut taken_back: Vec<&String> = covers.values().flatten().collect();
    taken_back.sort();
    assert_eq!(taken_back, ["i0", "i2", "i4", "i6"], "every intent is taken back by something");
}

#[test]
fn of_several_changes_the_value_before_the_first_comes_back_in_one_write() {
    let mut journal = Journal::default();
    journal.wrote(
        "catalog.team",
        "product team",
        "team",
        changed("team", named("B")),
        Some(changed("team", named("A"))),
    );
    journal.wrote(
        "catalog.team",
        "product team",
        "team",
        changed("team", named("C")),
        Some(changed("team", named("B"))),
    );
    assert_eq!(writes(&journal.state(), vec![product("team", true, None)]), [(2, changed("team", named("A")))]);
}

#[test]
fn endpoints_are_switched_off_first_and_those_that_were_there_get_their_events_back() {
    let mut journal = Journal::default();
    journal.wrote(
        "catalog.team",
        "product team",
        "team",
        changed("team", named("B")),
        Some(changed("team", named("A"))),
    );
    let events = |events: &[&str]| WebhookPatch {
        enabled_events: Some(events.iter().map(|event| (*event).to_owned()).collect()),
        ..WebhookPatch::default()
    };
    let update = |patch| Write::UpdateWebhook { id: "we_1".into(), patch };
    journal.wrote("webhook.main", "webhook main", "we_1", update(events(&["a", "b"])), Some(update(events(&["a"]))));
    let made = Write::CreateWebhook(WebhookDraft::default());
    journal.wrote("webhook.main", "webhook main", "we_2", made, None);
    let endpoint =
        |id: &str, status: &str| WebhookEndpoint { id: id.into(), status: status.into(), ..WebhookEndpoint::default() };
    let seen = |second: &str| {
        let endpoints = vec![endpoint("we_1", "enabled"), endpoint("we_2", second)];
        vec![product("team", true, None), (Look::WebhookEndpoints, Sight::WebhookEndpoints(endpoints))]
    };
    let off = |patch: WebhookPatch| WebhookPatch { disabled: Some(true), ..patch };
    let second = (0, Write::UpdateWebhook { id: "we_2".into(), patch: off(WebhookPatch::default()) });
    let back = (2, changed("team", named("A")));
    let first = (0, update(off(events(&["a"]))));
    assert_eq!(writes(&journal.state(), seen("enabled")), [first.clone(), second, back.clone()]);
    assert_eq!(writes(&journal.state(), seen("disabled")), [first, back], "one that is off needs no write");
}

#[test]
fn what_was_undone_is_not_undone_again() {
    let mut journal = Journal::default();
    journal.wrote(
        "catalog.team",
        "product team",
        "team",
        changed("team", named("B")),
        Some(changed("team", named("A"))),
    );
    journal.event(Event::Undone { intents: vec!["i0".into()], why: "by hand".into() });
    assert!(writes(&journal.state(), vec![product("team", true, None)]).is_empty());
}

#[test]
fn what_rests_on_what_is_undone_is_affected_too() {
    let mut journal = Journal::default();
    journal.wrote("catalog.pro", "product pro", "pro", changed("pro", named("B")), Some(changed("pro", named("A"))));
    let mut checklist = fixture::checklist();
    for phase in &mut checklist.phases {
        for item in phase.items.iter_mut().filter(|item| item.address.to_string() == "after.first_sale") {
            item.needs = vec![Address::new("catalog", "pro")];
        }
    }
    let state = journal.state();
    let sights = Sights::from([product("pro", true, None)]);
    let plan = plan(&checklist, &state, Mode::Live, &sights, Former::Untouched, &[]);
    let hit = affected(&checklist, &state, Mode::Live, &plan, &|_| false);
    assert_eq!(hit, [Address::new("after", "first_sale"), Address::new("catalog", "pro")]);
}

/// Whether the end of a writing was seen, and what it kept.
enum End {
    NotSeen,
    Seen(Option<&'static str>),
}

fn env(journal: &mut Journal, intent: &str, existed: bool, end: &End) {
    journal.event(Event::EnvIntended {
        intent: intent.into(),
        item: Address::new("env", "file"),
        variables: Vec::new(),
        file: ".env".into(),
        existed: Some(existed),
    });
    if let End::Seen(backup) = end {
        let backup = backup.map(str::to_owned);
        journal.event(Event::EnvWritten { intent: intent.into(), file: ".env".into(), backup });
    }
}

/// The backups that are there, by name and the second of 10:00 at which they were made.
fn backups(found: &[(&str, i64)]) -> Vec<(String, i64)> {
    let ten: jiff::Timestamp = "2026-11-24T10:00:00Z".parse().unwrap();
    found.iter().map(|(name, at)| ((*name).to_owned(), ten.as_second() + at)).collect()
}

fn found(journal: &Journal, there: &[(&str, i64)]) -> Option<String> {
    match former(&journal.state().history, &backups(there)) {
        Former::Backup(path, _) => Some(path),
        Former::Gone(path) => Some(format!("gone {path}")),
        Former::Absent => Some("absent".into()),
        Former::Untouched => None,
    }
}

#[test]
fn the_copy_from_before_the_first_writing_counts_even_when_its_end_was_not_seen() {
    let mut journal = Journal::default();
    assert_eq!(found(&journal, &[("b1", 1)]), None);
    env(&mut journal, "e1", true, &End::Seen(None));
    assert_eq!(found(&journal, &[]), None, "nothing had to be written");
    env(&mut journal, "e2", true, &End::NotSeen);
    env(&mut journal, "e3", true, &End::Seen(Some("other/b4")));
    assert_eq!(found(&journal, &[("b3", 3), ("b4", 4)]).as_deref(), Some("b3"), "it was killed after the copy");
    assert_eq!(found(&journal, &[("b4", 5)]).as_deref(), Some("b4"), "it was killed before the copy");
    assert_eq!(found(&journal, &[]).as_deref(), Some("gone other/b4"));
    let mut journal = Journal::default();
    env(&mut journal, "e1", false, &End::Seen(None));
    env(&mut journal, "e2", true, &End::Seen(Some("b3")));
    assert_eq!(found(&journal, &[("b3", 3)]).as_deref(), Some("absent"));
}

#[test]
fn restoring_goes_on_with_what_it_began_with() {
    let mut journal = Journal::default();
    env(&mut journal, "e1", true, &End::Seen(Some("b1")));
    let (from, kept) = (Some("b1".to_owned()), Some("b9".to_owned()));
    journal.event(Event::EnvRestoring { file: ".env".into(), from, kept });
    let there = [("b1", 1), ("b9", 3)];
    assert_eq!(found(&journal, &there).as_deref(), Some("b1"));
    journal.event(Event::EnvRestored { file: ".env".into() });
    assert_eq!(found(&journal, &there), None);
}
