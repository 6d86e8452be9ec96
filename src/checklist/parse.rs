//! Reads a checklist: TOML text in, the model or every complaint at once out. Pure.
//!
//! One lenient pass keeps whatever can be read, so that one mistake never hides another. Schemas
//! and positions cost time and are looked at only when something is wrong.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use toml::{Table, Value};

use super::complaints::{Found, Invalid};
use super::diagnose::{self, Subject};
use super::draft::{Draft, ItemDraft, PhaseDraft, variable};
use super::locate::Path;
use super::shape::{Common, FORMAT};
use super::{Checklist, ROLLBACK, Source, cross, obeyed, refs, repair};
use crate::error::Code;
use crate::kind::{Complaint, Entry, Kind, REGISTRY, pattern_complaint};
use crate::step::Address;

/// The first half of the addresses of `[[watch.check]]`.
const WATCH: &str = "watch";

/// Reads a checklist with every kind there is.
pub fn load(origin: Source, text: &str) -> Result<Checklist, Invalid> {
    load_with(origin, text, REGISTRY)
}

/// Reads a checklist with the kinds of a registry.
pub(super) fn load_with(origin: Source, text: &str, registry: &[Entry]) -> Result<Checklist, Invalid> {
    let file = origin.shown();
    // A checkout with the line ends of another system is the same checklist.
    let text = &*text.replace("\r\n", "\n");
    let Ok(table) = text.parse::<Table>() else {
        return Err(Invalid::syntax(&file, text));
    };
    let mut reader = Reader { registry, found: obeyed::check(&table) };
    let draft = reader.checklist(table);
    let mut found = reader.found;
    let needs = cross::check(&draft, &mut found);
    match draft.finish(origin, text, needs) {
        Some(checklist) if found.is_empty() => Ok(checklist),
        _ => Err(Invalid::new(&file, text, found)),
    }
}

/// A kind's complaint, with its place in the document: the value, or the stretch of it that the
/// message quotes first, one event of a list, say.
fn placed(item: &Path, complaint: Complaint) -> Found {
    let Complaint { path, code, message, help } = complaint;
    let quoted = message.split('`').nth(1).map(str::to_owned).filter(|text| text.len() > 1);
    let found = Found { help, ..Found::new(code, item.join(&path), message) };
    match quoted {
        Some(text) => found.within(text),
        None => found,
    }
}

/// Whether a path stays inside the folder it starts from.
fn is_within(path: &str) -> bool {
    !path.is_empty()
        && !path.starts_with(['/', '\\', '~'])
        && !path.contains(['\0', '\n'])
        && path.split(['/', '\\']).all(|part| part != "..")
}

struct Reader<'r> {
    registry: &'r [Entry],
    found: Vec<Found>,
}

