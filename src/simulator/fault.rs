//! Faults by script: which requests, and what goes wrong with them.
//!
//! Used by tests through `Control::fault` and by `golive sandbox --fail SPEC`. Looked up by `wire` when
//! a request arrives; counting is per fault.

use std::time::Duration;

/// Which of the matching requests a fault hits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// All of them.
    Every,
    /// The n-th, counted from 1 since the fault was set.
    Nth(usize),
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The connection closes; nothing happened.
    DropBefore,
    /// Everything happened, and the connection closes without an answer.
    DropAfter,
    /// An error answer; nothing else happened. `saved`: the idempotency store keeps it.
    Status(u16, bool),
    /// 429 with this `Stripe-Rate-Limited-Reason`; `lock_timeout` has none, and no request id.
    Limited(&'static str),
    /// An error answer that the store keeps, although everything happened.
    StatusAfter(u16),
    /// Everything happened; silence for this long, then the connection closes.
    Hang(Duration),
    /// The answer comes this much later.
    Slow(Duration),
    /// Everything happened, and the answer is 200 with a body that is no JSON.
    Garbage200,
    /// Something between the client and Stripe answers in HTML; nothing happened.
    Html502,
    /// Something between sends the client elsewhere, as a captive portal does; nothing happened.
    Redirect,
    /// Everything happened, and the answer lacks this field.
    Without(String),
    /// Everything happened, and the answer is of a newer Stripe: fields and values nobody knows yet.
    Newer,
}

/// One fault: where, when, what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Which of the matching requests.
    pub at: At,
    /// `None`: any method.
    pub method: Option<String>,
    /// A path, a path that ends in `*`, or `*` alone.
    pub path: String,
    /// What goes wrong with them.
    pub what: What,
}

impl Fault {
    /// True for a request that this fault is about, whatever the count.
    pub fn matches(&self, method: &str, path: &str) -> bool {
        let method_fits = self.method.as_deref().is_none_or(|m| m.eq_ignore_ascii_case(method));
        let path_fits = match self.path.strip_suffix('*') {
            Some(start) => path.starts_with(start),
            None => path == self.path,
        };
        method_fits && path_fits
    }
}

/// What a 429 is for: `Stripe-Rate-Limited-Reason`, and the lock on an object, which has none.
pub const LIMITS: &[&str] = &[
    "global-rate",
    "endpoint-rate",
    "global-concurrency",
    "endpoint-concurrency",
    "resource-specific",
    "lock_timeout",
];

/// Reads the value of `--fail`: rules separated by `;`, each `[METHOD] PATH[#N]=WHAT`.
///
/// - `METHOD` is `GET`, `POST` or `DELETE`; without it any method matches.
/// - `PATH` is `/v1/prices`, a beginning such as `/v1/prices/*`, or `*`.
/// - `#N` picks the N-th matching request, counted from 1; without it every one is hit.
/// - `WHAT` is one of `drop-before`, `drop-after`, `400`, `401`, `402`, `403`, `404`, `409`, `429`, `500`,
///   `502`, `503` (nothing happened), `429:endpoint-rate` (or another reason, or `lock_timeout`), `500-saved` (nothing happened, and a retry with the same key gets the same error),
///   `500-after` (everything happened, and a retry gets the same error), `hang:30s` (everything
///   happened, no answer), `slow:200ms`, `garbage` (200 and no JSON), `html` (a proxy's 502 page),
///   `redirect` (302 to elsewhere), `without:id` (an answer that lacks a field), `newer` (fields and
///   values of a later Stripe).
///
/// Example: `POST /v1/prices#2=drop-after; *=slow:200ms`.
pub fn parse_faults(spec: &str) -> Result<Vec<Fault>, String> {
    spec.split(';').map(str::trim).filter(|rule| !rule.is_empty()).map(rule).collect()
}

fn rule(text: &str) -> Result<Fault, String> {
    let Some((target, what)) = text.rsplit_once('=') else {
        return Err(format!("`{text}` has no `=`; write for example `POST /v1/prices#2=drop-after`"));
    };
    let (target, at) = match target.trim().rsplit_once('#') {
        None => (target.trim(), At::Every),
        Some((target, count)) => match count.trim().parse() {
            Ok(n) if n > 0 => (target.trim(), At::Nth(n)),
            _ => {
                return Err(format!("`#{count}` in `{text}` is not a count; write `#1` for the first request"));
            }
        },
    };
    let (method, path) = match target.split_once(char::is_whitespace) {
        Some((method, path)) => (Some(method), path.trim()),
        None => (None, target),
    };
    if let Some(method) = method
        && !["GET", "POST", "DELETE", "*"].contains(&method.to_uppercase().as_str())
    {
        return Err(format!("`{method}` in `{text}` is not a method; use `GET`, `POST` or `DELETE`"));
    }
    if path != "*" && !path.starts_with('/') {
        return Err(format!("`{path}` in `{text}` is not a path; write `/v1/prices`, `/v1/prices/*` or `*`"));
    }
    let method = method.filter(|m| *m != "*").map(str::to_uppercase);
    Ok(Fault { at, method, path: path.to_owned(), what: what_of(what.trim())? })
}

