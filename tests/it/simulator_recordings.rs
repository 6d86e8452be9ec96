//! The simulator's answers equal the recorded answers of the real API, ids and times apart.
//!
//! No step is skipped.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails by panicking, as a test does")]

use crate::simulator_support::{Reply, call, start};
use golive::simulator::Simulator;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

struct Replay {
    sim: Simulator,
    bound: BTreeMap<String, Value>,
    bodies: BTreeMap<u64, Value>,
    compared: usize,
}

impl Replay {
    async fn new() -> Self {
        Self { sim: start().await, bound: BTreeMap::new(), bodies: BTreeMap::new(), compared: 0 }
    }

    fn look(&self, path: &str) -> Option<Value> {
        let (name, rest) = path.split_once('.')?;
        let pointer = rest.replace('[', ".").replace(']', "");
        let mut value = self.bound.get(name)?;
        for part in pointer.split('.') {
            value = match part.parse::<usize>() {
                Ok(n) => value.get(n)?,
                Err(_) => value.get(part)?,
            };
        }
        Some(value.clone())
    }

    /// Puts bound values into `{"$": "a.b"}` and `${a.b}`.
    fn resolve(&self, value: &Value) -> Value {
        match value {
            Value::Object(map) => match map.get("$").and_then(Value::as_str) {
                Some(path) => self.look(path).unwrap_or_else(|| panic!("nothing bound at {path}")),
                None => Value::Object(map.iter().map(|(k, v)| (k.clone(), self.resolve(v))).collect()),
            },
            Value::Array(items) => Value::Array(items.iter().map(|v| self.resolve(v)).collect()),
            Value::String(text) => Value::String(self.fill(text)),
            other => other.clone(),
        }
    }

    fn fill(&self, text: &str) -> String {
        let mut out = text.to_owned();
        while let Some(start) = out.find("${") {
            let end = start + out[start..].find('}').unwrap();
            let value = self.look(&out[start + 2..end]).unwrap_or_else(|| panic!("nothing bound in {text}"));
            out.replace_range(start..=end, value.as_str().unwrap());
        }
        out
    }

    async fn step(&mut self, step: &Value) {
        let n = step["n"].as_u64().unwrap();
        let path = self.fill(step["path"].as_str().unwrap());
        let method = step["method"].as_str().unwrap();
        let mut form = Vec::new();
        flatten("", &self.resolve(&step["params"]), &mut form);
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let reply = call(&self.sim, &self.sim.test.secret, method, &path, &form).await;
        let expected = self.expected(n, step);
        self.compare(n, step, &expected, &reply);
        if let Some(name) = step["as"].as_str() {
            self.bound.insert(name.to_owned(), reply.json);
        }
        self.compared += 1;
    }

    /// The body in full, where the recording only tells how it differs from an earlier one.
    fn expected(&mut self, n: u64, step: &Value) -> Value {
        let mut body = step["body"].clone();
        if let Some(base) = step["body_differs_from"].as_u64() {
            let mut whole = self.bodies[&base].clone();
            for (name, value) in body.as_object().unwrap() {
                whole[name] = value.clone();
            }
            body = whole;
        }
        self.bodies.insert(n, body.clone());
        body
    }

    fn compare(&self, n: u64, step: &Value, expected: &Value, reply: &Reply) {
        let at = format!("step {n} {} {}", step["method"], step["path"]);
        assert_eq!(step["status"].as_u64().unwrap(), u64::from(reply.status), "{at}: {}", reply.text);
        let mut wrong = Vec::new();
        self.differ("", expected, &reply.json, &mut wrong);
        assert!(wrong.is_empty(), "{at}\n{}\ngot {}", wrong.join("\n"), reply.text);
    }

    fn differ(&self, at: &str, expected: &Value, got: &Value, wrong: &mut Vec<String>) {
        if let Some(notation) = expected.as_str().filter(|t| t.starts_with('$') && !t.starts_with("${")) {
            if !self.fits(notation, got) {
                wrong.push(format!("{at}: {got} is not a {notation}"));
            }
            return;
        }
        match (expected, got) {
            (Value::Object(map), _) if map.contains_key("$") => {
                let bound = self.resolve(expected);
                if bound != *got {
                    wrong.push(format!("{at}: {got} instead of {bound}"));
                }
            }
            (Value::Object(a), Value::Object(b)) => {
                for name in a.keys().chain(b.keys().filter(|k| !a.contains_key(*k))) {
                    let inner = format!("{at}.{name}");
                    match (a.get(name), b.get(name)) {
                        (Some(x), Some(y)) => self.differ(&inner, x, y, wrong),
                        (Some(_), None) => wrong.push(format!("{inner} is missing")),
                        _ => wrong.push(format!("{inner} is made up")),
                    }
                }
            }
            (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
                for (n, (x, y)) in a.iter().zip(b).enumerate() {
                    self.differ(&format!("{at}[{n}]"), x, y, wrong);
                }
            }
            _ if self.resolve(expected) == *got => {}
            _ => wrong.push(format!("{at}: {got} instead of {expected}")),
        }
    }

    fn fits(&self, notation: &str, got: &Value) -> bool {
        match notation.split_once(':') {
            // Coupons that were not given an id have eight letters and digits.
            Some(("$id", "coupon")) => got.as_str().is_some_and(|id| is_short(id, u8::is_ascii_alphanumeric)),
            Some(("$id", prefix)) => got.as_str().is_some_and(|id| id.starts_with(&format!("{prefix}_"))),
            Some(("$same", name)) => self.bound.get(name) == Some(got),
            _ if notation == "$code8" || notation == "$prefix8" => {
                let upper = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
                got.as_str().is_some_and(|code| is_short(code, upper))
            }
            _ if notation == "$time" => got.is_i64() || got.is_u64(),
            _ if notation == "$url" => {
                got.as_str().is_some_and(|url| url.starts_with("https://dashboard.stripe.com/acct_"))
            }
            _ => panic!("unknown notation {notation}"),
        }
    }
}

fn is_short(text: &str, fits: impl Fn(&u8) -> bool) -> bool {
    text.len() == 8 && text.bytes().all(|byte| fits(&byte))
}

/// Parameters as a client encodes them.
fn flatten(at: &str, value: &Value, out: &mut Vec<(String, String)>) {
    let inner = |name: &str| {
        if at.is_empty() { name.to_owned() } else { format!("{at}[{name}]") }
    };
    match value {
        Value::Object(map) => map.iter().for_each(|(name, v)| flatten(&inner(name), v, out)),
        Value::Array(items) => items.iter().enumerate().for_each(|(n, v)| flatten(&inner(&n.to_string()), v, out)),
        Value::String(text) => out.push((at.to_owned(), text.clone())),
        other => out.push((at.to_owned(), other.to_string())),
    }
}

fn steps(name: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings").join(name);
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().skip(1).map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn the_catalog_answers_as_recorded() {
    let mut replay = Replay::new().await;
    for step in steps("catalog.jsonl") {
        replay.step(&step).await;
    }
    assert_eq!(replay.compared, 83);
}

#[tokio::test]
async fn errors_answer_as_recorded() {
    let mut replay = Replay::new().await;
    for step in steps("errors.jsonl") {
        replay.step(&step).await;
    }
    assert_eq!(replay.compared, 7);
}

#[tokio::test]
async fn pages_are_cut_as_recorded() {
    let mut replay = Replay::new().await;
    for step in steps("pagination.jsonl") {
        replay.step(&step).await;
    }
    assert_eq!(replay.compared, 107);
}
