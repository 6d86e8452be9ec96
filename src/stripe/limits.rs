//! How long a request to Stripe may take, and how often it is tried. `transport` keeps to it.

use std::time::Duration;

use crate::mode::Mode;

/// Time limits and retries.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Until a connection stands.
    pub connect: Duration,
    /// For one try, from its first byte to the answer's last.
    pub each: Duration,
    /// For all tries and the pauses between them.
    pub total: Duration,
    /// How many tries.
    pub tries: u32,
    /// The longest first pause; doubled with every try.
    pub pause: Duration,
    /// The longest pause of golive's own; Stripe may ask for a longer one.
    pub longest: Duration,
    /// What a request in flight gets when the operator stops.
    pub grace: Duration,
}

impl Limits {
    /// The simulator is on this computer: pauses that spare Stripe would only make a drill longer.
    pub(super) fn of(mode: Mode) -> Self {
        let standard = Self::default();
        if mode != Mode::Rehearse {
            return standard;
        }
        Self { pause: Duration::from_millis(50), longest: Duration::from_millis(200), ..standard }
    }
}

impl Default for Limits {
    fn default() -> Self {
        let limits = Self {
            connect: Duration::from_secs(8),
            each: Duration::from_secs(30),
            total: Duration::from_secs(90),
            tries: 5,
            pause: Duration::from_millis(500),
            longest: Duration::from_secs(8),
            grace: Duration::from_secs(10),
        };
        // A debug build whose test has no time to wait.
        let Some(given) = crate::crash::time_limits() else { return limits };
        let [each, total, pause, grace] = given.map(Duration::from_millis);
        Self { each, total, pause, grace, longest: pause * 4, ..limits }
    }
}
