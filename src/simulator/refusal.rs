//! Stripe's error object: one constructor for each kind of refusal, with the real texts.
//!
//! Texts are those of the recordings and of public reports where one is known; the few that are not
//! are worded after them, with the real code, status and parameter. `saved` says whether the idempotency store keeps the answer: refusals that come before the
//! work starts (parameters, keys, limits) are not kept (Stripe: `api/idempotent_requests`).

use serde_json::{Map, Value, json};

/// A refusal, before it knows the request that it answers.
#[derive(Debug, Clone)]
pub struct Refusal {
    pub status: u16,
    pub kind: &'static str,
    pub code: Option<&'static str>,
    pub message: String,
    pub param: Option<String>,
    /// Kept by the idempotency store.
    pub saved: bool,
    /// Carries `request_log_url`; unknown paths and versions do not.
    pub logged: bool,
}

const NO_DOC: [&str; 1] = ["more_permissions_required"];

impl Refusal {
    /// A 400 `invalid_request_error` found before the work started.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self {
            status: 400,
            kind: "invalid_request_error",
            code: None,
            message: message.into(),
            param: None,
            saved: false,
            logged: true,
        }
    }

    /// The same, found while the work was under way: the idempotency store keeps it.
    pub fn failed(message: impl Into<String>) -> Self {
        Self { saved: true, ..Self::invalid(message) }
    }

    pub fn code(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    pub fn param(mut self, param: impl Into<String>) -> Self {
        self.param = Some(param.into());
        self
    }

    pub fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// The names came before the values at fault: Stripe lists them all in one message.
    pub fn unknown_parameters(names: &[String]) -> Self {
        let plural = if names.len() == 1 { "" } else { "s" };
        Self::invalid(format!("Received unknown parameter{plural}: {}", names.join(", ")))
            .code("parameter_unknown")
            .param(names.first().cloned().unwrap_or_default())
    }

    pub fn missing(param: &str) -> Self {
        Self::invalid(format!("Missing required param: {param}.")).code("parameter_missing").param(param)
    }

    pub fn empty(param: &str) -> Self {
        Self::invalid(format!(
            "You passed an empty string for '{param}'. We assume empty values are an attempt to unset a parameter; \
             however '{param}' cannot be unset. You should remove '{param}' from your request or supply a non-empty value."
        ))
        .code("parameter_invalid_empty")
        .param(param)
    }

    /// More elements than a list may have.
    pub fn too_many(param: &str, most: usize) -> Self {
        Self::invalid(format!("Array {param} exceeded maximum {most} allowed elements.")).param(param)
    }

    /// A path nobody serves. It has no log URL, and comes before any look at the key.
    pub fn no_route(method: &str, path: &str) -> Self {
        Self {
            status: 404,
            logged: false,
            ..Self::invalid(format!(
                "Unrecognized request URL ({method}: {path}). Please see https://stripe.com/docs or we can help at \
                 https://support.stripe.com/."
            ))
        }
    }

    pub fn bad_version(version: &str) -> Self {
        Self { logged: false, ..Self::invalid(format!("Invalid Stripe API version: {version}")) }
    }

    pub fn idempotency_mismatch(key: &str) -> Self {
        Self {
            kind: "idempotency_error",
            ..Self::invalid(format!(
                "Keys for idempotent requests can only be used with the same parameters they were first used with. Try \
                 using a key other than '{key}' if you meant to execute a different request."
            ))
        }
    }

    pub fn idempotency_in_use(key: &str) -> Self {
        Self::invalid(format!(
            "There is currently another in-progress request using this Idempotent Key (that probably means you \
             submitted twice, and the other request is still going through): {key}. Please try again later."
        ))
        .status(409)
        .code("idempotency_key_in_use")
    }

    pub fn rate_limit() -> Self {
        Self::invalid(
            "Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits.",
        )
        .status(429)
        .code("rate_limit")
    }

    /// Another request holds the object.
    pub fn lock_timeout() -> Self {
        Self::invalid(
            "This object cannot be accessed right now because another API request or Stripe process is currently accessing \
             it. If you see this error intermittently, retry the request. If you see this error frequently and are making \
             multiple concurrent requests to a single object, make your requests serially or at a lower rate. For more \
             details, see https://stripe.com/docs/rate-limits#object-lock-timeouts.",
        )
        .status(429)
        .code("lock_timeout")
    }

    /// A refusal by script, in the shape that a status has.
    pub fn of_client(status: u16) -> Self {
        match status {
            401 => Self { logged: false, ..Self::invalid("Invalid API Key provided: ****").status(401) },
            402 => Self {
                kind: "card_error",
                ..Self::invalid("Your card was declined.").status(402).code("card_declined")
            },
            403 => Self::invalid("The provided key does not have the required permissions for this endpoint.")
                .status(403)
                .code("more_permissions_required"),
            404 => Self::invalid("No such object").status(404).code("resource_missing"),
            status => Self::invalid("Invalid request").status(status),
        }
    }

    pub fn server(status: u16) -> Self {
        Self { kind: "api_error", ..Self::invalid("An unknown error occurred").status(status) }
    }

    /// The error object, with the log URL of this request.
    pub fn body(&self, log_url: &str) -> Value {
        let mut error = Map::new();
        error.insert("message".into(), json!(self.message));
        error.insert("type".into(), json!(self.kind));
        if let Some(code) = self.code {
            error.insert("code".into(), json!(code));
            if !NO_DOC.contains(&code) {
                let page = code.replace('_', "-");
                error.insert("doc_url".into(), json!(format!("https://stripe.com/docs/error-codes/{page}")));
            }
        }
        if let Some(param) = &self.param {
            error.insert("param".into(), json!(param));
        }
        if self.logged && !log_url.is_empty() {
            error.insert("request_log_url".into(), json!(log_url));
        }
        json!({ "error": error })
    }
}
