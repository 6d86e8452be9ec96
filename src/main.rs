//! The program: the exit code of the library, nothing else.

fn main() {}
