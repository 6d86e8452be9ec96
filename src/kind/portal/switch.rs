//! What customers may change their subscription to: products with prices of this mode, at most one
//! price of a product for each billing interval, as Stripe demands.

use schemars::JsonSchema;
use serde::Deserialize;

use super::fail;
use crate::error::{Code, Problem};
use crate::kind::Complaint;
use crate::kind::seen::not_seen;
use crate::kind::text::{complaint, is_open};
use crate::step::object::Price;
use crate::step::{Facts, Look, PortalQuantity, Sight, Step};

/// Products that a portal can offer.
const MOST: usize = 10;

/// A product that customers may change to.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Switch {
    /// The product's id, usually a reference: `${catalog.pro.id}`.
    pub product: String,
    /// Which of its prices are offered: `${catalog.pro.prices.pro_monthly.id}`.
    #[schemars(length(min = 1))]
    pub prices: Vec<String>,
    /// How many of it customers may choose, where they may: `{ min = 1, max = 10 }`.
    pub quantity: Option<Quantity>,
}

/// The bounds within which customers choose a quantity.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Quantity {
    /// At least so many; 1 unless said otherwise.
    #[schemars(range(min = 0))]
    pub min: Option<i64>,
    /// At most so many.
    #[schemars(range(min = 1))]
    pub max: Option<i64>,
}

impl Quantity {
    pub(super) fn wanted(&self) -> PortalQuantity {
        PortalQuantity { enabled: true, minimum: Some(self.min.unwrap_or(1)), maximum: self.max }
    }
}

/// What is wrong with the list itself.
pub(super) fn complaints(switch: &[Switch]) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    if switch.len() > MOST {
        let message = format!("a portal offers at most {MOST} products, and here are {}", switch.len());
        complaints.push(complaint("switch", Code::BadValue, message, "take some out"));
    }
    for (n, entry) in switch.iter().enumerate() {
        let path = format!("switch[{n}]");
        if switch[..n].iter().any(|other| other.product == entry.product) {
            let message = format!("the product `{}` stands here twice", entry.product);
            complaints.push(complaint(&format!("{path}.product"), Code::DuplicateId, message, "put its prices together"));
        }
        let bounds = entry.quantity.as_ref().map(Quantity::wanted);
        if bounds.is_some_and(|of| of.minimum < Some(0) || of.maximum.is_some_and(|most| Some(most) < of.minimum)) {
            let message = "nobody can choose a quantity within these bounds";
            complaints.push(complaint(&format!("{path}.quantity"), Code::BadValue, message, "write quantity = { min = 1, max = 10 }"));
        }
        if entry.prices.is_empty() {
            let help = "prices = [\"${catalog.pro.prices.pro_monthly.id}\"]";
            complaints.push(complaint(&format!("{path}.prices"), Code::BadValue, "a product needs a price to change to", help));
        }
        for (m, price) in entry.prices.iter().enumerate() {
            let at = format!("{path}.prices[{m}]");
            if entry.prices[..m].contains(price) {
                complaints.push(complaint(&at, Code::DuplicateId, format!("the price `{price}` stands here twice"), "take one out"));
            } else if !is_open(price) && !price.starts_with("price_") && !price.starts_with("plan_") {
                let help = "refer to the catalog: \"${catalog.pro.prices.pro_monthly.id}\"";
                complaints.push(complaint(&at, Code::BadValue, format!("`{price}` is not the id of a price"), help));
            }
        }
    }
    complaints
}

/// Whether every price can be offered, by what Stripe says of it.
pub(super) fn check(facts: &Facts<'_>, switch: &[Switch]) -> Result<(), Step> {
    let ids = switch.iter().flat_map(|entry| &entry.prices);
    let unseen = facts.unseen(ids.map(|id| Look::Price(id.clone())));
    if !unseen.is_empty() {
        return Err(Step::Look(unseen));
    }
    for entry in switch {
        let mut offered: Vec<&Price> = Vec::new();
        for id in &entry.prices {
            let price = look(facts, id)?;
            fits(facts, entry, price)?;
            if let Some(other) = offered.iter().find(|other| interval(other) == interval(price)) {
                let problem = Problem::new(Code::PortalPrices, format!("the portal cannot offer two prices of {} for one interval", entry.product))
                    .why(format!("{} and {id} are both charged every {}", other.id, interval(price)))
                    .why("Stripe: for each product, its price must have unique billing intervals")
                    .fix("leave one of them out of `switch` in the checklist, then: golive wizard");
                return Err(fail(problem));
            }
            offered.push(price);
        }
    }
    Ok(())
}

fn look<'f>(facts: &'f Facts<'_>, id: &str) -> Result<&'f Price, Step> {
    match facts.see(&Look::Price(id.to_owned())) {
        Some(Sight::Price(Some(price))) => Ok(price),
        Some(Sight::Price(None)) => {
            let problem = Problem::new(Code::PortalPrices, format!("the price {id} of the portal is not in Stripe"));
            Err(fail(problem.fix(REFER)))
        }
        Some(Sight::Refused(refusal)) if refusal.message.contains("a similar object exists in") => {
            let problem = Problem::new(Code::PortalPrices, format!("the price {id} of the portal belongs to the other mode"));
            Err(fail(problem.why(format!("Stripe: {}", refusal.message)).fix(REFER)))
        }
        Some(other) => Err(not_seen(other)),
        None => Err(Step::Look(vec![Look::Price(id.to_owned())])),
    }
}

const REFER: &str = "refer to the catalog of this launch in the checklist: prices = [\"${catalog.pro.prices.pro_monthly.id}\"]";

/// Whether one price can be offered for its product.
fn fits(facts: &Facts<'_>, entry: &Switch, price: &Price) -> Result<(), Step> {
    let id = &price.id;
    let message = if price.livemode.is_some_and(|livemode| livemode != facts.mode.livemode()) {
        format!("the price {id} of the portal belongs to the other mode")
    } else if price.product != entry.product {
        format!("the price {id} is a price of {}, not of {}", price.product, entry.product)
    } else if price.recurring.is_none() {
        format!("the price {id} is charged once; customers can change to recurring prices only")
    } else if !price.active {
        format!("the price {id} of the portal is archived")
    } else {
        return Ok(());
    };
    Err(fail(Problem::new(Code::PortalPrices, message).fix(REFER)))
}

/// `month`, `3 months`
fn interval(price: &Price) -> String {
    let Some(every) = &price.recurring else { return "once".to_owned() };
    match every.interval_count.unwrap_or(1) {
        1 => every.interval.clone(),
        count => format!("{count} {}s", every.interval),
    }
}
