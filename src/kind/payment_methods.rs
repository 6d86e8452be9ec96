//! `payment_methods`: which payment methods the account offers. A preference is changed where Stripe
//! lets it be changed; a method that is on and still not available needs the Dashboard, because its
//! capability has to be applied for there.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::seen::every;
use super::text::{complaint, is_open};
use super::{Complaint, Kind, Realm};
use crate::error::{Code, Problem};
use crate::step::{
    Action, Change, Collection, Effect, Facts, Field, Outputs, Permission, SettingWrite, Step, Verb, Verdict, Write,
};

const PAGE: &str = "https://dashboard.stripe.com/settings/payment_methods";

/// The fields of a `payment_methods` item.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// Methods that customers can pay with: `card`, `link`, `klarna`.
    #[serde(default)]
    pub on: Vec<String>,
    /// Methods that they cannot.
    #[serde(default)]
    pub off: Vec<String>,
    /// What becomes of all methods that are not named: `off` switches off whatever else is on.
    pub others: Option<Others>,
    /// The configuration, by its id (`pmc_…`) or name; the account's default unless said otherwise.
    pub configuration: Option<String>,
}

/// What becomes of the methods that are not named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Others {
    /// Customers cannot pay with them.
    Off,
}

/// A method in a configuration.
#[derive(Deserialize)]
struct Method {
    #[serde(default)]
    available: bool,
    display_preference: Option<Preference>,
}

/// What is wished for, and what comes of it.
#[derive(Default, Deserialize)]
struct Preference {
    #[serde(default, rename = "preference")]
    wish: String,
    #[serde(default)]
    value: String,
    overridable: Option<bool>,
}

/// What keeps a method from being as it is wanted.
struct Obstacle {
    why: String,
    fix: String,
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
        vec![Permission::PaymentMethodConfigurationWrite]
    }

    fn complaints(&self) -> Vec<Complaint> {
        let mut complaints = Vec::new();
        if self.on.is_empty() && self.off.is_empty() && self.others.is_none() {
            let help = "on = [\"card\"]";
            complaints.push(complaint("on", Code::BadValue, "no payment method is named", help));
        }
        let of = |list: &'static str, methods: &[String]| {
            let strange = |(n, method): (usize, &String)| method_complaint(&format!("{list}[{n}]"), method);
            methods.iter().enumerate().filter_map(strange).collect::<Vec<_>>()
        };
        complaints.extend(of("on", &self.on));
        complaints.extend(of("off", &self.off));
        for (n, method) in self.off.iter().enumerate().filter(|(_, method)| self.on.contains(method)) {
            let message = format!("`{method}` cannot be on and off");
            complaints.push(complaint(&format!("off[{n}]"), Code::BadValue, message, "take it out of one of the lists"));
        }
        complaints
    }
}

fn method_complaint(path: &str, method: &str) -> Option<Complaint> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let good = is_open(method) || (!method.is_empty() && method.bytes().all(plain));
    let message = format!("`{method}` is not the name of a payment method");
    (!good).then(|| complaint(path, Code::BadValue, message, "write it as Stripe does: card, apple_pay, sepa_debit"))
}

impl Spec {
    fn decide(&self, facts: &Facts<'_>) -> Result<Step, Step> {
        let found: Vec<Value> = every(facts, Collection::PaymentMethodConfigurations)?;
        let configuration = self.find(&found)?;
        let id = configuration["id"].as_str().unwrap_or_default();
        let mut obstacles = Vec::new();
        let mut wishes: BTreeMap<String, (String, String)> = BTreeMap::new();
        let named = [(&self.on, "on"), (&self.off, "off"), (&self.others(configuration), "off")];
        for (name, wanted) in named.into_iter().flat_map(|(names, wanted)| names.iter().map(move |name| (name, wanted))) {
            match compare(configuration, name, wanted) {
                Ok(None) => {}
                Ok(Some(now)) => drop(wishes.insert(name.clone(), (now, wanted.to_owned()))),
                Err(obstacle) => obstacles.push(obstacle),
            }
        }
        if !wishes.is_empty() {
            return Ok(change(facts, id, &wishes));
        }
        if !obstacles.is_empty() {
            return Err(fail(problem(id, obstacles)));
        }
        let outputs = Outputs::from([("id".to_owned(), id.to_owned())]);
        Ok(Step::Done(Verdict::pass_with(self.evidence(id), outputs)))
    }

    /// Methods that nobody named and that are on, where those are to be off.
    fn others(&self, configuration: &Value) -> Vec<String> {
        let is_on = |method: &Value| method["display_preference"]["value"] == "on";
        let all = configuration.as_object().into_iter().flatten().filter(|(_, method)| is_on(method));
        let unnamed = all.map(|(name, _)| name).filter(|name| !self.on.contains(name) && !self.off.contains(name));
        unnamed.filter(|_| self.others.is_some()).cloned().collect()
    }

