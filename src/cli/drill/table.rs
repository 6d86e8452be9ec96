//! Every drill, as data: what is practised, what the crew should notice, which faults make it, by which
//! codes golive must name it, and what repairing it means.
//!
//! Adding one is an entry here; `tests/it/drill.rs` walks all of them and demands its code. Faults of
//! requests are written as for `golive sandbox --fail`, conducts of the shop as for `--shop`.

use crate::error::Code;
use crate::simulator::{Outcome, ShopConduct};

/// Trouble that can be practised.
pub struct Drill {
    /// Its name on the command line.
    pub name: &'static str,
    /// What is wrong, as a clause.
    pub trouble: &'static str,
    /// What is practised.
    pub practise: &'static str,
    /// What the crew should notice.
    pub notice: &'static str,
    /// What repairing it means, as a clause in the past.
    pub repair: &'static str,
    /// The codes by which it may be named: which one depends on what the checklist looks at.
    pub codes: &'static [Code],
    /// The codes of what it leaves behind for a while, although it is repaired: a payment that failed has
    /// failed. Items that stay open with them are told, and keep no drill from its end.
    pub leaves: &'static [Code],
    /// Kinds that can notice it; without an item of one of them there is nothing to practise it with.
    pub kinds: &'static [&'static str],
    /// When it begins.
    pub begins: Begins,
    /// What makes it.
    pub fault: Fault,
}

/// When trouble begins.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Begins {
    /// With the run.
    AtOnce,
    /// When the keys are accepted.
    AfterKeys,
}

/// What goes wrong in the simulator.
#[derive(Clone, Copy)]
pub enum Fault {
    /// The demo shop behaves so.
    Shop(ShopConduct),
    /// Requests to Stripe come to grief so.
    Requests(&'static str),
    /// Every card does this.
    Cards(Outcome),
    /// Somebody rolled the secret key.
    Key,
}

/// What sees the webhook handler work, or fail.
const HANDLER: &[&str] = &["webhook_probe", "delivery_proof", "purchase"];

/// All of them.
pub const DRILLS: &[Drill] = &[
    Drill {
        name: "webhook-down",
        trouble: "the webhook handler answers every event with 500",
        practise: "the webhook handler breaks just when the launch comes to it: deployed, and failing.",
        notice: "the item that probes the handler fails. Where does its cure send you first?",
        repair: "the application is deployed again, and its handler works",
        codes: &[Code::WebhookFails, Code::DeliveryPending],
        leaves: &[Code::EventsUndelivered],
        kinds: HANDLER,
        begins: Begins::AtOnce,
        fault: Fault::Shop(ShopConduct::Fails),
    },
    Drill {
        name: "wrong-secret",
        trouble: "the deployed application holds another endpoint's signing secret",
        practise: "the handler refuses what Stripe signs, because it was not restarted with the new secret.",
        notice: "unsigned events are refused, as they should be; rightly signed ones are refused as well.",
        repair: "the application is restarted with the secret of the env file",
        codes: &[Code::WebhookSecretWrong, Code::DeliveryPending],
        leaves: &[Code::EventsUndelivered],
        kinds: HANDLER,
        begins: Begins::AtOnce,
        fault: Fault::Shop(ShopConduct::WrongSecret),
    },
    Drill {
        name: "redirect",
        trouble: "the webhook address redirects",
        practise: "the registered address answers 301, as with www or a trailing slash. Browsers follow; Stripe does not.",
        notice: "the message names the address that is redirected to.",
        repair: "the server answers at the registered address itself",
        codes: &[Code::WebhookRedirect, Code::DeliveryPending],
        leaves: &[Code::EventsUndelivered],
        kinds: HANDLER,
        begins: Begins::AtOnce,
        fault: Fault::Shop(ShopConduct::Redirects),
    },
    Drill {
        name: "not-deployed",
        trouble: "nothing is deployed at the webhook address",
        practise: "the route of the webhook is missing from what was deployed: 404.",
        notice: "the site is fine, and only the handler is not there.",
        repair: "the version with the route is deployed",
        codes: &[Code::WebhookNotFound, Code::DeliveryPending],
        leaves: &[Code::EventsUndelivered],
        kinds: HANDLER,
        begins: Begins::AtOnce,
        fault: Fault::Shop(ShopConduct::NotFound),
    },
    Drill {
        name: "unsigned",
        trouble: "the webhook handler checks no signature",
        practise: "everything works, and anybody on the internet could say that an order was paid.",
        notice: "no payment and no delivery fails: only the probe tells.",
        repair: "the handler verifies the Stripe-Signature header",
        codes: &[Code::WebhookUnsigned],
        leaves: &[],
        kinds: &["webhook_probe"],
        begins: Begins::AtOnce,
        fault: Fault::Shop(ShopConduct::NoVerification),
    },
    Drill {
        name: "lost-reply",
        trouble: "the reply with the new endpoint's signing secret is lost",
        practise: "the network goes down while Stripe makes the endpoint. The secret is shown once, in that reply.",
        notice: "golive stops with exit code 75 and says what has no known outcome. Do not make a second endpoint by hand.",
        repair: "the network is back",
        codes: &[Code::OutcomeUnknown],
        leaves: &[],
        kinds: &["webhook"],
        begins: Begins::AtOnce,
        fault: Fault::Requests("POST /v1/webhook_endpoints=drop-after"),
    },
    Drill {
        name: "rate-limited",
        trouble: "Stripe answers every request with 429",
        practise: "another program uses up the account's rate limit in the middle of the launch.",
        notice: "items are unknown, not failed: nothing could be looked at, and nothing is said of them.",
        repair: "the other program is stopped",
        codes: &[Code::RateLimited],
        leaves: &[],
        kinds: &["product", "webhook"],
        begins: Begins::AfterKeys,
        fault: Fault::Requests("*=429"),
    },
    Drill {
        name: "payment-fails",
        trouble: "the first buyer's card is declined",
        practise: "somebody buys, and the bank says no. Is it the card, or is it the shop?",
        notice: "golive sees the attempt and the bank's reason while it waits, and names them at the end of the wait.",
        repair: "the buyer takes another card",
        codes: &[Code::PurchaseDeclined],
        leaves: &[Code::EventsPaymentsFail],
        kinds: &["purchase"],
        begins: Begins::AtOnce,
        fault: Fault::Cards(Outcome::Declined),
    },
    Drill {
        name: "key-revoked",
        trouble: "the secret key was rolled by somebody else",
        practise: "a colleague rolls the live key in the Dashboard while you launch.",
        notice: "Stripe stops accepting the key, and nothing of the plan is done with it.",
        repair: "a new key is at hand; golive writes it to the env file",
        codes: &[Code::KeyRevoked],
        leaves: &[],
        kinds: &["product", "webhook"],
        begins: Begins::AfterKeys,
        fault: Fault::Key,
    },
];
