//! One file at a time, read into one buffer and searched: what is no text, or too long, is counted
//! and left out; what names another encoding in its first bytes is read in that one.

use std::io::Read as _;
use std::path::Path;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use super::Search;
use crate::step::ScanFound;

/// A longer file is data, or made by a program.
pub(super) const LONGEST: u64 = 8 * 1024 * 1024;
/// The beginning of a file that must be text.
const TEXT: usize = 8 * 1024;

/// One thread's reader, with its buffer and what it found; handed over when it ends.
pub(super) struct Reader<'a> {
    search: &'a Search<'a>,
    buffer: Vec<u8>,
    found: Vec<ScanFound>,
}

/// What a file turned out to be.
enum Sort {
    Text,
    Binary,
    Long,
}

impl<'a> Reader<'a> {
    pub(super) fn new(search: &'a Search<'a>) -> Self {
        Self { search, buffer: Vec::new(), found: vec![ScanFound::default(); search.rules.len()] }
    }

    pub(super) fn file(&mut self, path: &Path) {
        let search = self.search;
        if search.env_file == Some(path) {
            return;
        }
        let shown = path.strip_prefix(search.dir).unwrap_or(path);
        match self.read(path) {
            Ok(Sort::Text) => {
                search.files.fetch_add(1, Ordering::Relaxed);
                search.rules.search(&self.buffer, shown, search.most, &mut self.found);
            }
            Ok(Sort::Binary) => {
                search.binary.fetch_add(1, Ordering::Relaxed);
            }
            Ok(Sort::Long) => {
                search.long.lock().unwrap_or_else(PoisonError::into_inner).push(shown.display().to_string());
            }
            // Gone since it was listed: then nothing stands in it.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => search.failed(format!("{}: {error}", shown.display())),
        }
    }

    /// Reads a file into the buffer.
    fn read(&mut self, path: &Path) -> std::io::Result<Sort> {
        let mut file = std::fs::File::open(path)?;
        let length = file.metadata()?.len();
        if length > LONGEST {
            return Ok(Sort::Long);
        }
        self.buffer.clear();
        self.buffer.reserve(usize::try_from(length).unwrap_or_default() + 1);
        file.by_ref().take(LONGEST).read_to_end(&mut self.buffer)?;
        if let Some(text) = utf16(&self.buffer) {
            self.search.recoded.fetch_add(1, Ordering::Relaxed);
            self.buffer = text;
            return Ok(Sort::Text);
        }
        let beginning = &self.buffer[..self.buffer.len().min(TEXT)];
        Ok(if beginning.contains(&0) { Sort::Binary } else { Sort::Text })
    }
}

/// A text that says by its byte order mark that it is UTF-16, as editors on Windows write it.
fn utf16(bytes: &[u8]) -> Option<Vec<u8>> {
    let unit = match bytes.get(..2)? {
        [0xff, 0xfe] => u16::from_le_bytes,
        [0xfe, 0xff] => u16::from_be_bytes,
        _ => return None,
    };
    let units = bytes[2..].chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    let text = char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER));
    Some(text.collect::<String>().into_bytes())
}

impl Drop for Reader<'_> {
    fn drop(&mut self) {
        let mut all = self.search.found.lock().unwrap_or_else(PoisonError::into_inner);
        for (all, own) in all.iter_mut().zip(&mut self.found) {
            all.files += own.files;
            all.count += own.count;
            all.places.append(&mut own.places);
        }
    }
}
