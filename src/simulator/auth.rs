//! Keys: who calls, in which mode, and whether the key may (facts 1.3, other-evidence 5).

use super::ids::masked;
use super::refusal::Refusal;
use super::routes::Route;
use super::world::{KeyEntry, KeyKind, World};
use base64::Engine as _;

/// The key of an `Authorization` header: Bearer, or Basic with the key as the user.
pub fn key_of(header: Option<&str>) -> Option<String> {
    let (scheme, value) = header?.split_once(' ')?;
    let key = if scheme.eq_ignore_ascii_case("bearer") {
        value.trim().to_owned()
    } else if scheme.eq_ignore_ascii_case("basic") {
        let bytes = base64::engine::general_purpose::STANDARD.decode(value.trim()).ok()?;
        let pair = String::from_utf8(bytes).ok()?;
        pair.split(':').next().unwrap_or_default().to_owned()
    } else {
        return None;
    };
    (!key.is_empty()).then_some(key)
}

/// The entry of a known key that was not revoked.
pub fn known<'w>(world: &'w World, key: Option<&str>) -> Result<&'w KeyEntry, Refusal> {
    let Some(key) = key else {
        return Err(unauthorized(
            "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth \
             (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for details, or \
             we can help at https://support.stripe.com/.",
        ));
    };
    match world.keys.get(key) {
        None => Err(unauthorized(format!("Invalid API Key provided: {}", masked(key)))),
        Some(entry) if entry.revoked => {
            Err(unauthorized(format!("Expired API Key provided: {}", masked(key))).code("api_key_expired"))
        }
        Some(entry) => Ok(entry),
    }
}

fn unauthorized(message: impl Into<String>) -> Refusal {
    let mut refusal = Refusal::invalid(message).status(401);
    refusal.logged = false;
    refusal
}

/// Acting for another account needs Connect, which the simulator does not have.
pub fn own_account(entry: &KeyEntry, account: Option<&str>) -> Result<(), Refusal> {
    match account {
        Some(other) if other != entry.scope.account => Err(Refusal::invalid(format!(
            "The provided key '{}' does not have access to account '{other}' (or that account does not exist). Application \
             access may have been revoked.",
            masked(&entry.key)
        ))
        .status(403)
        .code("account_invalid")),
        _ => Ok(()),
    }
}

/// Whether a known key may carry out an operation.
pub fn allowed(entry: &KeyEntry, route: &Route) -> Result<(), Refusal> {
    match &entry.kind {
        KeyKind::Secret => Ok(()),
        KeyKind::Publishable if route.publishable => Ok(()),
        KeyKind::Publishable => Err(Refusal::invalid(
            "This API call cannot be made with a publishable API key. Please use a secret API key. You can find a list of \
             your API keys at https://dashboard.stripe.com/account/apikeys.",
        )
        .status(401)
        .code("secret_key_required")),
        KeyKind::Restricted(held) => restricted(entry, held, route),
    }
}

fn restricted(entry: &KeyEntry, held: &[String], route: &Route) -> Result<(), Refusal> {
    let (spoken, name) = route.permission;
    let write = format!("{name}_write");
    let (needed, verb) =
        if route.method == "GET" { (format!("{name}_read"), "Read") } else { (write.clone(), "Write") };
    if held.iter().any(|p| *p == needed || *p == write) {
        return Ok(());
    }
    Err(Refusal::invalid(format!(
        "Permission denied. The provided key '{}' does not have the required permissions for this endpoint on account '{}'. \
         Enabling {spoken} {verb} ('{needed}') permissions on this key would allow this request to continue.",
        masked(&entry.key),
        entry.scope.account
    ))
    .status(403)
    .code("more_permissions_required"))
}

#[cfg(test)]
mod tests {
    use super::key_of;

    #[test]
    fn both_schemes_carry_the_key() {
        assert_eq!(key_of(Some("Bearer sk_test_1")).unwrap(), "sk_test_1");
        assert_eq!(key_of(Some("Basic c2tfdGVzdF8xOg==")).unwrap(), "sk_test_1");
        assert!(key_of(Some("Basic Og==")).is_none());
        assert!(key_of(None).is_none());
    }
}
