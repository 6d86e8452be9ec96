//! The only reader of environment variables. `.env.example` lists every one of them; a test
//! compares the two.

use crate::key::Role;
use crate::mode::Mode;

/// Every variable golive reads, with what it does.
pub const VARIABLES: &[(&str, &str)] = &[
    ("GOLIVE_LIVE_KEY", "the live secret or restricted key, for runs without a terminal"),
    ("GOLIVE_LIVE_PUBLISHABLE_KEY", "the live publishable key"),
    ("GOLIVE_TEST_KEY", "the test secret or restricted key"),
    ("GOLIVE_TEST_PUBLISHABLE_KEY", "the test publishable key"),
    ("GOLIVE_API_BASE", "a simulator in Stripe's place; loopback addresses only"),
    ("GOLIVE_RESOLVE", "host=127.0.0.1:8443,… reaches hosts of yours at a loopback address"),
    ("HTTPS_PROXY", "http://HOST:PORT of a proxy that Stripe is reached through"),
    ("NO_PROXY", "hosts that are reached without it"),
    ("GOLIVE_ACCESSIBLE", "1: plain lines for screen readers"),
    ("GOLIVE_ASCII", "1: no characters beyond ASCII"),
    ("ACCESSIBLE", "the same as GOLIVE_ACCESSIBLE"),
    ("SSL_CERT_FILE", "more certificate authorities for your hosts, never for Stripe's"),
    ("NO_COLOR", "no colours, if not empty"),
    ("CLICOLOR", "0: no colours"),
    ("CLICOLOR_FORCE", "1: colours even without a terminal"),
    ("TERM", "the terminal; `dumb` has no prompts"),
    ("CI", "set: nobody is there to be asked"),
    ("LC_ALL", "whether the terminal speaks UTF-8"),
    ("LC_CTYPE", "the same, if LC_ALL is not set"),
    ("LANG", "the same, if neither is set"),
    ("USER", "who did it, for the record"),
    ("LOGNAME", "the same, if USER is not set"),
    ("HOME", "where the lists of allowed commands are remembered, under .local/state/golive"),
    ("XDG_STATE_HOME", "the same, instead of HOME/.local/state"),
    ("PATH", "where commands of the checklist are found"),
];

/// A variable's value, if it is set and not empty.
#[expect(clippy::disallowed_methods, reason = "this is the one place that may")]
pub fn variable(name: &str) -> Option<String> {
    debug_assert!(VARIABLES.iter().any(|(known, _)| *known == name), "{name} is not listed");
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// A variable of other programs too, which many write in small letters.
#[expect(clippy::disallowed_methods, reason = "this is the one place that may")]
pub fn either(name: &str) -> Option<String> {
    let small = || std::env::var(name.to_ascii_lowercase()).ok().filter(|value| !value.is_empty());
    variable(name).or_else(small)
}

/// The variable that may hold a key of a mode and role. A rehearsal makes its own keys up.
pub const fn key_variable(mode: Mode, role: Role) -> Option<&'static str> {
    match (mode, role) {
        (Mode::Live, Role::Secret) => Some("GOLIVE_LIVE_KEY"),
        (Mode::Live, Role::Publishable) => Some("GOLIVE_LIVE_PUBLISHABLE_KEY"),
        (Mode::Test, Role::Secret) => Some("GOLIVE_TEST_KEY"),
        (Mode::Test, Role::Publishable) => Some("GOLIVE_TEST_PUBLISHABLE_KEY"),
        (Mode::Rehearse, _) => None,
    }
}

/// The operator, as this computer knows them.
pub fn who() -> String {
    let user = rustix::process::getuid().as_raw();
    variable("USER").or_else(|| variable("LOGNAME")).or_else(|| account(user)).unwrap_or_else(|| format!("user {user}"))
}

/// The name of a user in the system's own list.
fn account(user: u32) -> Option<String> {
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    let named = |line: &str| {
        let mut fields = line.split(':');
        let (name, id) = (fields.next()?, fields.nth(1)?);
        (id.parse() == Ok(user) && !name.is_empty()).then(|| name.to_owned())
    };
    users.lines().find_map(named)
}

/// Where golive remembers what was allowed on this computer; never inside a repository.
pub fn state_home() -> Option<std::path::PathBuf> {
    let home = variable("XDG_STATE_HOME").map(std::path::PathBuf::from);
    let home = home.or_else(|| Some(std::path::PathBuf::from(variable("HOME")?).join(".local/state")));
    home.map(|home| home.join("golive"))
}
