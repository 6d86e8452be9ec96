//! `portal`: the customer portal, field by field. Without `env` it is the account's default
//! configuration, which only the Dashboard can create; with `env` a configuration of its own, found by
//! golive's mark, created and compared. Settings that the checklist does not name are left alone.

mod compare;
mod found;
mod settings;
mod switch;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use self::compare::Difference;
use self::found::Configuration;
pub use self::settings::Settings;
use self::switch::Switch;
use super::product::mark;
use super::seen::every;
use super::text::{complaint, is_open};
use super::url::{is_local_url, url_complaint};
use super::{Complaint, Kind, Realm, Variable, env_name};
use crate::error::{Code, Problem};
use crate::mode::Mode;
use crate::step::{
    Action, Change, Collection, Effect, Facts, Outputs, Permission, SettingWrite, Step, Verb, Verdict, Write,
};

/// Where the Dashboard keeps the portal.
const PAGE: &str = "https://dashboard.stripe.com/settings/billing/portal";

/// The fields of a `portal` item.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// The line at the top of the portal; at most 60 characters.
    pub headline: Option<String>,
    /// Your privacy policy.
    pub privacy_url: Option<String>,
    /// Your terms of service.
    pub terms_url: Option<String>,
    /// Where customers go when they leave the portal.
    pub return_url: Option<String>,
    /// Whether there is a page where customers can log in by themselves.
    pub login_page: Option<bool>,
    /// What customers may change of their own details; none switches it off.
    pub customer_update: Option<Vec<Detail>>,
    /// Whether customers see their invoices.
    pub invoice_history: Option<bool>,
    /// Whether customers may change how they pay.
    pub payment_method_update: Option<bool>,
    /// Whether and when customers may end their subscription.
    pub cancel: Option<Cancel>,
    /// The reasons they are asked to choose from; none asks for no reason.
    pub cancel_reasons: Option<Vec<Reason>>,
    /// What customers may change their subscription to; none switches it off.
    pub switch: Option<Vec<Switch>>,
    /// What they may change of it; at least the price unless said otherwise.
    pub switch_allows: Option<Vec<Allow>>,
    /// Everything else, named and nested as in Stripe's API:
    /// `{ features = { subscription_update = { proration_behavior = "create_prorations" } } }`.
    pub settings: Option<Settings>,
    /// Metadata that the application reads.
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
    /// The variable of the env file that takes the configuration's id, and with it the wish for a
    /// configuration of its own.
    pub env: Option<String>,
}

/// A detail that customers may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is one of Stripe's words")]
pub enum Detail {
    Address,
    Email,
    Name,
    Phone,
    Shipping,
    TaxId,
}

/// When a subscription ends that its customer cancels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Cancel {
    /// When the time that is paid for is over.
    AtPeriodEnd,
    /// At once.
    Immediately,
    /// Customers cannot cancel in the portal.
    No,
}

/// A reason for cancelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is one of Stripe's words")]
pub enum Reason {
    CustomerService,
    LowQuality,
    MissingFeatures,
    Other,
    SwitchedService,
    TooComplex,
    TooExpensive,
    Unused,
}

/// What customers may change of a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is one of Stripe's words")]
pub enum Allow {
    Price,
    PromotionCode,
    Quantity,
}

impl Allow {
    const fn word(self) -> &'static str {
        match self {
            Self::Price => "price",
            Self::PromotionCode => "promotion_code",
            Self::Quantity => "quantity",
        }
    }
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
        let login = (self.login_page == Some(true)).then(|| "login_url".to_owned());
        std::iter::once("id".to_owned()).chain(login).collect()
    }

    fn variables(&self) -> Vec<Variable> {
        let name = self.env.clone();
        name.map(|name| Variable { name, output: Some("id".into()) }).into_iter().collect()
    }

    fn permissions(&self) -> Vec<Permission> {
        let prices = self.switch.as_ref().map(|_| Permission::PriceWrite);
        std::iter::once(Permission::PortalWrite).chain(prices).collect()
    }

    fn complaints(&self) -> Vec<Complaint> {
        let urls = self.urls().into_iter();
        let mut complaints: Vec<_> = urls.filter_map(|(path, url)| url_complaint(path, url?)).collect();
        complaints.extend(self.env.as_deref().and_then(|name| env_name("env", name)));
        let headline = self.headline.as_deref().filter(|text| !is_open(text) && text.chars().count() > 60);
        if let Some(text) = headline {
            let message = format!("a headline has at most 60 characters, this one has {}", text.chars().count());
            complaints.push(complaint("headline", Code::BadValue, message, "shorten it"));
        }
        let cancels = self.cancel_reasons.as_ref().is_some_and(|reasons| !reasons.is_empty());
        if self.cancel == Some(Cancel::No) && cancels {
            let message = "customers who cannot cancel are asked for no reason";
            complaints.push(complaint("cancel_reasons", Code::BadValue, message, "leave it out, or allow to cancel"));
        }
        if self.env.is_some() && !self.has_features() {
            let help = "say at least one, for example: invoice_history = true";
            let message = "a portal of its own needs something that customers can do in it";
            complaints.push(complaint("env", Code::BadValue, message, help));
        }
        let offers = self.switch.as_ref().is_some_and(|switch| !switch.is_empty());
        if self.switch_allows.is_some() && !offers {
            let message = "without products to change to, nothing of a subscription can be changed";
            complaints.push(complaint("switch_allows", Code::BadValue, message, "add switch, or take it out"));
        }
        if self.switch_allows.as_ref().is_some_and(Vec::is_empty) {
            let message = "a subscription of which nothing can be changed has no switch";
            complaints.push(complaint("switch_allows", Code::BadValue, message, "write switch_allows = [\"price\"]"));
        }
        complaints.extend(switch::complaints(self.switch.as_deref().unwrap_or_default()));
        complaints
    }
}

