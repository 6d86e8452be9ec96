//! What the `env` kind asks, writes and finds wrong; and a small world of facts to ask it in.

mod json;

use std::collections::{BTreeMap, BTreeSet};

use super::{Spec, is_placeholder};
use crate::error::{Code, Problem};
use crate::kind::Kind;
use crate::mode::Mode;
use crate::secret::{Secret, Slot};
use crate::step::{
    Action, Address, Binding, Effect, EnvSight, EnvSource, EnvVar, Facts, Field, Form, KnownSecret, Look, Origin,
    Sight, Sights, Step, Verdict,
};

static NONE: BTreeMap<String, String> = BTreeMap::new();
static NOTHING: BTreeSet<String> = BTreeSet::new();

/// Facts, owned.
pub(in crate::kind) struct World {
    pub mode: Mode,
    pub sights: Sights,
    pub answers: BTreeMap<String, String>,
    pub secrets: BTreeMap<Slot, KnownSecret>,
    pub bindings: Vec<Binding>,
    address: Address,
}

impl Default for World {
    fn default() -> Self {
        Self {
            mode: Mode::Live,
            sights: Sights::new(),
            answers: BTreeMap::new(),
            secrets: BTreeMap::new(),
            bindings: Vec::new(),
            address: Address::new("env", "file"),
        }
    }
}

impl World {
    pub(in crate::kind) fn seeing(sight: EnvSight) -> Self {
        Self { sights: Sights::from([(Look::EnvFile, Sight::EnvFile(sight))]), ..Self::default() }
    }

    pub(in crate::kind) fn facts(&self) -> Facts<'_> {
        Facts {
            patience: None,
            mode: self.mode,
            checklist: "shop",
            title: "Env file",
            address: &self.address,
            answers: &self.answers,
            sights: &self.sights,
            applied: &[],
            secrets: &self.secrets,
            account: None,
            bindings: &self.bindings,
            permissions: &[],
            passed: None,
            answered_at: &NONE,
            outputs: &NONE,
            began: "2026-11-21T10:00:00Z",
            waited: &NOTHING,
            attested: None,
        }
    }

    fn bind(mut self, variable: &str, value: Option<&str>, secret: bool) -> Self {
        let owner = Address::new("catalog", "pro");
        self.bindings.push(Binding { variable: variable.into(), owner, value: value.map(str::to_owned), secret });
        self
    }
}

pub(in crate::kind) fn sight(variables: Vec<EnvVar>) -> EnvSight {
    EnvSight { path: ".env.production".into(), exists: true, variables, problems: Vec::new(), mode: Some(0o600) }
}

fn file(values: &[(&str, &str)]) -> World {
    let variable = |(index, (name, value)): (usize, &(&str, &str))| EnvVar::public(*name, index + 1, value);
    World::seeing(sight(values.iter().enumerate().map(variable).collect()))
}

fn spec(text: &str) -> Spec {
    toml::from_str(text).unwrap()
}

fn action(step: Step) -> (Action, BTreeMap<String, EnvSource>) {
    let Step::Change(mut change) = step else { panic!("{step:?}") };
    assert_eq!(change.actions.len(), 1);
    let action = change.actions.remove(0);
    let Effect::Env(sets) = &action.effect else { panic!("{action:?}") };
    let sets = sets.iter().map(|set| (set.variable.clone(), set.value.clone())).collect();
    (action, sets)
}

fn failed(step: Step) -> Problem {
    match step {
        Step::Done(Verdict::Fail { problem }) => problem,
        other => panic!("{other:?}"),
    }
}

