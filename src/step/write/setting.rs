//! Writes to the account's configuration: the customer portal, payment methods, wallet domains.
//! One variant of [`super::Write`]; made by the kinds `portal`, `payment_methods`, `wallet_domain`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::{Collection, Look, Sight, Verb};
use super::CLOCKS_DIFFER;

/// One POST that configures the account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SettingWrite {
    /// `POST /v1/billing_portal/configurations`
    CreatePortal(PortalSettings),
    /// `POST /v1/billing_portal/configurations/{id}`
    UpdatePortal {
        /// The configuration.
        id: String,
        /// Whether it is the account's default one, which belongs to the Dashboard.
        is_default: bool,
        /// What changes.
        patch: PortalSettings,
    },
    /// `POST /v1/payment_method_configurations/{id}`
    PreferMethods {
        /// The configuration.
        id: String,
        /// `on`, `off` or `none`, by method.
        preferences: BTreeMap<String, String>,
    },
    /// `POST /v1/payment_method_domains`
    RegisterDomain {
        /// The domain, as customers see it.
        domain: String,
    },
    /// `POST /v1/payment_method_domains/{id}`
    EnableDomain {
        /// The registered domain.
        id: String,
        /// On or off.
        enabled: bool,
    },
    /// `POST /v1/payment_method_domains/{id}/validate`: Stripe looks at the domain again.
    ValidateDomain {
        /// The registered domain.
        id: String,
    },
}

/// The settings of a customer portal. `None` leaves a field; an empty text unsets it, an empty list
/// switches its feature off.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are Stripe's own parameters, named as in its reference")]
pub struct PortalSettings {
    pub active: Option<bool>,
    pub headline: Option<String>,
    pub privacy_policy_url: Option<String>,
    pub terms_of_service_url: Option<String>,
    pub default_return_url: Option<String>,
    pub login_page: Option<bool>,
    pub customer_update: Option<Vec<String>>,
    pub invoice_history: Option<bool>,
    pub payment_method_update: Option<bool>,
    pub subscription_cancel: Option<PortalCancel>,
    pub subscription_update: Option<PortalUpdate>,
    /// Other settings as form fields, `features[subscription_cancel][proration_behavior]`; an empty text
    /// unsets.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub settings: BTreeMap<String, String>,
    pub metadata: BTreeMap<String, String>,
}

impl PortalSettings {
    /// The names of the settings that it holds, as the checklist has them.
    fn names(&self) -> Vec<&'static str> {
        let held = [
            ("headline", self.headline.is_some()),
            ("privacy_url", self.privacy_policy_url.is_some()),
            ("terms_url", self.terms_of_service_url.is_some()),
            ("return_url", self.default_return_url.is_some()),
            ("login_page", self.login_page.is_some()),
            ("customer_update", self.customer_update.is_some()),
            ("invoice_history", self.invoice_history.is_some()),
            ("payment_method_update", self.payment_method_update.is_some()),
            ("cancel", self.subscription_cancel.is_some()),
            ("switch", self.subscription_update.is_some()),
            ("settings", !self.settings.is_empty()),
        ];
        held.into_iter().filter(|(_, held)| *held).map(|(name, _)| name).collect()
    }
}

/// How customers may end their subscription.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PortalCancel {
    /// Whether they may.
    pub enabled: bool,
    /// `at_period_end` or `immediately`; `None` leaves it.
    pub mode: Option<String>,
    /// The reasons they are asked to choose from; `None` leaves them, none at all asks for no reason.
    pub reasons: Option<Vec<String>>,
}

/// What customers may change their subscription to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PortalUpdate {
    /// Whether they may.
    pub enabled: bool,
    /// `price`, `quantity`, `promotion_code`.
    pub allowed: Vec<String>,
    /// The products, each with those of its prices that are offered.
    pub products: Vec<PortalProduct>,
}

/// A product that customers may change to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct PortalProduct {
    /// `prod_…`
    pub product: String,
    /// `price_…`, at most one for each billing interval.
    pub prices: Vec<String>,
    /// Whether customers may change the quantity; `None` leaves Stripe's default, which is no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<PortalQuantity>,
}

/// Whether and how far customers may change the quantity of a product.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are Stripe's own parameters, named as in its reference")]
pub struct PortalQuantity {
    pub enabled: bool,
    pub minimum: Option<i64>,
    pub maximum: Option<i64>,
}

impl SettingWrite {
    /// As [`super::Write::identity`].
    pub(super) fn identity(&self) -> Option<Look> {
        match self {
            Self::CreatePortal(_) => Some(Look::Every(Collection::PortalConfigurations)),
            Self::RegisterDomain { .. } => Some(Look::Every(Collection::PaymentMethodDomains)),
            _ => None,
        }
    }

