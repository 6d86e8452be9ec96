//! Stripe's refusals: from an error object to [`Refusal`], and from that to what an operator can
//! do about it. The one place where Stripe's codes become golive's; kinds and engine call
//! [`problem`]. Nothing of Stripe's is repeated without its secrets masked.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use crate::error::{Code, Problem};
use crate::secret::Scrubber;
use crate::step::Refusal;

const KEYS: &str = "https://dashboard.stripe.com/apikeys";

#[expect(clippy::unwrap_used, reason = "constant patterns, compiled by a test")]
static PERMISSION: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\b(?:rak_)?[a-z][a-z_]*_(?:read|write)\b").unwrap());
#[expect(clippy::unwrap_used, reason = "constant patterns, compiled by a test")]
static ACCOUNT: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\bacct_[A-Za-z0-9]+").unwrap());

/// Reads the error object of an answer. An `idempotency_error`, which has no code, gets its type
/// as one.
pub(super) fn refusal(status: u16, body: &Value, request_id: Option<String>) -> Refusal {
    let error = &body["error"];
    let text = |name: &str| error[name].as_str().filter(|text| !text.is_empty());
    let of_type = text("type").filter(|kind| *kind == "idempotency_error");
    let message = text("message").unwrap_or("no message was given");
    let place = text("request_log_url").unwrap_or_default();
    let account = ACCOUNT.find(place).or_else(|| ACCOUNT.find(message)).map(|found| found.as_str().to_owned());
    Refusal {
        status,
        code: text("code").or(of_type).map(str::to_owned),
        message: Scrubber::mask_in(message).into_owned(),
        param: text("param").map(str::to_owned),
        request_id,
        account,
    }
}

/// The mode an error object comes from: the address of its log entry has `/test/` in it, or not.
pub(super) fn livemode(body: &Value) -> Option<bool> {
    let place = body["error"]["request_log_url"].as_str()?;
    ACCOUNT.is_match(place).then(|| !place.contains("/test/"))
}

/// The permission that Stripe's message names, as in `product_write`.
pub fn permission(refusal: &Refusal) -> Option<&str> {
    let mut named = PERMISSION.find_iter(&refusal.message).map(|found| found.as_str());
    // A resource can be called `…_read` only as a permission, but a parameter could be as well.
    named.find(|name| Some(*name) != refusal.param.as_deref())
}

/// What a refusal means to the operator. `masked_key` is the key's masked form.
pub fn problem(refusal: &Refusal, masked_key: &str) -> Problem {
    let quoted = format!("Stripe says: {}", refusal.message);
    let key = format!("the key is {masked_key}");
    let problem = match (refusal.status, refusal.code.as_deref()) {
        (_, Some("secret_key_required")) => {
            Problem::new(Code::KeyWrongRole, "a publishable key was used where the secret key belongs")
                .why(quoted)
                .why(key)
                .fix(format!("give the secret key instead: {KEYS}"))
        }
        (_, Some("api_key_expired" | "platform_api_key_expired")) => {
            Problem::new(Code::KeyRevoked, "the key has expired")
                .why(quoted)
                .why(key)
                .fix(format!("copy the key that took its place: {KEYS}"))
        }
        (401, _) => Problem::new(Code::KeyRevoked, "Stripe does not accept the key")
            .why(quoted)
            .why(key)
            .fix(format!("copy the key again, or roll it if it is lost: {KEYS}")),
        (403, _) | (_, Some("more_permissions_required")) => forbidden(refusal, quoted, key),
        (429, _) => Problem::new(Code::RateLimited, "Stripe limits the rate of requests")
            .why(quoted)
            .fix("wait for other programs of this account to finish, then run the same command again"),
        (500.., _) => Problem::new(Code::StripeTrouble, format!("Stripe answered with HTTP {}", refusal.status))
            .why(quoted)
            .fix("look at https://status.stripe.com, then run the same command again"),
        (_, code) => refused(refusal, quoted, code),
    };
    problem.request(refusal.request_id.clone())
}

fn forbidden(refusal: &Refusal, quoted: String, key: String) -> Problem {
    match permission(refusal) {
        Some(name) => Problem::new(Code::Permission, format!("the key lacks the permission `{name}`"))
            .why(quoted)
            .why(key)
            .fix(format!("edit the key, allow `{name}`, save, and run the same command again: {KEYS}")),
        None => Problem::new(Code::Permission, "the key may not do this")
            .why(quoted)
            .why(key)
            .fix(format!("look at the key's permissions and its list of IP addresses: {KEYS}")),
    }
}

