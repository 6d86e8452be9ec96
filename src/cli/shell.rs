//! `golive completions` and `golive man`: what a shell and a manual need, on standard output.

use clap::CommandFactory as _;

use super::args::Cli;
use super::{Desk, Ended};
use crate::error::{Class, Code, Failure, Problem};

/// Completions for a shell.
pub fn completions(desk: &Desk, shell: clap_complete::Shell) -> Ended {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "golive", &mut script);
    desk.print(&String::from_utf8_lossy(&script))?;
    Ok(None)
}

/// The manual page.
pub fn man(desk: &Desk) -> Ended {
    let mut page = Vec::new();
    clap_mangen::Man::new(Cli::command()).render(&mut page).map_err(|error| {
        Failure::new(Class::Unforeseen, Problem::new(Code::Internal, "the manual page could not be made"))
            .because(error)
    })?;
    desk.print(&String::from_utf8_lossy(&page))?;
    Ok(None)
}
