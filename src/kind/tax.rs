//! `tax`: whether Stripe Tax can calculate: settings active, defaults as wanted, and registered where
//! it must be. Read-only: a registration is a legal statement, and golive never makes one.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::seen::{every, tax_settings};
use super::text::{complaint, is_open};
use super::{Complaint, Kind, Realm};
use crate::error::{Code, Problem};
use crate::mode::Mode;
use crate::step::{Collection, Facts, Permission, Step, Verdict};

/// The fields of a `tax` item.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// Where the account must be registered: countries (`DE`), with a state where it matters
    /// (`US-NY`, `CA-QC`).
    #[serde(default)]
    pub registrations: Vec<String>,
    /// Whether prices that say nothing include the tax.
    pub tax_behavior: Option<Behavior>,
    /// The tax code of products that have none, `txcd_…`.
    pub tax_code: Option<String>,
    /// Whether the address of the head office must be known.
    #[serde(default)]
    pub head_office: bool,
}

/// Whether prices that say nothing include the tax.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Behavior {
    /// It is added.
    Exclusive,
    /// It is inside.
    Inclusive,
    /// As is usual where the currency is used.
    InferredByCurrency,
}

/// `GET /v1/tax/settings`
#[derive(Default, Deserialize)]
#[serde(default)]
struct Settings {
    status: String,
    status_details: Value,
    defaults: Defaults,
    head_office: Value,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Defaults {
    tax_behavior: Option<String>,
    tax_code: Option<String>,
}

/// `GET /v1/tax/registrations`
#[derive(Default, Deserialize)]
#[serde(default)]
struct Registration {
    country: String,
    country_options: Value,
    status: String,
}

impl Kind for Spec {
    fn next(&self, facts: &Facts<'_>) -> Step {
        match self.decide(facts) {
            Ok(step) | Err(step) => step,
        }
    }

    /// What a rehearsal shows of taxes says nothing about the account.
    fn realm(&self) -> Realm {
        Realm::Between
    }

    fn permissions(&self) -> Vec<Permission> {
        vec![Permission::TaxSettingsRead]
    }

    fn complaints(&self) -> Vec<Complaint> {
        let strange = |(n, place): (usize, &String)| {
            let good = is_open(place) || is_place(place);
            let message = format!("`{place}` is not a country, nor a state of one");
            let help = "write codes of ISO 3166: DE, US-NY, CA-QC";
            (!good).then(|| complaint(&format!("registrations[{n}]"), Code::BadValue, message, help))
        };
        let mut complaints: Vec<_> = self.registrations.iter().enumerate().filter_map(strange).collect();
        if let Some(code) = self.tax_code.as_ref().filter(|code| !is_open(code) && !code.starts_with("txcd_")) {
            let help = "copy it from https://docs.stripe.com/tax/tax-codes, for example txcd_10103001";
            complaints.push(complaint("tax_code", Code::BadValue, format!("`{code}` is not a tax code"), help));
        }
        complaints
    }
}

/// `DE`, `US-NY`
fn is_place(text: &str) -> bool {
    let (country, state) = text.split_once('-').unwrap_or((text, "XX"));
    let capital = |part: &str| part.bytes().all(|byte| byte.is_ascii_uppercase());
    let code = |part: &str| part.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    country.len() == 2 && capital(country) && (2..=3).contains(&state.len()) && code(state)
}

impl Spec {
    fn decide(&self, facts: &Facts<'_>) -> Result<Step, Step> {
        let settings: Settings = tax_settings(facts)?.unwrap_or_default();
        let registered: Vec<Registration> = if self.registrations.is_empty() {
            Vec::new()
        } else {
            every(facts, Collection::TaxRegistrations)?
        };
        let mut problems = pending(&settings);
        let mut fixes = Vec::new();
        let pages = Pages::of(facts.mode);
        // What a rehearsal's account has chosen says nothing about the real one.
        let rehearses = facts.mode == Mode::Rehearse;
        if !rehearses {
            problems.extend(self.defaults(&settings));
        }
        if !problems.is_empty() {
            fixes.push(format!("complete the settings in the Dashboard, then golive wizard: {}", pages.settings));
        }
        if let Some(problem) = self.unregistered(&registered).filter(|_| !rehearses) {
            problems.push(problem);
            fixes.push(format!(
                "register with the authority, then add it in the Dashboard; it is a legal statement, so golive does not: {}",
                pages.registrations
            ));
        }
        let mut problems = problems.into_iter();
        let Some(mut problem) = problems.next() else { return Ok(self.conclude(rehearses)) };
        for more in problems {
            problem.why.push(more.message);
            problem.why.extend(more.why);
        }
        Err(Step::Done(Verdict::Fail { problem: problem.fix(fixes.join("; and ")) }))
    }

