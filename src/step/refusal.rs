//! Stripe's refusals in the operator's words: the one place where Stripe's statuses and codes
//! become golive's, with what to do about them. Kinds, engine and `stripe` call it.

use std::sync::LazyLock;

use regex::Regex;

use super::Refusal;
use crate::error::{Code, Problem};

const KEYS: &str = "https://dashboard.stripe.com/apikeys";

#[expect(clippy::unwrap_used, reason = "a constant pattern, compiled by a test")]
static PERMISSION: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\b(?:rak_)?([a-z][a-z_]*_(?:read|write))\b").unwrap());

impl Refusal {
    /// The permission that Stripe's message names, `webhook_write`.
    pub fn permission(&self) -> Option<&str> {
        let mut named = PERMISSION.captures_iter(&self.message).filter_map(|found| Some(found.get(1)?.as_str()));
        // What ends so and is the parameter that it is about is no permission.
        named.find(|name| Some(*name) != self.param.as_deref())
    }

    /// What it means to the operator. `key` is the masked key it was about.
    pub fn problem(&self, key: Option<&str>) -> Problem {
        let problem = match (self.status, self.code.as_deref()) {
            (_, Some("secret_key_required")) => {
                Problem::new(Code::KeyWrongRole, "a publishable key was used where a secret key belongs")
                    .fix(format!("copy the secret key: {KEYS}"))
            }
            (_, Some("api_key_expired" | "platform_api_key_expired")) => {
                Problem::new(Code::KeyRevoked, "the key has expired or was rolled")
                    .fix(format!("copy the key that replaced it: {KEYS}"))
            }
            (401, _) => Problem::new(Code::KeyRevoked, "Stripe does not know this key")
                .fix(format!("copy the key again, or create a new one: {KEYS}")),
            (403, _) | (_, Some("more_permissions_required")) => self.forbidden(),
            (429, _) => Problem::new(Code::RateLimited, "Stripe limits the rate of requests")
                .fix("wait for other programs of this account to finish, then go on: golive wizard"),
            (500.., _) => Problem::new(Code::StripeTrouble, format!("Stripe answered with HTTP {}", self.status))
                .fix("run the same command again when Stripe is well: https://status.stripe.com"),
            _ => self.refused(),
        };
        let about_key = matches!(problem.code, Code::KeyWrongRole | Code::KeyRevoked | Code::Permission);
        let for_key =
            key.filter(|key| about_key && !key.is_empty()).map(|key| format!(" for {key}")).unwrap_or_default();
        let said = format!("Stripe answered {}{for_key}: {}", self.status, self.message);
        problem.why(said).request(self.request_id.clone())
    }

    fn forbidden(&self) -> Problem {
        match self.permission() {
            Some(name) => Problem::new(Code::Permission, format!("the key lacks the permission `{name}`"))
                .fix(format!("edit the key, add it, save; the key stays the same: {KEYS}")),
            None => Problem::new(Code::Permission, "the key may not do this")
                .fix(format!("look at the key's permissions and its list of IP addresses: {KEYS}")),
        }
    }

    fn refused(&self) -> Problem {
        let what = match (&self.code, &self.param) {
            (Some(code), Some(param)) => format!("Stripe refused the request: {code}, about `{param}`"),
            (Some(code), None) => format!("Stripe refused the request: {code}"),
            (None, Some(param)) => format!("Stripe refused the request, because of `{param}`"),
            (None, None) => "Stripe refused the request".to_owned(),
        };
        let problem = Problem::new(Code::StripeRefused, what);
        match &self.request_id {
            Some(id) => problem.fix(format!("look at the request: https://dashboard.stripe.com/logs/{id}")),
            None => problem.fix("correct what Stripe names, then run the same command again: golive wizard"),
        }
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
        assert_eq!(refusal(403, None, "Read and write are not allowed").permission(), None);
        let problem = refusal(403, None, new).problem(Some("rk_live_…x7Qd"));
        assert_eq!(problem.message, "the key lacks the permission `plan_write`");
    }

    #[test]
    fn statuses_and_codes_become_golives_codes() {
        let cases = [
            (refusal(401, None, "Invalid API Key provided"), Code::KeyRevoked),
            (refusal(401, Some("api_key_expired"), "Expired API Key"), Code::KeyRevoked),
            (refusal(401, Some("secret_key_required"), "publishable"), Code::KeyWrongRole),
            (refusal(403, Some("secret_key_required"), "publishable"), Code::KeyWrongRole),
            (refusal(403, None, "IP 1.2.3.4 is not allowed"), Code::Permission),
            (refusal(400, Some("more_permissions_required"), "Enabling ('invoice_read')"), Code::Permission),
            (refusal(429, None, "Request rate limit exceeded."), Code::RateLimited),
            (refusal(500, None, "An unknown error occurred"), Code::StripeTrouble),
            (refusal(400, Some("parameter_missing"), "Missing required param: name."), Code::StripeRefused),
            (refusal(404, Some("resource_missing"), "No such product"), Code::StripeRefused),
        ];
        for (refusal, code) in cases {
            let problem = refusal.problem(Some("sk_live_…x7Qd"));
            assert_eq!(problem.code, code, "{refusal:?}");
            assert_eq!(problem.request_id.as_deref(), Some("req_1"));
            assert!(!problem.fix.is_empty(), "{refusal:?}");
            assert!(problem.why.iter().any(|why| why.contains(&refusal.message)), "{problem:?}");
        }
    }

    #[test]
    fn the_key_is_named_where_it_is_about_the_key() {
        let named = |status| {
            let problem = refusal(status, None, "no").problem(Some("sk_live_…x7Qd"));
            problem.why.iter().any(|why| why.contains(" for sk_live_…x7Qd: "))
        };
        assert!(named(401) && named(403));
        assert!(!named(400) && !named(429));
    }
}
