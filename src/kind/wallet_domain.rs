//! `wallet_domain`: the domain on which Apple Pay, Google Pay or Link is shown: registered, switched
//! on, and looked at again by Stripe until each wanted wallet is active. Needed where the application
//! shows the buttons itself; Stripe's own pages have a domain of their own.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::seen::every;
use super::text::{complaint, is_open};
use super::{Complaint, Kind, Realm};
use crate::error::{Code, Problem};
use crate::mode::Mode;
use crate::step::{
    Action, Change, Collection, Effect, Facts, Field, Outputs, Permission, SettingWrite, Step, Verb, Verdict, Write,
};

const PAGE: &str = "https://dashboard.stripe.com/settings/payment_methods";

/// The fields of a `wallet_domain` item.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// The host name as customers see it; `www` is another one.
    pub domain: String,
    /// The wallets that must be active on it.
    #[serde(default = "wallets")]
    #[schemars(length(min = 1))]
    pub wallets: Vec<Wallet>,
}

/// A wallet that needs a registered domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is the name of a wallet")]
pub enum Wallet {
    AmazonPay,
    ApplePay,
    GooglePay,
    Klarna,
    Link,
    Paypal,
}

fn wallets() -> Vec<Wallet> {
    vec![Wallet::ApplePay, Wallet::GooglePay]
}

/// `GET /v1/payment_method_domains`
#[derive(Deserialize)]
struct Domain {
    id: String,
    #[serde(default, rename = "domain_name")]
    name: String,
    #[serde(default)]
    enabled: bool,
    #[serde(flatten)]
    wallets: BTreeMap<String, Value>,
}

impl Kind for Spec {
    fn next(&self, facts: &Facts<'_>) -> Step {
        match self.decide(facts) {
            Ok(step) | Err(step) => step,
        }
    }

    fn realm(&self) -> Realm {
        Realm::Stripe
    }

    fn outputs(&self) -> Vec<String> {
        vec!["id".into()]
    }

    fn permissions(&self) -> Vec<Permission> {
        vec![Permission::PaymentMethodDomainWrite]
    }

    fn complaints(&self) -> Vec<Complaint> {
        let mut complaints = Vec::new();
        if !is_open(&self.domain) && !is_domain(&self.domain) {
            let message = format!("`{}` is not a host name that customers see", self.domain);
            let help = "write the name alone: domain = \"shop.example\"";
            complaints.push(complaint("domain", Code::BadValue, message, help));
        }
        if self.wallets.is_empty() {
            complaints.push(complaint("wallets", Code::BadValue, "no wallet is named", "wallets = [\"apple_pay\"]"));
        }
        complaints
    }
}

/// Whether it is a name with a point in it, without scheme, port and path.
fn is_domain(text: &str) -> bool {
    let plain = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || !byte.is_ascii())
    };
    text.contains('.') && text.split('.').all(plain)
}

impl Spec {
    fn decide(&self, facts: &Facts<'_>) -> Result<Step, Step> {
        if !is_domain(&self.domain) {
            let problem = Problem::new(Code::WalletInactive, format!("`{}` is not a host name that customers see", self.domain))
                .fix("write the name alone in the checklist: domain = \"shop.example\"");
            return Err(fail(problem));
        }
        let found: Vec<Domain> = every(facts, Collection::PaymentMethodDomains)?;
        let mine = |domain: &&Domain| domain.name.eq_ignore_ascii_case(&self.domain);
        let Some(domain) = found.iter().find(mine) else { return Ok(self.register(facts)) };
        if !domain.enabled {
            let switch = |enabled| SettingWrite::EnableDomain { id: domain.id.clone(), enabled };
            let fields = vec![Field::change("status", "off", "on")];
            let action = action(facts, Verb::Change, switch(true)).summary(&domain.id).fields(fields);
            return Ok(Step::Change(Change::of(vec![action.undo(Write::Setting(switch(false)))])));
        }
        let inactive: Vec<Wallet> = self.wallets.iter().copied().filter(|wallet| !domain.is_active(*wallet)).collect();
        if inactive.is_empty() {
            return Ok(self.conclude(facts, domain));
        }
        if is_validated(facts, &domain.id) {
            return Err(fail(self.problem(domain, &inactive)));
        }
        let fields = inactive.iter().map(|wallet| Field::change(wallet.word(), "inactive", "active")).collect();
        let validate = SettingWrite::ValidateDomain { id: domain.id.clone() };
        let action = action(facts, Verb::Prove, validate).summary("Stripe looks at the domain again").fields(fields);
        Ok(Step::Change(Change::of(vec![action])))
    }

