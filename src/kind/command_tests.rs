//! Tests of the `command` kind over hand-made facts.

use super::Spec;
use crate::error::Code;
use crate::kind::Kind;
use crate::kind::testing::{evidence, facts, failure, spec};
use crate::mode::Mode;
use crate::step::{Attested, Effect, Form, Ran, Step, Verb, Verdict};

const ITEM: &str = "run = 'cp a b'\nexpect = { exit = 0, contains = 'ok', not_contains = 'panic' }";

fn ended(exit: i32, output: &str) -> Ran {
    Ran { exit: Some(exit), output: output.into(), millis: 1240, ..Ran::default() }
}

fn after(item: &str, ran: impl Into<Option<Ran>>) -> Step {
    spec::<Spec>(item).next(&facts(Mode::Live).ran("command item", ran).get())
}

fn question(step: Step) -> crate::step::Question {
    match step {
        Step::Ask(question) => question,
        other => panic!("expected a question, got {other:?}"),
    }
}

fn standing(item: &str, ran: impl Into<Option<Ran>>) -> Option<Verdict> {
    spec::<Spec>(item).standing(&facts(Mode::Live).ran("command item", ran).get())
}

#[test]
fn a_rehearsal_says_what_it_would_run_and_runs_nothing() {
    let step = spec::<Spec>(ITEM).next(&facts(Mode::Rehearse).get());
    assert_eq!(evidence(step), "would run: cp a b");
}

#[test]
fn a_command_is_shown_whole_before_it_runs() {
    let item = "run = 'cp a b'\ndir = 'app'\nenv = { PRICE = 'price_1' }\ntimeout = 5";
    let Step::Change(change) = spec::<Spec>(item).next(&facts(Mode::Live).get()) else { panic!("no change") };
    let action = &change.actions[0];
    assert_eq!((action.verb, action.label().as_str(), action.summary.as_str()), (Verb::Run, "command item", ""));
    let fields: Vec<_> = action.fields.iter().map(|field| format!("{}={}", field.name, field.to)).collect();
    assert_eq!(fields, ["dir=app", "env PRICE=price_1", "timeout=5 s"]);
    let Effect::Run(spec) = &action.effect else { panic!("not a command") };
    assert_eq!((spec.run.as_str(), spec.timeout, spec.env["PRICE"].as_str()), ("cp a b", 5, "price_1"));
}

#[test]
fn an_end_as_expected_passes_with_its_last_line() {
    assert_eq!(evidence(after(ITEM, ended(0, "copying\nall ok\n\n"))), "exit 0 in 1.2 s: all ok");
    assert_eq!(evidence(after("run = 'true'", ended(0, ""))), "exit 0 in 1.2 s");
}

#[test]
fn an_end_that_was_not_seen_is_asked_about_and_never_repeated_silently() {
    let question = question(after(ITEM, None));
    assert_eq!(question.name, "outcome");
    assert!(question.rehearse.is_none());
    let Form::Choice(choices) = question.form else { panic!("no choice") };
    let values: Vec<_> = choices.iter().map(|choice| choice.value.as_str()).collect();
    assert_eq!(values, ["finished", "again", "later"]);
    assert!(matches!(standing(ITEM, None), Some(Verdict::Unknown { problem }) if problem.code == Code::CommandUnknown));
}

#[test]
fn the_operators_word_on_it_decides() {
    let item: Spec = spec(ITEM);
    let told = |answer| item.next(&facts(Mode::Live).ran("command item", None).answer("outcome", answer).get());
    assert!(evidence(told("finished")).contains("the operator found it finished"));
    assert!(matches!(told("again"), Step::Change(_)));
    assert!(matches!(told("later"), Step::Ask(_)));
}

#[test]
fn an_answer_about_one_run_does_not_count_for_the_next() {
    let item: Spec = spec(ITEM);
    let twice = facts(Mode::Live).ran("command item", None).answer("outcome", "again").ran("command item", None);
    assert_eq!(question(item.next(&twice.get())).name, "outcome_2");
    let failed = facts(Mode::Live).ran("command item", ended(1, "")).answer("again", "again").ran("command item", ended(1, ""));
    assert_eq!(question(item.next(&failed.get())).name, "again_2");
}

#[test]
fn a_failed_command_runs_again_only_when_told() {
    let item: Spec = spec(ITEM);
    let asked = question(after(ITEM, ended(2, "cp: no such file\nok")));
    assert_eq!(asked.name, "again");
    assert!(asked.help.iter().any(|line| line == "found exit 2, wanted exit 0"), "{:?}", asked.help);
    assert!(asked.help.iter().any(|line| line == "cp: no such file"), "{:?}", asked.help);
    let told = facts(Mode::Live).ran("command item", ended(2, "")).answer("again", "again");
    assert!(matches!(item.next(&told.get()), Step::Change(_)));
    assert!(matches!(standing(ITEM, ended(2, "")), Some(Verdict::Fail { .. })));
}

