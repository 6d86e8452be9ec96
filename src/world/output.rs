//! A command's output on its way to the screen and the journal. Invariant: only whole, cleaned
//! lines leave here, so a secret that arrives in two pieces, or with colours inside, is still seen.

use super::remote::{Marks, Said};
use super::search::Tally;
use crate::control;
use crate::secret::Scrubber;
use crate::step::Hits;

/// How much is kept.
const KEPT: usize = 64 * 1024;
/// A line longer than this is passed on in pieces.
const LONGEST: usize = 64 * 1024;
/// No secret is longer: a piece is cut so that none lies across the cut.
const SECRET: usize = 1024;

/// Collects bytes, hands over lines, keeps the last of them.
#[derive(Default)]
pub(super) struct Output {
    pending: Vec<u8>,
    kept: String,
    tally: Tally,
    /// Of a command elsewhere.
    pub(super) marks: Option<Marks>,
}

impl Output {
    /// Searched as it comes, with the marks of a command elsewhere in it.
    pub(super) fn new(tally: Tally, marks: Option<Marks>) -> Self {
        Self { tally, marks, ..Self::default() }
    }

    /// Whether a command elsewhere said that it ended.
    pub(super) fn has_ended(&self) -> bool {
        self.marks.as_ref().is_some_and(|marks| marks.ended.is_some())
    }

    /// Takes what the pipe brought.
    pub(super) fn take(&mut self, bytes: &[u8], line: &mut dyn FnMut(&str)) {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.pending.extend_from_slice(piece);
            if piece.ends_with(b"\n") {
                let whole = std::mem::take(&mut self.pending);
                self.pass_on(&whole[..whole.len() - 1], line);
            } else if self.pending.len() >= LONGEST {
                self.cut(line);
            }
        }
    }

    /// Hands over what came without a line end, and returns what was kept and found.
    pub(super) fn finish(mut self, line: &mut dyn FnMut(&str)) -> (String, Vec<Hits>) {
        if !self.pending.is_empty() {
            let rest = std::mem::take(&mut self.pending);
            self.pass_on(&rest, line);
        }
        self.shorten();
        (self.kept, self.tally.finish())
    }

    fn pass_on(&mut self, bytes: &[u8], line: &mut dyn FnMut(&str)) {
        let (raw, text) = (printable(bytes), clean(bytes));
        match self.marks.as_mut().map_or(Said::Text(&text), |marks| marks.read(&text)) {
            Said::Text(text) => self.keep(&raw, text, line),
            Said::Begun => {
                self.kept.clear();
                self.tally.clear();
            }
            Said::Nothing => {}
        }
    }

    fn keep(&mut self, raw: &str, text: &str, line: &mut dyn FnMut(&str)) {
        line(text);
        self.tally.line(raw, text);
        self.kept.push_str(text);
        self.kept.push('\n');
        if self.kept.len() > 2 * KEPT {
            self.shorten();
        }
    }

    fn shorten(&mut self) {
        let mut from = self.kept.len().saturating_sub(KEPT);
        while !self.kept.is_char_boundary(from) {
            from += 1;
        }
        self.kept.drain(..from);
    }

    /// Passes on the beginning of a very long line, up to a place where no secret is cut in two.
    fn cut(&mut self, line: &mut dyn FnMut(&str)) {
        let whole = clean(&self.pending);
        let safe = (1..=16).map(|step| self.pending.len() - SECRET - step * 61).find(|at| {
            let (head, tail) = self.pending.split_at(*at);
            clean(head) + &clean(tail) == whole
        });
        let tail = safe.map(|at| self.pending.split_off(at)).unwrap_or_default();
        let head = std::mem::replace(&mut self.pending, tail);
        if safe.is_some() {
            self.pass_on(&head, line);
        } else {
            self.pass_on(b"[part of a very long line left out]", line);
        }
    }
}

/// Text without colours, control characters, overwritten progress and secrets.
pub(super) fn clean(bytes: &[u8]) -> String {
    Scrubber::mask_in(&printable(bytes)).into_owned()
}

/// The same with its secrets: to be searched, never to be shown or kept.
pub(super) fn printable(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    // Plain lines, and floods of them, need no cleaning.
    if text.bytes().all(|byte| matches!(byte, b'\t' | b' '..=b'~')) {
        return text.into_owned();
    }
    let shown = text.trim_end_matches('\r').rsplit('\r').next().unwrap_or_default();
    let bare = anstream::adapter::strip_str(shown).to_string();
    bare.chars().filter(|c| *c == '\t' || !control::is(*c)).collect()
}

#[cfg(test)]
mod tests {
    use super::{KEPT, LONGEST, Output, clean};
    use crate::secret::Secret;

    fn pass(chunks: &[&[u8]]) -> (Vec<String>, String) {
        let mut lines = Vec::new();
        let mut output = Output::default();
        for chunk in chunks {
            output.take(chunk, &mut |line: &str| lines.push(line.to_owned()));
        }
        let (kept, _) = output.finish(&mut |line: &str| lines.push(line.to_owned()));
        (lines, kept)
    }

    #[test]
    fn a_secret_in_two_pieces_or_in_colour_is_masked() {
        let _secret = Secret::new("tangerine-harbour-9");
        let (lines, kept) = pass(&[b"x tangerine-", b"harbour-9 y\ntanger\x1b[31mine-harbour-9\n"]);
        assert_eq!(lines, ["x 19 characters, hidden y", "19 characters, hidden"]);
        assert!(!kept.contains("harbour"));
    }

    #[test]
    fn a_secret_across_the_cut_of_an_endless_line_is_masked() {
        let text = "q".repeat(8) + "0123456789" + &"z".repeat(80);
        let _secret = Secret::new(text.clone());
        for shift in (0..3000).step_by(97) {
            let mut bytes = vec![b'a'; LONGEST - shift];
            bytes.extend_from_slice(text.as_bytes());
            bytes.extend_from_slice(&vec![b'b'; LONGEST]);
            let chunks: Vec<_> = bytes.chunks(4096).collect();
            let (lines, _) = pass(&chunks);
            let whole = lines.concat();
            assert!(whole.contains("98 characters, hidden"), "shift {shift}");
            assert!(!whole.contains("zz") && !whole.contains("qq"), "shift {shift}");
        }
    }

    #[test]
    fn only_the_end_of_a_flood_is_kept() {
        let flood = "0123456789abcdef\n".repeat(20_000);
        let (lines, kept) = pass(&[flood.as_bytes(), b"the end"]);
        assert_eq!(lines.len(), 20_001);
        assert!(kept.len() <= KEPT && kept.ends_with("the end\n"));
    }

    #[test]
    fn escape_sequences_and_overwritten_progress_do_not_get_through() {
        assert_eq!(clean(b"10%\r50%\r100% \x1b]0;title\x07\x1b[2Jdone\x08\r"), "100% done");
        assert_eq!(clean("a\u{202e}b\tc".as_bytes()), "ab\tc");
        assert_eq!(clean(b"\xff\xfe bytes"), "\u{fffd}\u{fffd} bytes");
    }
}
