//! The application's own proofs: asked again for a while, then named with their usual causes.

use super::bought;
use crate::error::Code;
use crate::kind::Kind as _;
use crate::kind::purchase::Spec;
use crate::kind::testing::{actions, change, evidence, failure, looks, spec, wait};
use crate::mode::Mode;
use crate::step::{Effect, Hits, HttpSight, LogSight, Ran, Sight};

pub(super) const COMMAND: &str = "url = \"https://shop.example\"\n[[proof]]\nrun = \"sqlite3 app.db\"\ncontains = \"pro\"";

fn ran(output: &str) -> Ran {
    Ran { exit: Some(0), output: output.into(), ..Ran::default() }
}

#[test]
fn a_command_gets_what_the_customer_is_known_by_and_the_address_is_not_shown() {
    let kind: Spec = spec(COMMAND);
    assert_eq!(kind.commands(), ["sqlite3 app.db"]);
    let action = actions(kind.next(&bought().get())).remove(0);
    let Effect::Run(command) = &action.effect else { panic!("no command: {action:?}") };
    assert_eq!(command.env["GOLIVE_PAYMENT"], "pi_cs_1");
    assert_eq!(command.private["GOLIVE_EMAIL"], "mia@acme.example");
    assert!(!serde_json::to_string(&action).unwrap().contains("mia@"), "it would be journaled");
}

#[test]
fn a_command_is_run_again_after_a_pause_and_then_its_silence_is_named() {
    let kind: Spec = spec(COMMAND);
    let once = bought().ran("command proof 1", ran("free"));
    let pause = wait(kind.next(&once.get())).what;
    assert!(change(kind.next(&once.waited(&pause).get())).follows, "it was agreed to");
    let thrice = (0..3).fold(bought(), |facts, _| facts.ran("command proof 1", ran("free")));
    let problem = failure(kind.next(&thrice.get()));
    assert_eq!((problem.code, problem.found.as_deref()), (Code::PurchaseUnknownToApp, Some("exit 0: free")));
    assert!(problem.why[0].contains("answers 200 and does nothing"), "{problem:?}");
    let known = bought().ran("command proof 1", ran("free")).ran("command proof 1", ran("pro"));
    assert!(evidence(kind.next(&known.get())).ends_with("the application knows of it: \"pro\""));
}

#[test]
fn a_page_is_asked_until_it_says_what_it_should() {
    let kind: Spec = spec("url = \"https://shop.example\"\n[[proof]]\nurl = \"https://shop.example/me\"\ncontains = \"pro\"");
    let asked = looks(kind.next(&bought().get())).remove(0);
    let says = |body: &str| {
        let sight = HttpSight { status: 200, headers: [].into(), body: body.into(), millis: 1, sent: 1 };
        bought().sight(asked.clone(), Sight::Http(sight))
    };
    let waits = wait(kind.next(&says("free").get()));
    assert_eq!(waits.looks, std::slice::from_ref(&asked));
    assert_eq!(failure(kind.next(&says("free").waited(&waits.what).get())).code, Code::PurchaseUnknownToApp);
    assert!(evidence(kind.next(&says("pro").get())).ends_with("https://shop.example/me says \"pro\""));
}

#[test]
fn a_log_is_read_until_it_says_what_it_should() {
    let kind: Spec = spec("url = \"https://shop.example\"\n[[proof]]\nfile = \"app.log\"\ncontains = \"pro\"");
    assert!(kind.commands().is_empty(), "a log here is looked at");
    let asked = looks(kind.next(&bought().get())).remove(0);
    let says = |count| {
        let hits = vec![Hits { count, last: None }];
        bought().sight(asked.clone(), Sight::Log(LogSight { lines: 9, hits, ..LogSight::default() }))
    };
    let waits = wait(kind.next(&says(0).get()));
    assert_eq!(waits.looks, std::slice::from_ref(&asked));
    assert_eq!(failure(kind.next(&says(0).waited(&waits.what).get())).code, Code::PurchaseUnknownToApp);
    assert!(evidence(kind.next(&says(1).get())).ends_with("app.log says \"pro\""));
    let there: Spec = spec("url = \"https://a.example\"\n[[proof]]\nfile = \"app.log\"\non = \"shop\"\ncontains = \"pro\"");
    assert_eq!(there.commands(), ["ssh shop: tail -n 2000 -- \"$GOLIVE_LOG\"\nwith GOLIVE_LOG=app.log"]);
}

#[test]
fn in_a_rehearsal_the_applications_own_proofs_are_only_named() {
    let mut facts = bought();
    facts.mode = Mode::Rehearse;
    assert!(evidence(spec::<Spec>(COMMAND).next(&facts.get())).contains("would look for \"pro\": sqlite3 app.db"));
}
