//! The journal on disk and its lock.
