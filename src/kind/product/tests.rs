//! What the product kind decides, fact by fact.
