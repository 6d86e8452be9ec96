//! How a change of the env file is shown: former and new values side by side, secrets masked.

use std::collections::BTreeMap;

use super::{EnvSet, EnvSight, EnvSource, Field, KnownSecret, SecretFormat};
use crate::secret::Slot;

/// The fields of an action that sets these variables, in the order given.
pub fn env_fields(sight: &EnvSight, sets: &[EnvSet], secrets: &BTreeMap<Slot, KnownSecret>) -> Vec<Field> {
    let field = |set: &EnvSet| {
        let to = match &set.value {
            EnvSource::Text(text) => text.clone(),
            EnvSource::Vault(slot) => secrets.get(slot).map_or_else(|| "a secret".into(), |known| known.masked.clone()),
            EnvSource::Generate { format, bytes } => generated(*format, *bytes),
        };
        let from = sight.get(&set.variable).filter(|variable| !variable.is_empty());
        Field { name: set.variable.clone(), from: from.map(super::EnvVar::shown), to }
    };
    sets.iter().map(field).collect()
}

fn generated(format: SecretFormat, bytes: usize) -> String {
    match format {
        SecretFormat::Hex => format!("{} random hex digits", bytes * 2),
        SecretFormat::Base64 => format!("{bytes} random bytes in base64"),
        SecretFormat::Alphanumeric => format!("{bytes} random letters and digits"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::env_fields;
    use crate::secret::{Secret, Slot};
    use crate::step::{EnvSet, EnvSight, EnvSource, EnvVar, Field, KnownSecret, Origin, SecretFormat};

    #[test]
    fn former_and_new_values_stand_side_by_side_and_secrets_are_masked() {
        let old = Secret::new(format!("sk_test_{}9aQ2", "x".repeat(16)));
        let sight = EnvSight {
            variables: vec![
                EnvVar::new("STRIPE_SECRET_KEY", 1, old),
                EnvVar::public("PRICE", 2, "price_old"),
                EnvVar::public("EMPTY", 3, ""),
            ],
            ..EnvSight::default()
        };
        let known =
            KnownSecret { masked: "sk_live_…Vb3k".into(), fingerprint: String::new(), origin: Origin::Prompt };
        let secrets = BTreeMap::from([(Slot::SecretKey, known)]);
        let set = |variable: &str, value| EnvSet { variable: variable.into(), value };
        let sets = [
            set("STRIPE_SECRET_KEY", EnvSource::Vault(Slot::SecretKey)),
            set("PRICE", EnvSource::Text("price_new".into())),
            set("EMPTY", EnvSource::Text("now".into())),
            set("NEW", EnvSource::Generate { format: SecretFormat::Hex, bytes: 32 }),
        ];
        let fields = env_fields(&sight, &sets, &secrets);
        assert_eq!(
            fields,
            [
                Field::change("STRIPE_SECRET_KEY", "sk_test_…9aQ2", "sk_live_…Vb3k"),
                Field::change("PRICE", "price_old", "price_new"),
                Field::new("EMPTY", "now"),
                Field::new("NEW", "64 random hex digits"),
            ]
        );
    }
}
