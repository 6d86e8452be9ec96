//! Which object of test mode is meant to be which of live mode: rounds of keys, the surest first. A key
//! that several objects share decides nothing, unless the round says that they are alike anyway.

use std::collections::HashMap;

use super::Side;

/// The key of an object on a side; none takes it out of the round.
type Key<'r, T> = Box<dyn Fn(Side, &T) -> Option<String> + 'r>;

/// What finds an object's counterpart.
pub(super) struct Round<'r, T> {
    /// In words, for a person.
    pub by: &'static str,
    /// What objects of both sides are compared by.
    pub key: Key<'r, T>,
    /// Whether objects of one key are paired in their order.
    pub alike: bool,
}

impl<'r, T> Round<'r, T> {
    /// A key that is unique, or decides nothing.
    pub(super) fn unique(by: &'static str, key: impl Fn(Side, &T) -> Option<String> + 'r) -> Self {
        Self { by, key: Box::new(key), alike: false }
    }

    /// A key whose objects are the same in every respect.
    pub(super) fn alike(by: &'static str, key: impl Fn(Side, &T) -> Option<String> + 'r) -> Self {
        Self { by, key: Box::new(key), alike: true }
    }
}

/// Places of objects in their lists.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    /// Of both sides, and by what.
    pub paired: Vec<(usize, usize, &'static str)>,
    /// Those that are left in test mode.
    pub test: Vec<usize>,
    /// Those that are left in live mode.
    pub live: Vec<usize>,
}

impl Pairs {
    /// Pairs two lists; in the order of the test list.
    pub(super) fn of<T>(test: &[T], live: &[T], rounds: &[Round<'_, T>]) -> Self {
        let mut pairs = Self { paired: Vec::new(), test: (0..test.len()).collect(), live: (0..live.len()).collect() };
        for round in rounds {
            if pairs.test.is_empty() || pairs.live.is_empty() {
                break;
            }
            pairs.round(test, live, round);
        }
        pairs.paired.sort_unstable_by_key(|(here, ..)| *here);
        pairs
    }

    fn round<T>(&mut self, test: &[T], live: &[T], round: &Round<'_, T>) {
        let keyed = |side: Side, all: &[T], left: &[usize]| {
            let mut keys: HashMap<String, Vec<usize>> = HashMap::new();
            for &n in left {
                if let Some(key) = (round.key)(side, &all[n]) {
                    keys.entry(key).or_default().push(n);
                }
            }
            keys
        };
        let here = keyed(Side::Test, test, &self.test);
        let there = keyed(Side::Live, live, &self.live);
        let (mut left_test, mut left_live) = (vec![true; test.len()], vec![true; live.len()]);
        for (key, mine) in here {
            let Some(theirs) = there.get(&key) else { continue };
            if !round.alike && (mine.len() > 1 || theirs.len() > 1) {
                continue;
            }
            for (&mine, &theirs) in mine.iter().zip(theirs) {
                self.paired.push((mine, theirs, round.by));
                (left_test[mine], left_live[theirs]) = (false, false);
            }
        }
        self.test.retain(|n| left_test[*n]);
        self.live.retain(|n| left_live[*n]);
    }
}
