//! Ids, keys and secrets in Stripe's shapes, from the operating system's random source.
//!
//! Account ids are `acct_1` and fifteen alphanumerics; keys and object ids carry parts of them as
//! Stripe's do (facts 1.1), so early warnings that rely on it work in rehearsal too.

use super::Mode;

const ALPHANUMERIC: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// `length` random alphanumerics.
pub fn random(length: usize) -> String {
    let mut out = String::with_capacity(length);
    let mut buffer = [0_u8; 64];
    while out.len() < length {
        if getrandom::fill(&mut buffer).is_err() {
            // Ids need to be different, not secret: the clock serves where there is no random source.
            buffer = clock_bytes();
        }
        // 248 is the largest multiple of 62 in a byte: no character is likelier than another.
        for byte in buffer.iter().filter(|b| **b < 248) {
            if out.len() < length {
                out.push(char::from(ALPHANUMERIC[usize::from(*byte) % 62]));
            }
        }
    }
    out
}

fn clock_bytes() -> [u8; 64] {
    let mut state = jiff::Timestamp::now().as_nanosecond();
    std::array::from_fn(|_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state.to_le_bytes()[5] % 248
    })
}

/// `acct_1` and fifteen alphanumerics.
pub fn account() -> String {
    format!("acct_1{}", random(15))
}

/// A key of about 107 characters; `kind` is `sk`, `pk` or `rk`.
pub fn key(kind: &str, mode: Mode, account: &str) -> String {
    let embedded = account.trim_start_matches("acct_");
    format!("{kind}_{}_5{embedded}{}", mode.name(), random(82))
}

/// An id with the account's last ten characters inside (`price_1XXXXX<account>XXXXXXXX`).
pub fn embedded(prefix: &str, account: &str) -> String {
    let suffix = account.get(account.len().saturating_sub(10)..).unwrap_or(account);
    let lead = if prefix == "pi" { "3" } else { "1" };
    format!("{prefix}_{lead}{}{suffix}{}", random(5), random(8))
}

/// `prod_` and the like: fourteen characters, nothing of the account.
pub fn short(prefix: &str) -> String {
    format!("{prefix}_{}", random(14))
}

/// `cs_test_a1…` or `cs_live_a1…`, 58 characters after the mode.
pub fn checkout_session(mode: Mode) -> String {
    format!("cs_{}_a1{}", mode.name(), random(56))
}

/// `whsec_` and 32 alphanumerics.
pub fn signing_secret() -> String {
    format!("whsec_{}", random(32))
}

/// What Stripe leaves of a key in a message: the prefix, stars, the last six characters.
pub fn masked(key: &str) -> String {
    let head = if key.is_char_boundary(8) && key.len() > 20 { 8 } else { 0 };
    let tail = if key.len() > 20 { 6 } else { 4.min(key.len() / 2) };
    let mut cut = key.len() - tail;
    while !key.is_char_boundary(cut) {
        cut += 1;
    }
    format!("{}{}{}", &key[..head], "*".repeat(cut.saturating_sub(head)), &key[cut..])
}

#[cfg(test)]
mod tests {
    use super::{Mode, account, embedded, key, masked};

    #[test]
    fn keys_carry_the_account_and_are_as_long_as_stripes() {
        let acct = account();
        let key = key("sk", Mode::Live, &acct);
        assert_eq!(key.len(), 107);
        assert!(key.starts_with(&format!("sk_live_5{}", &acct[5..])));
    }

    #[test]
    fn object_ids_carry_the_end_of_the_account() {
        let id = embedded("price", "acct_1TKTSmPrvMJQiRJh");
        assert_eq!(id.len(), 30);
        assert_eq!(&id[12..22], "PrvMJQiRJh");
    }

    #[test]
    fn a_masked_key_keeps_prefix_and_six_characters() {
        assert_eq!(masked("sk_test_abcdefghijklmnopqrst"), "sk_test_**************opqrst");
        assert_eq!(masked("nope"), "**pe");
    }
}
