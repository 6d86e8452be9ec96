//! Events: what the code handles against what the test endpoint listens to, in both directions.

use std::collections::{BTreeMap, BTreeSet};

use super::Around;
use super::told::{Sort, Told};
use crate::inventory::WebhookEndpoint;

/// Tells the difference, and returns the events that the code handles and no endpoint has.
pub(super) fn compare(endpoints: &[WebhookEndpoint], around: &Around, told: &mut Vec<Told>) -> BTreeSet<String> {
    let mut handled: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for mention in &around.source.events {
        handled.entry(&mention.what).or_default().push(mention.place());
    }
    let listened: BTreeSet<&str> =
        endpoints.iter().flat_map(|endpoint| endpoint.enabled_events.iter().map(String::as_str)).collect();
    if endpoints.is_empty() || handled.is_empty() {
        return BTreeSet::new();
    }
    let all = listened.contains("*");
    let mut missing = BTreeSet::new();
    for (event, places) in handled.iter().filter(|(event, _)| !all && !listened.contains(**event)) {
        missing.insert((*event).to_owned());
        let told_here = Told::new(Sort::Code, format!("the code names `{event}`, and no test endpoint listens to it"))
            .why("Stripe does not send what nobody listens to")
            .propose("if the code handles it, add it to `events` of the webhook item")
            .at(places.iter().take(3).cloned());
        told.push(told_here);
    }
    let unhandled: Vec<&str> =
        listened.iter().copied().filter(|event| *event != "*" && !handled.contains_key(event)).collect();
    if !unhandled.is_empty() {
        let what = format!("endpoints listen to {}, which the code names nowhere", words(&unhandled));
        told.push(
            Told::new(Sort::Note, what)
                .why("each is a delivery that nobody needs, or its handler is elsewhere")
                .propose("take it out of `events` of the webhook item if nothing handles it"),
        );
    }
    if all {
        let what = "an endpoint listens to every event there is (`*`)";
        let proposal = format!("name what the code handles: events = [{}]", quoted(handled.keys().copied()));
        told.push(
            Told::new(Sort::Note, what).why("live accounts send far more of them than test accounts").propose(proposal),
        );
    }
    missing
}

fn words(events: &[&str]) -> String {
    const MOST: usize = 4;
    let shown = events.iter().take(MOST).map(|event| format!("`{event}`")).collect::<Vec<_>>().join(", ");
    if events.len() > MOST { format!("{shown} and {} more", events.len() - MOST) } else { shown }
}

fn quoted<'e>(events: impl Iterator<Item = &'e str>) -> String {
    events.map(|event| format!("\"{event}\"")).collect::<Vec<_>>().join(", ")
}
