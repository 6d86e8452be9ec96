//! The settings of a payment link that are named and nested as in Stripe's API: what is asked of buyers,
//! what they read, what is made of a payment. Typed for the checklist's schema, and handled as one tree,
//! so that each new setting is a field here and nothing else.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::kind::tree::{Leaves, brief, covers, flatten, projected, restore};
use crate::step::object::without_nulls;
use crate::step::Field;

/// Everything about a payment link that has no field of its own.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// What buyers are asked to agree to. Final.
    consent_collection: Option<Consent>,
    /// At most 3 further questions to buyers.
    #[schemars(length(max = 3))]
    custom_fields: Option<Vec<CustomField>>,
    /// Texts beside Stripe's own.
    custom_text: Option<CustomText>,
    /// Whether a customer is made of every buyer.
    customer_creation: Option<When>,
    /// What is read at the URL while the link is switched off.
    inactive_message: Option<String>,
    /// Whether a one-time payment has an invoice.
    invoice_creation: Option<InvoiceCreation>,
    /// Names that buyers are asked for.
    name_collection: Option<NameCollection>,
    /// What the payment of a one-time sale is given.
    payment_intent_data: Option<PaymentIntentData>,
    /// Whether a free trial asks for a means of payment.
    payment_method_collection: Option<When>,
    /// Which payment methods are offered: `["card"]`; otherwise the account's.
    payment_method_types: Option<Vec<String>>,
    /// Whether a telephone number is asked for.
    phone_number_collection: Option<Switch>,
    /// How often it sells.
    restrictions: Option<Restrictions>,
    /// How it is delivered, as `shipping_rate` items. Final.
    shipping_options: Option<Vec<ShippingOption>>,
    /// What the button says.
    submit_type: Option<SubmitType>,
    /// What a subscription is given.
    subscription_data: Option<SubscriptionData>,
    /// Whether tax ids are asked for.
    tax_id_collection: Option<TaxIds>,
}