#[test]
fn everything_unexpected_is_named_with_the_end_of_the_output() {
    let problem = match standing(ITEM, ended(2, "1\n2\n3\n4\n5\npanic\n")) {
        Some(Verdict::Fail { problem }) => problem,
        other => panic!("{other:?}"),
    };
    assert_eq!(problem.code, Code::CommandFailed);
    assert_eq!((problem.found.as_deref(), problem.wanted.as_deref()), (Some("exit 2"), Some("exit 0")));
    assert_eq!(problem.why[0], "also lacks a text in its output: found no such text, wanted \"ok\"");
    assert_eq!(problem.why[1], "also says what it must not: found \"panic\", wanted none of it");
    assert_eq!(problem.why[2..], ["2", "3", "4", "5", "panic"]);
}

#[test]
fn a_command_out_of_time_or_killed_fails() {
    let message = |ran: Ran| match standing(ITEM, Some(ran)) {
        Some(Verdict::Fail { problem }) => problem.message,
        other => panic!("{other:?}"),
    };
    let ran = Ran { exit: None, timed_out: true, output: "ok".into(), millis: 60_100, ..Ran::default() };
    assert_eq!(message(ran.clone()), "the command did not end in time and was stopped");
    // A shell that exits 0 on SIGTERM was still stopped.
    assert_eq!(message(Ran { exit: Some(0), ..ran.clone() }), "the command did not end in time and was stopped");
    assert_eq!(message(Ran { timed_out: false, ..ran }), "the command was stopped by a signal");
}

#[test]
fn a_pattern_is_looked_for_in_the_output() {
    let item = "run = 'nginx -t'\nexpect = { pattern = 'test is (successful|ok)' }";
    assert!(evidence(after(item, ended(0, "test is successful"))).starts_with("exit 0"));
    assert!(standing(item, ended(0, "test failed")).is_some());
}

#[test]
fn a_read_only_command_needs_no_word_to_run_again() {
    let item = "run = 'uptime'\nread_only = true";
    assert!(spec::<Spec>(item).read_only() && !spec::<Spec>(ITEM).read_only());
    assert!(matches!(after(item, None), Step::Change(_)));
    assert_eq!(failure(after(item, ended(1, ""))).code, Code::CommandFailed);
}

#[test]
fn a_persons_word_settles_it() {
    let mut builder = facts(Mode::Live).ran("command item", None);
    builder.attested =
        Some(Attested { by: "ada".into(), note: Some("ran by hand".into()), at: "2026-11-21T10:00:00Z".into() });
    assert_eq!(evidence(spec::<Spec>(ITEM).next(&builder.get())), "ada: ran by hand");
}

#[test]
fn a_reference_is_never_spliced_but_shell_variables_are_free() {
    let codes = |run: &str| -> Vec<Code> {
        spec::<Spec>(&format!("run = '''{run}'''")).complaints().into_iter().map(|complaint| complaint.code).collect()
    };
    assert_eq!(codes("echo ${catalog.pro.id}"), [Code::BadReference]);
    assert_eq!(codes("echo ${HOME} ${x:-a.b} ${webhook.main.url}"), [Code::BadReference]);
    assert!(codes("echo ${HOME} ${1#*.} ${x:-a.b} $(date +%s) ${broken").is_empty());
    assert_eq!(spec::<Spec>("run = 'echo hi'").commands(), ["echo hi"]);
}

#[test]
fn everything_wrong_is_complained_about_at_its_place() {
    let item = "run = ' '\ntimeout = 0\ndir = ''\nenv = { 'A-B' = '1' }\nexpect = { exit = 256, contains = '', pattern = '(' }";
    let paths: Vec<_> = spec::<Spec>(item).complaints().into_iter().map(|complaint| complaint.path).collect();
    assert_eq!(paths, ["run", "timeout", "dir", "env", "expect.contains", "expect.exit", "expect.pattern"]);
}

#[test]
fn how_another_command_ended_says_nothing_of_this_one() {
    let mut facts = facts(Mode::Live).ran("command item", ended(0, "ok"));
    facts.applied[0].run = Some("cp a c".into());
    assert!(matches!(spec::<Spec>(ITEM).next(&facts.get()), Step::Change(_)));
    facts.applied[0].run = Some("cp a b".into());
    assert!(matches!(spec::<Spec>(ITEM).next(&facts.get()), Step::Done(Verdict::Pass { .. })));
}

const WAYS: &str = "choose = [{ name = 'systemd', title = 'systemd', run = 'systemctl restart app' }, \
                   { name = 'compose', title = 'Docker', run = 'docker compose up -d' }]\non = 'deploy@shop.example'";

