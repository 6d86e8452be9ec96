//! `golive import markdown FILE`: reads the document, and writes the checklist that it becomes.

use std::path::PathBuf;

use clap::Args;

use super::super::{Desk, Ended, save};
use crate::compose::{Draft, Item, Phase, literal};
use crate::error::{AtPath, Class, Code, Failure, Problem};

/// What is imported, and where it goes.
#[derive(Debug, Clone, Args)]
pub struct Options {
    /// The document
    pub file: PathBuf,
    /// The checklist to write; - is standard output [default: golive.toml]
    #[arg(long, value_name = "FILE|-")]
    pub out: Option<PathBuf>,
    /// What was understood, as JSON, golive.import/1
    #[arg(long)]
    pub json: bool,
}

/// Runs it.
pub fn run(desk: &Desk, options: &Options) -> Ended {
    let text = std::fs::read_to_string(&options.file).at("read", &options.file)?;
    let items = text.lines().filter_map(|line| line.trim_start().strip_prefix("- [ ] "));
    let mut ids = crate::compose::Names::default();
    let mut phase = Phase::new("document", "Document");
    phase.items = items.map(|title| Item::new(ids.take(title), "manual", literal(title))).collect();
    let mut draft = Draft::new("imported", "Imported");
    draft.phases.push(phase);
    let out = options.out.clone().unwrap_or_else(|| "golive.toml".into());
    if out.as_os_str() == "-" {
        desk.print(&draft.text())?;
    } else if !save::new_text(&draft.text(), &out)? {
        let problem = Problem::new(Code::Usage, format!("`{}` is there already", out.display()));
        return Err(Failure::new(Class::Usage, problem.fix("write another file: --out FILE")));
    }
    Ok(None)
}
