//! Feeds libFuzzer's bytes to the property of the same name in `src/fuzzing.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| golive::fuzzing::markdown(data));
