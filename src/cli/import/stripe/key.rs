//! The test key that the account is read with: from a file, a variable, the application's own env file,
//! or the prompt. A live key is refused before anything is sent.

use super::super::super::{Desk, keys};
use super::around::EnvFile;
use super::note;
use crate::engine::port::{Answer, EnvFile as _, Operator, Stop};
use crate::error::{Class, Code, Failure, Problem, Result};
use crate::key::Role;
use crate::mode::Mode;
use crate::secret::{Slot, Vault};
use crate::step::{Check, EnvVar, Form, Question};

/// A vault with the key in it.
pub fn find(desk: &Desk, files: &[EnvFile], operator: &mut dyn Operator) -> Result<Vault> {
    let mut vault = Vault::default();
    let given = keys::given(&desk.global, Mode::Test, operator)?;
    if let Some((slot, key, _)) = given.into_iter().find(|(slot, ..)| *slot == Slot::SecretKey) {
        vault.put(slot, key);
        return Ok(vault);
    }
    let is = |variable: &EnvVar, mode: &str| {
        variable.has_prefix(&format!("sk_{mode}_")) || variable.has_prefix(&format!("rk_{mode}_"))
    };
    let each = || files.iter().flat_map(|file| file.sight.variables.iter().map(move |variable| (file, variable)));
    for (file, variable) in each().filter(|(_, variable)| is(variable, "test")) {
        // A variable that stands twice, or that is put together by its reader, has no value of its own.
        if let Some(key) = file.file.take(&variable.name)? {
            note(operator, &format!("Using the test key {} of {}, {}.", key.masked(), file.name, variable.name));
            vault.put(Slot::SecretKey, key);
            return Ok(vault);
        }
    }
    let live = each().find(|(_, variable)| is(variable, "live"));
    if let Some((file, variable)) = live.filter(|_| !operator.attended()) {
        let problem = Problem::new(Code::KeyWrongMode, "a live key stands where a test key belongs")
            .why(format!("{}, line {}, {}; nothing was sent", file.name, variable.line, variable.name))
            .found_wanted(variable.masked(), "sk_test_ or rk_test_")
            .fix("give a test key: GOLIVE_TEST_KEY, or --key-file FILE");
        return Err(Failure::new(Class::Refused, problem));
    }
    if !operator.attended() {
        let problem = Problem::new(Code::KeyMissing, "a test key is needed to read the test account")
            .why("no env file here holds one")
            .fix("give it without a terminal: GOLIVE_TEST_KEY, or --key-file FILE");
        return Err(Failure::new(Class::NeedsAnswer, problem));
    }
    let question = Question {
        name: String::new(),
        prompt: "Test secret key, or a restricted one that may read".into(),
        help: vec!["It is used to read, from this computer, and written nowhere.".into()],
        link: Some("https://dashboard.stripe.com/test/apikeys".into()),
        because: None,
        form: Form::Secret { slot: Slot::SecretKey, check: Check::Key(Role::Secret, Mode::Test) },
        rehearse: None,
    };
    match operator.ask("import.key", &question).map_err(stopped)? {
        Answer::Secret(slot, key) => drop(vault.put(slot, key)),
        Answer::Text(_) => {}
    }
    Ok(vault)
}

/// Pausing an import is stopping it: nothing is half done.
pub fn stopped(stop: Stop) -> Failure {
    Failure::from(stop)
}
