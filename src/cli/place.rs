//! Where a launch is: its folder, its checklist, its mode, and what its journal says.

use std::path::{Path, PathBuf};

use super::args::Global;
use super::outside;
use crate::checklist::{self, BUNDLED, Checklist, DEFAULT_FILE, ROLLBACK, Source};
use crate::error::{AtPath, Class, Code, Failure, Problem, Result};
use crate::mode::Mode;
use crate::render::style::{Glyphs, Style};
use crate::state::{Event, Line, State, format};
use crate::store::{self, Journal, Lock};
use crate::view::StatusView;
use crate::view::drill::rollback_drill;

/// A launch, read but not opened.
#[derive(Clone)]
pub struct Place {
    /// Its folder.
    pub dir: PathBuf,
    /// Its checklist.
    pub checklist: Checklist,
    /// The drill that is practised, which has a world and a journal of its own.
    drill: Option<&'static str>,
}

impl Place {
    /// Finds the folder and reads the checklist. `fallback` is used when none is named and there
    /// is no `golive.toml`.
    pub fn find(global: &Global, style: &Style, fallback: Option<&str>) -> Result<Self> {
        let dir = folder(global)?;
        let named = global.checklist.clone().or_else(|| unnamed(&dir, fallback));
        let (source, text) = checklist::find(named.as_deref(), &dir, &read_checklist)?;
        let checklist = load(source, &text, style)?;
        Ok(Self { dir, checklist, drill: None })
    }

    /// The same launch in the world of a drill: nothing that is done there is seen in a rehearsal.
    pub fn of_drill(&self, name: &'static str) -> Self {
        Self { drill: Some(name), ..self.clone() }
    }

    /// `.golive/` in the launch's folder.
    pub fn folder(&self) -> PathBuf {
        store::state_folder(&self.dir)
    }

    /// The folder of everything a rehearsal, or a drill, makes up.
    pub fn rehearsal(&self) -> PathBuf {
        self.made_up(&self.folder())
    }

    fn made_up(&self, folder: &Path) -> PathBuf {
        match self.drill {
            None => folder.join("rehearsal").join(&self.checklist.id),
            Some(drill) => folder.join("drills").join(&self.checklist.id).join(drill),
        }
    }

    /// The journal of a mode, or of a drill.
    pub fn journal(&self, mode: Mode) -> PathBuf {
        match self.drill {
            None => store::journal_path(&self.dir, &self.checklist.id, mode),
            Some(drill) => self.folder().join(format!("{}.drill-{drill}.jsonl", self.checklist.id)),
        }
    }

    /// The lock of a mode, or of a drill.
    pub fn lock(&self, mode: Mode) -> PathBuf {
        match self.drill {
            None => store::lock_path(&self.dir, &self.checklist.id, mode),
            Some(drill) => self.folder().join(format!("{}.drill-{drill}.lock", self.checklist.id)),
        }
    }

    /// Where the env file is kept as it was.
    pub fn backups(&self) -> PathBuf {
        let folder = if self.drill.is_some() { self.rehearsal() } else { self.folder() };
        folder.join("backups")
    }

    /// What the journal of a mode says, without a lock, and what is odd about it.
    pub fn state(&self, mode: Mode) -> Result<(State, Vec<String>)> {
        let read = store::read(&self.journal(mode))?;
        Ok((State::of(&read.lines), read.notes))
    }

    /// The journal of a mode to write to, for the one golive that may: what it says so far, and what is
    /// odd about it.
    pub fn open(&self, mode: Mode, command: &str) -> Result<(Journal, Vec<Line>, Vec<String>)> {
        outside::folders(self)?;
        let lock = Lock::take(&self.lock(mode), command)?;
        let header = || Event::Opened {
            format: format::CURRENT,
            golive: env!("CARGO_PKG_VERSION").to_owned(),
            run: uuid::Uuid::new_v4().to_string(),
            checklist: self.checklist.id.clone(),
            title: self.checklist.title.clone(),
            mode,
        };
        Journal::open(&self.journal(mode), &lock, header)
    }

    /// How a mode stands, without a lock, and what is odd about its journal.
    pub fn view(&self, mode: Mode) -> Result<(StatusView, Vec<String>)> {
        let read = store::read(&self.journal(mode))?;
        let mut view = StatusView::of(&self.checklist, &State::of(&read.lines), mode).at(jiff::Timestamp::now());
        if mode == Mode::Rehearse && self.drill.is_none() {
            // One that cannot be read proves nothing, and hides nothing of the rehearsal.
            let copy = store::read(&self.of_drill(ROLLBACK).journal(mode)).unwrap_or_default();
            view.rollback_drill = rollback_drill(&read.lines, &copy.lines);
        }
        Ok((view, read.notes))
    }

