//! Webhook signatures as Stripe makes them (docs.stripe.com/webhooks, "Verify manually").
//!
//! Of this folder, only this file may see a bare secret.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::secret::Secret;

/// The `Stripe-Signature` header of a body sent at `at` (Unix seconds): HMAC-SHA256 over
/// `<at>.<body>`, keyed with the whole `whsec_…` text.
pub fn signature(secret: &Secret, at: u64, body: &[u8]) -> String {
    header(secret.expose().as_bytes(), at, body)
}

/// The same with a key that exists nowhere else, for proving that a handler refuses it.
pub(super) fn foreign_signature(at: u64, body: &[u8]) -> Result<String, getrandom::Error> {
    let mut random = [0_u8; 24];
    getrandom::fill(&mut random)?;
    Ok(header(format!("whsec_{}", hex::encode(random)).as_bytes(), at, body))
}

fn header(key: &[u8], at: u64, body: &[u8]) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        // HMAC takes keys of any length (RFC 2104), so this is not reached.
        return format!("t={at}");
    };
    mac.update(at.to_string().as_bytes());
    mac.update(b".");
    mac.update(body);
    format!("t={at},v1={}", hex::encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::{foreign_signature, signature};
    use crate::secret::Secret;

    #[test]
    fn a_signature_equals_one_made_by_another_program() {
        // printf '1492774577.{"id":"evt_1"}' | openssl dgst -sha256 -hmac whsec_test_secret
        let secret = Secret::new("whsec_test_secret");
        assert_eq!(signature(&secret, 1_492_774_577, br#"{"id":"evt_1"}"#), format!("t=1492774577,v1={}", EXPECTED));
    }
    const EXPECTED: &str = "799c4ba7bb339f3c8601adfd112f0e477c930a268be1243d341abb8286501c2f";

    #[test]
    fn no_two_foreign_signatures_are_alike() {
        assert_ne!(foreign_signature(1, b"{}").unwrap(), foreign_signature(1, b"{}").unwrap());
    }
}