    /// As [`super::Write::found_in`].
    pub(super) fn found_in(&self, sight: &Sight, begun: i64) -> Option<String> {
        let Sight::Objects(objects) = sight else { return None };
        let id = |object: &Value| object["id"].as_str().map(str::to_owned);
        match self {
            Self::CreatePortal(draft) => {
                let mark = draft.metadata.get("golive")?;
                let made = |object: &&Value| {
                    object["metadata"]["golive"] == mark.as_str()
                        && object["created"].as_i64().is_none_or(|created| created >= begun - CLOCKS_DIFFER)
                };
                objects.iter().find(made).and_then(id)
            }
            Self::RegisterDomain { domain } => {
                objects.iter().find(|object| object["domain_name"] == domain.as_str()).and_then(id)
            }
            _ => None,
        }
    }

    /// As [`super::Write::verb`].
    pub(super) const fn verb(&self) -> Verb {
        match self {
            Self::CreatePortal(_) | Self::RegisterDomain { .. } => Verb::Create,
            Self::UpdatePortal { .. } | Self::PreferMethods { .. } | Self::EnableDomain { .. } => Verb::Change,
            Self::ValidateDomain { .. } => Verb::Prove,
        }
    }

    /// As [`super::Write::stands`].
    pub(super) const fn stands(&self) -> bool {
        matches!(self, Self::CreatePortal(_) | Self::RegisterDomain { .. })
    }

    /// As [`super::Write::fades`].
    pub(super) const fn fades(&self) -> bool {
        matches!(self, Self::ValidateDomain { .. })
    }

    /// As [`super::Write::inverse`].
    pub(super) fn inverse(&self, object: &str) -> Option<Self> {
        let id = object.to_owned();
        match self {
            Self::CreatePortal(_) => Some(Self::UpdatePortal {
                id,
                is_default: false,
                patch: PortalSettings { active: Some(false), ..PortalSettings::default() },
            }),
            Self::RegisterDomain { .. } => Some(Self::EnableDomain { id, enabled: false }),
            _ => None,
        }
    }

    /// As [`super::Write::by_hand`].
    pub(super) fn by_hand(&self) -> Option<String> {
        match self {
            Self::UpdatePortal { is_default: true, patch, .. } => Some(format!(
                "set {} by hand in the Dashboard and save: https://dashboard.stripe.com/settings/billing/portal",
                patch.names().join(", ")
            )),
            Self::PreferMethods { .. } => {
                Some("switch it by hand in the Dashboard: https://dashboard.stripe.com/settings/payment_methods".into())
            }
            Self::RegisterDomain { .. } | Self::EnableDomain { .. } | Self::ValidateDomain { .. } => Some(
                "add the domain by hand in the Dashboard: https://dashboard.stripe.com/settings/payment_method_domains"
                    .into(),
            ),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{PortalSettings, SettingWrite};
    use crate::step::{Sight, Write};

    fn portal() -> Write {
        let metadata = [("golive".to_owned(), "shop/account.portal".to_owned())].into();
        Write::Setting(SettingWrite::CreatePortal(PortalSettings { metadata, ..PortalSettings::default() }))
    }

    #[test]
    fn a_portal_whose_answer_was_lost_is_found_by_its_mark_and_not_one_of_an_earlier_launch() {
        let seen = |mark: &str, created: i64| {
            Sight::Objects(vec![json!({"id": "bpc_1", "created": created, "metadata": {"golive": mark}})])
        };
        assert_eq!(portal().found_in(&seen("shop/account.portal", 1000), 1100).as_deref(), Some("bpc_1"));
        assert_eq!(portal().found_in(&seen("shop/account.portal", 100), 1100), None);
        assert_eq!(portal().found_in(&seen("shop/other.portal", 1000), 1100), None);
    }

    #[test]
    fn a_domain_whose_answer_was_lost_is_found_by_its_name() {
        let write = Write::Setting(SettingWrite::RegisterDomain { domain: "shop.example".into() });
        let seen = Sight::Objects(vec![json!({"id": "pmd_1", "domain_name": "shop.example"})]);
        assert_eq!(write.found_in(&seen, 0).as_deref(), Some("pmd_1"));
        assert!(write.identity(0).is_some());
    }

    #[test]
    fn what_was_made_is_switched_off_and_never_deleted() {
        let off = portal().inverse("bpc_1").unwrap();
        let Write::Setting(SettingWrite::UpdatePortal { id, patch, .. }) = off else { panic!("{off:?}") };
        assert_eq!((id.as_str(), patch.active), ("bpc_1", Some(false)));
        let write = Write::Setting(SettingWrite::RegisterDomain { domain: "shop.example".into() });
        let off = write.inverse("pmd_1").unwrap();
        assert_eq!(off, Write::Setting(SettingWrite::EnableDomain { id: "pmd_1".into(), enabled: false }));
    }
}
