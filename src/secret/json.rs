//! What can be said of a value that should be JSON, without giving it away: whether it is the same,
//! which members it lacks, which of its texts begin otherwise. Asked through `step::EnvVar`.

use std::fmt;

use serde_json::Value;

use super::Secret;

/// Why a value could not be read as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoObject {
    /// It stops being JSON at this character, counted from 1.
    NotJson(usize),
    /// It is JSON, and no object.
    OtherJson,
}

impl fmt::Display for NoObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJson(at) => write!(f, "must be a JSON object, and stops being JSON at character {at}"),
            Self::OtherJson => f.write_str("must be a JSON object, and is another sort of JSON"),
        }
    }
}

impl Secret {
    /// Whether it says the same as JSON: blanks and the order of members do not count.
    pub fn is_json(&self, wanted: &Value) -> bool {
        serde_json::from_str::<Value>(&self.0).is_ok_and(|found| found == *wanted)
    }

    /// Those of the members (`basic.monthly`) that it does not have.
    pub fn json_lacks<'p>(&self, paths: &'p [String]) -> Result<Vec<&'p str>, NoObject> {
        let object = self.object()?;
        let has = |path: &str| {
            let mut parts = path.split('.');
            parts.try_fold(&object, |at, part| at.get(part)).is_some_and(|found| !found.is_null())
        };
        // A member's own name may have a point in it.
        Ok(paths.iter().map(String::as_str).filter(|path| object.get(path).is_none() && !has(path)).collect())
    }

    /// The members, however deep, that are not texts that begin so.
    pub fn json_without_prefix(&self, prefix: &str) -> Result<Vec<String>, NoObject> {
        let mut found = Vec::new();
        collect(&self.object()?, "", &mut |path, value| {
            if !value.as_str().is_some_and(|text| text.starts_with(prefix)) {
                found.push(path.to_owned());
            }
        });
        Ok(found)
    }

    fn object(&self) -> Result<Value, NoObject> {
        match serde_json::from_str::<Value>(&self.0) {
            Ok(object @ Value::Object(_)) => Ok(object),
            Ok(_) => Err(NoObject::OtherJson),
            Err(error) => Err(NoObject::NotJson(self.character(&error))),
        }
    }

    /// Where reading stopped. Values of several lines are counted through.
    fn character(&self, error: &serde_json::Error) -> usize {
        let before: usize = self.0.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
        let at = (before + error.column()).clamp(1, self.0.len().max(1));
        let cut = (0..=at).rev().find(|cut| self.0.is_char_boundary(*cut)).unwrap_or(0);
        self.0.get(..cut).map_or(1, |text| text.chars().count()).max(1)
    }
}

/// Calls `each` with every leaf and its path.
fn collect(value: &Value, path: &str, each: &mut dyn FnMut(&str, &Value)) {
    let inner = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| collect(value, &inner(name), each)),
        Value::Array(entries) => {
            entries.iter().enumerate().for_each(|(n, value)| collect(value, &inner(&n.to_string()), each));
        }
        leaf => each(path, leaf),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::NoObject;
    use crate::secret::Secret;

    fn value(text: &str) -> Secret {
        Secret::unlisted(text)
    }

    #[test]
    fn json_is_compared_as_json() {
        let wanted = json!({"basic": {"monthly": "price_1", "yearly": "price_2"}});
        assert!(value("{ \"basic\": {\"yearly\":\"price_2\", \"monthly\": \"price_1\"} }").is_json(&wanted));
        assert!(!value("{\"basic\":{\"monthly\":\"price_1\"}}").is_json(&wanted));
        assert!(!value("{\"basic\"").is_json(&wanted));
    }

    #[test]
    fn members_are_found_by_their_path_and_by_names_with_points() {
        let mapping = value("{\"basic\":{\"monthly\":\"p\",\"none\":null},\"a.b\":1,\"list\":[1]}");
        let paths =
            ["basic.monthly", "basic.yearly", "basic.none", "a.b", "list", "basic.monthly.x"].map(str::to_owned);
        assert_eq!(mapping.json_lacks(&paths).unwrap(), ["basic.yearly", "basic.none", "basic.monthly.x"]);
    }

    #[test]
    fn every_text_however_deep_must_begin_so() {
        let mapping = value("{\"a\":{\"m\":\"price_1\",\"y\":\"prod_1\"},\"b\":[\"price_2\",7]}");
        assert_eq!(mapping.json_without_prefix("price_").unwrap(), ["a.y", "b.1"]);
    }

    #[test]
    fn what_is_no_json_says_where_it_stops_being_one() {
        let stops = |text: &str| value(text).json_lacks(&[]).unwrap_err();
        assert_eq!(stops("{'basic': 1}"), NoObject::NotJson(2));
        assert_eq!(stops("{\"é\": 1"), NoObject::NotJson(7));
        assert_eq!(stops("{\"a\": 1,\n oops}"), NoObject::NotJson(11));
        assert_eq!(stops(""), NoObject::NotJson(1));
        assert_eq!(stops("[1]"), NoObject::OtherJson);
    }
}
