//! Stripe's keys as text: what a pasted value is, what has to be taken away from it, and what is
//! wrong with it. Nothing leaves the computer here, and no message holds more of a key than
//! [`mask`] shows. Called by questions, the key file and the env file, so that all refuse the same.

use crate::error::{Code, Problem};
use crate::mode::Mode;
use crate::secret::mask;

/// What a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// `sk_…` or `rk_…`
    Secret,
    /// `pk_…`
    Publishable,
}

impl Role {
    /// The word for it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Secret => "secret",
            Self::Publishable => "publishable",
        }
    }

    const fn short(self) -> &'static str {
        match self {
            Self::Secret => "sk",
            Self::Publishable => "pk",
        }
    }
}

/// The fewest characters after `sk_live_` that can be a key; secret scanners draw the line here.
const SHORTEST_TAIL: usize = 10;
/// The fewest characters after `whsec_`; real ones have 32 and more.
const SHORTEST_SIGNING_TAIL: usize = 16;
/// Tails of keys from before 2019, which do not hold the account.
const OLD_TAIL: usize = 24;

/// What else of Stripe's is pasted by mistake: its prefix and what it is.
const STRANGERS: [(&str, &str); 17] = [
    ("whsec_", "a webhook signing secret"),
    ("acct_", "an account id"),
    ("price_", "a price id"),
    ("prod_", "a product id"),
    ("plan_", "a plan id"),
    ("we_", "a webhook endpoint id"),
    ("ed_", "an event destination id"),
    ("evt_", "an event id"),
    ("cs_", "a Checkout Session id"),
    ("pi_", "a payment intent id"),
    ("seti_", "a setup intent id"),
    ("sub_", "a subscription id"),
    ("cus_", "a customer id"),
    ("req_", "a request id"),
    ("ca_", "a Connect client id"),
    ("rkcs_", "a key of the Stripe CLI"),
    ("uk_", "a user key of the Dashboard"),
];

/// Cleans a pasted key and checks role and mode. Returns the bare key and a note of what was
/// taken away (quotes, spaces, `export X=`).
pub fn accept(raw: &str, role: Role, mode: Mode) -> Result<(String, Option<String>), Problem> {
    let (bare, note) = clean(raw);
    whole(&bare, &key_name(role, mode), &copy_again(role, mode))?;
    right_sort(&bare, role, mode)?;
    right_mode(&bare, role, mode)?;
    let tail = tail(&bare).unwrap_or_default();
    let fine = tail.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !fine || tail.len() < SHORTEST_TAIL {
        let why = if fine { "it is too short to be whole" } else { "it holds characters that no key has" };
        return Err(Problem::new(Code::KeyShape, format!("this is not a whole key: {}", mask(&bare)))
            .why(why)
            .fix(copy_again(role, mode)));
    }
    Ok((bare, note))
}

/// Cleans a pasted webhook signing secret and checks its shape: `whsec_` and base64 characters.
pub fn accept_signing_secret(raw: &str) -> Result<(String, Option<String>), Problem> {
    const FIX: &str = "reveal the endpoint's signing secret and copy it: https://dashboard.stripe.com/webhooks";
    let (bare, note) = clean(raw);
    whole(&bare, "a webhook signing secret", FIX)?;
    if let Some((_, what)) = identify(&bare)
        && !bare.starts_with("whsec_")
    {
        return Err(Problem::new(Code::KeyWrongRole, format!("this is {what}, not a webhook signing secret"))
            .found_wanted(mask(&bare), "whsec_…")
            .fix(FIX));
    }
    let Some(tail) = bare.strip_prefix("whsec_") else {
        return Err(Problem::new(Code::KeyShape, format!("this is not a webhook signing secret: {}", mask(&bare)))
            .found_wanted(mask(&bare), "whsec_…")
            .fix(FIX));
    };
    let fine = tail.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=_-".contains(&byte));
    if !fine || tail.len() < SHORTEST_SIGNING_TAIL {
        return Err(Problem::new(Code::KeyShape, format!("this is not a whole signing secret: {}", mask(&bare)))
            .why("a signing secret is `whsec_` and at least 16 letters, digits, `+`, `/` or `=`")
            .fix(FIX));
    }
    Ok((bare, note))
}

