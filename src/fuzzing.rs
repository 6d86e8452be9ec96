//! What must hold for any bytes at all: one function for each reader of text from outside. Called by the
//! fuzzers in `fuzz/` (`cfg(fuzzing)`), and by the tests below with a corpus and generated inputs, so
//! that they stay true and keep compiling on every toolchain. Never part of a release.

#![expect(clippy::missing_panics_doc, reason = "to panic is how a broken promise is told")]

use std::collections::BTreeMap;
use std::path::Path;

use crate::checklist::{self, BUNDLED, Checklist, Source};
use crate::import::markdown;
use crate::mode::Mode;
use crate::secret::Scrubber;
use crate::state::State;
use crate::view::StatusView;
use crate::{control, env_file, simulator, store, stripe};

/// Readers are asked about no more than this at once; time is not what is tested here.
const MOST: usize = 32 * 1024;

/// A checklist is read, or every complaint has its place in the text and can be drawn.
pub fn checklist(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(&data[..data.len().min(MOST)]) else { return };
    match checklist::load(Source::File("fuzz.toml".into()), text) {
        Ok(read) => sound(&read),
        Err(invalid) => {
            assert!(!invalid.complaints.is_empty(), "refused without a word");
            let lines = text.replace("\r\n", "\n").split('\n').count();
            for complaint in &invalid.complaints {
                assert!((1..=lines).contains(&complaint.line) && complaint.column > 0, "{complaint:?} is nowhere");
            }
            let drawn = invalid.render(true, 80);
            assert!(!drawn.contains(|c: char| control::is(c) && c != '\n'), "{drawn:?} would be obeyed");
        }
    }
}

/// A valid checklist has no two items of one address, shows nothing that is obeyed, and starts at zero.
fn sound(read: &Checklist) {
    let addresses: std::collections::BTreeSet<_> = read.written().map(|item| &item.address).collect();
    assert_eq!(addresses.len(), read.written().count(), "two items have one address");
    assert!(read.written().all(|item| control::first(&item.title).is_none()));
    for mode in [Mode::Rehearse, Mode::Test, Mode::Live] {
        adds_up(read, &State::default(), mode);
    }
}

/// A journal is read or refused; whatever was read folds, and its totals add up.
pub fn journal(data: &[u8]) {
    let Ok(read) = store::parse(data, Path::new("fuzz.jsonl")) else { return };
    let state = State::of(&read.lines);
    let (name, text) = BUNDLED[0];
    let Ok(list) = checklist::load(Source::Bundled(name), text) else { unreachable!("what is bundled is valid") };
    for mode in [Mode::Rehearse, Mode::Test, Mode::Live] {
        adds_up(&list, &state, mode);
    }
}

fn adds_up(list: &Checklist, state: &State, mode: Mode) {
    let view = StatusView::of(list, state, mode);
    let sum = &view.summary;
    let states = [sum.done, sum.todo, sum.blocked, sum.failed, sum.unknown, sum.skipped, sum.stale, sum.rehearsed];
    let states: usize = states.iter().sum();
    assert_eq!(sum.total, states, "the states of {mode} do not add up");
    assert_eq!(sum.total, view.phases.iter().map(|phase| phase.items.len()).sum::<usize>());
    assert!(sum.blocking <= sum.total);
    assert_eq!(view.ready, sum.blocking == 0, "ready is: nothing blocks");
}

/// A value is put into an env file, and everything else in it stays; or it is refused. The first line
/// is the value, what follows is the file.
pub fn env_editor(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(&data[..data.len().min(MOST)]) else { return };
    let (value, file) = text.split_once('\n').unwrap_or((text, ""));
    env_file::edit_is_sound(file, "GOLIVE_FUZZ", value);
    // A variable that is there already, when there is one.
    let name: String = file.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    if name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        env_file::edit_is_sound(file, &name, value);
    }
}

/// A form of any bytes is a tree, or a key is named that contradicts another.
pub fn form(data: &[u8]) {
    let data = &data[..data.len().min(MOST)];
    match simulator::form(data) {
        Ok(tree) => assert!(tree.is_object(), "{tree} is no form"),
        Err(key) => assert!(key.is_empty() || !data.is_empty(), "{key}"),
    }
}

/// A document of any bytes becomes a checklist that golive reads, with an account of every line and
/// without the secrets that stood in it; or it is refused.
pub fn markdown(data: &[u8]) {
    let data = &data[..data.len().min(MOST)];
    let Ok(made) = markdown::import(data, "fuzz.md", &BTreeMap::new()) else { return };
    let account = &made.account;
    let left: usize = account.left.iter().map(|stretch| stretch.count).sum();
    assert_eq!(account.lines, account.bare + account.used + left, "{account:?} does not add up");
    let toml = made.draft.text();
    assert_eq!(Scrubber::scrub(&toml), toml, "a key is in it");
    assert!(!toml.contains(|c: char| control::is(c) && c != '\n'), "{toml:?} would be obeyed");
    match checklist::load(Source::File("fuzz.toml".into()), &toml) {
        Ok(read) => sound(&read),
        Err(invalid) => panic!("{}", invalid.render(false, 80)),
    }
}