    fn conclude(&self, rehearses: bool) -> Step {
        let places = self.registrations.join(", ");
        let evidence = match (self.registrations.is_empty(), rehearses) {
            (true, _) => "Stripe Tax is active".to_owned(),
            (false, false) => format!("Stripe Tax is active; registered in {places}"),
            (false, true) => format!("in live mode golive looks for the settings, and for registrations in {places}"),
        };
        Step::Done(Verdict::pass(evidence))
    }

    fn defaults(&self, settings: &Settings) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut differ = |what: &str, found: Option<&str>, wanted: &str| {
            if found != Some(wanted) {
                let problem = Problem::new(Code::TaxPending, format!("the default {what} of Stripe Tax is another one"))
                    .found_wanted(found.unwrap_or("none"), wanted);
                problems.push(problem);
            }
        };
        if let Some(wanted) = self.tax_behavior {
            differ("tax behavior", settings.defaults.tax_behavior.as_deref(), wanted.word());
        }
        if let Some(wanted) = &self.tax_code {
            differ("tax code", settings.defaults.tax_code.as_deref(), wanted);
        }
        // Without a head office the settings are pending, and that is said already.
        if self.head_office && settings.status == "active" && !settings.head_office.is_object() {
            let message = "Stripe Tax does not know the address of the head office";
            problems.push(Problem::new(Code::TaxPending, message));
        }
        problems
    }

    fn unregistered(&self, registered: &[Registration]) -> Option<Problem> {
        let is_active = |place: &&String| {
            registered.iter().any(|registration| registration.status == "active" && registration.is_in(place))
        };
        let missing: Vec<&String> = self.registrations.iter().filter(|place| !is_active(place)).collect();
        if missing.is_empty() {
            return None;
        }
        let names: Vec<&str> = missing.iter().map(|place| place.as_str()).collect();
        let mut problem = Problem::new(Code::TaxUnregistered, format!("no tax is collected in {}", names.join(", ")))
            .why("the account has no active registration there, and Stripe Tax calculates 0 without one");
        for place in missing {
            let other = registered.iter().find(|registration| registration.is_in(place));
            if let Some(other) = other {
                problem = problem.why(format!("{place}: the registration is {}", other.status));
            }
        }
        Some(problem)
    }
}

fn pending(settings: &Settings) -> Vec<Problem> {
    if settings.status == "active" {
        return Vec::new();
    }
    let missing = settings.status_details["pending"]["missing_fields"].as_array();
    let missing: Vec<&str> = missing.into_iter().flatten().filter_map(Value::as_str).collect();
    let problem = Problem::new(Code::TaxPending, "Stripe Tax cannot calculate yet");
    vec![if missing.is_empty() { problem } else { problem.why(format!("missing: {}", missing.join(", "))) }]
}

/// Where the Dashboard has what is missing.
struct Pages {
    settings: &'static str,
    registrations: &'static str,
}

impl Pages {
    const fn of(mode: Mode) -> Self {
        if mode.livemode() {
            Self {
                settings: "https://dashboard.stripe.com/settings/tax",
                registrations: "https://dashboard.stripe.com/tax/registrations",
            }
        } else {
            Self {
                settings: "https://dashboard.stripe.com/test/settings/tax",
                registrations: "https://dashboard.stripe.com/test/tax/registrations",
            }
        }
    }
}

impl Registration {
    /// Whether it is one for a country, or for a state of it.
    fn is_in(&self, place: &str) -> bool {
        let (country, state) = place.split_once('-').map_or((place, None), |(country, state)| (country, Some(state)));
        if !self.country.eq_ignore_ascii_case(country) {
            return false;
        }
        let options = &self.country_options[country.to_ascii_lowercase()];
        let found = options["state"].as_str().or_else(|| options["province_standard"]["province"].as_str());
        state.is_none_or(|state| found == Some(state))
    }
}

impl Behavior {
    const fn word(self) -> &'static str {
        match self {
            Self::Exclusive => "exclusive",
            Self::Inclusive => "inclusive",
            Self::InferredByCurrency => "inferred_by_currency",
        }
    }
}

#[cfg(test)]
#[path = "tax_tests.rs"]
mod tests;
