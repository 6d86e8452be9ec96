//! Crash points: where a debug build can be made to die or to stand still, for the crash matrix.
//!
//! Every durable effect is one (all pass through [`crate::store::disk`]), and so is every request to
//! Stripe: before it leaves, and before its answer is read. `GOLIVE_CRASH_AT=3` kills the process at
//! the third point it reaches, `GOLIVE_CRASH_AT=env.renamed:1` at the first of that name: SIGKILL, so
//! nothing is flushed. `GOLIVE_CRASH_AT=panic:env.renamed:1` panics there, with golive's own key in its words.
//! `GOLIVE_CRASH_STEP=SOCKET` tells each point to whoever listens there, and waits.
//! In release builds there is nothing of this.

use std::path::Path;

/// What a power cut may undo until it is synced.
#[derive(Debug, Clone, Copy)]
pub enum Effect<'a> {
    /// A new, empty file stands in its folder.
    Created(&'a Path),
    /// These bytes were added at its end.
    Written(&'a Path, &'a [u8]),
    /// It was cut to this length.
    Cut(&'a Path, u64),
    /// What it holds is on disk.
    Synced(&'a Path),
    /// The first took the place of the second.
    Renamed(&'a Path, &'a Path),
    /// It is gone.
    Removed(&'a Path),
    /// A new folder.
    Made(&'a Path),
    /// Which names a folder has is on disk.
    FolderSynced(&'a Path),
}

/// A place where a test may let it die.
///
/// # Panics
/// If that is what the test asks for, in a debug build.
#[inline]
pub fn crash_point(name: &str) {
    #[cfg(debug_assertions)]
    on::point(name, None);
    #[cfg(not(debug_assertions))]
    let _ = name;
}

/// An effect on the disk that just happened: a crash point named `what` and its verb,
/// `journal.written`.
#[inline]
pub fn effect(what: &str, effect: &Effect<'_>) {
    #[cfg(debug_assertions)]
    on::point(&format!("{what}.{}", effect.verb()), Some(effect));
    #[cfg(not(debug_assertions))]
    let _ = (what, effect);
}

/// The time limits that a test sets for requests to Stripe, in milliseconds: one try, all tries, the
/// first pause, what is in flight when the operator stops.
#[inline]
pub fn time_limits() -> Option<[u64; 4]> {
    #[cfg(debug_assertions)]
    return on::time_limits();
    #[cfg(not(debug_assertions))]
    None
}

#[cfg(debug_assertions)]
mod on {
    use std::io::{Read as _, Write as _};
    use std::os::unix::net::UnixStream;
    use std::path::Path;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::sync::{LazyLock, Mutex, PoisonError};

    use serde_json::{Value, json};

    use super::Effect;

    static WANTED: LazyLock<Option<(Option<String>, u64)>> = LazyLock::new(|| parse(&variable("GOLIVE_CRASH_AT")?));
    static REACHED: AtomicU64 = AtomicU64::new(0);
    static LISTENER: LazyLock<Mutex<Option<UnixStream>>> =
        LazyLock::new(|| Mutex::new(variable("GOLIVE_CRASH_STEP").and_then(|path| UnixStream::connect(path).ok())));

    #[expect(clippy::disallowed_methods, reason = "for the crash matrix alone, and never in a release build")]
    fn variable(name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    pub(super) fn point(name: &str, effect: Option<&Effect<'_>>) {
        tell(name, effect);
        let Some((place, number)) = &*WANTED else { return };
        let panics = place.as_deref().is_some_and(|place| place.starts_with("panic:"));
        if place.as_deref().is_some_and(|place| place.trim_start_matches("panic:") != name) {
            return;
        }
        if REACHED.fetch_add(1, Ordering::SeqCst) + 1 == *number {
            assert!(!panics, "at {name}, with {:?}", variable("GOLIVE_LIVE_KEY"));
            let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
        }
    }

    /// One line for each point; the answer is one byte.
    fn tell(name: &str, effect: Option<&Effect<'_>>) {
        let mut listener = LISTENER.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(stream) = listener.as_mut() else { return };
        let line = json!({ "point": name, "effect": effect.map(Effect::told) }).to_string() + "\n";
        let told = stream.write_all(line.as_bytes()).and_then(|()| stream.read_exact(&mut [0]));
        if told.is_err() {
            *listener = None;
        }
    }

    pub(super) fn time_limits() -> Option<[u64; 4]> {
        let text = variable("GOLIVE_CRASH_LIMITS")?;
        let numbers: Vec<u64> = text.split(',').map_while(|number| number.parse().ok()).collect();
        numbers.try_into().ok()
    }

    pub(super) fn parse(text: &str) -> Option<(Option<String>, u64)> {
        match text.rsplit_once(':') {
            Some((place, number)) => Some((Some(place.to_owned()), number.parse().ok()?)),
            None => Some((None, text.parse().ok()?)),
        }
    }

    impl Effect<'_> {
        pub(super) fn verb(&self) -> &'static str {
            match self {
                Self::Created(_) => "created",
                Self::Written(..) => "written",
                Self::Cut(..) => "cut",
                Self::Synced(_) => "synced",
                Self::Renamed(..) => "renamed",
                Self::Removed(_) => "removed",
                Self::Made(_) => "made",
                Self::FolderSynced(_) => "folder_synced",
            }
        }

        fn told(&self) -> Value {
            let path = |path: &Path| path.display().to_string();
            let verb = self.verb();
            match self {
                Self::Created(at) | Self::Synced(at) | Self::Removed(at) | Self::Made(at) | Self::FolderSynced(at) => {
                    json!({ "did": verb, "path": path(at) })
                }
                Self::Written(at, bytes) => json!({ "did": verb, "path": path(at), "hex": hex::encode(bytes) }),
                Self::Cut(at, length) => json!({ "did": verb, "path": path(at), "length": length }),
                Self::Renamed(from, to) => json!({ "did": verb, "path": path(to), "from": path(from) }),
            }
        }
    }
}

#[cfg(all(test, debug_assertions))]
mod tests {
    use super::on::parse;

    #[test]
    fn a_place_is_a_number_or_a_name_with_a_number() {
        assert_eq!(parse("3"), Some((None, 3)));
        assert_eq!(parse("env.renamed:1"), Some((Some("env.renamed".into()), 1)));
        assert_eq!(parse("soon"), None);
    }
}