/// Declares structs and enums that are nothing but Stripe's words.
macro_rules! words {
    ($($(#[$doc:meta])* struct $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* })*
     $(enum $choice:ident { $($word:ident,)* })*) => {
        $($(#[$doc])*
        #[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $name { $($(#[$field_doc])* $field: $type,)* })*
        $(#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $choice { $($word,)* })*
    };
}

words! {
    struct Switch { enabled: bool, }
    struct Consent { payment_method_reuse_agreement: Option<Position>, promotions: Option<Promotions>, terms_of_service: Option<Terms>, }
    struct Position { position: Shown, }
    struct CustomField {
        #[schemars(length(max = 200))]
        key: String,
        label: Label,
        r#type: FieldType,
        optional: Option<bool>,
        dropdown: Option<Dropdown>,
        numeric: Option<Bounds>,
        text: Option<Bounds>,
    }
    struct Label {
        #[schemars(length(max = 50))]
        custom: String,
        r#type: LabelType,
    }
    struct Dropdown { options: Vec<DropdownOption>, default_value: Option<String>, }
    struct DropdownOption { label: String, value: String, }
    struct Bounds { minimum_length: Option<i64>, maximum_length: Option<i64>, default_value: Option<String>, }
    struct CustomText { after_submit: Option<Message>, shipping_address: Option<Message>, submit: Option<Message>, terms_of_service_acceptance: Option<Message>, }
    struct Message {
        #[schemars(length(max = 1200))]
        message: String,
    }
    struct InvoiceCreation { enabled: bool, invoice_data: Option<InvoiceData>, }
    struct InvoiceData {
        custom_fields: Option<Vec<InvoiceField>>,
        description: Option<String>,
        footer: Option<String>,
        #[serde(default)]
        metadata: BTreeMap<String, String>,
        rendering_options: Option<Rendering>,
    }
    struct InvoiceField { name: String, value: String, }
    struct Rendering { amount_tax_display: Option<TaxDisplay>, template: Option<String>, }
    struct NameCollection { business: Option<Name>, individual: Option<Name>, }
    struct Name { enabled: bool, optional: Option<bool>, }
    struct PaymentIntentData {
        /// Final.
        capture_method: Option<Capture>,
        description: Option<String>,
        #[serde(default)]
        metadata: BTreeMap<String, String>,
        /// Final.
        setup_future_usage: Option<FutureUsage>,
        #[schemars(length(max = 22))]
        statement_descriptor: Option<String>,
        #[schemars(length(max = 22))]
        statement_descriptor_suffix: Option<String>,
        transfer_group: Option<String>,
    }
    struct Restrictions { completed_sessions: Limit, }
    struct Limit { limit: u64, }
    struct ShippingOption {
        /// `${offers.ground.id}`
        shipping_rate: String,
    }
    struct SubscriptionData {
        /// Final.
        description: Option<String>,
        #[serde(default)]
        metadata: BTreeMap<String, String>,
        trial_settings: Option<TrialSettings>,
    }
    struct TrialSettings { end_behavior: EndBehavior, }
    struct EndBehavior { missing_payment_method: AtEnd, }
    struct TaxIds { enabled: bool, required: Option<Required>, }
    enum When { Always, IfRequired, }
    enum Promotions { Auto, None, }
    enum Terms { None, Required, }
    enum Shown { Auto, Hidden, }
    enum FieldType { Dropdown, Numeric, Text, }
    enum LabelType { Custom, }
    enum TaxDisplay { ExcludeTax, IncludeInclusiveTax, }
    enum Capture { Automatic, AutomaticAsync, Manual, }
    enum FutureUsage { OffSession, OnSession, }
    enum SubmitType { Auto, Book, Donate, Pay, Subscribe, }
    enum AtEnd { Cancel, CreateInvoice, Pause, }
    enum Required { IfSupported, Never, }
}

/// What Stripe takes at the creation of a link and never again.
const FINAL: [&str; 5] = [
    "/consent_collection",
    "/shipping_options",
    "/payment_intent_data/capture_method",
    "/payment_intent_data/setup_future_usage",
    "/subscription_data/description",
];

/// A setting that differs.
pub struct Differing {
    /// Its name, `custom_fields`.
    pub name: String,
    /// Whether only a new link can have it.
    pub is_final: bool,
    /// What to send.
    pub wanted: Leaves,
    /// What brings the former state back.
    pub back: Leaves,
    /// What is there, and what is wanted, in one line each.
    pub shown: (String, String),
}

impl Settings {
    /// As Stripe's parameters, without what was not said.
    fn tree(&self) -> Value {
        without_nulls(serde_json::to_value(self).unwrap_or_default())
    }

    /// The form fields of a new link; empty lists and texts are nothing to say there.
    pub fn create(&self) -> Leaves {
        let mut leaves = Leaves::new();
        flatten(&self.tree(), String::new(), &mut leaves);
        leaves.retain(|_, text| !text.is_empty());
        leaves
    }

    /// Each in one line, for a plan.
    pub fn shown(&self) -> Vec<Field> {
        let tree = self.tree();
        tree.as_object().into_iter().flatten().map(|(name, value)| Field::new(name, brief(value))).collect()
    }

    /// What differs on a link, setting by setting. What the checklist does not name does not differ.
    pub fn differences(&self, found: &BTreeMap<String, Value>) -> Vec<Differing> {
        let tree = self.tree();
        let mut all = Vec::new();
        for (name, wanted) in tree.as_object().into_iter().flatten() {
            let there = found.get(name).unwrap_or(&Value::Null);
            if covers(there, wanted) {
                continue;
            }
            let is_final = FINAL.iter().any(|pointer| {
                let (of, inside) = split(pointer);
                let wanted = wanted.pointer(inside);
                of == name && wanted.is_some_and(|wanted| !covers(there.pointer(inside).unwrap_or(&Value::Null), wanted))
            });
            let (mut send, mut back) = (Leaves::new(), Leaves::new());
            flatten(&without_finals(name, wanted), name.clone(), &mut send);
            restore(there, &without_finals(name, wanted), name, &mut back);
            let shown = (brief(&projected(there, wanted)), brief(wanted));
            all.push(Differing { name: name.clone(), is_final, wanted: send, back, shown });
        }
        all
    }
}

fn split(pointer: &str) -> (&str, &str) {
    let name = pointer.trim_start_matches('/');
    name.split_once('/').map_or((name, ""), |(of, _)| (of, &pointer[of.len() + 1..]))
}

/// A setting without the members that no update takes.
fn without_finals(name: &str, wanted: &Value) -> Value {
    let mut wanted = wanted.clone();
    for (of, inside) in FINAL.iter().map(|pointer| split(pointer)) {
        if of == name
            && let (Some(members), Some(member)) = (wanted.as_object_mut(), inside.strip_prefix('/'))
        {
            members.remove(member);
        }
    }
    wanted
}