#[test]
fn one_of_several_ways_is_asked_for_once_and_all_are_shown_with_their_computer() {
    let item: Spec = spec(WAYS);
    assert!(item.complaints().is_empty(), "{:?}", item.complaints());
    let asked = question(item.next(&facts(Mode::Live).get()));
    assert_eq!(asked.name, "way");
    let Form::Choice(choices) = asked.form else { panic!("no choice") };
    assert_eq!((choices[1].value.as_str(), choices[1].hint.as_str()), ("compose", "docker compose up -d"));
    let listed = item.commands();
    assert_eq!(listed, ["ssh deploy@shop.example: systemctl restart app", "ssh deploy@shop.example: docker compose up -d"]);
    let Step::Change(change) = item.next(&facts(Mode::Live).answer("way", "compose").get()) else { panic!("no change") };
    let Effect::Run(command) = &change.actions[0].effect else { panic!("no command") };
    assert_eq!((command.run.as_str(), command.on.as_deref()), ("docker compose up -d", Some("deploy@shop.example")));
    assert_eq!(change.actions[0].fields[0].to, "deploy@shop.example");
    let rehearsed = evidence(item.next(&facts(Mode::Rehearse).get()));
    assert_eq!(rehearsed, "would run on deploy@shop.example what fits: systemd, Docker");
}

#[test]
fn a_command_elsewhere_that_never_began_fails_and_one_that_was_lost_is_asked_about() {
    let item: Spec = spec("run = 'x'\non = 'shop'");
    let broken = |broken, output: &str| Ran { output: output.into(), broken: Some(broken), ..Ran::default() };
    let never = broken(crate::step::Broken::NotStarted, "deploy@shop: Permission denied (publickey).");
    let problem = failure(item.next(&facts(Mode::Live).ran("command item", never).get()));
    assert_eq!((problem.code, problem.message.as_str()), (Code::RemoteUnreachable, "`shop` lets nobody in with the keys of this computer"));
    assert!(problem.fix[0].contains("ssh-copy-id shop"), "{problem:?}");
    let lost = broken(crate::step::Broken::EndNotSeen, "half");
    let asked = question(item.next(&facts(Mode::Live).ran("command item", lost.clone()).get()));
    assert_eq!(asked.name, "outcome");
    assert!(asked.help.iter().any(|line| line.contains("may go on over there")), "{asked:?}");
    let item: Spec = spec("run = 'x'\non = 'shop'\nread_only = true");
    let step = item.next(&facts(Mode::Live).ran("command item", lost).get());
    assert!(matches!(step, Step::Done(Verdict::Unknown { problem }) if problem.code == Code::CommandUnknown));
}

#[test]
fn an_empty_or_local_place_is_this_computer() {
    for on in ["", "local", " "] {
        let item: Spec = spec(&format!("run = 'x'\non = '{on}'"));
        assert_eq!((item.commands(), item.complaints().len()), (vec!["x".to_owned()], 0));
    }
}

#[test]
fn a_variable_of_the_env_file_that_is_missing_is_named_before_anything_runs() {
    let item: Spec = spec("run = 'psql \"$DATABASE_URL\"'\nsecret_env = ['DATABASE_URL']");
    let look = crate::kind::testing::looks(item.next(&facts(Mode::Live).get()));
    assert_eq!(look, [crate::step::Look::EnvFile]);
    let seen = |variables| {
        let sight = crate::step::EnvSight { path: ".env.production".into(), exists: true, variables, ..Default::default() };
        item.next(&facts(Mode::Live).sight(crate::step::Look::EnvFile, crate::step::Sight::EnvFile(sight)).get())
    };
    let problem = failure(seen(Vec::new()));
    assert_eq!((problem.code, problem.message.as_str()), (Code::EnvMissing, "`.env.production` lacks DATABASE_URL"));
    let secret = crate::secret::Secret::unlisted("postgres://a:b@c/d");
    let Step::Change(change) = seen(vec![crate::step::EnvVar::new("DATABASE_URL", 1, secret)]) else { panic!("no change") };
    assert!(change.actions[0].fields.iter().any(|field| field.name == "env DATABASE_URL" && field.to.contains("hidden")));
}

#[test]
fn too_few_lines_are_too_little() {
    let problem = failure(after("run = 'x'\nread_only = true\nexpect = { lines = 3 }", ended(0, "a\n\nb\n")));
    assert_eq!((problem.found.as_deref(), problem.wanted.as_deref()), (Some("2 lines"), Some("at least 3")));
    evidence(after("run = 'x'\nexpect = { lines = 2 }", ended(0, "a\n\nb\n")));
}

#[test]
fn what_cannot_be_is_complained_about_at_its_place() {
    let paths = |text: &str| -> Vec<String> {
        spec::<Spec>(text).complaints().into_iter().map(|complaint| complaint.path).collect()
    };
    assert_eq!(paths("read_only = true"), ["run"]);
    assert_eq!(paths("run = 'a'\nchoose = [{ name = 'a', title = 'A', run = 'b' }]"), ["run"]);
    assert_eq!(paths("choose = [{ name = 'a b', title = 'A', run = '' }]"), ["choose[0].run", "choose[0].name"]);
    assert_eq!(paths("run = 'a'\non = '-oProxyCommand=x'\nsecret_env = ['A-B']"), ["secret_env", "on"]);
    assert_eq!(paths("run = 'a'\non = '${catalog.pro.id}'\nexpect = { lines = 0 }"), ["on", "expect.lines"]);
}