fn what_of(text: &str) -> Result<What, String> {
    if let Some(field) = text.strip_prefix("without:") {
        return Ok(What::Without(field.to_owned()));
    }
    if let Some(reason) = text.strip_prefix("429:") {
        let known = LIMITS.iter().find(|known| **known == reason);
        return known.map(|known| What::Limited(known)).ok_or_else(|| unknown(text));
    }
    if let Some((name, time)) = text.split_once(':') {
        let time = duration(time)?;
        return match name {
            "hang" => Ok(What::Hang(time)),
            "slow" => Ok(What::Slow(time)),
            _ => Err(unknown(text)),
        };
    }
    match text {
        "drop-before" => Ok(What::DropBefore),
        "drop-after" => Ok(What::DropAfter),
        "garbage" => Ok(What::Garbage200),
        "html" => Ok(What::Html502),
        "redirect" => Ok(What::Redirect),
        "newer" => Ok(What::Newer),
        _ => status(text).ok_or_else(|| unknown(text)),
    }
}

fn status(text: &str) -> Option<What> {
    let (number, suffix) = text.split_once('-').unwrap_or((text, ""));
    let number = number.parse().ok().filter(|n| [400, 401, 402, 403, 404, 409, 429, 500, 502, 503].contains(n))?;
    match suffix {
        "" => Some(What::Status(number, false)),
        "saved" if number >= 500 => Some(What::Status(number, true)),
        "after" if number >= 500 => Some(What::StatusAfter(number)),
        _ => None,
    }
}

fn unknown(text: &str) -> String {
    format!(
        "`{text}` is not a fault; use drop-before, drop-after, 400 to 404, 409, 429, 429:lock_timeout, 500, 502, 503, \
         500-saved, 500-after, hang:30s, slow:200ms, garbage, html, redirect, without:FIELD or newer"
    )
}

fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is not a time; write `200ms` or `3s`");
    let (number, unit): (&str, fn(u64) -> Duration) = if let Some(number) = text.strip_suffix("ms") {
        (number, Duration::from_millis)
    } else if let Some(number) = text.strip_suffix('s') {
        (number, Duration::from_secs)
    } else {
        return Err(wrong());
    };
    number.trim().parse().map(unit).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::{At, What, parse_faults};
    use std::time::Duration;

    #[test]
    fn a_script_of_two_rules_is_read() {
        let faults = parse_faults("POST /v1/prices#2=drop-after; *=slow:200ms").unwrap();
        assert_eq!(faults.len(), 2);
        assert_eq!((faults[0].at, &faults[0].what), (At::Nth(2), &What::DropAfter));
        assert!(faults[0].matches("POST", "/v1/prices") && !faults[0].matches("GET", "/v1/prices"));
        assert_eq!(faults[1].what, What::Slow(Duration::from_millis(200)));
        assert!(faults[1].matches("DELETE", "/v1/anything"));
        let faults = parse_faults("*=429:endpoint-rate; *=without:id; *=404; *=newer").unwrap();
        let what: Vec<_> = faults.into_iter().map(|fault| fault.what).collect();
        let wanted =
            [What::Limited("endpoint-rate"), What::Without("id".into()), What::Status(404, false), What::Newer];
        assert_eq!(what, wanted);
    }

    #[test]
    fn a_mistake_is_answered_with_what_to_write() {
        for (spec, part) in [
            ("drop-after", "has no `=`"),
            ("/v1/prices#0=500", "not a count"),
            ("PUT /v1/prices=500", "not a method"),
            ("prices=500", "not a path"),
            ("*=explode", "not a fault"),
            ("*=429-saved", "not a fault"),
            ("*=hang:soon", "not a time"),
            ("*=429:boredom", "not a fault"),
        ] {
            assert!(parse_faults(spec).unwrap_err().contains(part), "{spec}");
        }
    }
}
