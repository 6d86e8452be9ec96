//! One test binary, one file per command and per promise.
