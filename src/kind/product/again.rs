//! The way back and forth again: what takes a change of a price back, and how a price that a rollback
//! closed is opened again instead of being made a second time. Called by `price`.

use super::spec::PriceSpec;
use super::{Compared, former, needed, price};
use crate::step::object::{Price, Product};
use crate::step::{Facts, Given, Look, PricePatch, Step, Verb, Write};

/// What takes a change of a price back. What Stripe cannot unset, a first nickname, lookup key or tax
/// behavior, stays.
pub(super) fn back(price: &Price, patch: &PricePatch) -> Write {
    let before = PricePatch {
        active: patch.active.map(|active| !active),
        nickname: patch.nickname.as_ref().and(price.nickname.clone()),
        lookup_key: patch.lookup_key.as_ref().and(price.lookup_key.clone()),
        metadata: former(&patch.metadata, &price.metadata),
        ..PricePatch::default()
    };
    Write::UpdatePrice { id: price.id.clone(), patch: before }
}

impl PriceSpec {
    /// A price that golive made for this lookup key before, and that was closed by a rollback: it is
    /// what is wanted, so that it is opened again and no second one is made.
    pub(super) fn made_before<'f>(&self, facts: &'f Facts<'_>, now: &Price) -> Result<Option<&'f Price>, Step> {
        let made = facts.applied.iter().rev().filter_map(|applied| match &applied.write {
            Some(Write::CreatePrice(draft)) if draft.lookup_key.as_ref() == Some(&self.lookup_key) => applied.object.clone(),
            _ => None,
        });
        for id in made.filter(|id| *id != now.id).collect::<Vec<_>>() {
            let look = Look::Price(id);
            needed(facts, [look.clone()])?;
            let found = price(facts, &look)?;
            if let Some(own) = found.filter(|own| own.product == now.product && self.differences(own).is_empty()) {
                return Ok(Some(own));
            }
        }
        Ok(None)
    }

    /// The price that golive made before takes the lookup key over again, and the other one is closed.
    pub(super) fn reopen(&self, own: &Price, price: &Price, product: Option<&Product>, compared: &mut Compared) {
        let mut patch = PricePatch {
            active: Some(true),
            lookup_key: Some(self.lookup_key.clone()),
            transfer_lookup_key: true,
            ..PricePatch::default()
        };
        let mut fields = self.differences(price);
        self.patch(own, &mut patch, &mut fields);
        // The lookup key goes back when the other price is opened again.
        let undo = back(own, &PricePatch { lookup_key: None, ..patch.clone() });
        let write = Write::UpdatePrice { id: own.id.clone(), patch };
        let action = self.action(Verb::Replace, &price.id, fields, write, 1).undo(undo);
        compared.actions.push(action.note(format!("{} was made for this before; it is opened again.", own.id)));
        self.close(product, price, &Given::Id(own.id.clone()), compared);
    }
}
