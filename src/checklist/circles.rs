//! Finds items that wait for each other in a circle, which nobody could ever begin.

use std::collections::{BTreeMap, BTreeSet};

use super::cross::Needs;
use crate::step::Address;

/// Every circle, from the item of it that is met first, in the order given. Items that stand in
/// several circles are reported until every one of them is cut.
pub fn find<'a>(order: impl Iterator<Item = &'a Address>, needs: &'a Needs) -> Vec<Vec<&'a Address>> {
    let mut finished = BTreeSet::new();
    let mut out = Vec::new();
    for start in order {
        walk(start, needs, &mut finished, &mut out);
    }
    out
}

/// Follows what an item waits for, depth first, without recursion: chains may be long.
fn walk<'a>(
    start: &'a Address,
    needs: &'a Needs,
    finished: &mut BTreeSet<&'a Address>,
    out: &mut Vec<Vec<&'a Address>>,
) {
    if finished.contains(start) {
        return;
    }
    let mut trail = vec![start];
    let mut depth = BTreeMap::from([(start, 0)]);
    let mut next = vec![0];
    while let (Some(address), Some(turn)) = (trail.last().copied(), next.last_mut()) {
        let need = needs.get(address).and_then(|needs| needs.get(*turn));
        *turn += 1;
        match need {
            None => {
                finished.insert(address);
                depth.remove(address);
                trail.pop();
                next.pop();
            }
            Some(need) if finished.contains(need) => {}
            Some(need) => {
                if let Some(&at) = depth.get(need) {
                    out.push(trail[at..].to_vec());
                } else {
                    depth.insert(need, trail.len());
                    trail.push(need);
                    next.push(0);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Needs, find};
    use crate::step::Address;

    fn needs(pairs: &[(&str, &str)]) -> Needs {
        let mut needs = Needs::new();
        for (item, need) in pairs {
            needs.entry(Address::new("p", *item)).or_default().push(Address::new("p", *need));
        }
        needs
    }

    fn circles(pairs: &[(&str, &str)]) -> Vec<String> {
        let needs = needs(pairs);
        let names =
            |circle: Vec<&Address>| circle.iter().map(|address| address.item.as_str()).collect::<Vec<_>>().join(" ");
        find(needs.keys(), &needs).into_iter().map(names).collect()
    }

    #[test]
    fn a_circle_is_found_once_from_its_first_item() {
        assert_eq!(circles(&[("a", "b"), ("b", "c"), ("c", "a")]), ["a b c"]);
        assert_eq!(circles(&[("a", "b"), ("b", "c"), ("c", "b")]), ["b c"]);
        assert_eq!(circles(&[("a", "a")]), ["a"]);
    }

    #[test]
    fn two_ways_to_the_same_item_are_no_circle() {
        assert_eq!(circles(&[("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")]), [""; 0]);
    }

    #[test]
    fn circles_that_share_an_item_are_both_found() {
        assert_eq!(circles(&[("a", "b"), ("b", "a"), ("b", "c"), ("c", "b")]), ["a b", "b c"]);
    }

    #[test]
    fn a_long_chain_needs_no_deep_stack() {
        let item = |n: usize| Address::new("p", format!("{n:06}"));
        let mut needs: Needs = (0..100_000).map(|n| (item(n), vec![item(n + 1)])).collect();
        assert!(find(needs.keys(), &needs).is_empty());
        needs.insert(item(100_000), vec![item(99_999)]);
        assert_eq!(find(needs.keys(), &needs), [[&item(99_999), &item(100_000)]]);
    }
}
