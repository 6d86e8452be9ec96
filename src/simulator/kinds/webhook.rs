//! Webhook endpoints (facts 4.1, 4.2; other-evidence 3). The secret is in the answer to the creation
//! and nowhere else; a replay of that answer carries it again.

use super::Call;
use crate::simulator::refusal::Refusal;
use crate::simulator::tx::{Tx, merge_metadata};
use crate::simulator::world::text;
use crate::simulator::{ids, list};
use serde_json::{Value, json};

/// Endpoints an account may have in one mode.
const LIMIT: usize = 16;

const EVENTS: &str = include_str!("../data/events.txt");
const VERSIONS: &str = include_str!("../data/versions.txt");

/// True for a version that Stripe ever published (as of `data/versions.txt`).
pub fn is_version(version: &str) -> bool {
    VERSIONS.lines().any(|known| known == version)
}

pub fn create(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let params = call.params;
    let url = text(params, "url").unwrap_or_default();
    check_url(url, tx.livemode())?;
    check_events(&params["enabled_events"])?;
    if let Some(version) = text(params, "api_version")
        && !is_version(version)
    {
        return Err(Refusal::invalid(format!("Invalid api_version: {version}")).param("api_version"));
    }
    if tx.all("webhook_endpoint").len() >= LIMIT {
        let mode = tx.scope.mode.name();
        return Err(Refusal::failed(format!("You have reached the maximum of {LIMIT} {mode} webhook endpoints.")));
    }
    let secret = ids::signing_secret();
    let mut endpoint = json!({
        "id": ids::embedded("we", &tx.scope.account), "object": "webhook_endpoint",
        "api_version": params["api_version"], "application": null, "created": tx.now,
        "description": params["description"], "enabled_events": params["enabled_events"], "livemode": tx.livemode(),
        "metadata": {}, "status": "enabled", "url": url, "_secret": secret,
    });
    merge_metadata(&mut endpoint, params.get("metadata"))?;
    tx.put(endpoint.clone());
    endpoint["secret"] = json!(secret);
    Ok(endpoint)
}

pub fn retrieve(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    tx.need("webhook_endpoint", call.id, "webhook_endpoint", 404)
}

pub fn update(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    let params = call.params;
    let mut endpoint = tx.need("webhook_endpoint", call.id, "webhook_endpoint", 404)?;
    if let Some(url) = params.get("url") {
        check_url(url.as_str().unwrap_or_default(), tx.livemode())?;
        endpoint["url"] = url.clone();
    }
    if let Some(events) = params.get("enabled_events") {
        check_events(events)?;
        endpoint["enabled_events"] = events.clone();
    }
    if let Some(disabled) = params["disabled"].as_bool() {
        endpoint["status"] = json!(if disabled { "disabled" } else { "enabled" });
    }
    if let Some(description) = params.get("description") {
        endpoint["description"] = description.clone();
    }
    merge_metadata(&mut endpoint, params.get("metadata"))?;
    tx.put(endpoint.clone());
    Ok(endpoint)
}

pub fn all(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    list::page(tx, "webhook_endpoint", call.path, call.params, |_| true)
}

pub fn delete(tx: &mut Tx<'_>, call: &Call<'_>) -> Result<Value, Refusal> {
    tx.need("webhook_endpoint", call.id, "webhook_endpoint", 404)?;
    tx.delete("webhook_endpoint", call.id);
    Ok(json!({"id": call.id, "object": "webhook_endpoint", "deleted": true}))
}

fn bad_url(message: impl Into<String>) -> Refusal {
    Refusal::invalid(message).code("url_invalid").param("url")
}

/// A look at the text only: Stripe does not call the URL when the endpoint is made.
fn check_url(url: &str, livemode: bool) -> Result<(), Refusal> {
    let Some((scheme, rest)) = url.split_once("://") else {
        return Err(bad_url("Invalid URL: An explicit scheme (such as https) must be provided."));
    };
    let host = host(rest);
    if !matches!(scheme, "http" | "https") || host.is_empty() || host.contains(char::is_whitespace) {
        return Err(bad_url("Not a valid URL"));
    }
    if livemode && scheme != "https" {
        return Err(bad_url(format!("Invalid URL: {url}\nURLs in livemode must begin with \"https://\"")));
    }
    let loopback = host == "localhost"
        || host.ends_with(".localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
    if loopback {
        return Err(bad_url(
            "Invalid URL: URL must be publicly accessible. Consider using a tool like the Stripe CLI to test webhooks \
             locally: https://github.com/stripe/stripe-cli.",
        ));
    }
    Ok(())
}

/// The host of what follows `scheme://`, without user, port and brackets.
pub fn host(rest: &str) -> &str {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    match host.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    }
}

fn check_events(events: &Value) -> Result<(), Refusal> {
    let events = events.as_array().filter(|list| !list.is_empty()).ok_or_else(|| Refusal::empty("enabled_events"))?;
    for (n, event) in events.iter().enumerate() {
        let name = event.as_str().unwrap_or_default();
        if !EVENTS.lines().any(|known| known == name) {
            let choices: Vec<String> = EVENTS.lines().map(str::to_owned).collect();
            let param = format!("enabled_events[{n}]");
            let known = crate::simulator::schema::one_of(&choices);
            return Err(Refusal::invalid(format!("Invalid {param}: must be one of {known}")).param(param));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{check_url, host};

    #[test]
    fn hosts_are_cut_out_of_urls() {
        assert_eq!(host("u:p@shop.example:8443/x?y"), "shop.example");
        assert_eq!(host("[::1]:80/"), "::1");
    }

    #[test]
    fn plain_http_is_for_test_mode_and_loopback_for_nobody() {
        assert!(check_url("http://shop.example/hook", false).is_ok());
        assert!(
            check_url("http://shop.example/hook", true).unwrap_err().message.contains("must begin with \"https://\"")
        );
        assert!(check_url("https://127.0.0.1/hook", true).unwrap_err().message.contains("publicly accessible"));
        assert!(check_url("shop.example", true).unwrap_err().message.contains("explicit scheme"));
    }
}
