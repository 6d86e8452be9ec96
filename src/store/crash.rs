//! Crash points: places where a debug build can be made to die, for the crash matrix.
//!
//! `GOLIVE_CRASH_AT=3` kills the process at the third crash point it reaches, whatever its name;
//! `GOLIVE_CRASH_AT=env.renamed:1` at the first of that name. SIGKILL, as a power cut would be:
//! nothing is flushed, nothing is tidied. In release builds the function is empty.

/// Dies here, if this is the place that `GOLIVE_CRASH_AT` names.
#[cfg(debug_assertions)]
#[expect(clippy::disallowed_methods, reason = "for the crash matrix alone, and never in a release build")]
pub fn crash_point(name: &str) {
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    static WANTED: LazyLock<Option<(Option<String>, u64)>> =
        LazyLock::new(|| parse(&std::env::var("GOLIVE_CRASH_AT").ok()?));
    static REACHED: AtomicU64 = AtomicU64::new(0);

    let Some((place, number)) = &*WANTED else { return };
    if place.as_deref().is_some_and(|place| place != name) {
        return;
    }
    if REACHED.fetch_add(1, Ordering::SeqCst) + 1 == *number {
        let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
    }
}

/// Dies here, if this is the place that `GOLIVE_CRASH_AT` names: never, in a release build.
#[cfg(not(debug_assertions))]
#[inline]
pub fn crash_point(_name: &str) {}

#[cfg(debug_assertions)]
fn parse(text: &str) -> Option<(Option<String>, u64)> {
    match text.rsplit_once(':') {
        Some((place, number)) => Some((Some(place.to_owned()), number.parse().ok()?)),
        None => Some((None, text.parse().ok()?)),
    }
}

#[cfg(all(test, debug_assertions))]
mod tests {
    use super::parse;

    #[test]
    fn a_place_is_a_number_or_a_name_with_a_number() {
        assert_eq!(parse("3"), Some((None, 3)));
        assert_eq!(parse("env.renamed:1"), Some((Some("env.renamed".into()), 1)));
        assert_eq!(parse("soon"), None);
    }
}
