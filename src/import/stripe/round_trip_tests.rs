//! Accounts made of random numbers: each becomes a checklist with nothing left out, whose plan against the
//! very same account is empty, and which parity calls equal to the same account under other ids.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::made_up_tests::Account;
use super::{Around, Imported, Options, Sort, import};
use crate::checklist::{self, Checklist, Item, refs};
use crate::inventory::{Fold, Inventory, Scope, Section};
use crate::kind;
use crate::kind::testing::facts;
use crate::mode::Mode;
use crate::parity;
use crate::step::{Action, Collection, Look, Outputs, Sight, Sights, Step, Verb, Verdict};

impl Account {
    fn inventory(&self) -> Inventory {
        let mut fold = Fold::new(Scope::default());
        for (section, list) in &self.lists {
            fold.page(*section, list.iter().rev().cloned().collect());
        }
        for (product, attached) in &self.entitled {
            fold.features_of(product, attached.clone());
        }
        fold.finish()
    }

    /// The same under ids of another mode, with golive's marks; those that a launch keeps stay.
    fn in_live_mode(&self) -> Self {
        let made_up = |id: &str| {
            let prefixes = ["prod_", "price_", "mtr_", "feat_", "promo_", "txr_", "shr_", "plink_", "pmc_", "bpc_"];
            prefixes.iter().any(|prefix| id.starts_with(prefix))
        };
        let all = |list: &Vec<Json>| list.iter().map(|one| walk(one, &made_up)).collect::<Vec<_>>();
        let mut live = Self {
            lists: self.lists.iter().map(|(section, list)| (*section, all(list))).collect(),
            entitled: self
                .entitled
                .iter()
                .map(|(id, list)| (walk(&json!(id), &made_up).as_str().unwrap().to_owned(), all(list)))
                .collect(),
        };
        for product in live.list(Section::Products) {
            product["metadata"]["golive"] = "acme/catalog.x".into();
        }
        live
    }

    /// What a look brings; one that the kinds of an import do not need is a mistake of this test.
    fn see(&self, look: &Look) -> Sight {
        let list = |section: Section| self.lists.get(&section).cloned().unwrap_or_default();
        let read = |value: &Json| serde_json::from_value(value.clone()).unwrap();
        let read_price = |value: &Json| serde_json::from_value(value.clone()).unwrap();
        let products = || list(Section::Products);
        let prices = || list(Section::Prices);
        match look {
            Look::Product(id) => Sight::Product(products().iter().find(|one| one["id"] == **id).map(read)),
            Look::ProductsNamed(name) => {
                let named = products().into_iter().filter(|one| one["name"] == **name);
                Sight::Products(named.map(|one| serde_json::from_value(one).unwrap()).collect())
            }
            Look::PriceByKey(key) => {
                Sight::Price(prices().iter().find(|one| one["lookup_key"] == **key).map(read_price))
            }
            Look::Price(id) => Sight::Price(prices().iter().find(|one| one["id"] == **id).map(read_price)),
            Look::PricesOf(id) => {
                let of = prices().into_iter().filter(|one| one["product"] == **id);
                Sight::Prices(of.map(|one| serde_json::from_value(one).unwrap()).collect())
            }
            Look::FeaturesOf(id) => Sight::Objects(self.entitled.get(id).cloned().unwrap_or_default()),
            Look::Every(collection) => Sight::Objects(list(match collection {
                Collection::Meters => Section::Meters,
                Collection::Features => Section::Features,
                Collection::Coupons => Section::Coupons,
                Collection::PromotionCodes => Section::PromotionCodes,
                Collection::TaxRates => Section::TaxRates,
                Collection::ShippingRates => Section::ShippingRates,
                Collection::PaymentLinks => Section::PaymentLinks,
                Collection::PaymentMethodConfigurations => Section::PaymentMethods,
                Collection::PortalConfigurations => Section::Portals,
                other => panic!("nobody asks for {other:?}"),
            })),
            Look::One(collection, id) => match self.see(&Look::Every(*collection)) {
                Sight::Objects(all) => Sight::Object(all.into_iter().find(|one| one["id"] == **id)),
                other => other,
            },
            other => panic!("nobody asks for {other:?}"),
        }
    }

    /// Leaves golive's mark on an object, as adopting it does.
    fn mark(&mut self, id: &str, mark: &str) {
        let object = self.lists.values_mut().flatten().find(|one| one["id"] == *id).unwrap();
        object["metadata"]["golive"] = mark.into();
    }

