//! Secrets that golive makes: random bytes of the operating system, written down as the item says.

use super::internal;
use crate::error::Result;
use crate::secret::Secret;
use crate::step::SecretFormat;

/// A new random secret of so many bytes.
pub(super) fn generate(format: SecretFormat, bytes: usize) -> Result<Secret> {
    use base64::Engine as _;
    let mut random = zeroize::Zeroizing::new(vec![0_u8; bytes]);
    getrandom::fill(&mut random).map_err(|error| internal(format!("no randomness: {error}")))?;
    Ok(Secret::new(match format {
        SecretFormat::Hex => hex::encode(&*random),
        SecretFormat::Base64 => base64::engine::general_purpose::STANDARD.encode(&*random),
        SecretFormat::Alphanumeric => alphanumeric(bytes)?,
    }))
}

/// One letter or digit for each byte asked for. Bytes that would favour some are thrown away.
fn alphanumeric(count: usize) -> Result<String> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut text = String::with_capacity(count);
    let mut random = zeroize::Zeroizing::new([0_u8; 64]);
    while text.len() < count {
        getrandom::fill(&mut *random).map_err(|error| internal(format!("no randomness: {error}")))?;
        let fair = random.iter().filter(|byte| **byte < 248).map(|byte| char::from(LETTERS[usize::from(*byte % 62)]));
        text.extend(fair.take(count - text.len()));
    }
    Ok(text)
}