    fn evidence(&self, id: &str) -> String {
        let parts = [("on", &self.on), ("off", &self.off)].into_iter().filter(|(_, names)| !names.is_empty());
        let parts = parts.map(|(word, names)| format!("{word}: {}", names.join(", ")));
        let parts: Vec<_> = parts.chain(self.others.map(|Others::Off| "all others off".to_owned())).collect();
        format!("{id}; {}", parts.join("; "))
    }

    fn find<'v>(&self, found: &'v [Value]) -> Result<&'v Value, Step> {
        let own = |configuration: &&Value| configuration["application"].is_null();
        let fits = |configuration: &&Value| match &self.configuration {
            Some(name) => configuration["id"] == name.as_str() || configuration["name"] == name.as_str(),
            None => configuration["is_default"] == true,
        };
        let mut fitting = found.iter().filter(own).filter(fits);
        match (fitting.next(), fitting.next()) {
            (Some(one), None) => Ok(one),
            (Some(one), Some(other)) => {
                let ids: Vec<_> = [one, other].iter().filter_map(|one| one["id"].as_str()).collect();
                let problem = Problem::new(Code::CatalogAmbiguous, "several payment method configurations could be the one that is meant")
                    .why(ids.join(", "))
                    .fix(format!("name the right one in the checklist: configuration = \"{}\"", ids[0]));
                Err(fail(problem))
            }
            (None, _) => {
                let what = self.configuration.as_ref().map_or_else(|| "default payment method configuration".to_owned(), |name| format!("payment method configuration `{name}`"));
                let names: Vec<_> = found.iter().filter_map(|one| one["name"].as_str()).collect();
                let problem = Problem::new(Code::MethodsMissing, format!("the account has no {what}"));
                let problem = if names.is_empty() { problem } else { problem.why(format!("it has {}", names.join(", "))) };
                Err(fail(problem.fix(format!("see what there is: {PAGE}"))))
            }
        }
    }
}

/// Whether a method is as wanted; `Some` with its value now when its preference is to change.
fn compare(configuration: &Value, name: &str, wanted: &str) -> Result<Option<String>, Obstacle> {
    let obstacle = |why: String, fix: String| Err(Obstacle { why, fix });
    let method = configuration.get(name).and_then(|method| Method::deserialize(method).ok());
    let Some(method) = method else {
        if wanted == "off" {
            return Ok(None);
        }
        let why = format!("{name}: Stripe does not offer it to this account");
        return obstacle(why, "see what your country has, and how it is spelt".to_owned());
    };
    let preference = method.display_preference.unwrap_or_default();
    if preference.value != wanted {
        if preference.overridable == Some(false) {
            let why = format!("{name}: is {}, and this configuration may not decide it", preference.value);
            return obstacle(why, format!("switch {name} {wanted} in the configuration above it"));
        }
        if preference.wish == wanted {
            let why = format!("{name}: is wished {wanted}, and {} all the same", preference.value);
            return obstacle(why, format!("see what Stripe asks for {name}"));
        }
        return Ok(Some(preference.value));
    }
    if wanted == "on" && !method.available {
        let why = format!("{name}: is switched on, and not available yet: Stripe has not approved it for this account");
        return obstacle(why, format!("complete what Stripe asks for {name}"));
    }
    Ok(None)
}

fn change(facts: &Facts<'_>, id: &str, wishes: &BTreeMap<String, (String, String)>) -> Step {
    let write = |preferences| Write::Setting(SettingWrite::PreferMethods { id: id.to_owned(), preferences });
    let to = wishes.iter().map(|(name, (_, to))| (name.clone(), to.clone())).collect();
    let from = wishes.iter().map(|(name, (from, _))| (name.clone(), from.clone())).collect();
    let fields = wishes.iter().map(|(name, (from, to))| Field::change(name, from, to)).collect();
    let action = Action::new("methods", &facts.address.item, Verb::Change, Effect::Stripe(write(to)))
        .summary(id)
        .fields(fields)
        .undo(write(from));
    Step::Change(Change::of(vec![action]))
}

fn problem(id: &str, obstacles: Vec<Obstacle>) -> Problem {
    let message = match obstacles.len() {
        1 => "a payment method is not as it should be".to_owned(),
        count => format!("{count} payment methods are not as they should be"),
    };
    let mut problem = Problem::new(Code::MethodUnavailable, message);
    let mut fixes: Vec<String> = Vec::new();
    for Obstacle { why, fix } in obstacles {
        problem = problem.why(why);
        if !fixes.contains(&fix) {
            fixes.push(fix);
        }
    }
    problem.why(format!("in the configuration {id}")).fix(format!("{}, then golive wizard: {PAGE}", fixes.join("; ")))
}

fn fail(problem: Problem) -> Step {
    Step::Done(Verdict::Fail { problem })
}

#[cfg(test)]
#[path = "payment_methods_tests.rs"]
mod tests;
