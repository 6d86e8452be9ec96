//! Form bodies and query strings with bracket nesting, as Stripe (and Rack) read them.
//!
//! `a[b][]=x`, `a[0][b]=y` and `m[k]=v` become a tree of JSON objects, arrays and strings. Every leaf
//! is still a string: what it means is decided by `schema`. Called once for each request by `wire`.

use serde_json::{Map, Value};

/// The tree of a form-encoded text; `Err` names the key that contradicts an earlier one.
pub fn parse(text: &[u8]) -> Result<Value, String> {
    let mut root = Value::Object(Map::new());
    for (key, value) in form_urlencoded::parse(text) {
        let path = segments(&key);
        insert(&mut root, &path, value.into_owned()).map_err(|()| key.clone().into_owned())?;
    }
    // The root is no list, whatever its parameters are called.
    root.as_object_mut().into_iter().flat_map(Map::values_mut).for_each(lists);
    Ok(root)
}

/// `a[b][]` as `["a", "b", ""]`. A key with stray brackets is one plain name, as an unknown parameter.
fn segments(key: &str) -> Vec<&str> {
    let Some((head, rest)) = key.split_once('[') else {
        return vec![key];
    };
    let Some(rest) = rest.strip_suffix(']') else {
        return vec![key];
    };
    let mut path = vec![head];
    path.extend(rest.split("]["));
    path
}

fn insert(node: &mut Value, path: &[&str], value: String) -> Result<(), ()> {
    let Some((segment, rest)) = path.split_first() else {
        *node = Value::String(value);
        return Ok(());
    };
    if segment.is_empty() {
        return push(node, rest, value);
    }
    let Value::Object(map) = node else {
        return Err(());
    };
    let fresh = match rest.first() {
        Some(&"") => Value::Array(Vec::new()),
        _ => Value::Object(Map::new()),
    };
    let child = map.entry((*segment).to_owned()).or_insert(fresh);
    insert(child, rest, value)
}

/// `a[][b]=1&a[][c]=2` fills one element until a name comes again, then starts the next.
fn push(node: &mut Value, rest: &[&str], value: String) -> Result<(), ()> {
    let Value::Array(items) = node else {
        return Err(());
    };
    let fits = match (items.last(), rest.first()) {
        (Some(Value::Object(last)), Some(name)) => !last.contains_key(*name) || rest.len() > 1,
        _ => false,
    };
    if !fits {
        items.push(Value::Object(Map::new()));
    }
    match items.last_mut() {
        Some(last) => insert(last, rest, value),
        None => Err(()),
    }
}

/// Turns objects whose names are all numbers into lists, in the order of the numbers.
fn lists(node: &mut Value) {
    match node {
        Value::Object(map) => {
            map.values_mut().for_each(lists);
            let numbered = !map.is_empty() && map.keys().all(|k| k.parse::<usize>().is_ok());
            if numbered {
                let mut items: Vec<(usize, Value)> =
                    std::mem::take(map).into_iter().map(|(k, v)| (k.parse().unwrap_or(usize::MAX), v)).collect();
                items.sort_by_key(|(n, _)| *n);
                *node = Value::Array(items.into_iter().map(|(_, v)| v).collect());
            }
        }
        Value::Array(items) => items.iter_mut().for_each(lists),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::parse;
    use serde_json::json;

    #[test]
    fn brackets_become_objects_and_lists() {
        let tree = parse(b"a[b][]=x&a[b][]=y&m[k]=v&l[1]=q&l[0]=p&plain=1").unwrap();
        assert_eq!(tree, json!({"a": {"b": ["x", "y"]}, "m": {"k": "v"}, "l": ["p", "q"], "plain": "1"}));
    }

    #[test]
    fn a_repeated_name_starts_the_next_element() {
        let tree = parse(b"t[][a]=1&t[][b]=2&t[][a]=3").unwrap();
        assert_eq!(tree, json!({"t": [{"a": "1", "b": "2"}, {"a": "3"}]}));
    }

    #[test]
    fn percent_encoded_brackets_are_brackets() {
        assert_eq!(parse(b"m%5Bk%5D=a+b%26c").unwrap(), json!({"m": {"k": "a b&c"}}));
    }

    #[test]
    fn a_name_that_is_both_a_value_and_an_object_is_refused() {
        assert_eq!(parse(b"a=1&a[b]=2").unwrap_err(), "a[b]");
    }
}
