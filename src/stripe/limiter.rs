//! How fast golive may ask: one bucket for the account, one for each method and route, and for
//! each route a cap on what is in flight. Every request passes here before it starts; a 429 slows
//! the bucket down. The cap comes before the pace, so that what waited for it cannot start in a
//! bunch.
//!
//! The rates stay below Stripe's in any window of one second, burst included, and within 1.15 of
//! the floor that those limits set (docs.stripe.com/rate-limits: live 100 requests a second for
//! an account, 25 for an endpoint; sandboxes 25).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep_until};

/// What is in flight at once on one route. Stripe's own cap is not published; this many are needed to reach
/// its rates over a slow line.
const IN_FLIGHT: usize = 24;
/// How much slower than its own rate a bucket can become.
const SLOWEST: u32 = 8;

/// A rate and what may go at once after a pause.
#[derive(Debug, Clone, Copy)]
struct Rate {
    a_second: u32,
    burst: u32,
}

impl Rate {
    fn interval(self) -> Duration {
        Duration::from_secs(1) / self.a_second
    }
}

const ACCOUNT_LIVE: Rate = Rate { a_second: 90, burst: 10 };
const ACCOUNT_TEST: Rate = Rate { a_second: 22, burst: 3 };
const ROUTE: Rate = Rate { a_second: 22, burst: 3 };

/// Paces requests. Shared by everything that goes to one account.
pub(super) struct Limiter {
    buckets: Mutex<Buckets>,
}

struct Buckets {
    account: Bucket,
    routes: HashMap<String, Bucket>,
}

/// A token bucket, kept as the time at which it would be full again.
struct Bucket {
    rate: Rate,
    /// Between two requests, as of now: grows on 429 and recovers.
    interval: Duration,
    full_at: Instant,
    /// Counts the pauses, so that those who wait notice that theirs began anew.
    pauses: u64,
    in_flight: Arc<Semaphore>,
}

impl Bucket {
    fn new(rate: Rate, now: Instant) -> Self {
        let in_flight = Arc::new(Semaphore::new(IN_FLIGHT));
        Self { rate, interval: rate.interval(), full_at: now, pauses: 0, in_flight }
    }

    fn slack(&self) -> Duration {
        self.interval * (self.rate.burst - 1)
    }

    fn free_at(&self, now: Instant) -> Instant {
        self.full_at.checked_sub(self.slack()).map_or(now, |at| at.max(now))
    }

    fn take(&mut self, start: Instant) {
        self.full_at = self.full_at.max(start) + self.interval;
    }

    fn pause(&mut self, until: Instant) {
        self.interval = (self.interval * 2).min(self.rate.interval() * SLOWEST);
        self.full_at = self.full_at.max(until + self.slack());
        self.pauses += 1;
    }

    fn recover(&mut self) {
        self.interval = (self.interval * 9 / 10).max(self.rate.interval());
    }
}

impl Limiter {
    /// A limiter for an account in live mode (or a rehearsal, which walks the live day), or in
    /// test mode.
    pub(super) fn new(livemode: bool) -> Self {
        let rate = if livemode { ACCOUNT_LIVE } else { ACCOUNT_TEST };
        let account = Bucket::new(rate, Instant::now());
        Self { buckets: Mutex::new(Buckets { account, routes: HashMap::new() }) }
    }

    /// Waits for the turn of one request. What comes back is held until its answer is there.
    pub(super) async fn turn(&self, route: &str) -> Option<OwnedSemaphorePermit> {
        let in_flight = Arc::clone(&self.lock().route(route, Instant::now()).in_flight);
        let permit = in_flight.acquire_owned().await.ok();
        loop {
            let (start, pauses) = self.reserve(route);
            sleep_until(start).await;
            if self.pauses(route) == pauses {
                return permit;
            }
        }
    }

    /// Stripe said 429: everything of the route waits, and goes slower afterwards; the whole
    /// account, when Stripe says that it is about the account.
    pub(super) fn slow_down(&self, route: &str, account: bool, pause: Duration) {
        let now = Instant::now();
        let mut buckets = self.lock();
        if account {
            buckets.account.pause(now + pause);
        }
        buckets.route(route, now).pause(now + pause);
    }

    /// An answer that was no 429.
    pub(super) fn went_well(&self, route: &str) {
        let now = Instant::now();
        let mut buckets = self.lock();
        buckets.account.recover();
        buckets.route(route, now).recover();
    }

    fn reserve(&self, route: &str) -> (Instant, (u64, u64)) {
        let now = Instant::now();
        let mut buckets = self.lock();
        let start = buckets.route(route, now).free_at(now).max(buckets.account.free_at(now));
        buckets.account.take(start);
        let bucket = buckets.route(route, now);
        bucket.take(start);
        let pauses = bucket.pauses;
        (start, (buckets.account.pauses, pauses))
    }

