//! `golive doctor` for people: a line for each finding, what to do below it, and how many there are.

use crate::render::layout::{MARGIN, hang, paragraph, row};
use crate::render::{Mark, Style, words};
use crate::view::doctor::{DoctorView, Finding, Health};

/// Columns under which a fix stands.
const INDENT: usize = 26;

/// The whole screen. Ends with a newline.
pub fn doctor(view: &DoctorView, style: &Style) -> String {
    let mut out: Vec<String> = view.findings.iter().map(|finding| lines(finding, style)).collect();
    if !style.is_plain() {
        out.push(String::new());
    }
    out.push(paragraph(style, &summary(view)));
    out.join("\n") + "\n"
}

fn lines(finding: &Finding, style: &Style) -> String {
    let mark = match finding.health {
        Health::Good => Mark::Done,
        Health::Attention => Mark::Attention,
        Health::Bad => Mark::Failed,
    };
    let mut out = row(style, MARGIN.len(), mark, finding.name, &finding.found);
    for fix in &finding.fix {
        out.push('\n');
        let text = format!("fix {}", style.text(fix));
        let indent = if style.is_narrow() { MARGIN.len() + style.mark_width() } else { INDENT };
        let fix =
            if style.is_plain() { words::sentence(&text) } else { hang(style, &" ".repeat(indent), indent, &text) };
        out.push_str(&fix);
    }
    out
}

fn summary(view: &DoctorView) -> String {
    match (view.attention, view.bad) {
        (0, 0) => "This computer is ready.".to_owned(),
        (look, 0) => format!("{} to look at.", words::count(look, "thing", "things")),
        (0, bad) => format!("{} to mend before the launch.", words::count(bad, "thing", "things")),
        (look, bad) => {
            format!("{} to mend before the launch, {look} to look at.", words::count(bad, "thing", "things"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Code, Problem};
    use crate::render::Glyphs;
    use crate::render::layout::width;
    use crate::view::doctor::clock;

    fn view() -> DoctorView {
        let long = "wait until it is reachable again, then look once more whether it is: golive doctor --verbose";
        let problem = Problem::new(Code::Unreachable, "Stripe cannot be reached").why("connection refused").fix(long);
        DoctorView::of(vec![
            clock(Some(2)),
            Finding::bad("Network", &problem),
            Finding::attention("Git", "`.env` is not ignored", "keep it out: echo .env >> .gitignore"),
        ])
    }

    #[test]
    fn a_finding_stands_with_its_fix() {
        let text = doctor(&view(), &Style::new(false, Glyphs::Unicode, 80));
        insta::assert_snapshot!(text, @r"
        ✓ Clock                 2 s ahead of Stripe's
        ✗ Network               Stripe cannot be reached: connection refused
                                fix wait until it is reachable again, then look once
                                more whether it is: golive doctor --verbose
        ! Git                   `.env` is not ignored
                                fix keep it out: echo .env >> .gitignore

        1 thing to mend before the launch, 1 to look at.
        ");
    }

    #[test]
    fn every_line_fits_and_is_read_aloud_without_marks() {
        for (glyphs, columns) in [(Glyphs::Unicode, 80), (Glyphs::Ascii, 80), (Glyphs::Unicode, 60)] {
            let text = doctor(&view(), &Style::new(false, glyphs, columns));
            assert!(text.lines().all(|line| width(line) <= columns), "{text}");
        }
        let plain = doctor(&view(), &Style::new(false, Glyphs::Plain, 80));
        assert!(plain.contains("failed: Network") && !plain.contains('✗'), "{plain}");
    }
}
