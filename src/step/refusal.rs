//! Stripe's refusals in the operator's words: which code, which facts, what to do.

use std::sync::LazyLock;

use regex::Regex;

use super::Refusal;
use crate::error::{Code, Problem};

#[expect(clippy::unwrap_used, reason = "a constant pattern, compiled by a test")]
static PERMISSION: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"'((?:rak_)?[a-z_]+_(?:read|write))'").unwrap());

const KEYS_PAGE: &str = "https://dashboard.stripe.com/apikeys";

impl Refusal {
    /// The permission that Stripe's message names, `webhook_write`.
    pub fn permission(&self) -> Option<&str> {
        let found = PERMISSION.captures(&self.message)?.get(1)?;
        Some(found.as_str().trim_start_matches("rak_"))
    }

    /// The refusal as a problem. `key` is the masked key it was about.
    pub fn problem(&self, key: Option<&str>) -> Problem {
        let key = key.unwrap_or("the key");
        let said = format!("Stripe answered {} for {key}: {}", self.status, self.message);
        let code = self.code.as_deref();
        let problem = match (self.status, code) {
            (_, Some("secret_key_required")) => {
                Problem::new(Code::KeyWrongRole, "a publishable key was used where a secret key belongs")
                    .fix(format!("copy the secret key: {KEYS_PAGE}"))
            }
            (401, Some("api_key_expired")) => Problem::new(Code::KeyRevoked, "the key has expired or was rolled")
                .fix(format!("copy the key that replaced it: {KEYS_PAGE}")),
            (401, _) => Problem::new(Code::KeyRevoked, "Stripe does not know this key")
                .fix(format!("copy the key again, or create a new one: {KEYS_PAGE}")),
            (403, _) => {
                let right = self.permission().unwrap_or("a permission");
                Problem::new(Code::Permission, format!("the key lacks the permission `{right}`"))
                    .fix(format!("edit the key, add it, save; the key stays the same: {KEYS_PAGE}"))
            }
            (429, _) => Problem::new(Code::RateLimited, "Stripe limits the rate of requests")
                .fix("wait a minute, then run the same command again"),
            _ => Problem::new(Code::StripeRefused, "Stripe refused the request")
                .fix("correct what the message names, then run the same command again"),
        };
        problem.why(said).request(self.request_id.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::Refusal;
    use crate::error::Code;

    fn refusal(status: u16, code: Option<&str>, message: &str) -> Refusal {
        Refusal {
            status,
            code: code.map(str::to_owned),
            message: message.into(),
            param: None,
            request_id: Some("req_1".into()),
            account: None,
        }
    }

    #[test]
    fn a_missing_permission_is_named_in_both_of_stripes_wordings() {
        let new = "Permission denied. Enabling Prices Write ('plan_write') permissions on this key would allow this.";
        let old = "Having the 'rak_webhook_write' permission would allow this request to continue.";
        assert_eq!(refusal(403, None, new).permission(), Some("plan_write"));
        assert_eq!(refusal(403, None, old).permission(), Some("webhook_write"));
    }

    #[test]
    fn every_refusal_quotes_stripe_and_names_the_request() {
        let problem = refusal(400, Some("parameter_missing"), "Missing required param: name.").problem(None);
        assert_eq!(problem.code, Code::StripeRefused);
        assert!(problem.why[0].contains("Missing required param: name."));
        assert_eq!(problem.request_id.as_deref(), Some("req_1"));
    }

    #[test]
    fn an_unknown_and_an_expired_key_are_both_a_key_stripe_does_not_accept() {
        assert_eq!(refusal(401, None, "Invalid API Key provided").problem(None).code, Code::KeyRevoked);
        assert_eq!(refusal(401, Some("api_key_expired"), "Expired").problem(None).code, Code::KeyRevoked);
    }
}