    fn pauses(&self, route: &str) -> (u64, u64) {
        let mut buckets = self.lock();
        let pauses = buckets.route(route, Instant::now()).pauses;
        (buckets.account.pauses, pauses)
    }

    fn lock(&self) -> MutexGuard<'_, Buckets> {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Buckets {
    fn route(&mut self, route: &str, now: Instant) -> &mut Bucket {
        self.routes.entry(route.to_owned()).or_insert_with(|| Bucket::new(ROUTE, now))
    }
}

/// The route of a path: ids are left out, because all ids of a route share one limit.
pub(super) fn route(method: &str, path: &str) -> String {
    const WORDS: [&str; 12] = [
        "v1",
        "account",
        "balance",
        "tokens",
        "products",
        "prices",
        "webhook_endpoints",
        "checkout",
        "sessions",
        "expire",
        "events",
        "",
    ];
    let parts: Vec<_> = path.split('/').map(|part| if WORDS.contains(&part) { part } else { "{id}" }).collect();
    format!("{method} {}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{Limiter, route};

    async fn starts(limiter: &Limiter, route: &str, count: usize) -> Vec<Duration> {
        let begin = Instant::now();
        let mut starts = Vec::new();
        for _ in 0..count {
            let _turn = limiter.turn(route).await;
            starts.push(begin.elapsed());
        }
        starts
    }

    #[tokio::test(start_paused = true)]
    async fn a_route_never_starts_more_than_25_in_a_second_and_stays_near_the_floor() {
        let limiter = Limiter::new(true);
        let starts = starts(&limiter, "POST /v1/prices", 100).await;
        for (index, start) in starts.iter().enumerate() {
            let within = starts[index..].iter().filter(|other| **other < *start + Duration::from_secs(1)).count();
            assert!(within <= 25, "{within} requests within a second of {start:?}");
        }
        let floor = Duration::from_secs(4);
        assert!(starts[99] <= floor.mul_f64(1.15), "{:?}", starts[99]);
    }

    #[tokio::test(start_paused = true)]
    async fn routes_go_side_by_side_under_the_limit_of_the_account() {
        let limiter = Limiter::new(true);
        let (a, b) = tokio::join!(starts(&limiter, "a", 22), starts(&limiter, "b", 22));
        assert!(a[21].max(b[21]) < Duration::from_millis(1000), "{:?} {:?}", a[21], b[21]);
        let limiter = Limiter::new(false);
        let (a, b) = tokio::join!(starts(&limiter, "a", 22), starts(&limiter, "b", 22));
        assert!(a[21].max(b[21]) > Duration::from_millis(1800), "{:?} {:?}", a[21], b[21]);
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_429_nobody_starts_before_the_pause_is_over_not_even_who_waited_already() {
        let limiter = Limiter::new(true);
        let begin = Instant::now();
        let hit = async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            limiter.slow_down("a", false, Duration::from_secs(3));
        };
        let (all, ()) = tokio::join!(starts(&limiter, "a", 12), hit);
        let late: Vec<_> = all.iter().filter(|start| **start > Duration::from_millis(50)).collect();
        assert!(late.iter().all(|start| **start >= Duration::from_millis(3050)), "{all:?}");
        assert!(late.len() >= 6, "{all:?}");
        let other = starts(&limiter, "b", 1).await;
        assert_eq!(other[0], Duration::ZERO, "another route is not slowed: {:?}", begin.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn a_slowed_route_recovers() {
        let limiter = Limiter::new(true);
        for _ in 0..3 {
            limiter.slow_down("a", true, Duration::ZERO);
        }
        let slow = starts(&limiter, "a", 10).await;
        assert!(slow[9] - slow[8] >= Duration::from_millis(300), "{slow:?}");
        for _ in 0..30 {
            limiter.went_well("a");
        }
        let fast = starts(&limiter, "a", 10).await;
        assert!(fast[9] - fast[8] < Duration::from_millis(60), "{fast:?}");
    }

    #[test]
    fn ids_share_their_routes_limit() {
        assert_eq!(route("POST", "/v1/products/prod_1"), "POST /v1/products/{id}");
        assert_eq!(route("POST", "/v1/products/golive.x"), "POST /v1/products/{id}");
        assert_eq!(route("POST", "/v1/checkout/sessions/cs_1/expire"), "POST /v1/checkout/sessions/{id}/expire");
        assert_eq!(route("GET", "/v1/events"), "GET /v1/events");
    }
}
