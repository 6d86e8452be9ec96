//! The command line: parses it, builds the adapters, dispatches, maps failures to exit codes.
