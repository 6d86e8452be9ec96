//! `golive import markdown FILE`: reads the document, asks what it leaves open if somebody is there,
//! and writes the checklist that it becomes. What is there already is replaced with consent only.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::Args;

use super::super::opening::{question, text};
use super::super::{Desk, Ended, args, place, save};
use crate::checklist::{DEFAULT_FILE, Source};
use crate::engine::port::Operator;
use crate::error::{AtPath, Class, Code, Failure, Problem, Result};
use crate::import::markdown::{self, Imported, LARGEST, Question, Unreadable};
use crate::mode::Mode;
use crate::money::{Currency, Money};
use crate::render::{human, json};
use crate::step::{Check, Choice, Form};
use crate::view::import::{ImportView, Left, Lines, Made, Open, Secret};

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
    let stdout = options.out.as_deref() == Some(Path::new("-"));
    let out = options.out.clone().unwrap_or_else(|| DEFAULT_FILE.into());
    let path = desk.global.dir.as_deref().unwrap_or(Path::new("")).join(&out);
    if !stdout && !desk.attended() && path.exists() {
        return Err(taken(&path));
    }
    let bytes = read(&options.file)?;
    let named =
        options.file.file_name().map_or_else(|| "a document".into(), |name| name.to_string_lossy().into_owned());
    let mut answers: BTreeMap<String, String> = desk.global.answers.iter().cloned().collect();
    let mut imported = import(&bytes, &named, &answers, &options.file)?;
    if desk.attended() && !options.json && !imported.questions.is_empty() {
        let mut operator = desk.operator(Mode::Rehearse, &args::Agree::default(), false);
        ask(&mut *operator, &imported.questions, &mut answers)?;
        imported = import(&bytes, &named, &answers, &options.file)?;
    }
    let toml = imported.draft.text();
    let checklist = place::load(Source::File(path.clone()), &toml, &desk.talk)?;
    let view = view(&imported, Made::of(&checklist), &options.file, &out);
    if stdout {
        desk.print(&toml)?;
        desk.say(&human::import::import(&view, &desk.talk_now()));
        return Ok(None);
    }
    write(desk, &toml, &path)?;
    if options.json {
        desk.print(&json::import(&view))?;
    } else {
        desk.print(&human::import::import(&view, &desk.out))?;
        desk.say(&human::import::next(&view, &desk.talk_now()));
    }
    Ok(None)
}

fn read(path: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    // A device or a pipe has no length to ask for; one byte more than is read tells that there is more.
    let most = u64::try_from(LARGEST).unwrap_or(u64::MAX) + 1;
    File::open(path).and_then(|file| file.take(most).read_to_end(&mut bytes)).at("read", path)?;
    Ok(bytes)
}

fn import(bytes: &[u8], named: &str, answers: &BTreeMap<String, String>, path: &Path) -> Result<Imported> {
    markdown::import(bytes, named, answers).map_err(|unreadable| {
        let shown = path.display();
        let problem = match unreadable {
            Unreadable::Empty => Problem::new(Code::DocumentUnread, format!("`{shown}` is empty"))
                .fix("name the document that your team follows: golive import markdown LAUNCH.md"),
            Unreadable::Binary => Problem::new(Code::DocumentUnread, format!("`{shown}` is not a text"))
                .why("it holds bytes that no text has")
                .fix("export it as Markdown, text or HTML, then: golive import markdown LAUNCH.md"),
            Unreadable::TooLarge => {
                Problem::new(Code::DocumentUnread, format!("`{shown}` is larger than {} MiB", LARGEST / 1024 / 1024))
                    .fix("cut out the part about the launch, then: golive import markdown LAUNCH.md")
            }
        };
        Failure::new(Class::Usage, problem)
    })
}

/// Asks what only a person can decide. Nothing has to be answered: what stays open stays marked.
fn ask(operator: &mut dyn Operator, questions: &[Question], answers: &mut BTreeMap<String, String>) -> Result<()> {
    if questions.iter().any(|question| question.dollar) {
        let choices = [
            // The first is what Enter takes: it must not be a guess about money.
            ("open", "decide later, in the file"),
            ("USD", "US dollars"),
            ("CAD", "Canadian dollars"),
            ("AUD", "Australian dollars"),
            ("NZD", "New Zealand dollars"),
        ];
        let choices = choices
            .map(|(value, label)| Choice { value: value.into(), label: label.into(), hint: String::new() })
            .to_vec();
        let answer = text(operator.ask("currency", &question("What does `$` mean in this document?", choices))?);
        if Currency::find(&answer).is_some() {
            answers.insert("currency".into(), answer);
        }
    }
    for open in questions.iter().filter(|question| !question.dollar && question.id.starts_with("price.")) {
        let mut ask = question(&format!("{} (line {})", open.asked, open.line), Vec::new());
        ask.help = vec!["An amount like 29.00 EUR; Enter decides it later, in the file.".into()];
        ask.form = Form::Text { default: Some("later".into()), check: Check::NotEmpty };
        let answer = text(operator.ask(&open.id, &ask)?);
        if answer.parse::<Money>().is_ok() {
            answers.insert(open.id.clone(), answer);
        }
    }
    Ok(())
}

fn taken(path: &Path) -> Failure {
    let problem =
        Problem::new(Code::Usage, format!("`{}` is there already", path.display())).why("nothing was changed");
    Failure::new(
        Class::Refused,
        problem.fix("take another name: --out NAME.toml").fix("see it first, on standard output: --out -"),
    )
}

/// Writes the checklist. Between the look and the write somebody else may have written one.
fn write(desk: &Desk, toml: &str, path: &Path) -> Result<()> {
    if save::new_checklist(toml, path)? {
        return Ok(());
    }
    if !desk.attended() {
        return Err(taken(path));
    }
    let mut operator = desk.operator(Mode::Rehearse, &args::Agree::default(), false);
    let mut ask = question(&format!("Replace `{}`?", path.display()), Vec::new());
    ask.help = vec!["What is in it now is lost.".into()];
    ask.form = Form::Confirm { default: false };
    if text(operator.ask("replace", &ask)?) != "yes" {
        return Err(taken(path));
    }
    save::checklist(toml, path)
}

fn view(imported: &Imported, made: Made, file: &Path, out: &Path) -> ImportView {
    let account = &imported.account;
    let open = |question: &Question| Open {
        id: question.id.clone(),
        line: question.line,
        written: question.written.clone(),
        asked: question.asked.clone(),
    };
    let left = account.left.iter().map(|left| Left {
        from: left.from,
        to: left.to,
        why: left.why.to_owned(),
        begins: left.begins.clone(),
    });
    ImportView {
        file: file.display().to_string(),
        out: out.display().to_string(),
        lines: Lines { used: account.used, left: account.left_out(), bare: account.bare },
        made,
        questions: imported.questions.iter().map(open).collect(),
        left: left.collect(),
        secrets: imported.secrets.iter().map(|(line, shown)| Secret { line: *line, shown: shown.clone() }).collect(),
        notes: imported.notes.clone(),
    }
}
