//! Composed JSON, what is asserted of JSON, and what a variable must not be.

use super::{World, action, evidence, failed, file, spec};
use crate::kind::Kind;
use crate::mode::Mode;
use crate::step::{EnvSource, Field};

const MAPPING: &str = "json = [{ name = 'MAP', value = { pro = { yearly = 'price_3' }, basic = { monthly = 'price_1', n = 2 } } }]";

#[test]
fn a_json_mapping_is_written_compactly_and_compared_as_json() {
    let (action, sets) = action(spec(MAPPING).next(&file(&[("MAP", "{}")]).facts()));
    let text = "{\"basic\":{\"monthly\":\"price_1\",\"n\":2},\"pro\":{\"yearly\":\"price_3\"}}";
    assert_eq!(sets["MAP"], EnvSource::Text(text.into()));
    assert_eq!(action.fields, [Field::change("MAP", "{}", text)]);
    let other_order = "{\"pro\": {\"yearly\": \"price_3\"}, \"basic\": {\"n\": 2, \"monthly\": \"price_1\"}}";
    assert_eq!(evidence(spec(MAPPING).next(&file(&[("MAP", other_order)]).facts())), "1 of 1 variable as intended, mode 600");
}

#[test]
fn what_is_in_a_json_mapping_is_judged_by_path_and_never_shown() {
    let rules = "assert = [{ name = 'MAP', json_keys = ['basic.monthly', 'pro.yearly'], json_prefix = 'price_' }]";
    let map = |text: &str| spec(rules).next(&file(&[("X", "1"), ("MAP", text)]).facts());
    evidence(map("{\"basic\":{\"monthly\":\"price_1\"},\"pro\":{\"yearly\":\"price_2\"}}"));
    let problem = failed(map("{\"basic\":{\"monthly\":\"hidden_1\"},\"pro\":{}}"));
    assert_eq!(
        problem.why,
        [
            "MAP, line 2: lacks the members `pro.yearly`",
            "MAP, line 2: must hold texts that begin with `price_`, not so `basic.monthly`",
        ]
    );
    let problem = failed(map("{'basic': hidden}"));
    assert_eq!(problem.why[0], "MAP, line 2: must be a JSON object, and stops being JSON at character 2");
    assert!(!format!("{problem:?}").contains("hidden"));
}

#[test]
fn what_a_variable_must_not_be_is_met_by_one_that_is_not_there() {
    let rules = "assert = [{ name = 'DEBUG', not_equals = 'true' }, { name = 'URL', not_pattern = 'localhost|staging' }, { name = 'LINK', no_test_values = true }]";
    let judged = |values: &[(&str, &str)]| spec(rules).next(&file(values).facts());
    evidence(judged(&[]));
    evidence(judged(&[("DEBUG", "false"), ("URL", "https://shop.example"), ("LINK", "https://buy.stripe.com/abc")]));
    let problem = failed(judged(&[
        ("DEBUG", "true"),
        ("URL", "http://localhost:5000"),
        ("LINK", "https://buy.stripe.com/test_abc"),
    ]));
    assert_eq!(
        problem.why,
        [
            "DEBUG, line 1: must not be `true`",
            "URL, line 2: must not match `localhost|staging`",
            "LINK, line 3: holds something of Stripe's test mode",
        ]
    );
    let both = spec("assert = [{ name = 'DEBUG', not_equals = 'true', present = true }]");
    assert_eq!(failed(both.next(&file(&[]).facts())).why, ["DEBUG: is missing"]);
    let in_test = World { mode: Mode::Test, ..file(&[("LINK", "https://buy.stripe.com/test_abc")]) };
    evidence(spec(rules).next(&in_test.facts()));
}

#[test]
fn mistakes_in_a_json_mapping_and_in_what_must_not_be_are_complained_about() {
    let spec = spec(
        r#"
        values = { A = "1" }
        json = [
            { name = "A", value = {} },
            { name = "9", value = { key = ["sk_live_abc"], at = 2027-01-31 } },
        ]
        assert = [{ name = "B", not_pattern = "(" }, { name = "C", equals = "1", not_equals = "1" }, { name = "D", absent = true, no_test_values = true }]"#,
    );
    let paths: Vec<_> = spec.complaints().into_iter().map(|complaint| complaint.path).collect();
    let wanted = [
        "json[0].name",
        "json[1].name",
        "json[1].value.at",
        "json[1].value.key[0]",
        "assert[0].not_pattern",
        "assert[1].not_equals",
        "assert[2].absent",
    ];
    assert_eq!(paths, wanted);
}
