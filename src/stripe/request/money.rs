//! Refunds and cancelled subscriptions as bytes. Called by `request::prepare` alone.

use stripe_billing::subscription::CancelSubscription;
use stripe_client_core::StripeRequest;
use stripe_core::refund::{CreateRefund, CreateRefundReason};

use super::{check_id, finish};
use crate::error::Result;
use crate::step::{MoneyWrite, Request};

/// Turns a write into what is sent. A refund's reason is the customer's request: `fraudulent` would
/// put the card on a block list.
pub(super) fn prepare(write: &MoneyWrite) -> Result<Request> {
    Ok(match write {
        MoneyWrite::CreateRefund(draft) => {
            let request = CreateRefund::new()
                .payment_intent(&*draft.payment)
                .amount(draft.amount)
                .reason(CreateRefundReason::RequestedByCustomer);
            finish(request.build(), Some(&draft.metadata))
        }
        MoneyWrite::CancelSubscription { id } => {
            check_id(id)?;
            finish(CancelSubscription::new(&**id).build(), None)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::prepare;
    use crate::step::{MoneyWrite, RefundDraft, Request};

    #[test]
    fn a_refund_names_payment_amount_reason_and_golives_mark() {
        let draft = RefundDraft {
            payment: "pi_1".into(),
            amount: 2900,
            shown: "29.00 EUR".into(),
            metadata: [("golive".to_owned(), "acme/launch.refund".to_owned())].into(),
        };
        let request = prepare(&MoneyWrite::CreateRefund(draft)).unwrap();
        assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/v1/refunds"));
        let body = "amount=2900&payment_intent=pi_1&reason=requested_by_customer&metadata[golive]=acme%2Flaunch.refund";
        assert_eq!(request.body, body);
    }

    #[test]
    fn a_subscription_is_cancelled_by_deleting_it_and_its_id_stays_an_id() {
        let cancel = |id: &str| prepare(&MoneyWrite::CancelSubscription { id: id.into() });
        let wanted = Request { method: "DELETE".into(), path: "/v1/subscriptions/sub_1".into(), body: String::new() };
        assert_eq!(cancel("sub_1").unwrap(), wanted);
        assert!(cancel("sub_1/../x").is_err());
    }
}