impl Reader<'_> {
    fn checklist(&mut self, mut table: Table) -> Draft {
        let phases = table.remove("phase");
        let checks = table.get_mut("watch").and_then(Value::as_table_mut).and_then(|watch| watch.remove("check"));
        let rollback = table.remove(ROLLBACK);
        let top = Path::default();
        if table.contains_key("item") {
            let found = Found::new(Code::UnknownField, top.key("item"), "an item stands outside of every phase");
            self.found
                .push(found.at_key().help("items belong to a phase: write `[[phase.item]]` below its `[[phase]]`"));
            table.remove("item");
        }
        let vars = self.vars(&table);
        self.head(&table);
        let subject = Subject { noun: "a checklist", also: &["phase", ROLLBACK] };
        let head = self.read(&table, &top, &subject);
        let places = self.tables(phases, &top.key("phase"), "`[[phase]]`");
        if places.as_ref().is_some_and(Vec::is_empty) {
            let found = Found::new(Code::MissingField, top.key("phase"), "the checklist has no phase");
            self.found.push(found.help("add a `[[phase]]` with an `id` and a `title`, and `[[phase.item]]`s below it"));
        }
        let phases = places.unwrap_or_default().into_iter().map(|(path, table)| self.phase(path, table, &vars));
        let phases = phases.collect();
        let rollback = self.rollback(rollback, &vars);
        let checks = self.checks(checks, &vars);
        Draft { head, vars, phases, rollback, checks }
    }

    /// The items of the rollback, which come one after the other and so name no needs.
    fn rollback(&mut self, value: Option<Value>, vars: &BTreeMap<String, String>) -> Vec<ItemDraft> {
        let places = self.tables(value, &Path::default().key(ROLLBACK), "`[[rollback]]`").unwrap_or_default();
        for (path, _) in places.iter().filter(|(_, table)| table.contains_key("needs")) {
            let found = Found::new(Code::UnknownField, path.key("needs"), "a rollback item has no needs").at_key();
            self.found.push(found.help("they are done one after the other: put it where it belongs in the order"));
        }
        places.into_iter().map(|(path, table)| self.item(path, table, Some(ROLLBACK), vars)).collect()
    }

    /// The checks of `[watch]`.
    fn checks(&mut self, value: Option<Value>, vars: &BTreeMap<String, String>) -> Vec<ItemDraft> {
        let path = Path::default().key(WATCH).key("check");
        let places = self.tables(value, &path, "`[[watch.check]]`").unwrap_or_default();
        places.into_iter().map(|(path, table)| self.item(path, table, Some(WATCH), vars)).collect()
    }

    /// The fields at the top, one by one, because a mistake in one must not hide the others.
    fn head(&mut self, table: &Table) {
        let top = Path::default();
        let format = table.get("schema").and_then(Value::as_integer).unwrap_or(FORMAT.into());
        if format != i64::from(FORMAT) {
            let found = Found::new(Code::BadValue, top.key("schema"), format!("unknown format {format}"));
            let found = found.label(format!("this golive reads format {FORMAT}"));
            self.found
                .push(found.help(format!("write `schema = {FORMAT}`, or use a golive that reads format {format}")));
        }
        if let Some(id) = table.get("id").and_then(Value::as_str) {
            self.id(id, &top, "a checklist");
        }
        let file = table.get("env").and_then(|env| env.get("file")?.as_str());
        if file.is_some_and(|file| !is_within(file)) {
            let found = Found::new(Code::BadValue, top.key("env").key("file"), "the env file is outside the folder");
            let found = found.label("must be a path within the checklist's folder");
            self.found.push(found.instead("keep it beside the checklist", "\".env.production\""));
        }
    }

    /// The variables that are texts; the head's own reading complains about the others.
    fn vars(&mut self, table: &Table) -> BTreeMap<String, String> {
        let path = Path::default().key("vars");
        let vars = table.get("vars").and_then(Value::as_table);
        let texts = vars.into_iter().flatten().filter_map(|(name, value)| Some((name, value.as_str()?)));
        let texts: BTreeMap<String, String> = texts.map(|(name, text)| (name.clone(), text.to_owned())).collect();
        for (name, _) in texts.iter().filter(|(_, text)| text.contains("${")) {
            let message = "a variable cannot refer to something else";
            let found = Found::new(Code::BadReference, path.key(name), message).within("${");
            self.found.push(found.help("write its text out; references are for items"));
        }
        texts
    }

    fn phase(&mut self, path: Path, mut table: Table, vars: &BTreeMap<String, String>) -> PhaseDraft {
        let items = table.remove("item");
        let id = table.get("id").and_then(Value::as_str).map(str::to_owned);
        let subject = Subject { noun: "a phase", also: &["item"] };
        let head = self.read(&table, &path, &subject);
        if let Some(id) = &id {
            self.id(id, &path, "a phase");
            let taken = match id.as_str() {
                "vars" => Some("choose another id; `${vars.…}` refers to variables"),
                ROLLBACK => Some("choose another id, or write `[[rollback]]` for what `golive rollback` does"),
                WATCH => Some("choose another id, or write `[[watch.check]]` for what `golive watch` checks"),
                _ => None,
            };
            if let Some(help) = taken {
                let found = Found::new(Code::BadValue, path.key("id"), format!("a phase cannot be called `{id}`"));
                self.found.push(found.help(help));
            }
        }
        let places = self.tables(items, &path.key("item"), "`[[phase.item]]`");
        if places.as_ref().is_some_and(Vec::is_empty) {
            let found = Found::new(Code::MissingField, path.key("item"), "the phase has no item");
            self.found.push(found.help("add a `[[phase.item]]` below it, or take the phase out"));
        }
        let phase = id.clone();
        let items = places.unwrap_or_default().into_iter();
        let items = items.map(|(path, table)| self.item(path, table, phase.as_deref(), vars)).collect();
        PhaseDraft { path, id, head, items }
    }

    fn item(&mut self, path: Path, table: Table, phase: Option<&str>, vars: &BTreeMap<String, String>) -> ItemDraft {
        let (common, fields): (Table, Table) =
            table.into_iter().partition(|(name, _)| Common::FIELDS.contains(&name.as_str()));
        let text = |name: &str| common.get(name).and_then(Value::as_str).map(str::to_owned);
        let (id, kind) = (text("id"), text("kind"));
        if let Some(id) = &id {
            self.id(id, &path, "an item");
        }
        let raw = common;
        let common: Option<Common> = self.read(&raw, &path, &Subject { noun: "an item", also: &[] });
        self.causes(common.as_ref(), &path);
        let kind = kind.and_then(|kind| self.kind(&kind, &fields, &path, vars));
        let address = phase.zip(id).map(|(phase, id)| Address::new(phase, id));
        ItemDraft { path, address, raw, common, fields, kind }
    }

    /// A cause whose pattern is none would never be named.
    fn causes(&mut self, common: Option<&Common>, path: &Path) {
        let causes = common.into_iter().flat_map(|common| &common.causes).enumerate();
        let wrong = causes.filter_map(|(index, cause)| {
            let complaint = pattern_complaint("when", &cause.when)?;
            Some(placed(&path.key("causes").index(index), complaint))
        });
        self.found.extend(wrong);
    }

    fn kind(
        &mut self,
        name: &str,
        fields: &Table,
        path: &Path,
        vars: &BTreeMap<String, String>,
    ) -> Option<Box<dyn Kind>> {
        let Some(entry) = self.registry.iter().find(|entry| entry.name == name) else {
            let known: Vec<&str> = self.registry.iter().map(|entry| entry.name).collect();
            let found = Found::new(Code::UnknownKind, path.key("kind"), format!("unknown kind `{name}`"));
            self.found.push(found.suggest(name, "kind", &known, |near| format!("\"{near}\"")));
            return None;
        };
        // Variables are known already, so that a kind can judge whole texts; outputs are not.
        let lookup = |reference: &str| variable(vars, reference);
        let filled = refs::map_fields(fields, &mut |text| refs::resolve_some(text, &lookup));
        match (entry.load)(filled.clone()) {
            Ok(kind) => {
                self.found.extend(kind.complaints().into_iter().map(|complaint| placed(path, complaint)));
                Some(kind)
            }
            Err(error) => {
                let noun = format!("{} `{name}` item", if name.starts_with(['a', 'e']) { "an" } else { "a" });
                let subject = Subject { noun: &noun, also: &Common::FIELDS };
                let wrong = diagnose::diagnose(fields, &entry.schema, path, &subject, &error);
                let mended = repair::repaired(&filled, path, &wrong);
                let kind = (entry.load)(mended.clone()).ok();
                let complaints = kind.iter().flat_map(|kind| kind.complaints());
                // What was mended is not complained about again, nor what is missing because of it.
                let genuine = |found: &Found| {
                    mended.keys().any(|field| found.path.is_within(&path.key(field)))
                        && !wrong.iter().any(|wrong| found.path.is_within(&wrong.path))
                };
                self.found.extend(complaints.map(|complaint| placed(path, complaint)).filter(genuine));
                self.found.extend(wrong);
                None
            }
        }
    }

    /// Reads a table as a type, or says everything that is wrong with it.
    fn read<T>(&mut self, table: &Table, path: &Path, subject: &Subject<'_>) -> Option<T>
    where
        T: DeserializeOwned + schemars::JsonSchema,
    {
        match Value::Table(table.clone()).try_into() {
            Ok(read) => Some(read),
            Err(error) => {
                let schema = |generator: &mut schemars::SchemaGenerator| generator.subschema_for::<T>();
                self.found.extend(diagnose::diagnose(table, &schema, path, subject, &error));
                None
            }
        }
    }

    /// The tables of a list of tables, each with its place; `None` when it is something else.
    fn tables(&mut self, value: Option<Value>, path: &Path, written: &str) -> Option<Vec<(Path, Table)>> {
        let entries = match value {
            None => return Some(Vec::new()),
            Some(Value::Array(entries)) => entries,
            Some(_) => {
                let found =
                    Found::new(Code::BadValue, path.clone(), format!("{} is not a list of tables", path.name()));
                self.found.push(found.help(format!("write {written}, with two brackets")));
                return None;
            }
        };
        let mut out = Vec::with_capacity(entries.len());
        for (index, entry) in entries.into_iter().enumerate() {
            if let Value::Table(table) = entry {
                out.push((path.index(index), table));
            } else {
                let found = Found::new(Code::BadValue, path.index(index), format!("{} is not a table", path.name()));
                self.found.push(found.help(format!("write {written} and its fields below it")));
            }
        }
        Some(out)
    }

    fn id(&mut self, id: &str, path: &Path, what: &str) {
        if cross::is_id(id) {
            return;
        }
        let better: String = id.to_lowercase().replace(|c: char| !matches!(c, 'a'..='z' | '0'..='9' | '_' | '-'), "_");
        let found = Found::new(Code::BadValue, path.key("id"), format!("`{id}` cannot be the id of {what}"))
            .label("ids are made of a-z, 0-9, `_` and `-`");
        self.found.push(if better.is_empty() {
            found
        } else {
            found.instead("write it like this", format!("\"{better}\""))
        });
    }
}
