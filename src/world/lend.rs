//! Where secrets of the operator's leave golive for the operator's own programs and hosts: a variable
//! of a command, the `Authorization` header of a page, the login of a mail server. Invariant: the
//! only file of `world` beside the webhook signer that reads a bare secret; none is put on a
//! command line, where every program of the computer could read it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::header::HeaderValue;
use tokio::process::Command;
use zeroize::Zeroizing;

use crate::secret::Secret;

/// Whether a secret opens an account at Stripe: then it goes to Stripe, and to no host of a checklist.
pub(super) fn is_stripes(secret: &Secret) -> bool {
    ["sk_", "rk_", "rkcs_"].iter().any(|prefix| secret.has_prefix(prefix))
}

/// The `Authorization` of a page. `None` when the token is none that a header can hold.
pub(super) fn bearer(secret: &Secret) -> Option<HeaderValue> {
    let text = Zeroizing::new(format!("Bearer {}", secret.expose()));
    let mut value = HeaderValue::from_str(&text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// `AUTH PLAIN` with name and password (RFC 4616).
pub(super) fn plain(name: &Secret, password: &Secret) -> Zeroizing<String> {
    let bare = Zeroizing::new(format!("\0{}\0{}", name.expose(), password.expose()));
    Zeroizing::new(format!("AUTH PLAIN {}", &*Zeroizing::new(STANDARD.encode(bare.as_bytes()))))
}

/// A part of `AUTH LOGIN`.
pub(super) fn base64(secret: &Secret) -> Zeroizing<String> {
    Zeroizing::new(STANDARD.encode(secret.expose()))
}

/// A variable of a command that runs here.
pub(super) fn to_command(command: &mut Command, name: &str, secret: &Secret) {
    command.env(name, secret.expose());
}

/// A variable in a script that `sh` reads elsewhere, from its standard input.
pub(super) fn to_script(script: &mut Zeroizing<String>, name: &str, secret: &Secret) {
    super::remote::export(script, name, secret.expose());
}
