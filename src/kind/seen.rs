//! What kinds do with looks at Stripe's collections: the objects, read tolerantly into the kind's own
//! struct, or else the step that comes first (look), or that ends the item (refused, unseen).

use serde::de::DeserializeOwned;

use super::text::misunderstood;
use crate::error::{Code, Problem};
use crate::step::{Collection, Facts, Look, Sight, Step, Verdict};

/// Every object of a collection.
pub(super) fn every<T: DeserializeOwned>(facts: &Facts<'_>, collection: Collection) -> Result<Vec<T>, Step> {
    objects(facts, Look::Every(collection), collection)
}

/// The objects of a collection that were created since then, in Unix seconds; newest first.
pub(super) fn recent<T: DeserializeOwned>(
    facts: &Facts<'_>,
    collection: Collection,
    since: i64,
) -> Result<Vec<T>, Step> {
    objects(facts, Look::Recent(collection, since), collection)
}

/// One object of a collection, or none of that id.
pub(super) fn one<T: DeserializeOwned>(facts: &Facts<'_>, collection: Collection, id: &str) -> Result<Option<T>, Step> {
    object(facts, Look::One(collection, id.to_owned()), collection.title())
}

/// The account's tax settings.
pub(super) fn tax_settings<T: DeserializeOwned>(facts: &Facts<'_>) -> Result<Option<T>, Step> {
    object(facts, Look::TaxSettings, "tax settings")
}

fn objects<T: DeserializeOwned>(facts: &Facts<'_>, look: Look, collection: Collection) -> Result<Vec<T>, Step> {
    match facts.see(&look) {
        None => Err(Step::Look(vec![look])),
        Some(Sight::Objects(objects)) => {
            let read = objects.iter().map(T::deserialize).collect::<Result<_, _>>();
            read.map_err(|error| unreadable(collection.title(), &error))
        }
        Some(other) => Err(not_seen(other)),
    }
}

fn object<T: DeserializeOwned>(facts: &Facts<'_>, look: Look, what: &str) -> Result<Option<T>, Step> {
    match facts.see(&look) {
        None => Err(Step::Look(vec![look])),
        Some(Sight::Object(object)) => {
            object.as_ref().map(T::deserialize).transpose().map_err(|error| unreadable(what, &error))
        }
        Some(other) => Err(not_seen(other)),
    }
}

fn unreadable(what: &str, error: &serde_json::Error) -> Step {
    let problem = Problem::new(Code::Unreadable, format!("Stripe's {what} could not be read"))
        .why(error.to_string())
        .fix("see what can be behind it: golive explain GL1103");
    Step::Done(Verdict::Unknown { problem })
}

/// The end of an item whose look brought something else back.
pub(super) fn not_seen(sight: &Sight) -> Step {
    Step::Done(match sight {
        Sight::Refused(refusal) => Verdict::fail(refusal.problem(None)),
        Sight::Unseen(problem) => Verdict::Unknown { problem: problem.clone() },
        other => Verdict::Unknown { problem: misunderstood(other) },
    })
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::{every, one};
    use crate::error::Code;
    use crate::kind::testing::{facts, failure, looks, refused, unknown};
    use crate::mode::Mode;
    use crate::step::{Collection, Look, Sight};

    #[derive(Deserialize, Debug, PartialEq)]
    struct Coupon {
        id: String,
    }

    const LOOK: Look = Look::Every(Collection::Coupons);

    #[test]
    fn what_was_not_looked_at_is_looked_at() {
        let facts = facts(Mode::Live);
        assert_eq!(looks(every::<Coupon>(&facts.get(), Collection::Coupons).unwrap_err()), [LOOK]);
    }

    #[test]
    fn objects_are_read_whatever_else_they_hold() {
        let seen = Sight::Objects(vec![json!({"id": "WELCOME", "newer": {"than": "golive"}})]);
        let facts = facts(Mode::Live).sight(LOOK, seen);
        let found: Vec<Coupon> = every(&facts.get(), Collection::Coupons).unwrap();
        assert_eq!(found, [Coupon { id: "WELCOME".into() }]);
    }

    #[test]
    fn a_refusal_fails_and_what_cannot_be_read_is_unknown() {
        let no = facts(Mode::Live).sight(LOOK, refused(403, "no"));
        failure(every::<Coupon>(&no.get(), Collection::Coupons).unwrap_err());
        let odd =
            facts(Mode::Live).sight(Look::One(Collection::Coupons, "a".into()), Sight::Object(Some(json!({"id": 1}))));
        let problem = unknown(one::<Coupon>(&odd.get(), Collection::Coupons, "a").unwrap_err());
        assert_eq!(problem.code, Code::Unreadable);
    }
}