    /// Gives prices the lookup keys that the checklist proposes, as `--write-lookup-keys` does.
    fn take_keys(&mut self, imported: &Imported) {
        for new in &imported.keys {
            let mut prices = self.list(Section::Prices).iter_mut();
            prices.find(|price| price["id"] == *new.price).unwrap()["lookup_key"] = new.key.clone().into();
        }
    }
}

/// The same JSON, with another id wherever one is made up.
fn walk(value: &Json, made_up: &dyn Fn(&str) -> bool) -> Json {
    match value {
        Json::String(text) if made_up(text) => format!("{text}L").into(),
        Json::Array(entries) => entries.iter().map(|entry| walk(entry, made_up)).collect(),
        Json::Object(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), walk(value, made_up)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        other => other.clone(),
    }
}

fn load(imported: &Imported) -> Checklist {
    let text = imported.draft.text();
    match checklist::load(checklist::Source::File("golive.toml".into()), &text) {
        Ok(checklist) => checklist,
        Err(invalid) => panic!("{}\n{text}", invalid.render(true, 80)),
    }
}

/// What an item comes to in the account: its outputs, or what it would change.
fn judge(item: &Item, account: &mut Account, outputs: &BTreeMap<String, Outputs>) -> Result<Outputs, String> {
    let lookup = |reference: &str| {
        let mut parts = reference.splitn(3, '.');
        let address = format!("{}.{}", parts.next()?, parts.next()?);
        if address == "vars.host" {
            return Some("a.example".to_owned());
        }
        outputs.get(&address)?.get(parts.next()?).cloned()
    };
    let fields = refs::resolve(&item.fields, &lookup).map_err(|missing| format!("{missing:?} is not known"))?;
    let kind = (kind::entry(&item.kind).unwrap().load)(fields).map_err(|error| error.to_string())?;
    let mut sights = Sights::new();
    for _ in 0..20 {
        let mut facts = facts(Mode::Test);
        (facts.title, facts.address) = (item.title.clone(), item.address.clone());
        facts.sights = std::mem::take(&mut sights);
        match kind.next(&facts.get()) {
            Step::Look(looks) => {
                sights = facts.sights;
                sights.extend(looks.into_iter().map(|look| (look.clone(), account.see(&look))));
            }
            Step::Done(Verdict::Pass { outputs, .. }) => return Ok(outputs),
            // What is adopted gets golive's mark, and nothing else about it changes.
            Step::Change(change) if change.actions.iter().all(only_marks) => {
                for action in &change.actions {
                    account.mark(&action.summary, &action.fields[0].to);
                }
            }
            other => return Err(format!("{other:#?}")),
        }
    }
    Err("it looks for ever".to_owned())
}

fn only_marks(action: &Action) -> bool {
    action.verb == Verb::Adopt && action.fields.len() == 1 && action.fields[0].name == "metadata.golive"
}

const IN_STRIPE: [&str; 10] = [
    "meter",
    "feature",
    "product",
    "tax_rate",
    "shipping_rate",
    "coupon",
    "promotion_code",
    "payment_link",
    "payment_methods",
    "portal",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_plan_of_an_imported_account_against_itself_is_empty_and_parity_is_equal(numbers in prop::collection::vec(any::<u32>(), 0..600)) {
        let mut account = Account::of(&numbers);
        let options = Options { id: "acme".into(), title: "Acme goes live".into(), env_file: ".env.production".into(), ..Options::default() };
        let imported = import(&account.inventory(), &Around::default(), &options);
        let left = imported.told.iter().filter(|told| told.what.contains("left out") || (told.sort == Sort::NotCarried && !told.what.starts_with("customers")));
        let left: Vec<String> = left.map(|told| format!("{} {:?}", told.what, told.why)).collect();
        prop_assert!(left.is_empty(), "{left:?}");
        let checklist = load(&imported);
        account.take_keys(&imported);
        let mut outputs: BTreeMap<String, Outputs> = BTreeMap::new();
        for item in checklist.items().filter(|item| IN_STRIPE.contains(&item.kind.as_str())) {
            match judge(item, &mut account, &outputs) {
                Ok(made) => drop(outputs.insert(item.address.to_string(), made)),
                Err(what) => return Err(TestCaseError::fail(format!("{}: {what}\n{}", item.address, imported.draft.text()))),
            }
        }
        let (here, there) = (account.inventory(), account.in_live_mode().inventory());
        for compared in parity::compare(&here, &there, &Section::ALL.into_iter().collect()) {
            prop_assert_eq!(compared.equal(), Some(true), "{:#?}", compared);
        }
    }
}
