//! The command line's grammar. Doc comments here are the help texts.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::import::Imports;
use crate::checklist::watch::Span;
use crate::mode::Mode;
use crate::step::Address;
use crate::ui::looks::ColorChoice;

/// Takes a Stripe integration from test mode to live mode, one careful step at a time.
#[derive(Debug, Parser)]
#[command(name = "golive", version, max_term_width = 80, disable_help_subcommand = false)]
#[command(
    after_help = "Exit codes: 0 done, 1 unforeseen, 2 usage, 3 items remain, 4 refused for safety,\n5 an answer is needed, 75 try again, 130 stopped.   Codes: golive explain GL0204"
)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Options of every command.
#[derive(Debug, Clone, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct Global {
    /// The folder of the launch [default: the nearest with a golive.toml or .golive/]
    #[arg(long, global = true, value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// A bundled checklist or a file [default: golive.toml]
    #[arg(long, global = true, value_name = "NAME|PATH")]
    pub checklist: Option<String>,
    /// rehearse, test or live
    #[arg(long, global = true, value_name = "MODE")]
    pub mode: Option<Mode>,
    /// Never ask; a question without --answer ends with exit code 5
    #[arg(long, global = true)]
    pub no_input: bool,
    /// Answer a question, or set a variable of the checklist (vars.NAME=VALUE)
    #[arg(long = "answer", global = true, value_name = "ID=VALUE", value_parser = answer)]
    pub answers: Vec<(String, String)>,
    /// Read keys from a file, one a line; - is standard input
    #[arg(long, global = true, value_name = "FILE|-")]
    pub key_file: Option<PathBuf>,
    /// auto, always or never
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", hide_default_value = true)]
    pub color: When,
    /// Plain lines, for screen readers
    #[arg(long, global = true)]
    pub plain: bool,
    /// No characters beyond ASCII
    #[arg(long, global = true)]
    pub ascii: bool,
    /// Say less
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Say more: full ids, technical causes
    #[arg(short, long, global = true)]
    pub verbose: bool,
}

/// How a report is written.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum ReportFormat {
    Html,
    Markdown,
    Json,
}

/// When to colour.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum When {
    Auto,
    Always,
    Never,
}

impl From<When> for ColorChoice {
    fn from(when: When) -> Self {
        match when {
            When::Auto => Self::Auto,
            When::Always => Self::Always,
            When::Never => Self::Never,
        }
    }
}

/// What unattended runs agree to.
#[derive(Debug, Clone, Default, Args)]
pub struct Agree {
    /// Accept local writes, and changes in rehearsal and test mode
    #[arg(long)]
    pub yes: bool,
    /// Accept changes in live mode to this account (its id or name)
    #[arg(long, value_name = "ACCOUNT")]
    pub confirm: Option<String>,
    /// Let the checklist run its commands on this computer
    #[arg(long)]
    pub allow_commands: bool,
}

/// How long is watched, and how often.
#[derive(Debug, Clone, Args)]
pub struct Watching {
    /// End after this time [default: when stopped]
    #[arg(long, value_name = "24h")]
    pub r#for: Option<Span>,
    /// Look at Stripe's events this often [default: as the checklist says, or 60s]
    #[arg(long, value_name = "60s", value_parser = often)]
    pub every: Option<Span>,
    /// End with the first alert
    #[arg(long)]
    pub until_alert: bool,
    /// Look once and end, as for cron
    #[arg(long, conflicts_with_all = ["for", "every"])]
    pub once: bool,
    /// A line of JSON for each thing that happens, golive.watch/1
    #[arg(long)]
    pub json: bool,
}

/// What is searched for stray keys and ids.
#[derive(Debug, Clone, Args)]
#[command(after_long_help = SCAN_JSON)]
pub struct Scanning {
    /// Files and folders [default: this folder]
    #[arg(value_name = "PATH")]
    pub paths: Vec<String>,
    /// Leave out what matches, as in .gitignore; may be repeated
    #[arg(long, value_name = "GLOB")]
    pub exclude: Vec<String>,
    /// As JSON, golive.scan/1
    #[arg(long)]
    pub json: bool,
}

const SCAN_JSON: &str = "\
Exit codes: 0 nothing that blocks, 3 a live key or a signing secret that may leave this
computer or an id of test mode, 75 a file could not be read.

