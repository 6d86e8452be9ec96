//! An endpoint's signing secret on its way into the env file: Stripe shows it once, so one that nobody
//! kept is asked for.

use super::{Spec, change, plural, unreadable};
use crate::secret::Slot;
use crate::step::object::WebhookEndpoint;
use crate::step::{
    Check, Effect, EnvSet, EnvSight, EnvSource, EnvVar, Facts, Field, Form, Outputs, Question, Step, Verb, Verdict,
};

impl Spec {
    /// The endpoint is as it should be; its secret must be in the env file.
    pub(super) fn secret(&self, facts: &Facts<'_>, endpoint: &WebhookEndpoint, env: &EnvSight) -> Result<Step, Step> {
        let slot = Slot::Env(self.secret_env.clone());
        let variable = env.get(&self.secret_env);
        // An endpoint whose answer was lost has a secret that nobody has seen: what stands in the
        // env file is another one's.
        let unseen = facts.applied.iter().any(|applied| applied.found && applied.object.as_ref() == Some(&endpoint.id));
        if unseen && !facts.answers.contains_key("secret") {
            return Ok(self.ask_secret(endpoint));
        }
        let given = facts.secrets.get(&slot);
        let kept = variable.is_some_and(|variable| match given {
            Some(known) => variable.fingerprint() == known.fingerprint,
            None => variable.has_prefix("whsec_"),
        });
        if kept {
            let evidence = format!("{}, {}", endpoint.id, plural(endpoint.enabled_events.len(), "event"));
            let outputs = Outputs::from([("id".into(), endpoint.id.clone()), ("url".into(), endpoint.url.clone())]);
            return Ok(Step::Done(Verdict::pass_with(evidence, outputs)));
        }
        let Some(known) = given else { return Ok(self.ask_secret(endpoint)) };
        let from = variable.map(EnvVar::masked);
        let fields = vec![Field { name: self.secret_env.clone(), from, to: known.masked.clone() }];
        let set = EnvSet { variable: self.secret_env.clone(), value: EnvSource::Vault(slot) };
        let Step::Change(mut change) = change(facts, Verb::Write, "", fields, Effect::Env(vec![set])) else {
            return Err(unreadable());
        };
        for action in &mut change.actions {
            (action.noun, action.name) = ("env".into(), env.path.clone());
        }
        Ok(Step::Change(change))
    }

    fn ask_secret(&self, endpoint: &WebhookEndpoint) -> Step {
        Step::Ask(Question {
            name: "secret".into(),
            prompt: "Signing secret of the endpoint".into(),
            help: vec![
                format!("{} exists already, and Stripe shows its secret by API only once.", endpoint.id),
                format!("Reveal it in the Dashboard; it goes to {} in your env file.", self.secret_env),
            ],
            link: Some(format!("https://dashboard.stripe.com/webhooks/{}", endpoint.id)),
            because: None,
            form: Form::Secret { slot: Slot::Env(self.secret_env.clone()), check: Check::SigningSecret },
            rehearse: None,
        })
    }
}
