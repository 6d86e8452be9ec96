//! `golive import stripe`: reads a test account and what stands around it, and writes the checklist that
//! these become. Run again, it puts what changed in Stripe into the file that a person has edited since.

mod around;
mod keep;
mod key;
mod lookup_keys;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use tokio::runtime::Runtime;

use super::super::session;
use super::super::{Desk, Ended};
use crate::checklist::{self, Source};
use crate::compose::Draft;
use crate::engine::port::{News, Operator};
use crate::error::{Class, Code, Failure, Problem, Result};
use crate::import::stripe::merge::{Change, Difference};
use crate::import::stripe::{Imported, Options as Import, import};
use crate::inventory::{Inventory, LeftOut, Scope, Section};
use crate::mode::Mode;
use crate::render::human::import_stripe as screen;
use crate::secret::{Slot, Vault};
use crate::stripe::StripeApi;
use crate::ui::Ticker;

use super::super::args::Agree;

/// What is imported, and where it goes.
#[derive(Debug, Clone, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct Options {
    /// Only these kinds: product,coupon,webhook …
    #[arg(long, value_name = "KIND,…", value_delimiter = ',')]
    pub only: Vec<String>,
    /// Archived objects too
    #[arg(long)]
    pub include_archived: bool,
    /// Write the lookup keys that the checklist proposes to the prices of the test account
    #[arg(long)]
    pub write_lookup_keys: bool,
    /// An env file of the application to read [default: .env and its like]
    #[arg(long = "env-file", value_name = "FILE")]
    pub env_files: Vec<PathBuf>,
    /// The checklist to write; - is standard output [default: golive.toml]
    #[arg(long, value_name = "FILE|-")]
    pub out: Option<PathBuf>,
    /// Accept the changes of a checklist that is there, and of the test account
    #[arg(long)]
    pub yes: bool,
    /// What was read and what is to be known, as JSON, golive.import/1
    #[arg(long)]
    pub json: bool,
}

/// Runs it.
pub fn run(desk: &Desk, options: &Options) -> Ended {
    let scope = scope(options)?;
    let dir = super::super::place::folder(&desk.global)?;
    let mut keep = keep::Keep::open(&dir, options.out.as_deref())?;
    let agree = Agree { yes: options.yes, ..Agree::default() };
    let mut operator = desk.operator(Mode::Test, &agree, false);
    let env_files = around::env_files(&dir, &options.env_files)?;
    let mut vault = key::find(desk, &env_files, operator.as_mut())?;
    let runtime = session::runtime()?;
    let inventory = read(desk, &runtime, scope, &vault)?;
    let around = around::around(&env_files, &dir, &keep.path);
    let import_options = Import {
        id: keep.id.clone().unwrap_or_else(|| around::id(&inventory, &dir)),
        title: around::title(&inventory, &dir),
        env_file: keep.env_file.clone().unwrap_or_else(|| ".env.production".to_owned()),
        host: desk.global.answers.iter().find(|(id, _)| id == "vars.host").map(|(_, host)| host.clone()),
        known: std::mem::take(&mut keep.known),
    };
    let mut imported = import(&inventory, &around, &import_options);
    // Each is as large as the account: what is not needed any more is let go before the next is made.
    let seen = Seen::of(inventory);
    drop(around);
    let outcome = keep.write(desk, operator.as_mut(), &imported, options)?;
    imported.draft = Draft::default();
    tell(desk, &seen, &imported, &outcome, options)?;
    if options.write_lookup_keys {
        let key = vault.get(&Slot::SecretKey);
        vault.take(&Slot::SecretKey);
        let key = key.and_then(std::sync::Arc::into_inner);
        lookup_keys::write(desk, &keep.path, &agree, &imported, key)?;
    }
    Ok(valid(desk, &keep.path, &outcome.text).or(outcome.class))
}

/// What is said of an account that was read.
struct Seen {
    account: Option<String>,
    name: Option<String>,
    counts: Vec<(Section, usize)>,
    left_out: BTreeMap<Section, LeftOut>,
}

impl Seen {
    fn of(inventory: Inventory) -> Self {
        let counts = Section::ALL.into_iter().map(|section| (section, inventory.count(section)));
        let counts = counts.filter(|(_, count)| *count > 0).collect();
        Self { account: inventory.account, name: inventory.account_name, counts, left_out: inventory.left_out }
    }
}

