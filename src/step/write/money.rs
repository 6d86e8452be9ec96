//! Writes that move money, or end what would: a refund, a cancelled subscription. Invariant: a refund
//! is found again by its payment and golive's mark, so that there is never a second one.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::{Collection, Look, Sight, Verb};
use super::CLOCKS_DIFFER;

/// A write that moves money, or ends what would.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MoneyWrite {
    /// `POST /v1/refunds`
    CreateRefund(RefundDraft),
    /// `DELETE /v1/subscriptions/{id}`
    CancelSubscription {
        /// The subscription.
        id: String,
    },
}

/// A refund to make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundDraft {
    /// The payment intent, `pi_…`.
    pub payment: String,
    /// In Stripe's smallest unit.
    pub amount: i64,
    /// The same as people read it and the operator types it, `29.00 EUR`. Not sent.
    pub shown: String,
    /// Which golive made it, and for which item.
    pub metadata: BTreeMap<String, String>,
}

impl MoneyWrite {
    pub(super) fn identity(&self) -> Look {
        match self {
            Self::CreateRefund(draft) => Look::RefundsOf(draft.payment.clone()),
            Self::CancelSubscription { id } => Look::One(Collection::Subscriptions, id.clone()),
        }
    }

    pub(super) fn found_in(&self, sight: &Sight, begun: i64) -> Option<String> {
        let id = |object: &Value| object["id"].as_str().map(str::to_owned);
        match (self, sight) {
            (Self::CreateRefund(draft), Sight::Objects(refunds)) => {
                refunds.iter().find(|refund| draft.made(refund, begun)).and_then(id)
            }
            (Self::CancelSubscription { id: wanted }, Sight::Object(Some(found))) => {
                (found["status"] == "canceled" && found["id"] == wanted.as_str()).then(|| id(found)).flatten()
            }
            _ => None,
        }
    }

    pub(super) const fn verb(&self) -> Verb {
        match self {
            Self::CreateRefund(_) => Verb::Refund,
            Self::CancelSubscription { .. } => Verb::Cancel,
        }
    }
}

impl RefundDraft {
    /// Whether a refund is the one that this draft made.
    fn made(&self, refund: &Value, begun: i64) -> bool {
        let mark = |key: &String| refund["metadata"][key].as_str();
        refund["payment_intent"].as_str().is_none_or(|payment| payment == self.payment)
            && refund["amount"].as_i64() == Some(self.amount)
            && !self.metadata.is_empty()
            && self.metadata.iter().all(|(key, value)| mark(key) == Some(value.as_str()))
            && refund["created"].as_i64().is_none_or(|created| created >= begun - CLOCKS_DIFFER)
    }

    /// Whether what was typed is this amount: `29.00`, `29,00`, `29.00 EUR`, `EUR 29.00`.
    pub fn is_named(&self, typed: &str) -> bool {
        let (digits, currency) = self.shown.split_once(' ').unwrap_or((&self.shown, ""));
        let typed = typed.trim().replace(',', ".");
        let (mut number, mut named) = (None, None);
        for word in typed.split_whitespace() {
            let slot = if word.starts_with(|letter: char| letter.is_ascii_digit()) { &mut number } else { &mut named };
            if slot.replace(word).is_some() {
                return false;
            }
        }
        number == Some(digits) && named.is_none_or(|named| named.eq_ignore_ascii_case(currency))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{MoneyWrite, RefundDraft};
    use crate::step::{Collection, Look, Sight};

    fn draft() -> RefundDraft {
        RefundDraft {
            payment: "pi_1".into(),
            amount: 2900,
            shown: "29.00 EUR".into(),
            metadata: [("golive".to_owned(), "acme/launch.refund".to_owned())].into(),
        }
    }

    #[test]
    fn only_the_refund_of_this_payment_amount_item_and_time_is_taken_for_ours() {
        let write = MoneyWrite::CreateRefund(draft());
        assert_eq!(write.identity(), Look::RefundsOf("pi_1".into()));
        let refund = |change: fn(&mut serde_json::Value)| {
            let mut refund = json!({"id": "re_1", "amount": 2900, "payment_intent": "pi_1", "created": 1000,
                "metadata": {"golive": "acme/launch.refund"}});
            change(&mut refund);
            write.found_in(&Sight::Objects(vec![refund]), 1000)
        };
        assert_eq!(refund(|_| {}), Some("re_1".into()));
        assert_eq!(refund(|refund| refund["amount"] = json!(1)), None);
        assert_eq!(refund(|refund| refund["metadata"] = json!({})), None);
        assert_eq!(refund(|refund| refund["metadata"]["golive"] = json!("acme/other.refund")), None);
        assert_eq!(refund(|refund| refund["payment_intent"] = json!("pi_2")), None);
        assert_eq!(refund(|refund| refund["created"] = json!(1)), None);
    }

    #[test]
    fn a_subscription_counts_as_cancelled_when_stripe_says_so() {
        let write = MoneyWrite::CancelSubscription { id: "sub_1".into() };
        assert_eq!(write.identity(), Look::One(Collection::Subscriptions, "sub_1".into()));
        let seen = |status: &str| Sight::Object(Some(json!({"id": "sub_1", "status": status})));
        assert_eq!(write.found_in(&seen("canceled"), 0), Some("sub_1".into()));
        assert_eq!(write.found_in(&seen("active"), 0), None);
        assert_eq!(write.found_in(&Sight::Object(None), 0), None);
    }

    #[test]
    fn an_amount_is_typed_in_full() {
        for typed in ["29.00", " 29,00 ", "29.00 eur", "EUR 29.00"] {
            assert!(draft().is_named(typed), "{typed}");
        }
        for typed in ["", "29", "29.0", "290.00", "29.00 USD", "29.00 29.00", "yes", "EUR", "29.00 EUR EUR"] {
            assert!(!draft().is_named(typed), "{typed}");
        }
    }
}
