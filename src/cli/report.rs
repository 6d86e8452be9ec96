//! `golive report`: who did what when, from the journal alone. No network, no key, no lock; the run may be
//! unfinished.

use std::path::{Path, PathBuf};

use super::args::ReportFormat;
use super::place::Place;
use super::{Desk, Ended, outside, save};
use crate::error::{AtPath, Class, Code, Failure, Problem, Result};
use crate::mode::Mode;
use crate::render::{html, json, markdown_report};
use crate::secret::Scrubber;
use crate::store::{self, disk};
use crate::view::report::ReportView;

/// Runs it.
pub fn run(desk: &Desk, format: ReportFormat, out: Option<&Path>) -> Ended {
    let place = Place::find(&desk.global, &desk.talk, None)?;
    let mode = desk.global.mode.or_else(|| place.last_mode()).unwrap_or(Mode::Live);
    let read = store::read(&place.journal(mode))?;
    if read.lines.is_empty() {
        let problem = Problem::new(Code::Usage, format!("nothing is recorded yet in {} mode", mode.banner()))
            .why(format!("the journal would be {}", place.journal(mode).display()))
            .fix("begin: golive wizard");
        return Err(Failure::new(Class::Usage, problem));
    }
    let now = jiff::Timestamp::now();
    let (status, _) = place.view(mode)?;
    let mut view = ReportView::of(
        &place.checklist,
        &read.lines,
        mode,
        env!("CARGO_PKG_VERSION"),
        &now.round(jiff::Unit::Second).unwrap_or(now).to_string(),
    );
    view.rollback_drill.clone_from(&status.rollback_drill);
    let text = match format {
        ReportFormat::Html => html::report(&view),
        ReportFormat::Json => json::report(&view),
        ReportFormat::Markdown => markdown_report::report(&view, &status),
    };
    if out == Some(Path::new("-")) {
        desk.print(&text)?;
        return Ok(None);
    }
    let path = match out {
        Some(path) => path.to_owned(),
        None => own_path(&place, mode, format, now)?,
    };
    save::text(&Scrubber::scrub(&text), &path)?;
    desk.print(&format!("{}\n", path.display()))?;
    Ok(None)
}

/// `.golive/reports/<checklist>.<mode>.<time>.html`
fn own_path(place: &Place, mode: Mode, format: ReportFormat, now: jiff::Timestamp) -> Result<PathBuf> {
    store::ensure_folder(&place.folder())?;
    outside::folders(place)?;
    let folder = place.folder().join("reports");
    disk::make_folder(&folder, "saved").at("make the folder", &folder)?;
    let ending = match format {
        ReportFormat::Html => "html",
        ReportFormat::Markdown => "md",
        ReportFormat::Json => "json",
    };
    let stamp = now.strftime("%Y%m%dT%H%M%SZ");
    Ok(folder.join(format!("{}.{mode}.{stamp}.{ending}", place.checklist.id)))
}
