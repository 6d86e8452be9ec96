//! A launch in the middle, for the tests of views and renderers. Every name is invented.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::checklist::{Checklist, Item, Phase, Severity, Source, When};
use crate::error::{Code, Problem};
use crate::mode::Mode;
use crate::plan::AccountRef;
use crate::state::{ItemRecord, Judged, State};
use crate::step::{Address, Verdict};

/// An item of a kind, without needs.
pub fn item(address: &str, kind: &str, title: &str) -> Item {
    let address: Address = address.parse().expect("an address");
    let digest = format!("digest of {address}");
    Item {
        address,
        kind: kind.into(),
        title: title.into(),
        why: None,
        help: None,
        link: None,
        source: Vec::new(),
        severity: Severity::Blocker,
        needs: Vec::new(),
        when: When::Launch,
        owner: None,
        minutes: None,
        modes: Vec::new(),
        once: false,
        causes: Vec::new(),
        fields: toml::Table::new(),
        digest,
    }
}

fn phase(id: &str, title: &str, items: Vec<Item>) -> Phase {
    Phase { id: id.into(), title: title.into(), why: None, items }
}

/// Four phases with an item in every state but `rehearsed`, and one that is live only.
pub fn checklist() -> Checklist {
    let mut waits = item("webhook.main", "webhook", "Create the endpoint");
    waits.needs = vec![Address::new("webhook", "redirect")];
    let mut advised = item("after.pager", "manual", "Alerts reach the person on call");
    advised.severity = Severity::Advised;
    let mut live_only = item("after.first_sale", "manual", "Watch the first sale");
    live_only.modes = vec![Mode::Live];
    Checklist {
        id: "acme".into(),
        title: "Acme launch".into(),
        origin: Source::File(PathBuf::from("golive.toml")),
        sha256: "9f2c".into(),
        vars: BTreeMap::new(),
        env_file: Some(".env.production".into()),
        watch: crate::checklist::watch::Watch::default(),
        checks: Vec::new(),
        rollback: Vec::new(),
        phases: vec![
            phase("account", "Account", vec![item("account.main", "account", "Account can take payments")]),
            phase(
                "catalog",
                "Products and prices",
                vec![item("catalog.pro", "product", "Acme Pro"), item("catalog.team", "product", "Acme Team")],
            ),
            phase(
                "webhook",
                "Webhook",
                vec![
                    item("webhook.redirect", "http", "No redirect"),
                    item("webhook.tls", "tls", "Certificate"),
                    item("webhook.limit", "http", "Login is rate limited"),
                    waits,
                ],
            ),
            phase("after", "Monitoring", vec![advised, live_only]),
        ],
    }
}

/// A record with a verdict on the item as it is now.
pub fn judged(address: &str, verdict: Verdict) -> (Address, ItemRecord) {
    let digest = format!("digest of {address}");
    let judged = Judged { verdict, digest, rehearsed: false, at: "2026-11-24T10:12:03Z".into() };
    (address.parse().expect("an address"), ItemRecord { verdict: Some(judged), ..ItemRecord::default() })
}

/// The problem of the redirect.
pub fn redirect() -> Problem {
    Problem::new(Code::WebhookRedirect, "the webhook URL redirects, and Stripe does not follow redirects")
        .why(
            "POST https://acme.example/api/stripe/webhook answered 301. To Stripe every 3xx is a failed delivery. \
             Usual causes: www, trailing slash, http",
        )
        .found_wanted("301 → https://www.acme.example/hook", "400")
        .fix("register the final address; it answered 400, as it should")
}

/// What is recorded of that launch.
pub fn state() -> State {
    let tls = Problem::new(Code::HostUnreachable, "the host cannot be reached").fix("look at it: golive check");
    let mut records: BTreeMap<_, _> = [
        judged("account.main", Verdict::pass("charges and payouts are on")),
        judged("catalog.pro", Verdict::pass("2 prices as in the checklist")),
        judged("webhook.redirect", Verdict::fail(redirect())),
        judged("webhook.tls", Verdict::Unknown { problem: tls }),
        judged("webhook.limit", Verdict::pass("429 after 12 requests")),
    ]
    .into();
    if let Some(judged) = records.get_mut(&Address::new("webhook", "limit")).and_then(|r| r.verdict.as_mut()) {
        judged.digest = "another".into();
    }
    let skipped = ("Anna".into(), "PagerDuty comes in December".into(), "2026-11-24T10:00:00Z".into());
    records.insert(Address::new("after", "pager"), ItemRecord { skipped: Some(skipped), ..ItemRecord::default() });
    State {
        mode: Some(Mode::Live),
        account: Some(AccountRef { id: "acct_1Q9fTzKd3".into(), name: Some("Acme Oy".into()) }),
        items: records,
        paused: Some(Some("webhook".into())),
        updated_at: Some("2026-11-24T10:14:20Z".into()),
        ..State::default()
    }
}