/// What a bare key says of itself: its role, whether it is restricted, whether it is of live mode.
pub fn describe(key: &str) -> Option<(Role, bool, bool)> {
    let mut parts = key.splitn(3, '_');
    let (role, restricted) = match parts.next()? {
        "sk" => (Role::Secret, false),
        "rk" => (Role::Secret, true),
        "pk" => (Role::Publishable, false),
        _ => return None,
    };
    let livemode = match parts.next()? {
        "live" => true,
        "test" => false,
        _ => return None,
    };
    parts.next()?;
    Some((role, restricted, livemode))
}

/// Whether a pasted text is a publishable key, whatever stands around it.
pub fn looks_publishable(raw: &str) -> bool {
    describe(&clean(raw).0).is_some_and(|(role, ..)| role == Role::Publishable)
}

/// The account a key was made for, `acct_…`. Keys of accounts since about 2019 carry it after
/// their first `5`; Stripe does not document this, so it may warn early and decide nothing.
pub fn embedded_account(key: &str) -> Option<String> {
    describe(key)?;
    let tail = tail(key)?;
    let account = tail.strip_prefix('5')?.get(..16)?;
    let plausible = tail.len() > OLD_TAIL && account.starts_with('1');
    (plausible && account.bytes().all(|byte| byte.is_ascii_alphanumeric())).then(|| format!("acct_{account}"))
}

fn tail(key: &str) -> Option<&str> {
    key.splitn(3, '_').nth(2)
}

fn key_name(role: Role, mode: Mode) -> String {
    format!("a {} key of {} mode", role.title(), mode.key_infix())
}

fn copy_again(role: Role, mode: Mode) -> String {
    let page = if mode.livemode() { "" } else { "test/" };
    format!("copy the {} key with its copy button: https://dashboard.stripe.com/{page}apikeys", role.title())
}

/// Takes away what is around a value, never what is in it.
fn clean(raw: &str) -> (String, Option<String>) {
    const QUOTES: [(char, char); 5] = [('"', '"'), ('\'', '\''), ('`', '`'), ('“', '”'), ('‘', '’')];
    let invisible = |c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{2060}');
    let mut removed = Vec::new();
    let mut note = |what: String| {
        if !removed.contains(&what) {
            removed.push(what);
        }
    };
    let mut text = raw;
    loop {
        let trimmed = text.trim_matches(invisible);
        if trimmed.len() != text.len() {
            note(if text.contains(['\n', '\r']) { "a line end".into() } else { "spaces".into() });
            text = trimmed;
        }
        if let Some((name, rest)) = assignment(text) {
            note(format!("`{name}=`"));
            text = rest;
            continue;
        }
        let quoted = QUOTES.iter().find_map(|(open, close)| text.strip_prefix(*open)?.strip_suffix(*close));
        match quoted {
            Some(inner) => {
                note("quotes".into());
                text = inner;
            }
            None => break,
        }
    }
    let note = (!removed.is_empty()).then(|| format!("removed {} around it", removed.join(" and ")));
    (text.to_owned(), note)
}

/// `export NAME=value` and `NAME=value`. A secret that ends in `=` is no assignment.
fn assignment(text: &str) -> Option<(&str, &str)> {
    let (name, value) = text.split_once('=')?;
    let bare = name.strip_prefix("export ").unwrap_or(name).trim();
    let variable = bare.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && bare.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let secret = bare.starts_with("whsec_") || describe(bare).is_some();
    (variable && !secret && !value.trim().is_empty()).then_some((name.trim_end(), value))
}

