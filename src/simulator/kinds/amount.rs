//! What a quantity of a price costs: plain, in packages, or in tiers (facts 3.2).

use serde_json::Value;

/// Minor units, rounded half up as invoices are; tiers are read from their hidden place.
pub fn of(price: &Value, quantity: i64) -> i64 {
    if let Some(tiers) = price["_tiers"].as_array() {
        return if price["tiers_mode"] == "volume" { volume(tiers, quantity) } else { graduated(tiers, quantity) };
    }
    let units = packages(&price["transform_quantity"], quantity);
    match price["unit_amount"].as_i64().or_else(|| price["custom_unit_amount"]["preset"].as_i64()) {
        Some(each) => each.saturating_mul(units),
        None => fractional(&price["unit_amount_decimal"], units),
    }
}

/// The quantity after `transform_quantity`.
fn packages(transform: &Value, quantity: i64) -> i64 {
    match transform["divide_by"].as_i64().filter(|by| *by > 0) {
        Some(by) if transform["round"] == "up" => (quantity + by - 1) / by,
        Some(by) => quantity / by,
        None => quantity,
    }
}

fn fractional(decimal: &Value, units: i64) -> i64 {
    let Some((whole, part)) = decimal.as_str().map(|text| text.split_once('.').unwrap_or((text, ""))) else {
        return 0;
    };
    // Twelve decimals fit: amounts of the simulator stay far below 2^127.
    let scale = 10_i128.pow(12);
    let whole: i128 = whole.parse().unwrap_or(0);
    let part: i128 = format!("{part:0<12}").get(..12).and_then(|p| p.parse().ok()).unwrap_or(0);
    let total = (whole * scale + part) * i128::from(units);
    i64::try_from((total + scale / 2) / scale).unwrap_or(i64::MAX)
}

fn tier_cost(tier: &Value, units: i64) -> i64 {
    let each = match tier["unit_amount"].as_i64() {
        Some(each) => each.saturating_mul(units),
        None => fractional(&tier["unit_amount_decimal"], units),
    };
    each + tier["flat_amount"].as_i64().unwrap_or(0)
}

fn volume(tiers: &[Value], quantity: i64) -> i64 {
    let fits = |tier: &&Value| tier["up_to"].as_i64().is_none_or(|most| quantity <= most);
    tiers.iter().find(fits).map_or(0, |tier| tier_cost(tier, quantity))
}

fn graduated(tiers: &[Value], quantity: i64) -> i64 {
    let (mut cost, mut below) = (0, 0);
    for tier in tiers {
        let top = tier["up_to"].as_i64().unwrap_or(i64::MAX).min(quantity);
        if top > below || (quantity == 0 && below == 0) {
            cost += tier_cost(tier, top - below);
        }
        below = top;
        if below >= quantity {
            break;
        }
    }
    cost
}

#[cfg(test)]
mod tests {
    use super::of;
    use serde_json::json;

    #[test]
    fn packages_are_rounded_as_the_price_says() {
        let price = |round: &str| json!({"unit_amount": 900, "transform_quantity": {"divide_by": 3, "round": round}});
        assert_eq!((of(&price("up"), 4), of(&price("down"), 4)), (1800, 900));
    }

    #[test]
    fn half_a_cent_rounds_up() {
        let price = json!({"unit_amount": null, "unit_amount_decimal": "0.5"});
        assert_eq!((of(&price, 1), of(&price, 100)), (1, 50));
    }

    #[test]
    fn tiers_add_up_or_count_all_alike() {
        let tiers = json!([{"up_to": 10, "unit_amount": 500, "flat_amount": 100}, {"up_to": null, "unit_amount": 400}]);
        let price = |mode: &str| json!({"tiers_mode": mode, "_tiers": tiers});
        assert_eq!(of(&price("graduated"), 12), 10 * 500 + 100 + 2 * 400);
        assert_eq!(of(&price("volume"), 12), 12 * 400);
        assert_eq!(of(&price("volume"), 10), 10 * 500 + 100);
    }
}
