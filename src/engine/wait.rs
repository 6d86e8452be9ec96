//! Waiting for what others do: pause, look again, ask the kind again, until it says something else or
//! the time is up. Thrifty, because Stripe counts reads: the pauses grow. An outage of Stripe's is
//! waited out; a signal ends the wait, and everything seen so far is journaled or seen again.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::looks::{Door, check, door};
use super::port::{News, Stop};
use super::{Engine, internal};
use crate::error::Code;
use crate::mode::Mode;
use crate::step::{Address, Look, Milestone, Sale, Sight, Wait};

/// How long is paused between two looks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    /// The first pause.
    pub first: Duration,
    /// The longest: 24 hours of it are 8,640 reads, of the 10,000 a month that Stripe gives everybody.
    pub longest: Duration,
}

impl Pace {
    /// In a rehearsal nobody counts reads, and the demo shop has bought already.
    pub(super) fn of(mode: Mode) -> Self {
        if mode == Mode::Rehearse { Self::QUICK } else { Self::of_millis(2000, 10_000) }
    }

    /// A simulator counts no reads.
    pub(super) const QUICK: Self = Self::of_millis(50, 1000);

    const fn of_millis(first: u64, longest: u64) -> Self {
        Self { first: Duration::from_millis(first), longest: Duration::from_millis(longest) }
    }
}

/// How soon a signal is noticed.
const TICK: Duration = Duration::from_millis(100);

/// A wait that has begun in this run.
pub(super) struct Waiting {
    began: Instant,
    looked: Instant,
    pause: Duration,
}

impl Engine<'_> {
    /// Waits a little and looks again. The kind is asked afterwards, and may want to go on waiting.
    pub(super) fn wait(&mut self, address: &Address, wait: &Wait) -> Result<(), Stop> {
        if self.waited.get(address).is_some_and(|over| over.contains(&wait.what)) {
            return Err(internal(format!("{address} waits for {} again", wait.what)).into());
        }
        let key = (address.clone(), wait.what.clone());
        let now = Instant::now();
        if !self.waits.contains_key(&key) {
            self.waits.insert(key.clone(), Waiting { began: now, looked: now, pause: self.pace.first });
            if let Some(sale) = &wait.sale {
                self.invite(sale)?;
            }
        }
        let Some(waiting) = self.waits.get_mut(&key) else { return Ok(()) };
        let (began, looked, pause) = (waiting.began, waiting.looked, waiting.pause);
        waiting.pause = (pause * 3 / 2).min(self.pace.longest);
        let end = began + Duration::from_secs(self.patience.map_or(wait.most, |most| most.min(wait.most)));
        if now >= end {
            self.waited.entry(address.clone()).or_default().insert(wait.what.clone());
            return Ok(());
        }
        self.pause(&wait.what, (began, looked), (now + pause).min(end))?;
        self.look_again(address, &wait.looks)?;
        if let Some(waiting) = self.waits.get_mut(&key) {
            waiting.looked = Instant::now();
        }
        Ok(())
    }

    /// Sleeps, and says so, until a moment or a signal.
    fn pause(&mut self, what: &str, (began, looked): (Instant, Instant), until: Instant) -> Result<(), Stop> {
        loop {
            check(&self.stop)?;
            let now = Instant::now();
            let (so_far, ago) = ((now - began).as_secs(), (now - looked).as_secs());
            self.ports.operator.tell(&News::Waiting { what, so_far, ago });
            if now >= until {
                return Ok(());
            }
            std::thread::sleep(TICK.min(until - now));
        }
    }

    /// Takes the looks again. What Stripe cannot be asked right now stays as it was last seen.
    fn look_again(&mut self, address: &Address, looks: &[Look]) -> Result<(), Stop> {
        let before: BTreeMap<Look, Sight> =
            looks.iter().filter_map(|look| Some((look.clone(), self.sights.remove(look)?))).collect();
        let wanted: Vec<_> = looks.iter().map(|look| (address.clone(), look.clone())).collect();
        self.waiting = true;
        let looked = self.look(&wanted);
        self.waiting = false;
        looked?;
        for (look, old) in before {
            let lost = door(&look) == Door::Stripe
                && matches!(self.sights.get(&look), Some(Sight::Unseen(problem)) if passes(problem.code));
            if lost && !matches!(old, Sight::Unseen(_)) {
                self.ports.operator.tell(&News::Outage { what: "Stripe" });
                self.sights.insert(look, old);
            }
        }
        Ok(())
    }

    /// Shows where to buy. In a rehearsal the demo shop opens the page, and, unless the operator
    /// wants to, somebody made up pays it.
    fn invite(&mut self, sale: &Sale) -> Result<(), Stop> {
        let page = match self.mode {
            Mode::Rehearse => self.ports.world.sell(sale)?,
            Mode::Test | Mode::Live => None,
        };
        let rehearsed = page.is_some();
        let page = page.as_deref().unwrap_or(&sale.url);
        self.ports.operator.tell(&News::Invite { sale, page, rehearsed });
        Ok(())
    }

    /// Tells what was seen on the way, each once.
    pub(super) fn tell_milestones(&mut self, seen: Vec<(Address, Milestone)>) {
        for one in seen {
            if !self.told.contains(&one) {
                self.ports.operator.tell(&News::Milestone { milestone: &one.1 });
                self.told.insert(one);
            }
        }
    }

    /// As fast as can be: nothing in a test is worth a pause.
    #[cfg(test)]
    pub(super) fn pace_for_tests(&mut self) {
        let pause = Duration::from_millis(1);
        self.pace = Pace { first: pause, longest: pause };
    }

    /// Forgets the waits of an item, so that it may wait again.
    pub(super) fn forget_waits(&mut self, address: &Address) {
        self.waits.retain(|(of, _), _| of != address);
        self.waited.remove(address);
    }
}

/// Whether trouble of this sort may pass by itself.
fn passes(code: Code) -> bool {
    matches!(code, Code::Unreachable | Code::StripeTrouble | Code::RateLimited | Code::Unreadable)
}
