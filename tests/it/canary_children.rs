//! What a program gets that a checklist runs: the variables that its item names, no key of golive's, and
//! no secret among its arguments, where every user of the computer could read it.

use std::collections::BTreeSet;
use std::fs;

use crate::support::{Launch, SMALL};

/// The command of the small launch, with more to it.
fn with(run: &str, more: &str) -> Launch {
    let item = "run = \"echo backup >> commands.log\"";
    let text = SMALL.replace(item, &format!("run = '''{run}'''\n{more}"));
    assert_ne!(text, SMALL);
    Launch::of(&text)
}

/// Writes down its own arguments and variables, and those of its parents, as others would read them.
const LOOK: &str = "tr '\\0' '\\n' < /proc/$$/environ > environ; tr '\\0' ' ' < /proc/$$/cmdline > cmdline; \
                    tr '\\0' ' ' < /proc/$PPID/cmdline > parent; echo ok >> commands.log";

#[test]
fn a_command_gets_the_variables_that_its_item_names_and_no_other() {
    let launch = with(LOOK, "env = { PLAIN = \"p\" }\nsecret_env = [\"SECRET_KEY\"]");
    fs::write(launch.dir.join(".env.production"), "MAIL_PASSWORD=Canary5tG8planted1secret\n").unwrap();
    let _ = launch.wizard().env("GOLIVE_TEST_KEY", format!("sk_test_{}", "a1".repeat(12))).run().exits(0);
    let environ = fs::read_to_string(launch.dir.join("environ")).unwrap();
    let names: BTreeSet<&str> = environ.lines().filter_map(|line| line.split_once('=')).map(|(name, _)| name).collect();
    // What golive itself was started with, but for its keys; `PWD` and the like are the shell's own.
    let surroundings = [
        "PATH",
        "HOME",
        "TMPDIR",
        "LANG",
        "USER",
        "GIT_CONFIG_NOSYSTEM",
        "GOLIVE_API_BASE",
        "GOLIVE_RESOLVE",
        "SSL_CERT_FILE",
    ];
    let known: BTreeSet<&str> =
        surroundings.into_iter().chain(["PLAIN", "SECRET_KEY", "PWD", "OLDPWD", "SHLVL", "_"]).collect();
    let more: Vec<_> = names.difference(&known).collect();
    assert!(more.is_empty(), "it got {more:?} as well");
    let variables = launch.variables();
    assert!(environ.contains(&format!("SECRET_KEY={}\n", variables["SECRET_KEY"][0])), "{names:?}");
    assert!(environ.contains("PLAIN=p\n"));
    for other in ["STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET", "MAIL_PASSWORD"] {
        assert!(!environ.contains(&variables[other][0]), "{other} is among its variables");
    }
}

#[test]
fn no_argument_of_a_command_or_of_golive_holds_a_secret() {
    let launch = with(LOOK, "secret_env = [\"SECRET_KEY\", \"STRIPE_WEBHOOK_SECRET\"]");
    let _ = launch.wizard().run().exits(0);
    let variables = launch.variables();
    for name in ["cmdline", "parent"] {
        let text = fs::read_to_string(launch.dir.join(name)).unwrap();
        assert!(text.contains(if name == "parent" { "golive" } else { "sh -c" }), "{name}: {text}");
        for secret in ["SECRET_KEY", "STRIPE_WEBHOOK_SECRET", "STRIPE_SECRET_KEY"] {
            assert!(!text.contains(&variables[secret][0]), "{secret} is in {name}");
        }
    }
}

/// The pipe gives a secret in pieces of any size; what is shown and written has none of it.
#[test]
fn a_secret_in_pieces_is_masked_whatever_the_size_of_the_pieces() {
    for size in [1, 3, 7, 4096] {
        let run = format!(
            "printf 'before %s after\\n' \"$SECRET_KEY\" | dd bs={size} 2>/dev/null; \
             printf '%s' \"$SECRET_KEY\" | fold -w {size} | while IFS= read -r part; do printf '%s' \"$part\"; done; echo; \
             printf '%70000s%s\\n' x \"$SECRET_KEY\"; echo ok >> commands.log"
        );
        let launch = with(&run, "secret_env = [\"SECRET_KEY\"]");
        let output = launch.wizard().run().exits(0);
        let secret = launch.variables()["SECRET_KEY"][0].clone();
        assert!(output.stderr.contains("before 64 characters, hidden after"), "{size}: {output}");
        let tail = &secret[secret.len() - 16..];
        for (what, text) in [("stderr", output.stderr), ("the journal", fs::read_to_string(launch.journal()).unwrap())]
        {
            assert!(!text.contains(&secret) && !text.contains(tail), "{size}: it is in {what}");
        }
    }
}
