//! Every bundled checklist in live mode, killed again and again on its way: each run goes on from what the
//! killed one before it left, and the launch comes to the same end, with one of each object.
//!
//! `cargo test` kills at points farther and farther apart; `GOLIVE_MATRIX=full` at every one of the first.

use std::collections::BTreeMap;

use golive::checklist::BUNDLED;
use golive::simulator::Mode;
use serde_json::Value;

use crate::support::{Town, figures};
use crate::{live_alwrity, live_caixahub, live_general, live_minipass, live_recorder_ed, live_smart_strategies};

/// Kills the launch until a run gets as far as it can without a buyer.
fn killed_on_the_way(town: &Town, answers: &[&str], but: &[&str]) -> usize {
    let (mut at, mut kills) = (3, 0);
    loop {
        town.server.rests();
        let ends = seen_by_nobody(town);
        let answers: Vec<&str> = answers.iter().copied().chain(ends.iter().map(String::as_str)).collect();
        let output = town.wizard(&answers, but).crash_at(at).run();
        if !output.was_killed() {
            assert!(matches!(output.code, 0 | 3 | 5), "after {kills} kills: {output}");
            return kills;
        }
        kills += 1;
        at += if figures::full() { 1 } else { at / 2 + 1 };
    }
}

/// The answers to "did it finish?" of the commands whose end no journal tells. None of a guide's commands
/// does harm when it runs again.
fn seen_by_nobody(town: &Town) -> Vec<String> {
    let mut open: BTreeMap<String, String> = BTreeMap::new();
    for entry in std::fs::read_dir(town.dir.join(".golive")).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.extension().is_none_or(|ending| ending != "jsonl") {
            continue;
        }
        // Readable at every moment.
        let read = golive::store::read(&path).unwrap_or_else(|failure| panic!("{}: {failure:?}", path.display()));
        for line in read.lines {
            let event = serde_json::to_value(&line.event).unwrap();
            let text = |name: &str| event[name].as_str().unwrap_or_default().to_owned();
            match text("type").as_str() {
                "command_started" => drop(open.insert(text("intent"), text("item"))),
                "command_ended" => drop(open.remove(&text("intent"))),
                _ => {}
            }
        }
    }
    // Of a command that was killed again while it ran again, the question has a number.
    let asked = |item: String| {
        (1..10).map(move |time| match time {
            1 => format!("{item}.outcome=again"),
            more => format!("{item}.outcome_{more}=again"),
        })
    };
    open.into_values().flat_map(asked).collect()
}

/// One active price for each lookup key, and one endpoint for each address.
#[track_caller]
fn nothing_is_doubled(town: &Town) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let prices = town.control.objects(Mode::Live, "price");
    let active = prices.iter().filter(|price| price["active"] == true);
    let endpoints = town.control.objects(Mode::Live, "webhook_endpoint");
    let keys = active.filter_map(|price| text(&price["lookup_key"]));
    for name in keys.chain(endpoints.iter().filter_map(|endpoint| text(&endpoint["url"]))) {
        *seen.entry(name).or_default() += 1;
    }
    assert!(seen.values().all(|count| *count == 1), "{seen:?}");
}

/// Kills it on its way; `sold` brings it to its end, with these answers more.
#[track_caller]
fn comes_to_its_end(town: &Town, answers: &[&str], but: &[&str], sold: &dyn Fn(&[&str])) {
    // Nobody buys yet, so nothing is waited for.
    let without_a_buyer: Vec<&str> = answers.iter().copied().filter(|answer| !answer.contains(".how=")).collect();
    let kills = killed_on_the_way(town, &without_a_buyer, but);
    assert!(kills > 4, "{kills} kills only");
    town.server.rests();
    let ends = seen_by_nobody(town);
    sold(&ends.iter().map(String::as_str).collect::<Vec<_>>());
    town.is_ready();
    nothing_is_doubled(town);
    figures::add("kill.live", kills);
}

#[test]
fn minipass_live() {
    let town = live_minipass::minipass();
    let sold = |more: &[&str]| live_minipass::sold(&town, more);
    comes_to_its_end(&town, live_minipass::ANSWERS, &["payment.cleanup"], &sold);
}

macro_rules! launches {
    ($($test:ident $name:literal $town:expr, $answers:expr, $sales:expr;)*) => {
        $(
            #[test]
            fn $test() {
                let town = $town;
                let sold = |more: &[&str]| {
                    let answers: Vec<&str> = $answers.iter().chain(more).copied().collect();
                    let _ = town.sells(town.wizard(&answers, &[]), $sales).exits(0);
                };
                comes_to_its_end(&town, $answers, &[], &sold);
            }
        )*

        #[test]
        fn every_bundled_checklist_is_killed_in_live_mode_too() {
            let mut known: Vec<&str> = BUNDLED.iter().map(|(name, _)| *name).collect();
            known.sort_unstable();
            let mut tried = vec!["minipass", $($name),*];
            tried.sort_unstable();
            assert_eq!(known, tried);
        }
    };
}

launches! {
    recorder_ed_live "recorder-ed" live_recorder_ed::recorder_ed(), live_recorder_ed::ANSWERS, live_recorder_ed::SALES;
    alwrity_live "alwrity" live_alwrity::alwrity(), live_alwrity::ANSWERS, live_alwrity::SALES;
    caixahub_live "caixahub" live_caixahub::caixahub(), live_caixahub::ANSWERS, live_caixahub::SALES;
    smart_strategies_live "smart-strategies" live_smart_strategies::smart(), live_smart_strategies::ANSWERS,
        live_smart_strategies::SALES;
    saas_subscriptions_live "saas-subscriptions" live_general::opened(&live_general::SUBSCRIPTIONS),
        live_general::SHOP_ANSWERS, live_general::SUBSCRIBED;
    one_time_payments_live "one-time-payments" live_general::opened(&live_general::ONE_TIME),
        live_general::SHOP_ANSWERS, live_general::PAID_ONCE;
    stripe_official_live "stripe-official" live_general::official(), live_general::ANSWERS, live_general::SALES;
}