/// What is read, by the kinds that were named.
fn scope(options: &Options) -> Result<Scope> {
    let mut scope = Scope { archived: options.include_archived, ..Scope::default() };
    if options.only.is_empty() {
        return Ok(scope);
    }
    scope.sections.clear();
    for kind in &options.only {
        let sections: Vec<Section> = Section::ALL.into_iter().filter(|section| section.kind() == kind.trim()).collect();
        if sections.is_empty() {
            let mut kinds: Vec<&str> = Section::ALL.into_iter().map(Section::kind).collect();
            kinds.dedup();
            let near = crate::suggest::nearest(kind, kinds.iter().copied()).unwrap_or("product");
            let problem = Problem::new(Code::Usage, format!("`{kind}` is nothing that is imported"))
                .why(format!("these are: {}", kinds.join(", ")))
                .fix(format!("name one of them: golive import stripe --only {near}"));
            return Err(Failure::new(Class::Usage, problem));
        }
        scope.sections.extend(sections);
    }
    Ok(scope)
}

/// Reads the account, saying how far it is where that takes a while.
fn read(desk: &Desk, runtime: &Runtime, scope: Scope, vault: &Vault) -> Result<Inventory> {
    /// Below this nobody has time to read what is said.
    const MANY: usize = 1000;
    let (stripe, _): (StripeApi, bool) = session::stripe(runtime, Mode::Test, None)?;
    let stop = crate::engine::StopFlag::default();
    super::super::signals::watch(runtime, &stop, &[stop.shared(), stripe.stop_handle()]);
    let drawn = desk.attended() && !desk.global.quiet;
    let ticker = Ticker::new(desk.talk, drawn);
    let progress = |section: Section, seen: usize| {
        if drawn {
            ticker.say(&format!("Reading the test account: {}", section.counted(seen)));
        } else if seen >= MANY && seen % MANY < 100 && !desk.global.quiet {
            desk.say(&format!("  reading the test account: {}\n", section.counted(seen)));
        }
    };
    stripe.inventory(scope, vault, &progress)
}

/// Says what came of it: to a person, or as JSON.
fn tell(desk: &Desk, seen: &Seen, imported: &Imported, outcome: &keep::Outcome, options: &Options) -> Result<()> {
    if options.json {
        let counted: serde_json::Map<String, serde_json::Value> =
            seen.counts.iter().map(|(section, count)| (section.kind().to_owned(), json!(count))).collect();
        let document = json!({
            "schema": "golive.import/1",
            "source": "stripe",
            "account": { "id": seen.account, "name": seen.name },
            "checklist": outcome.shown,
            "written": outcome.written,
            "counts": counted,
            "left_out": seen.left_out,
            "differences": outcome.differences,
            "lookup_keys": imported.keys.iter().map(|key| json!({"price": key.price, "item": key.item, "key": key.key})).collect::<Vec<_>>(),
            "told": imported.told,
        });
        return desk.print(&format!("{}\n", serde_json::to_string_pretty(&document).unwrap_or_default()));
    }
    if desk.global.quiet {
        return Ok(());
    }
    let view = screen::View {
        account: seen.name.as_deref().or(seen.account.as_deref()),
        counts: &seen.counts,
        told: &imported.told,
        differences: &outcome.differences,
        were_shown: outcome.was_shown,
        new_keys: if options.write_lookup_keys { 0 } else { imported.keys.len() },
        file: &outcome.shown,
        written: outcome.written,
    };
    desk.say(&format!("{}\n", screen::import(&view, &desk.talk_now())));
    Ok(())
}

/// Whether the checklist holds together; what is wrong with it is shown as `checklist validate` does.
fn valid(desk: &Desk, path: &Path, text: &str) -> Option<Class> {
    match checklist::load(Source::File(path.to_owned()), text) {
        Ok(_) => None,
        Err(invalid) => {
            let style = desk.talk_now();
            desk.say(&format!(
                "{}\n",
                invalid.render(style.glyphs != crate::render::style::Glyphs::Unicode, style.width)
            ));
            Some(Class::Usage)
        }
    }
}

/// Tells one line.
fn note(operator: &mut dyn Operator, text: &str) {
    operator.tell(&News::Note { text });
}

/// Whether a difference is put into the file.
fn is_taken(difference: &Difference) -> bool {
    difference.sort != Change::Kept
}
