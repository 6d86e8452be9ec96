//! What the webhook kind decides, fact by fact.
