//! Endpoints whose URL ends in a UUID: found, made, and given one.

use super::super::Spec;
use crate::kind::Kind;
use crate::kind::testing::{actions, evidence, failure, facts, outputs, spec};
use crate::error::Code;
use crate::mode::Mode;
use crate::secret::Secret;
use crate::step::object::WebhookEndpoint;
use crate::step::{Action, Effect, EnvSight, EnvVar, Field, Look, Sight, Step, WebhookPatch, Write};

const ITEM: &str = "url = 'https://shop.example/stripe/webhook/'\nurl_suffix = 'uuid'\nevents = ['invoice.paid']";
const ID: &str = "3f2b8f9e-6a4c-4c55-9d5e-0a1b2c3d4e5f";

fn endpoint(id: &str, path: &str) -> WebhookEndpoint {
    WebhookEndpoint {
        id: id.into(),
        url: format!("https://shop.example/stripe/webhook/{path}"),
        status: "enabled".into(),
        enabled_events: vec!["invoice.paid".into()],
        ..WebhookEndpoint::default()
    }
}

fn next(found: Vec<WebhookEndpoint>) -> Step {
    let secret = Secret::unlisted(format!("whsec_{}", "0".repeat(32)));
    let variables = vec![EnvVar::new("STRIPE_WEBHOOK_SECRET", 1, secret)];
    let env = EnvSight { path: ".env".into(), exists: true, variables, ..EnvSight::default() };
    let facts = facts(Mode::Live)
        .sight(Look::WebhookEndpoints, Sight::WebhookEndpoints(found))
        .sight(Look::EnvFile, Sight::EnvFile(env));
    spec::<Spec>(ITEM).next(&facts.get())
}

fn patch(action: &Action) -> (&str, &WebhookPatch) {
    match &action.effect {
        Effect::Stripe(Write::UpdateWebhook { id, patch }) => (id, patch),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_endpoint_with_any_uuid_is_this_one_and_its_url_is_the_output() {
    let found = || vec![endpoint("we_0", "other"), endpoint("we_1", &format!("{ID}/"))];
    assert_eq!(evidence(next(found())), "we_1, 1 event");
    assert_eq!(outputs(next(found()))["url"], format!("https://shop.example/stripe/webhook/{ID}/"));
    let twice = vec![endpoint("we_1", ID), endpoint("we_2", &ID.replace('3', "4"))];
    assert_eq!(failure(next(twice)).code, Code::WebhookDuplicate);
}

#[test]
fn a_new_endpoint_wishes_for_a_uuid_that_is_made_when_it_is_written() {
    let action = actions(next(Vec::new())).remove(0);
    assert_eq!(action.fields[0], Field::new("url", "https://shop.example/stripe/webhook/(a new UUID)/"));
    let Effect::Stripe(mut write) = action.effect else { panic!() };
    let Write::CreateWebhook(draft) = &write else { panic!("{write:?}") };
    assert!(draft.wants_uuid);
    write.freshen(&|| ID.to_owned());
    let once = write.clone();
    write.freshen(&|| panic!("made once"));
    assert_eq!(write, once);
    let Write::CreateWebhook(draft) = write else { panic!() };
    assert_eq!(draft.url, format!("https://shop.example/stripe/webhook/{ID}/"));
    assert_eq!((draft.metadata["djstripe_uuid"].as_str(), draft.metadata["golive"].as_str()), (ID, "acme/phase.item"));
}

#[test]
fn an_endpoint_with_the_bare_url_is_given_its_uuid_and_not_doubled() {
    let action = actions(next(vec![endpoint("we_1", "")])).remove(0);
    let (id, wanted) = patch(&action);
    assert_eq!((id, wanted.wants_uuid, wanted.enabled_events.as_ref()), ("we_1", true, None));
    let Effect::Stripe(mut write) = action.effect.clone() else { panic!() };
    write.freshen(&|| ID.to_owned());
    let Write::UpdateWebhook { patch, .. } = write else { panic!() };
    assert_eq!(patch.url, Some(format!("https://shop.example/stripe/webhook/{ID}/")));
}

#[test]
fn a_uuid_cannot_stand_behind_a_query() {
    let item = ITEM.replace("webhook/'", "webhook/?a=1'");
    assert_eq!(spec::<Spec>(&item).complaints()[0].path, "url");
}
