//! One file for each family of objects. A handler takes a transaction and typed parameters, and
//! answers with the object; it knows neither the wire nor the idempotency store.

pub mod account;
pub mod amount;
pub mod charge;
pub mod checkout;
pub mod coupon;
pub mod customer;
pub mod discount;
pub mod event;
pub mod feature;
pub mod fraud;
pub mod invoice;
pub mod meter;
pub mod method;
pub mod payment;
pub mod payment_link;
pub mod portal;
pub mod price;
pub mod product;
pub mod promotion_code;
pub mod purchase;
pub mod refund;
pub mod shipping_rate;
pub mod subscription;
pub mod tax;
pub mod tax_rate;
pub mod webhook;

use super::refusal::Refusal;
use super::tx::Tx;
use serde_json::Value;

/// What a handler is given besides the transaction.
pub struct Call<'c> {
    /// The id in the path, or empty.
    pub id: &'c str,
    /// The path, for the `url` of lists.
    pub path: &'c str,
    pub params: &'c Value,
}

/// A handler of one operation.
pub type Handler = fn(&mut Tx<'_>, &Call<'_>) -> Result<Value, Refusal>;

/// Copies parameters that were sent into fields of the same name; null unsets.
pub fn copy(object: &mut Value, params: &Value, names: &[&str]) {
    for name in names {
        if let Some(value) = params.get(*name) {
            object[*name] = value.clone();
        }
    }
}

/// One object of several literals: `json!` takes only so many names at once.
pub fn joined<const N: usize>(parts: [Value; N]) -> Value {
    let objects = parts.into_iter().filter_map(|part| if let Value::Object(map) = part { Some(map) } else { None });
    Value::Object(objects.flatten().collect())
}