/// Refuses what cannot be a whole secret of any sort.
fn whole(bare: &str, wanted: &str, fix: &str) -> Result<(), Problem> {
    if bare.is_empty() {
        return Err(Problem::new(Code::KeyMissing, format!("nothing was given where {wanted} belongs")).fix(fix));
    }
    let wrong = if is_placeholder(bare) {
        "this is a placeholder from an example, not a key"
    } else if bare.contains(['…', '*', '•', '●']) || bare.contains("...") {
        "this key was copied shortened, as pages show it"
    } else if bare.contains(char::is_whitespace) {
        "there is a space or line end inside the key"
    } else if !bare.is_ascii() {
        "there is a character inside the key that no key has"
    } else {
        return Ok(());
    };
    // A masked form of what is no key could show a neighbour of the clipboard.
    let found = if bare.is_ascii() { mask(bare) } else { format!("{} characters, hidden", bare.chars().count()) };
    Err(Problem::new(Code::KeyShape, wrong).found_wanted(found, wanted).fix(fix))
}

fn is_placeholder(bare: &str) -> bool {
    const WORDS: [&str; 9] =
        ["your_", "your-", "yourkey", "replace", "changeme", "change_me", "example", "placeholder", "xxxxxxxx"];
    let lower = bare.to_ascii_lowercase();
    let body = match (describe(&lower), lower.strip_prefix("whsec_")) {
        (Some(_), _) => tail(&lower).unwrap_or_default(),
        (None, Some(tail)) => tail,
        (None, None) => &lower,
    };
    let only_filler = body.chars().all(|c| matches!(c, 'x' | '.' | '…' | '*' | '_' | '-'));
    only_filler || bare.contains(['<', '>', '$', '{', '}']) || WORDS.iter().any(|word| lower.contains(word))
}

/// What a value of Stripe's is, by its prefix, if that is known.
fn identify(bare: &str) -> Option<(&'static str, &'static str)> {
    if bare.starts_with("sk_org_") {
        return Some(("sk_org_", "an organisation key"));
    }
    match describe(bare) {
        Some((Role::Secret, true, _)) => return Some(("rk_", "a restricted key")),
        Some((Role::Secret, false, _)) => return Some(("sk_", "a secret key")),
        Some((Role::Publishable, ..)) => return Some(("pk_", "a publishable key")),
        None => {}
    }
    STRANGERS.iter().find(|(prefix, _)| bare.starts_with(prefix)).copied()
}

fn right_sort(bare: &str, role: Role, mode: Mode) -> Result<(), Problem> {
    let wanted = format!("{}_{}_…", role.short(), mode.key_infix());
    if bare.starts_with("sk_org_") {
        return Err(Problem::new(
            Code::KeyOrganisation,
            "this is an organisation key, and golive works in one account",
        )
        .found_wanted(mask(bare), wanted)
        .fix(copy_again(role, mode)));
    }
    if describe(bare).is_some_and(|(found, ..)| found == role) {
        return Ok(());
    }
    let problem = match identify(bare) {
        Some((_, what)) => {
            Problem::new(Code::KeyWrongRole, format!("this is {what}; the {} key belongs here", role.title()))
        }
        None => Problem::new(Code::KeyShape, "this does not look like a Stripe key"),
    };
    let found = identify(bare).map_or_else(|| mask(bare), |(prefix, _)| shown(bare, prefix));
    Err(problem.found_wanted(found, wanted).fix(copy_again(role, mode)))
}

/// What is shown of a value: the mask of a key, and only the prefix of anything else.
fn shown(bare: &str, prefix: &str) -> String {
    if describe(bare).is_some() || prefix == "whsec_" { mask(bare) } else { format!("{prefix}…") }
}

fn right_mode(bare: &str, role: Role, mode: Mode) -> Result<(), Problem> {
    let Some((_, restricted, livemode)) = describe(bare) else { return Ok(()) };
    if livemode == mode.livemode() {
        return Ok(());
    }
    let short = if restricted { "rk" } else { role.short() };
    let found = if livemode { "live" } else { "test" };
    let wanted = mode.key_infix();
    Err(Problem::new(Code::KeyWrongMode, format!("this is a {found} key, and the run is in {mode} mode"))
        .why(format!("the key is {}", mask(bare)))
        .found_wanted(format!("{short}_{found}_"), format!("{short}_{wanted}_"))
        .fix(copy_again(role, mode)))
}

#[cfg(test)]
mod tests;