golive.scan/1: dir, paths, checklist (or null), repository, history_searched (false), files,
blocking, advised, more (places beyond those listed), in_env_files (secrets where they belong),
findings[] {severity: blocker|advised, what: live_key|signing_secret|test_key|test_id|
test_value|id, file, line, shown (secrets shortened), because (or null), git: tracked|
untracked|ignored|unknown}, left_out {binary, links, ignored_folders, long[], unreadable[]}.";

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start, or go on where it stopped
    Wizard {
        /// Only this phase
        #[arg(long, value_name = "ID")]
        phase: Option<String>,
        #[command(flatten)]
        agree: Agree,
    },
    /// Walk the whole launch and its rollback on a simulator: no key, no network, nothing is real
    Rehearse {
        /// Only this phase
        #[arg(long, value_name = "ID")]
        phase: Option<String>,
        /// Practise trouble in a world of its own; list shows what there is
        #[arg(long, value_name = "NAME", conflicts_with = "phase")]
        drill: Option<String>,
        /// Forget the last rehearsal, or this drill, and begin again
        #[arg(long)]
        fresh: bool,
        #[command(flatten)]
        agree: Agree,
    },
    /// What is done and what is left: no network, no key, no lock
    Status {
        /// As JSON, golive.status/1
        #[arg(long, conflicts_with = "markdown")]
        json: bool,
        /// As Markdown
        #[arg(long)]
        markdown: bool,
        /// Finished items too
        #[arg(long)]
        all: bool,
        /// End with 3 while blocking items remain
        #[arg(long)]
        exit_code: bool,
    },
    /// What would change in Stripe; nothing is written
    Plan {
        /// As JSON, golive.plan/1
        #[arg(long)]
        json: bool,
        /// Save it, for golive apply FILE
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// End with 3 when changes are pending
        #[arg(long)]
        exit_code: bool,
    },
    /// Carry out a plan
    Apply {
        /// A plan saved by golive plan --out; refused when anything moved since
        file: Option<PathBuf>,
        #[command(flatten)]
        agree: Agree,
    },
    /// Look again at everything, read-only; ticked items decay
    Check {
        /// Only these items
        #[arg(value_name = "ITEM")]
        items: Vec<Address>,
        /// As JSON, golive.status/1
        #[arg(long)]
        json: bool,
    },
    /// Test and live side by side, field by field; only looked at
    Parity {
        /// Only these kinds, as checklists name them: product,coupon
        #[arg(long, value_name = "KIND,…", value_delimiter = ',')]
        only: Vec<String>,
        /// Take the test key from this env file
        #[arg(long, value_name = "FILE")]
        test_env: Option<PathBuf>,
        /// Take the live key from this env file
        #[arg(long, value_name = "FILE")]
        live_env: Option<PathBuf>,
        /// As JSON, golive.parity/1
        #[arg(long)]
        json: bool,
    },
    /// After the launch: deliveries, failed payments, disputes, endpoints, drift
    Watch(Watching),
    /// Undo what a launch changed; payments and customers are never touched
    Rollback {
        /// Only these items
        #[arg(value_name = "ITEM")]
        items: Vec<Address>,
        /// Only show what would be undone
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        agree: Agree,
    },
    /// Who did what when, with evidence and without secrets: no network, no key, no lock
    Report {
        /// html, markdown or json
        #[arg(long, value_name = "FORMAT", default_value = "html", hide_default_value = true)]
        format: ReportFormat,
        /// Where to write it; - is standard output [default: .golive/reports/]
        #[arg(long, value_name = "FILE|-")]
        out: Option<PathBuf>,
    },
    /// State that an item is done
    Done {
        /// phase.item
        item: Address,
        /// What you saw
        #[arg(long)]
        note: Option<String>,
    },
    /// Leave an item out, for a reason
    Skip {
        /// phase.item
        item: Address,
        /// Why; it is shown in status and report
        #[arg(long)]
        reason: String,
    },
    /// Take back done or skip; commands and proofs are done again
    Reopen {
        /// phase.item
        item: Address,
    },
    /// A checklist out of what is there: a go-live document, or a Stripe account
    #[command(subcommand)]
    Import(Imports),
    /// List, show and check checklists
    #[command(subcommand)]
    Checklist(Checklists),
    /// An item or an error code, at length
    Explain {
        /// GL0204, or phase.item
        what: String,
    },
    /// Whether this computer is fit for a launch
    Doctor {
        /// As JSON, golive.doctor/1
        #[arg(long)]
        json: bool,
    },
    /// Stray keys and hard-coded ids in a repository; its history is not searched
    Scan(Scanning),
    /// The simulator on its own, for other programs
    Sandbox {
        /// The port [default: any]
        #[arg(long, default_value_t = 0, hide_default_value = true)]
        port: u16,
        /// The folder that keeps its world
        #[arg(long, value_name = "DIR")]
        data: Option<PathBuf>,
        /// Milliseconds added to every answer
        #[arg(long, value_name = "MS", default_value_t = 0, hide_default_value = true)]
        latency: u64,
        /// Faults: POST /v1/prices#2=drop-after; *=slow:200ms
        #[arg(long, value_name = "SPEC")]
        fail: Option<String>,
        /// How its shop behaves: good, fails, wrong-secret, slow:3s, …
        #[arg(long, value_name = "CONDUCT", default_value = "good", hide_default_value = true)]
        shop: String,
    },
    /// Completions for a shell, on standard output
    Completions {
        /// bash, zsh, fish, powershell or elvish
        shell: clap_complete::Shell,
    },
    /// The manual page, on standard output
    Man,
}

#[derive(Debug, Subcommand)]
pub enum Checklists {
    /// The bundled checklists
    List,
    /// A checklist's text, or what stands behind it
    Show {
        /// A bundled name or a file
        name: String,
        /// How many items each kind has, how many need a person, which tick boxes they cover
        #[arg(long)]
        coverage: bool,
        /// The coverage as JSON, golive.coverage/1
        #[arg(long, requires = "coverage")]
        json: bool,
    },
    /// Begin a checklist of your own from a bundled one
    New {
        /// The bundled one
        #[arg(value_name = "NAME", default_value = "saas-subscriptions")]
        from: String,
        /// Where it goes; never over a file that is there
        #[arg(long, value_name = "FILE", default_value = "golive.toml")]
        out: PathBuf,
    },
    /// Check a checklist: every complaint at once
    Validate {
        /// A bundled name or a file [default: golive.toml]
        name: Option<String>,
    },
    /// The JSON schema of checklists, for editors
    Schema,
}

fn often(text: &str) -> Result<Span, String> {
    let span: Span = text.parse()?;
    if span.0 < 1 { Err("look at most once a second: 1s".into()) } else { Ok(span) }
}

fn answer(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((id, value)) if !id.is_empty() => Ok((id.to_owned(), value.to_owned())),
        _ => Err("an answer is written ID=VALUE, as in keys.live.done=done".into()),
    }
}