fn refused(refusal: &Refusal, quoted: String, code: Option<&str>) -> Problem {
    let what = match (code, &refusal.param) {
        (Some(code), Some(param)) => format!("Stripe refused the request: {code}, about `{param}`"),
        (Some(code), None) => format!("Stripe refused the request: {code}"),
        (None, Some(param)) => format!("Stripe refused the request, because of `{param}`"),
        (None, None) => "Stripe refused the request".to_owned(),
    };
    let problem = Problem::new(Code::StripeRefused, what).why(quoted);
    match &refusal.request_id {
        Some(id) => problem.fix(format!("look at the request: https://dashboard.stripe.com/logs/{id}")),
        None => problem.fix("correct what Stripe names, then run the same command again: golive wizard"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{livemode, permission, problem, refusal};
    use crate::error::Code;
    use crate::step::Refusal;

    fn said(status: u16, code: Option<&str>, message: &str) -> Refusal {
        let mut error = json!({ "type": "invalid_request_error", "message": message });
        if let Some(code) = code {
            error["code"] = code.into();
        }
        refusal(status, &json!({ "error": error }), Some("req_1".into()))
    }

    #[test]
    fn a_refusal_carries_stripes_words_and_the_account_of_its_log_entry() {
        let body = json!({ "error": {
            "type": "invalid_request_error", "code": "resource_missing", "param": "id", "message": "No such price",
            "request_log_url": "https://dashboard.stripe.com/acct_1AbC/test/workbench/logs?object=req_9" } });
        let got = refusal(404, &body, Some("req_9".into()));
        assert_eq!(got.account.as_deref(), Some("acct_1AbC"));
        assert_eq!((got.code.as_deref(), got.param.as_deref()), (Some("resource_missing"), Some("id")));
        assert_eq!(livemode(&body), Some(false));
        let live =
            json!({ "error": { "request_log_url": "https://dashboard.stripe.com/acct_1AbC/workbench/logs?object=x" } });
        assert_eq!(livemode(&live), Some(true));
        assert_eq!(livemode(&json!({ "error": {} })), None);
    }

    #[test]
    fn the_account_is_taken_from_the_message_where_there_is_no_log_entry() {
        let got = said(403, None, "… for this endpoint on account 'acct_9Z'. Having the 'rak_plan_write' permission …");
        assert_eq!(got.account.as_deref(), Some("acct_9Z"));
    }

    #[test]
    fn secrets_in_stripes_words_are_masked() {
        let key = format!("sk_live_{}wxyz", "q".repeat(30));
        let got = said(401, None, &format!("Invalid API Key provided: {key}"));
        assert!(!got.message.contains("qqq"), "{}", got.message);
        assert!(got.message.contains("sk_live_…wxyz"), "{}", got.message);
    }

    #[test]
    fn statuses_and_codes_become_golives_codes() {
        let cases = [
            (said(401, None, "Invalid API Key provided"), Code::KeyRevoked),
            (said(401, Some("api_key_expired"), "Expired API Key"), Code::KeyRevoked),
            (said(401, Some("secret_key_required"), "publishable"), Code::KeyWrongRole),
            (said(403, Some("secret_key_required"), "publishable"), Code::KeyWrongRole),
            (said(403, None, "IP 1.2.3.4 is not allowed"), Code::Permission),
            (said(400, Some("more_permissions_required"), "Enabling ('invoice_read')"), Code::Permission),
            (said(429, None, "Request rate limit exceeded."), Code::RateLimited),
            (said(500, None, "An unknown error occurred"), Code::StripeTrouble),
            (said(400, Some("parameter_missing"), "Missing required param: name."), Code::StripeRefused),
            (said(404, Some("resource_missing"), "No such product"), Code::StripeRefused),
        ];
        for (refusal, code) in cases {
            let problem = problem(&refusal, "sk_live_…x7Qd");
            assert_eq!(problem.code, code, "{refusal:?}");
            assert_eq!(problem.request_id.as_deref(), Some("req_1"));
            assert!(!problem.fix.is_empty(), "{refusal:?}");
            assert!(problem.why.iter().any(|why| why.contains(&refusal.message)), "{problem:?}");
        }
    }

    #[test]
    fn both_wordings_of_a_missing_permission_name_it() {
        let old = said(403, None, "Having the 'rak_accounts_kyc_basic_read' permission would allow this request.");
        assert_eq!(permission(&old), Some("rak_accounts_kyc_basic_read"));
        let new = said(403, None, "Enabling Products Write ('product_write') permissions on this key would allow it.");
        assert_eq!(permission(&new), Some("product_write"));
        let text = problem(&new, "rk_live_…x7Qd");
        assert_eq!(text.message, "the key lacks the permission `product_write`");
        assert_eq!(permission(&said(403, None, "Read and write are not allowed")), None);
    }

    #[test]
    fn an_idempotency_error_gets_its_type_as_code() {
        let body = json!({ "error": { "type": "idempotency_error", "message": "Keys for idempotent requests …" } });
        assert_eq!(refusal(400, &body, None).code.as_deref(), Some("idempotency_error"));
    }
}
