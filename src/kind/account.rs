//! `account`: whether the account may charge, be paid out, and is presentable to customers.
//!
//! The three booleans of `GET /v1/account` decide; `requirements` is often withheld from an own
//! account and only adds detail.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Kind, Realm};
use crate::error::{Code, Problem};
use crate::step::object::Account;
use crate::step::{Facts, Look, Outputs, Permission, Sight, Step, Verdict};

const ONBOARDING: &str = "https://dashboard.stripe.com/account/onboarding";
const PUBLIC_DETAILS: &str = "https://dashboard.stripe.com/settings/public";
const BRANDING: &str = "https://dashboard.stripe.com/settings/branding";

/// The fields of an `account` item.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// What the account must have.
    #[serde(default = "essentials")]
    pub require: Vec<Requirement>,
}

/// Something an account can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Requirement {
    /// It may take live charges.
    Charges,
    /// It may be paid out.
    Payouts,
    /// The onboarding form is complete.
    Details,
    /// Customers recognise the charge on their statement.
    StatementDescriptor,
    /// Customers can reach somebody.
    Support,
    /// It has a name; Checkout needs one.
    BusinessName,
    /// Icon or logo, and a colour.
    Branding,
}

fn essentials() -> Vec<Requirement> {
    vec![Requirement::Charges, Requirement::Payouts, Requirement::Details]
}

impl Kind for Spec {
    fn next(&self, facts: &Facts<'_>) -> Step {
        match facts.see(&Look::Account) {
            None => Step::Look(vec![Look::Account]),
            Some(Sight::Account(account)) => Step::Done(self.judge(account)),
            Some(Sight::Refused(refusal)) => Step::Done(Verdict::Unknown { problem: refusal.problem(None) }),
            Some(_) => Step::Done(Verdict::Unknown { problem: Problem::new(Code::Unreadable, "the account could not be read") }),
        }
    }

    fn realm(&self) -> Realm {
        Realm::Stripe
    }

    fn outputs(&self) -> Vec<String> {
        vec!["id".into(), "name".into()]
    }

    fn permissions(&self) -> Vec<Permission> {
        vec![Permission::AccountRead]
    }
}

impl Spec {
    fn judge(&self, account: &Account) -> Verdict {
        let mut missing = self.require.iter().filter_map(|requirement| requirement.missing(account));
        let Some(mut problem) = missing.next() else {
            let name = account.name().unwrap_or("no name");
            let country = account.country.as_deref().unwrap_or("country not given");
            let count = self.require.len();
            let evidence = format!("{name}, {}, {country}; {count} of {count} as required", account.id);
            let mut outputs = Outputs::from([("id".to_owned(), account.id.clone())]);
            outputs.extend(account.name().map(|name| ("name".to_owned(), name.to_owned())));
            return Verdict::pass_with(evidence, outputs);
        };
        for more in missing {
            problem.why.push(more.message);
            problem.why.extend(more.why);
            problem.fix.extend(more.fix.into_iter().filter(|fix| !problem.fix.contains(fix)).collect::<Vec<_>>());
        }
        Verdict::Fail { problem }
    }
}

impl Requirement {
    fn missing(self, account: &Account) -> Option<Problem> {
        let filled = |text: Option<&String>| text.is_some_and(|text| !text.trim().is_empty());
        let profile = account.business_profile.as_ref();
        let settings = account.settings.as_ref();
        match self {
            Self::Charges if account.charges_enabled != Some(true) => Some(cannot_charge(account)),
            Self::Payouts if account.payouts_enabled != Some(true) => Some(
                Problem::new(Code::AccountCannotPayout, "the account cannot be paid out")
                    .why("payouts_enabled is not true")
                    .fix(format!("add a bank account and what else is asked for: {ONBOARDING}")),
            ),
            Self::Details if account.details_submitted != Some(true) => Some(
                Problem::new(Code::AccountCannotCharge, "the onboarding form is not complete")
                    .why("details_submitted is not true")
                    .fix(format!("complete it: {ONBOARDING}")),
            ),
            Self::StatementDescriptor
                if !filled(settings.and_then(|s| s.payments.as_ref()).and_then(|p| p.statement_descriptor.as_ref())) =>
            {
                Some(incomplete("there is no statement descriptor", PUBLIC_DETAILS))
            }
            Self::Support
                if !profile.is_some_and(|profile| {
                    filled(profile.support_email.as_ref()) || filled(profile.support_phone.as_ref()) || filled(profile.support_url.as_ref())
                }) =>
            {
                Some(incomplete("there is no support email, phone or page", PUBLIC_DETAILS))
            }
            Self::BusinessName if account.name().is_none() => Some(incomplete("the account has no name", PUBLIC_DETAILS)),
            Self::Branding
                if !settings.and_then(|settings| settings.branding.as_ref()).is_some_and(|branding| {
                    (branding.icon.is_some() || branding.logo.is_some()) && branding.primary_color.is_some()
                }) =>
            {
                Some(incomplete("icon or logo, or the brand colour is missing", BRANDING))
            }
            _ => None,
        }
    }
}

fn incomplete(message: &str, page: &str) -> Problem {
    Problem::new(Code::AccountIncomplete, message).fix(format!("fill it in: {page}"))
}

fn cannot_charge(account: &Account) -> Problem {
    let mut problem = Problem::new(Code::AccountCannotCharge, "the account cannot take live charges yet")
        .why("charges_enabled is not true");
    if let Some(requirements) = &account.requirements {
        if let Some(reason) = &requirements.disabled_reason {
            problem = problem.why(format!("Stripe's reason: {reason}"));
        }
        let due: Vec<&str> = requirements.past_due.iter().chain(&requirements.currently_due).map(String::as_str).collect();
        if !due.is_empty() {
            problem = problem.why(format!("due: {}", due.join(", ")));
        }
    }
    problem.fix(format!("activate the account: {ONBOARDING}"))
}

#[cfg(test)]
#[path = "account_tests.rs"]
mod tests;