    fn register(&self, facts: &Facts<'_>) -> Step {
        let domain = self.domain.to_ascii_lowercase();
        let fields = vec![Field::new("domain", &domain), Field::new("wallets", self.words())];
        let action = action(facts, Verb::Create, SettingWrite::RegisterDomain { domain }).fields(fields);
        Step::Change(Change::of(vec![action]))
    }

    fn words(&self) -> String {
        let words: Vec<_> = self.wallets.iter().map(|wallet| wallet.word()).collect();
        words.join(", ")
    }

    fn conclude(&self, facts: &Facts<'_>, domain: &Domain) -> Step {
        // Test mode calls every domain active, whatever it serves.
        let worth = if facts.mode == Mode::Test { "; test mode looks at nothing" } else { "" };
        let evidence = format!("{}, {}: {}{worth}", domain.id, domain.name, self.words());
        Step::Done(Verdict::pass_with(evidence, Outputs::from([("id".to_owned(), domain.id.clone())])))
    }

    fn problem(&self, domain: &Domain, inactive: &[Wallet]) -> Problem {
        let words: Vec<_> = inactive.iter().map(|wallet| wallet.word()).collect();
        let verb = if inactive.len() == 1 { "is" } else { "are" };
        let mut problem =
            Problem::new(Code::WalletInactive, format!("{} {verb} not active on {}", words.join(", "), self.domain));
        let mut fixes: Vec<String> = Vec::new();
        for wallet in inactive {
            let said = domain.said(*wallet).unwrap_or("Stripe gives no reason");
            problem = problem.why(format!("{}: {said}", wallet.word()));
            fixes.push(wallet.fix(&self.domain));
        }
        problem.fix(format!("{}; then have Stripe look again: golive wizard", fixes.join("; ")))
    }
}

fn action(facts: &Facts<'_>, verb: Verb, write: SettingWrite) -> Action {
    Action::new("domain", &facts.address.item, verb, Effect::Stripe(Write::Setting(write)))
}

/// Whether Stripe has looked at the domain again in this run.
fn is_validated(facts: &Facts<'_>, domain: &str) -> bool {
    facts.applied.iter().any(
        |applied| matches!(&applied.write, Some(Write::Setting(SettingWrite::ValidateDomain { id })) if id == domain),
    )
}

impl Domain {
    fn is_active(&self, wallet: Wallet) -> bool {
        self.wallets.get(wallet.word()).is_some_and(|found| found["status"] == "active")
    }

    /// Stripe's own words.
    fn said(&self, wallet: Wallet) -> Option<&str> {
        self.wallets.get(wallet.word())?["status_details"]["error_message"].as_str()
    }
}

impl Wallet {
    const fn word(self) -> &'static str {
        match self {
            Self::AmazonPay => "amazon_pay",
            Self::ApplePay => "apple_pay",
            Self::GooglePay => "google_pay",
            Self::Klarna => "klarna",
            Self::Link => "link",
            Self::Paypal => "paypal",
        }
    }

    fn fix(self, domain: &str) -> String {
        match self {
            Self::ApplePay => format!(
                "make sure that https://{domain} answers from the internet without a login; where Stripe asks for it, serve \
                 its file at https://{domain}/.well-known/apple-developer-merchantid-domain-association"
            ),
            _ => format!("switch {} on for the account: {PAGE}", self.word()),
        }
    }
}

fn fail(problem: Problem) -> Step {
    Step::Done(Verdict::Fail { problem })
}

#[cfg(test)]
#[path = "wallet_domain_tests.rs"]
mod tests;
