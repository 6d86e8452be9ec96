//! Which object an item means, and how percentages, moments and currencies are read.

use std::collections::BTreeMap;

use serde_json::json;

use super::{Common, Moment, Percent, choose, currencies_complaints, moment_complaint, moment_differs, percent_of};
use crate::error::Code;
use crate::kind::testing::{facts, failure};
use crate::mode::Mode;
use crate::step::Step;

fn object(id: &str, active: bool, mark: Option<&str>) -> Common {
    let metadata: BTreeMap<_, _> = mark.map(|mark| ("golive".to_owned(), mark.to_owned())).into_iter().collect();
    Common { id: id.into(), active, livemode: Some(true), metadata }
}

const MINE: Option<&str> = Some("acme/phase.item");

/// The kept object and the old ones, by id; right content is an id that begins with `right`.
fn chosen(objects: &[Common]) -> Result<(Option<String>, Vec<String>), Step> {
    let facts = facts(Mode::Live);
    let right = |object: &Common| object.id.starts_with("right");
    let choice = choose(&facts.get(), "thing", objects, |object| object, right, right)?;
    Ok((choice.kept.map(|kept| kept.id.clone()), choice.old.iter().map(|old| old.id.clone()).collect()))
}

#[test]
fn an_item_means_its_own_object_before_any_other() {
    let objects = [object("right_hand", true, None), object("right_mine", true, MINE), object("old", true, MINE)];
    assert_eq!(chosen(&objects).unwrap(), (Some("right_mine".into()), vec!["old".into()]));
}

#[test]
fn what_was_switched_off_is_meant_when_nothing_of_the_item_is_on() {
    let objects = [object("right_2", false, MINE), object("right_1", false, MINE)];
    assert_eq!(chosen(&objects).unwrap(), (Some("right_2".into()), vec![]));
    let objects = [object("right_1", false, MINE), object("wrong", true, MINE)];
    assert_eq!(chosen(&objects).unwrap(), (Some("right_1".into()), vec!["wrong".into()]), "a rollback closed it");
}

#[test]
fn one_made_by_hand_is_adopted_and_of_two_none() {
    let hand = |id: &str| object(id, true, None);
    assert_eq!(chosen(&[hand("right_1"), hand("wrong")]).unwrap(), (Some("right_1".into()), vec![]));
    let problem = failure(chosen(&[hand("right_1"), hand("right_2")]).unwrap_err());
    assert_eq!(problem.code, Code::CatalogAmbiguous);
    assert!(problem.why[0].contains("right_1, right_2"), "{problem:?}");
    let others = [object("right_1", true, Some("acme/phase.other")), object("right_2", false, None)];
    assert_eq!(chosen(&others).unwrap(), (None, vec![]));
}

#[test]
fn percentages_are_read_as_numbers_and_as_texts() {
    #[derive(serde::Deserialize)]
    struct Holder {
        p: Percent,
    }
    let read = |text: &str| toml::from_str::<Holder>(&format!("p = {text}")).unwrap().p;
    for (text, plain) in [("20", "20"), ("20.0", "20"), ("8.875", "8.875"), ("\"20.50 %\"", "20.5"), ("\"100\"", "100")]
    {
        assert_eq!(read(text).text(), plain, "{text}");
        assert!(read(text).complaint("p", 0.0).is_none(), "{text}");
    }
    for bad in ["-1", "100.5", "\"twenty\"", "\"\"", "1.23456", "\"1e1\""] {
        assert_eq!(read(bad).complaint("p", 0.0).unwrap().path, "p", "{bad}");
    }
    assert!(read("0").complaint("p", 0.01).is_some());
    assert_eq!(percent_of(&serde_json::from_value(json!(22.5)).unwrap()), "22.5");
    assert_eq!(percent_of(&serde_json::from_value(json!(20.0)).unwrap()), "20");
}

#[test]
fn a_day_counts_to_its_last_second_and_an_instant_is_itself() {
    let day = Moment::read("2027-01-31").unwrap();
    assert_eq!(day.seconds(), 1_801_439_999);
    assert_eq!(super::moment(day.seconds()), "2027-01-31 23:59:59 UTC");
    assert!(day.is(1_801_439_999) && day.is(1_801_353_600) && !day.is(1_801_440_000) && !day.is(1_801_353_599));
    let instant = Moment::read("2027-01-31T18:00:00+01:00").unwrap();
    assert_eq!(super::moment(instant.seconds()), "2027-01-31 17:00:00 UTC");
    for bad in ["31.01.2027", "2027-02-30", "2027-01-31 18:00", "soon", "1801439999"] {
        assert!(moment_complaint("d", Some(&bad.to_owned())).is_some(), "{bad}");
    }
    assert!(moment_complaint("d", Some(&"${vars.end}".to_owned())).is_none());
}

#[test]
fn a_moment_that_is_missing_on_one_side_differs() {
    assert!(moment_differs("at", None, None).is_none());
    assert!(moment_differs("at", Some("2027-01-31"), Some(1_801_400_000)).is_none());
    let field = moment_differs("at", Some("2027-01-31"), None).unwrap();
    assert_eq!((field.from.as_deref(), field.to.as_str()), (Some("never"), "2027-01-31 23:59:59 UTC"));
}

#[test]
fn a_currency_stands_once() {
    let texts = ["4.00 EUR", "5.00 CAD", "4.50 EUR", "four"].map(str::to_owned);
    let paths: Vec<String> =
        currencies_complaints("currencies", Some("5.00 CAD"), &texts).into_iter().map(|one| one.path).collect();
    assert_eq!(paths, ["currencies[1]", "currencies[2]", "currencies[3]"]);
}
