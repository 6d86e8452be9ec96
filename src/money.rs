//! Amounts of money: currencies, and how many digits Stripe gives them.