    /// The mode that was worked in last; a rehearsal never counts where something real exists.
    pub fn last_mode(&self) -> Option<Mode> {
        let when = |mode: &Mode| std::fs::metadata(self.journal(*mode)).and_then(|file| file.modified()).ok();
        let real = [Mode::Live, Mode::Test].into_iter().filter(|mode| when(mode).is_some()).max_by_key(when);
        real.or_else(|| when(&Mode::Rehearse).map(|_| Mode::Rehearse))
    }

    /// The env file that values and secrets go to: never the real one in a rehearsal.
    pub fn env_file(&self, mode: Mode) -> (PathBuf, String) {
        let name = self.checklist.env_file.as_deref().unwrap_or(".env.production");
        if mode == Mode::Rehearse {
            let file = Path::new(name).file_name().map_or_else(|| name.into(), ToOwned::to_owned);
            let path = self.rehearsal().join(&file);
            let shown = self.made_up(Path::new(store::FOLDER)).join(&file);
            return (path, shown.display().to_string());
        }
        (self.dir.join(name), name.to_owned())
    }

    /// The failure for an address that is not in the checklist.
    pub fn no_item(&self, address: &crate::step::Address) -> Failure {
        let names: Vec<String> = self.checklist.items().map(|item| item.address.to_string()).collect();
        let wrong = address.to_string();
        let near = crate::suggest::nearest(&wrong, names.iter().map(String::as_str));
        let problem = Problem::new(Code::UnknownItem, format!("there is no item `{wrong}`"));
        let problem = match near {
            Some(near) => problem.fix(format!("did you mean {near}?")),
            None => problem,
        };
        Failure::new(Class::Usage, problem.fix("see every item: golive status --all"))
    }
}

/// The text of a checklist: of any size that a person or a program would write.
pub fn read_checklist(path: &Path) -> std::io::Result<String> {
    const MOST: u64 = 8 << 20;
    store::bounded::read_text(path, MOST)
}

/// Reads a checklist, or shows every complaint.
pub fn load(source: Source, text: &str, style: &Style) -> Result<Checklist> {
    checklist::load(source, text).map_err(|invalid| {
        let report = invalid.render(style.glyphs != Glyphs::Unicode, style.width);
        Failure { report: Some(report), ..Failure::from(invalid) }
    })
}

/// The nearest folder above with a checklist or a state, or the current one.
pub fn folder(global: &Global) -> Result<PathBuf> {
    if let Some(dir) = &global.dir {
        return if dir.is_dir() {
            Ok(dir.clone())
        } else {
            let problem = match dir.parent().filter(|_| dir.exists()) {
                Some(parent) => {
                    let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
                    Problem::new(Code::Usage, format!("`{}` is not a folder", dir.display()))
                        .fix(format!("name the folder it is in: --dir {}", parent.display()))
                }
                None => Problem::new(Code::Usage, format!("there is no folder `{}`", dir.display()))
                    .fix(format!("make it: mkdir -p {}", dir.display())),
            };
            Err(Failure::new(Class::Usage, problem))
        };
    }
    let here = std::env::current_dir().at("find", Path::new("."))?;
    let has_launch = |dir: &&Path| dir.join(DEFAULT_FILE).is_file() || dir.join(store::FOLDER).is_dir();
    let found = here.ancestors().find(has_launch);
    Ok(match found {
        Some(dir) if dir != here => dir.to_owned(),
        _ => PathBuf::from("."),
    })
}

/// The bundled checklist of the journal that is there, when there is no `golive.toml`.
fn unnamed(dir: &Path, fallback: Option<&str>) -> Option<String> {
    if dir.join(DEFAULT_FILE).is_file() {
        return None;
    }
    let written = |name: &str| {
        [Mode::Live, Mode::Test, Mode::Rehearse]
            .into_iter()
            .filter_map(|mode| {
                std::fs::metadata(store::journal_path(dir, name, mode)).and_then(|file| file.modified()).ok()
            })
            .max()
    };
    let used = BUNDLED.iter().filter_map(|(name, _)| Some((written(name)?, *name))).max();
    used.map(|(_, name)| name).or(fallback).map(str::to_owned)
}
