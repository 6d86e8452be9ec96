//! Counts by time, in slots of ten seconds: what happened within the last minutes, in memory that
//! does not grow however long it is watched.

use std::collections::VecDeque;

/// Seconds of a slot.
const SLOT: i64 = 10;

/// Counts of one thing.
#[derive(Debug)]
pub struct Ring {
    /// The oldest slot that counts, and the counts from there on.
    first: i64,
    slots: VecDeque<u32>,
    most: usize,
}

impl Ring {
    /// Remembers for so many seconds.
    pub fn new(seconds: i64) -> Self {
        let most = usize::try_from(seconds / SLOT + 2).unwrap_or(2);
        Self { first: 0, slots: VecDeque::new(), most }
    }

    /// One more, at this time. What is older than is remembered does not count.
    pub fn add(&mut self, at: i64) {
        let slot = at.div_euclid(SLOT);
        if self.slots.is_empty() {
            self.first = slot;
        }
        while slot < self.first && self.slots.len() < self.most {
            self.slots.push_front(0);
            self.first -= 1;
        }
        let Ok(index) = usize::try_from(slot - self.first) else { return };
        if index >= self.slots.len() + self.most {
            self.slots.clear();
            self.first = slot;
        }
        while self.first + i64::try_from(self.slots.len()).unwrap_or(0) <= slot {
            self.slots.push_back(0);
            if self.slots.len() > self.most {
                self.slots.pop_front();
                self.first += 1;
            }
        }
        let index = usize::try_from(slot - self.first).unwrap_or(0);
        if let Some(count) = self.slots.get_mut(index) {
            *count = count.saturating_add(1);
        }
    }

    /// How many there were from one time until before another.
    pub fn count(&self, from: i64, until: i64) -> u32 {
        let (from, until) = (from.div_euclid(SLOT), until.div_euclid(SLOT));
        let numbered = (self.first..).zip(&self.slots);
        numbered.filter(|(slot, _)| (from..until).contains(slot)).map(|(_, count)| count).sum()
    }

    /// Slots that are kept.
    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.slots.len()
    }
}

#[cfg(test)]
mod tests {
    use super::Ring;

    #[test]
    fn what_happened_within_a_time_is_counted() {
        let mut ring = Ring::new(300);
        for at in [1000, 1001, 1010, 1100, 1299] {
            ring.add(at);
        }
        assert_eq!(ring.count(1000, 1300), 5);
        assert_eq!(ring.count(1010, 1300), 3);
        assert_eq!(ring.count(1300, 1600), 0);
    }

    #[test]
    fn what_comes_late_counts_where_it_belongs() {
        let mut ring = Ring::new(300);
        ring.add(2000);
        ring.add(1900);
        ring.add(100);
        assert_eq!((ring.count(1900, 1910), ring.count(0, 3000)), (1, 2));
    }

    #[test]
    fn a_year_takes_no_more_room_than_an_hour() {
        let mut ring = Ring::new(900);
        for at in (0..31_536_000).step_by(7919) {
            ring.add(at);
        }
        assert!(ring.len() <= 92, "{}", ring.len());
        assert_eq!(ring.count(31_533_000, 31_537_000), 1);
    }
}
