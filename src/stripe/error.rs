//! Stripe's refusals: from an error object to [`Refusal`]. What one means to the operator is
//! [`Refusal::problem`]. Nothing of Stripe's is repeated without its secrets masked.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use crate::secret::Scrubber;
use crate::step::Refusal;

#[expect(clippy::unwrap_used, reason = "constant patterns, compiled by a test")]
static ACCOUNT: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\bacct_[A-Za-z0-9]+").unwrap());

/// Reads the error object of an answer. An `idempotency_error`, which has no code, gets its type
/// as one.
pub(crate) fn refusal(status: u16, body: &Value, request_id: Option<String>) -> Refusal {
    let error = &body["error"];
    let text = |name: &str| error[name].as_str().filter(|text| !text.is_empty());
    let of_type = text("type").filter(|kind| *kind == "idempotency_error");
    let message = text("message").unwrap_or("no message was given");
    let masked = |text: &str| Scrubber::mask_in(text).into_owned();
    let place = text("request_log_url").unwrap_or_default();
    let account = ACCOUNT.find(place).or_else(|| ACCOUNT.find(message)).map(|found| found.as_str().to_owned());
    Refusal {
        status,
        code: text("code").or(of_type).map(masked),
        message: masked(message),
        param: text("param").map(masked),
        request_id,
        account,
    }
}

/// The mode an error object comes from: the address of its log entry has `/test/` in it, or not.
pub(super) fn livemode(body: &Value) -> Option<bool> {
    let place = body["error"]["request_log_url"].as_str()?;
    ACCOUNT.is_match(place).then(|| !place.contains("/test/"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{livemode, refusal};
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
        let got = said(401, Some(&format!("code {key}")), &format!("Invalid API Key provided: {key}"));
        assert!(!got.code.unwrap_or_default().contains(&key));
        assert!(!got.message.contains("qqq"), "{}", got.message);
        assert!(got.message.contains("sk_live_…wxyz"), "{}", got.message);
    }

    #[test]
    fn an_idempotency_error_gets_its_type_as_code() {
        let body = json!({ "error": { "type": "idempotency_error", "message": "Keys for idempotent requests …" } });
        assert_eq!(refusal(400, &body, None).code.as_deref(), Some("idempotency_error"));
    }
}