impl Spec {
    fn urls(&self) -> [(&'static str, Option<&str>); 3] {
        [
            ("privacy_url", self.privacy_url.as_deref()),
            ("terms_url", self.terms_url.as_deref()),
            ("return_url", self.return_url.as_deref()),
        ]
    }

    fn has_features(&self) -> bool {
        self.customer_update.is_some()
            || self.invoice_history.is_some()
            || self.payment_method_update.is_some()
            || self.cancel.is_some()
            || self.cancel_reasons.is_some()
            || self.switch.is_some()
    }

    fn decide(&self, facts: &Facts<'_>) -> Result<Step, Step> {
        self.reachable(facts)?;
        let found: Vec<Configuration> = every(facts, Collection::PortalConfigurations)?;
        let configuration = self.find(facts, &found)?;
        if configuration.is_none() && self.env.is_none() {
            return Err(fail(missing(facts.mode)));
        }
        switch::check(facts, self.switch.as_deref().unwrap_or_default())?;
        let Some(configuration) = configuration else { return Ok(self.create(facts)) };
        let difference = Difference::between(self, configuration);
        if difference.fields.is_empty() {
            return Ok(self.conclude(configuration));
        }
        Ok(change(facts, configuration, difference))
    }

    /// Addresses that exist on this computer only are good for a test, and for nothing else.
    fn reachable(&self, facts: &Facts<'_>) -> Result<(), Step> {
        if !facts.mode.livemode() {
            return Ok(());
        }
        let local = self.urls().into_iter().find_map(|(path, url)| Some((path, url.filter(|url| is_local_url(url))?)));
        let Some((path, url)) = local else { return Ok(()) };
        let problem = Problem::new(Code::PortalUrl, format!("customers cannot reach `{path}` of the portal: {url}"))
            .why("the address exists on this computer, or in its own network, alone")
            .fix(format!("write the public address in the checklist: {path} = \"https://…\""));
        Err(fail(problem))
    }

    /// The account's default configuration, or the one that golive made for this item.
    fn find<'c>(&self, facts: &Facts<'_>, found: &'c [Configuration]) -> Result<Option<&'c Configuration>, Step> {
        if self.env.is_none() {
            return Ok(found.iter().find(|configuration| configuration.is_default && configuration.active));
        }
        let (key, value) = mark(facts);
        let marked = found.iter().filter(|configuration| configuration.metadata.get(&key) == Some(&value));
        let (on, off): (Vec<_>, Vec<_>) = marked.partition(|configuration| configuration.active);
        match (on.as_slice(), off.as_slice()) {
            ([one], _) | ([], [one, ..]) => Ok(Some(one)),
            ([], []) => Ok(None),
            (several, _) => {
                let ids: Vec<&str> = several.iter().map(|configuration| configuration.id.as_str()).collect();
                let problem = Problem::new(Code::CatalogAmbiguous, "several portal configurations carry this item's mark")
                    .why(ids.join(", "))
                    .fix(format!("switch off those that are not meant: {}", page(facts.mode)));
                Err(fail(problem))
            }
        }
    }

    fn create(&self, facts: &Facts<'_>) -> Step {
        let Difference { mut patch, fields, .. } = Difference::between(self, &Configuration::default());
        patch.active = None;
        patch.metadata.extend([mark(facts)]);
        let write = Write::Setting(SettingWrite::CreatePortal(patch));
        let action = Action::new("portal", &facts.address.item, Verb::Create, Effect::Stripe(write))
            .fields(fields)
            .note("Your code must name it when it opens a portal session: configuration = its id.");
        Step::Change(Change::of(vec![action]))
    }

    fn conclude(&self, configuration: &Configuration) -> Step {
        let what = if configuration.is_default { "the account's default" } else { "a configuration of its own" };
        let mut outputs = Outputs::from([("id".to_owned(), configuration.id.clone())]);
        let login = configuration.login_page.url.clone().filter(|_| self.login_page == Some(true));
        outputs.extend(login.map(|url| ("login_url".to_owned(), url)));
        Step::Done(Verdict::pass_with(format!("{}, {what}; settings as wanted", configuration.id), outputs))
    }
}

fn change(facts: &Facts<'_>, configuration: &Configuration, difference: Difference) -> Step {
    let write = |patch| {
        let (id, is_default) = (configuration.id.clone(), configuration.is_default);
        Write::Setting(SettingWrite::UpdatePortal { id, is_default, patch })
    };
    let Difference { patch, undo, fields } = difference;
    let action = Action::new("portal", &facts.address.item, Verb::Change, Effect::Stripe(write(patch)))
        .summary(&configuration.id)
        .fields(fields)
        .undo(write(undo));
    Step::Change(Change::of(vec![action]))
}

/// The portal's page in the Dashboard.
fn page(mode: Mode) -> &'static str {
    if mode.livemode() { PAGE } else { "https://dashboard.stripe.com/test/settings/billing/portal" }
}

fn missing(mode: Mode) -> Problem {
    Problem::new(Code::PortalMissing, "the account has no customer portal settings")
        .why("Stripe creates them when somebody saves them in the Dashboard; no program can")
        .why("without them, opening the portal ends with an error for every customer")
        .fix(format!("save your settings once in the Dashboard, as they are, then golive wizard: {}", page(mode)))
}

fn fail(problem: Problem) -> Step {
    Step::Done(Verdict::Fail { problem })
}
