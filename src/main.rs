//! The program: the exit code of the library, nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    golive::cli::run()
}