fn evidence(step: Step) -> String {
    match step {
        Step::Done(Verdict::Pass { evidence, .. }) => evidence,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_file_is_looked_at_before_anything_is_asked() {
    let spec = spec("ask = [{ name = 'A' }]");
    assert!(matches!(spec.next(&World::default().facts()), Step::Look(looks) if looks == [Look::EnvFile]));
}

#[test]
fn an_unfit_file_fails_before_anything_is_asked() {
    let mut seen = sight(Vec::new());
    seen.problems = vec![Problem::new(Code::EnvTracked, "git tracks it"), Problem::new(Code::EnvSyntax, "line 3")];
    let problem = failed(spec("ask = [{ name = 'A' }]").next(&World::seeing(seen).facts()));
    assert_eq!((problem.code, problem.why), (Code::EnvTracked, vec!["line 3".to_owned()]));
}

#[test]
fn what_is_missing_is_asked_for_and_what_is_there_is_not() {
    let spec = spec("ask = [{ name = 'A' }, { name = 'B', prompt = 'Which B?', default = 'b' }, { name = 'C', secret = true }]");
    let mut world = file(&[("A", "kept"), ("B", "changeme")]);
    let Step::Ask(question) = spec.next(&world.facts()) else { panic!("no question") };
    assert_eq!((question.name.as_str(), question.prompt.as_str()), ("B", "Which B?"));
    assert_eq!(question.rehearse.as_deref(), Some("b"));
    world.answers.insert("B".into(), "chosen".into());
    let Step::Ask(question) = spec.next(&world.facts()) else { panic!("no question") };
    assert!(matches!(question.form, Form::Secret { slot: Slot::Env(name), .. } if name == "C"));
    let known = KnownSecret { masked: "9 characters, hidden".into(), fingerprint: String::new(), origin: Origin::Prompt };
    world.secrets.insert(Slot::Env("C".into()), known);
    let (action, sets) = action(spec.next(&world.facts()));
    assert_eq!(sets["B"], EnvSource::Text("chosen".into()));
    assert_eq!(sets["C"], EnvSource::Vault(Slot::Env("C".into())));
    assert!(!sets.contains_key("A"), "a value of the operator's own stays");
    assert!(action.fields.contains(&Field::new("C", "9 characters, hidden")));
}

#[test]
fn a_test_key_in_a_live_file_is_asked_for_again() {
    let spec = spec("ask = [{ name = 'C', secret = true }]");
    let test_key = format!("sk_test_{}", "a".repeat(16));
    assert!(matches!(spec.next(&file(&[("C", &test_key)]).facts()), Step::Ask(_)));
}

#[test]
fn everything_that_differs_is_one_change_with_both_values() {
    let world = file(&[("FLASK_ENV", "development"), ("PRICE", "price_old"), ("SAME", "1")])
        .bind("PRICE", Some("price_new"), false)
        .bind("STRIPE_WEBHOOK_SECRET", None, true);
    let (action, sets) = action(spec("values = { FLASK_ENV = 'production', SAME = '1', NEW = 'x' }").next(&world.facts()));
    assert_eq!(sets.keys().collect::<Vec<_>>(), ["FLASK_ENV", "NEW", "PRICE"]);
    assert_eq!(
        action.fields,
        [
            Field::change("FLASK_ENV", "development", "production"),
            Field::new("NEW", "x"),
            Field::change("PRICE", "price_old", "price_new"),
        ]
    );
    assert_eq!((action.name.as_str(), action.summary.as_str()), (".env.production", "3 variables; 1 other stays as it is"));
}

#[test]
fn a_value_that_another_item_has_not_brought_yet_is_unknown_not_failed() {
    let step = spec("values = { A = '1' }").next(&file(&[]).bind("PRICE", None, false).facts());
    let Step::Done(Verdict::Unknown { problem }) = step else { panic!("{step:?}") };
    assert!(problem.message.contains("PRICE") && problem.why[0].contains("catalog.pro"), "{problem:?}");
}

#[test]
fn a_file_that_others_can_read_is_closed() {
    let mut seen = sight(vec![EnvVar::public("A", 1, "1")]);
    seen.mode = Some(0o644);
    let (action, sets) = action(spec("values = { A = '1' }").next(&World::seeing(seen).facts()));
    assert!(sets.is_empty());
    assert_eq!(action.fields, [Field::change("mode", "644", "600")]);
}

#[test]
fn a_finished_file_passes_with_its_count_and_mode() {
    let secret = format!("whsec_{}", "a".repeat(24));
    let world = file(&[("A", "1"), ("PRICE", "price_1"), ("STRIPE_WEBHOOK_SECRET", &secret), ("OTHER", "x")])
        .bind("PRICE", Some("price_1"), false)
        .bind("STRIPE_WEBHOOK_SECRET", None, true);
    let step = spec("values = { A = '1' }\nassert = [{ name = 'GONE', absent = true }]").next(&world.facts());
    assert_eq!(evidence(step), "4 of 4 variables as intended, mode 600");
}

#[test]
fn every_broken_rule_is_named_with_its_line_and_without_the_value() {
    let world = file(&[
        ("DEBUG", "hidden-1"),
        ("SITE", "http://hidden-2"),
        ("MAP", "{\"basic\": 1}"),
        ("NOT_MAP", "hidden-3"),
        ("SHORT", "hid"),
        ("ENV", "hidden-4"),
        ("EMPTY", ""),
    ]);
    let spec = spec(
        r#"assert = [
            { name = "DEBUG", absent = true },
            { name = "SITE", prefix = "https://", pattern = "^https://[^/]+$" },
            { name = "MAP", json_keys = ["basic", "pro"] },
            { name = "NOT_MAP", json_keys = ["basic"] },
            { name = "SHORT", min_length = 16 },
            { name = "ENV", equals = "production" },
            { name = "EMPTY", present = true },
            { name = "NONE", present = true },
            { name = "DEBUG2", absent = true },
        ]"#,
    );
    let problem = failed(spec.next(&world.facts()));
    assert_eq!(problem.code, Code::EnvValue);
    assert_eq!(problem.message, "8 variables of `.env.production` are not as they should be");
    assert_eq!(
        problem.why,
        [
            "DEBUG, line 1: must not be set",
            "SITE, line 2: must begin with `https://`",
            "SITE, line 2: must match `^https://[^/]+$`",
            "MAP, line 3: lacks the members `pro`",
            "NOT_MAP, line 4: must be a JSON object, and stops being JSON at character 1",
            "SHORT, line 5: must have at least 16 characters, has 3",
            "ENV, line 6: must be `production`",
            "EMPTY, line 7: has no value",
            "NONE: is missing",
        ]
    );
    assert!(!format!("{problem:?}").contains("hidden-"));
}

#[test]
fn a_key_must_have_the_runs_mode_and_its_role() {
    let key = |letters: &str, mode: &str| format!("{letters}_{mode}_{}", "a".repeat(16));
    let rule = spec("assert = [{ name = 'K', key = 'secret' }, { name = 'P', key = 'publishable' }]");
    let in_mode = |mode, secret: String, publishable: String| {
        rule.next(&World { mode, ..file(&[("K", &secret), ("P", &publishable)]) }.facts())
    };
    evidence(in_mode(Mode::Live, key("rk", "live"), key("pk", "live")));
    evidence(in_mode(Mode::Test, key("sk", "test"), key("pk", "test")));
    let problem = failed(in_mode(Mode::Live, key("pk", "live"), key("sk", "live")));
    assert_eq!(problem.why.len(), 2, "{:?}", problem.why);
    let problem = failed(in_mode(Mode::Rehearse, key("sk", "test"), key("pk", "live")));
    assert!(problem.why.iter().any(|why| why.contains("test value in a live file")), "{:?}", problem.why);
    let problem = failed(in_mode(Mode::Test, key("sk", "live"), key("pk", "test")));
    assert!(problem.why.iter().any(|why| why.contains("live value in a test file")), "{:?}", problem.why);
}

#[test]
fn a_secret_that_another_item_writes_must_be_there_and_look_like_one() {
    let bound = |world: World| world.bind("STRIPE_WEBHOOK_SECRET", None, true);
    let problem = failed(Spec::default().next(&bound(file(&[])).facts()));
    assert_eq!(problem.code, Code::EnvMissing);
    assert!(problem.message.contains("catalog.pro writes it"), "{}", problem.message);
    let problem = failed(Spec::default().next(&bound(file(&[("STRIPE_WEBHOOK_SECRET", "pasted-in-the-wrong-place")])).facts()));
    assert_eq!(problem.message, "`STRIPE_WEBHOOK_SECRET` in `.env.production` must begin with `whsec_`");
}

#[test]
fn placeholders_are_told_from_values() {
    let dummy = format!("sk_live_{}", "X".repeat(21));
    for text in [
        "changeme", "CHANGE_ME", "change-this-secret", "xxx", "your_api_key", "sk_live_your_key", "<KEY>", "...", "sk_live_...",
        "TODO", "todo: ask sam", "price_XXXXXXXXXXXXX", &dummy, "replace_with_key", "placeholder", "sk_live_<KEY>", "whsec_…",
    ] {
        assert!(is_placeholder(&EnvVar::new("A", 1, Secret::unlisted(text))), "{text}");
    }
    for text in ["", "production", "price_1PzXxXq9R", "https://a.example/<id>/x", "a < b", "todos", "xx", "Yours", "exchange me", "{}"] {
        assert!(!is_placeholder(&EnvVar::new("A", 1, Secret::unlisted(text))), "{text}");
    }
}

#[test]
fn a_placeholder_anywhere_in_the_file_fails_it() {
    let problem = failed(Spec::default().next(&file(&[("A", "1"), ("MAIL", "changeme")]).facts()));
    assert_eq!(problem.message, "`MAIL` in `.env.production` still holds a placeholder");
    assert_eq!(problem.fix[0], "put it right: $EDITOR .env.production +2");
}

#[test]
fn a_rehearsal_makes_up_values_that_meet_the_rules() {
    let spec = spec("ask = [{ name = 'A', secret = true }]\nassert = [{ name = 'A', prefix = 're_', min_length = 40 }]");
    let Step::Ask(question) = spec.next(&file(&[]).facts()) else { panic!("no question") };
    let made_up = question.rehearse.unwrap();
    assert!(made_up.starts_with("re_") && made_up.len() >= 40);
    assert_eq!(evidence(spec.next(&file(&[("A", &made_up)]).facts())), "1 of 1 variable as intended, mode 600");
}

#[test]
fn every_mistake_in_the_item_is_complained_about_at_its_place() {
    let spec = spec(
        r#"
        values = { GOOD = "1", "BAD-NAME" = "1", KEY = "whsec_abc" }
        ask = [{ name = "GOOD" }, { name = "9" }, { name = "S", secret = true, default = "x" }]
        assert = [
            { name = "A", absent = true, present = true },
            { name = "B", pattern = "(" },
            { name = "GOOD", absent = true },
            { name = "C" },
            { name = "D", min_length = 3 },
        ]"#,
    );
    let complaints: Vec<_> = spec.complaints().into_iter().map(|complaint| (complaint.path, complaint.code)).collect();
    let wanted = [
        ("values.BAD-NAME", Code::BadValue),
        ("values.KEY", Code::BadValue),
        ("ask[0].name", Code::DuplicateId),
        ("ask[1].name", Code::BadValue),
        ("ask[2].default", Code::BadValue),
        ("assert[0].absent", Code::BadValue),
        ("assert[1].pattern", Code::BadValue),
        ("assert[2].absent", Code::BadValue),
        ("assert[3]", Code::BadValue),
    ];
    assert_eq!(complaints, wanted.map(|(path, code)| (path.to_owned(), code)));
}

#[test]
fn only_its_secrets_are_provided_to_others() {
    let names: Vec<_> = spec("ask = [{ name = 'A' }, { name = 'B', secret = true }]").variables();
    assert_eq!(names.iter().map(|variable| variable.name.as_str()).collect::<Vec<_>>(), ["B"]);
}