/// Whatever Stripe refuses with: a code, words, something to do, and no key in it. The first two
/// bytes are the status, what follows is the body.
pub fn error_mapper(data: &[u8]) {
    let [high, low, body @ ..] = data else { return };
    let Ok(body) = serde_json::from_slice(body) else { return };
    let status = 400 + u16::from_be_bytes([*high, *low]) % 200;
    let refusal = stripe::error::refusal(status, &body, Some("req_1".into()));
    let problem = refusal.problem(Some("sk_live_…abcd"));
    assert!(!problem.message.is_empty() && !problem.why.is_empty() && !problem.fix.is_empty(), "{problem:?}");
    assert!(!problem.code.explanation().is_empty() && problem.code.id().starts_with("GL"));
    let shown = crate::render::human::problem::problem(&problem, &crate::render::Style::PLAIN);
    assert_eq!(Scrubber::scrub(&shown), shown, "a key is in it");
    assert_eq!(control::first(&shown), None);
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    /// How many inputs are made for each target, beside its corpus.
    const MADE: u64 = 3_000;

    /// The same numbers on every run and every computer (xorshift64*, Vigna 2016).
    struct Dice(u64);

    impl Dice {
        fn roll(&mut self, below: usize) -> usize {
            self.0 ^= self.0 >> 12;
            self.0 ^= self.0 << 25;
            self.0 ^= self.0 >> 27;
            let wide = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
            usize::try_from(wide).unwrap() % below.max(1)
        }
    }

    /// A seed with a few bytes changed, cut, doubled, or put in from another.
    fn made(seeds: &[Vec<u8>], dice: &mut Dice) -> Vec<u8> {
        const ODD: [&str; 14] = [
            "\0",
            "\u{feff}",
            "\r\n",
            "\u{202e}",
            "\u{1b}[2J",
            "${",
            "}",
            "[[",
            "\"\"\"",
            "'",
            "\\",
            "=",
            "9e999",
            "\u{10ffff}",
        ];
        let mut bytes = seeds[dice.roll(seeds.len())].clone();
        for _ in 0..=dice.roll(4) {
            let at = dice.roll(bytes.len() + 1);
            let end = (at + dice.roll(24)).min(bytes.len());
            match dice.roll(6) {
                0 => drop(bytes.drain(at..end)),
                1 => bytes.truncate(at),
                2 => drop(bytes.splice(at..at, ODD[dice.roll(ODD.len())].bytes())),
                3 => {
                    let other = &seeds[dice.roll(seeds.len())];
                    let from = dice.roll(other.len() + 1);
                    let piece = other[from..(from + dice.roll(80)).min(other.len())].to_vec();
                    drop(bytes.splice(at..end, piece));
                }
                4 => {
                    let piece = bytes[at..end].to_vec();
                    drop(bytes.splice(at..at, piece));
                }
                _ => {
                    if let Some(byte) = bytes.get_mut(at) {
                        *byte = u8::try_from(dice.roll(256)).unwrap();
                    }
                }
            }
        }
        bytes
    }

    /// Runs a target with its corpus and with inputs made from it; says how many there were.
    fn holds(name: &str, target: fn(&[u8]), share: u64) {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
        let mut paths: Vec<PathBuf> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        let seeds: Vec<Vec<u8>> = paths.iter().map(|path| std::fs::read(path).unwrap()).collect();
        assert!(seeds.len() >= 3, "{name} has a corpus of {}", seeds.len());
        for seed in &seeds {
            target(seed);
        }
        let mut dice = Dice(0x676F_6C69_7665);
        for _ in 0..MADE / share {
            target(&made(&seeds, &mut dice));
        }
    }

    #[test]
    fn any_bytes_are_a_checklist_or_complaints_with_their_places() {
        holds("checklist", super::checklist, 4);
    }

    #[test]
    fn any_bytes_are_a_journal_that_folds_or_damage() {
        holds("journal", super::journal, 6);
    }

    #[test]
    fn any_value_goes_into_any_env_file_or_is_refused() {
        holds("env_editor", super::env_editor, 1);
    }

    #[test]
    fn any_bytes_are_a_form_or_name_a_key() {
        holds("form", super::form, 1);
    }

    #[test]
    fn any_document_becomes_a_checklist_that_golive_reads() {
        holds("markdown", super::markdown, 10);
    }

    #[test]
    fn any_error_of_stripes_is_a_problem_with_something_to_do() {
        holds("error_mapper", super::error_mapper, 1);
    }
}
