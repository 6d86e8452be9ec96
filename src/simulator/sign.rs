//! Stripe's `v1` webhook signature (docs/webhooks): HMAC-SHA256 over `<t>.<body>`, keyed with the
//! whole `whsec_…` text. Written by `deliver`, checked by `shop`.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

/// Seconds that a signature stays good.
pub const TOLERANCE: i64 = 300;

fn digest(secret: &str, at: i64, body: &[u8]) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(format!("{at}.").as_bytes());
    mac.update(body);
    Some(hex::encode(mac.finalize().into_bytes()))
}

/// The `Stripe-Signature` header of a body sent now.
pub fn header(secret: &str, at: i64, body: &[u8]) -> String {
    format!("t={at},v1={}", digest(secret, at, body).unwrap_or_default())
}

/// `Ok` when any of the secrets made one of the header's `v1` signatures recently enough.
pub fn verify(secrets: &[String], header: &str, body: &[u8], now: i64) -> Result<(), &'static str> {
    let mut at = None;
    let mut signatures = Vec::new();
    for (name, value) in header.split(',').filter_map(|part| part.trim().split_once('=')) {
        match name {
            "t" => at = value.parse::<i64>().ok(),
            "v1" => signatures.push(value),
            _ => {}
        }
    }
    let at = at.ok_or("no timestamp in the Stripe-Signature header")?;
    let good = secrets
        .iter()
        .filter_map(|secret| digest(secret, at, body))
        .any(|expected| signatures.iter().any(|given| bool::from(given.as_bytes().ct_eq(expected.as_bytes()))));
    if !good {
        return Err("no signature matches");
    }
    if (now - at).abs() > TOLERANCE {
        return Err("the timestamp is outside the tolerance");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{header, verify};

    #[test]
    fn a_signature_is_good_for_its_body_secret_and_time_only() {
        let secrets = ["whsec_other".to_owned(), "whsec_a".to_owned()];
        let signed = header("whsec_a", 1000, b"{}");
        assert_eq!(verify(&secrets, &signed, b"{}", 1300), Ok(()));
        assert!(verify(&secrets, &signed, b"{ }", 1000).is_err());
        assert!(verify(&secrets[..1], &signed, b"{}", 1000).is_err());
        assert!(verify(&secrets, &signed, b"{}", 1301).is_err());
        assert!(verify(&secrets, "v1=00", b"{}", 1000).is_err());
    }
}
