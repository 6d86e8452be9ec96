//! `golive scan` for people: what stands where it does not belong, by what it is, then what was not
//! searched. Nobody is told that a repository is clean of what was not looked at.

use crate::checklist::Severity;
use crate::render::layout::{hang, paragraph, row};
use crate::render::{Mark, Style, words};
use crate::view::ScanView;
use crate::view::scan::{Finding, What};

/// How many places of one sort are shown without `-v`.
const SHOWN: usize = 12;
/// Columns under which places stand.
const INDENT: usize = 6;

/// The whole screen. Ends with a newline.
pub fn scan(view: &ScanView, style: &Style) -> String {
    let mut blocks: Vec<String> =
        view.findings.chunk_by(|one, next| kind(one) == kind(next)).map(|group| block(group, style)).collect();
    if view.more > 0 {
        let more = words::count(number(view.more), "place more was found and is", "places more were found and are");
        blocks.push(paragraph(style, &format!("{more} not listed. Look part by part: golive scan PATH")));
    }
    blocks.push(searched(view, style));
    blocks.push(conclusion(view, style));
    blocks.join("\n\n") + "\n"
}

fn kind(finding: &Finding) -> (Severity, What) {
    (finding.severity, finding.what)
}

fn block(group: &[Finding], style: &Style) -> String {
    let Some(first) = group.first() else { return String::new() };
    let mark = if first.severity == Severity::Blocker { Mark::Failed } else { Mark::Attention };
    let mut lines = vec![row(style, 2, mark, &title(first.what, group.len()), "")];
    let most = if style.verbose { usize::MAX } else { SHOWN };
    for finding in group.iter().take(most) {
        lines.push(below(style, &format!("{}:{}  {}", finding.file, finding.line, finding.shown)));
        lines.extend(finding.because.iter().map(|because| {
            if style.is_plain() { words::sentence(&style.text(because)) } else { under(style, because) }
        }));
    }
    if group.len() > most {
        lines.push(below(style, &format!("and {} more: golive scan -v", group.len() - most)));
    }
    lines.push(below(style, &format!("fix {}", first.what.fix())));
    lines.join("\n")
}

fn title(what: What, count: usize) -> String {
    let (one, many) = match what {
        What::LiveKey => ("live secret key is written out", "live secret keys are written out"),
        What::SigningSecret => ("webhook signing secret is written out", "webhook signing secrets are written out"),
        What::TestKey => ("test secret key is written out", "test secret keys are written out"),
        What::TestId => ("id of test mode is written out", "ids of test mode are written out"),
        What::TestValue => ("value of test mode is written out", "values of test mode are written out"),
        What::Id => ("id is written out", "ids are written out"),
    };
    words::count(count, one, many)
}

fn below(style: &Style, text: &str) -> String {
    let text = style.text(text);
    if style.is_plain() { words::sentence(&text) } else { hang(style, &" ".repeat(INDENT), INDENT, &text) }
}

fn under(style: &Style, text: &str) -> String {
    hang(style, &" ".repeat(INDENT + 2), INDENT + 2, &style.text(text))
}

fn searched(view: &ScanView, style: &Style) -> String {
    let left = &view.left_out;
    let mut said = vec![format!("Searched {} in {}.", words::count(number(view.files), "file", "files"), view.dir)];
    let counts = [
        (left.binary, "that is no text", "that are no text"),
        (left.long.len() as u64, "over 8 MB", "over 8 MB"),
        (left.links, "that is a link", "that are links"),
    ];
    let mut parts: Vec<String> = counts
        .iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, one, many)| format!("{count} {}", if *count == 1 { one } else { many }))
        .collect();
    if left.ignored_folders > 0 {
        let folders = words::count(number(left.ignored_folders), "folder", "folders");
        parts.push(format!("{folders} that git ignores, of caches and of other people's code"));
    }
    if !parts.is_empty() {
        said.push(format!("Left out: {}.", parts.join("; ")));
    }
    said.extend((view.in_env_files > 0).then(|| {
        let secrets = words::count(view.in_env_files, "secret stands", "secrets stand");
        format!("{secrets} in env files of this computer, and may.")
    }));
    let history = "Git's history was not searched: a key that was ever committed is still in it.";
    let none = "There is no git here to ask: which files are shared is not known.";
    said.push(if view.repository { history } else { none }.to_owned());
    let mut lines = vec![paragraph(style, &said.join(" "))];
    for (names, what) in [(&left.long, "over 8 MB"), (&left.unreadable, "not read")] {
        lines.extend(names.iter().take(SHOWN).map(|name| below(style, &format!("{what}: {name}"))));
        let rest = names.len().saturating_sub(SHOWN);
        lines.extend((rest > 0).then(|| below(style, &format!("{what}: {rest} more"))));
    }
    lines.join("\n")
}

fn conclusion(view: &ScanView, style: &Style) -> String {
    let unread = view.left_out.unreadable.len();
    let advised = words::count(view.advised, "finding to look at", "findings to look at");
    let (mark, text) = if view.blocking > 0 {
        let blocking = words::count(view.blocking, "finding blocks", "findings block");
        (Mark::Failed, format!("{blocking} the launch, {advised}"))
    } else if unread > 0 {
        let unread = words::count(unread, "place was", "places were");
        (Mark::Unknown, format!("{unread} not read: let your user read them, or leave them out with --exclude"))
    } else if view.advised > 0 {
        (Mark::Attention, format!("nothing blocks the launch, {advised}"))
    } else {
        (Mark::Done, "no stray key, no id written out".to_owned())
    };
    row(style, 2, mark, &text, "")
}

fn number(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::scan;
    use crate::checklist::Severity;
    use crate::render::{Glyphs, Style};
    use crate::view::ScanView;
    use crate::view::scan::{Finding, LeftOut, What};

    fn finding(severity: Severity, what: What, file: &str, shown: &str, because: Option<&str>) -> Finding {
        let because = because.map(str::to_owned);
        Finding { severity, what, file: file.into(), line: 12, shown: shown.into(), because, git: "tracked" }
    }

    fn view(findings: Vec<Finding>) -> ScanView {
        let blocking = findings.iter().filter(|finding| finding.severity == Severity::Blocker).count();
        ScanView {
            dir: "/srv/shop".into(),
            paths: vec![".".into()],
            checklist: None,
            repository: true,
            history_searched: false,
            files: 1204,
            blocking,
            advised: findings.len() - blocking,
            more: 0,
            in_env_files: 2,
            findings,
            left_out: LeftOut { binary: 31, ignored_folders: 1, long: vec!["dump.sql".into()], ..LeftOut::default() },
        }
    }

    fn found() -> ScanView {
        let kept = Some("git keeps it, so it is in the history too");
        view(vec![
            finding(Severity::Blocker, What::LiveKey, "app/pay.py", "sk_live_…x7Qd", kept),
            finding(Severity::Advised, What::Id, "app/prices.py", "price_1NcAbcdEfgh12345", None),
            finding(Severity::Advised, What::Id, "web/shop.js", "price_1NcAbcdEfgh12345", None),
        ])
    }

    #[test]
    fn findings_stand_by_what_they_are_with_place_and_fix() {
        let text = scan(&found(), &Style::new(false, Glyphs::Unicode, 80));
        let findings = "  ✗ 1 live secret key is written out
      app/pay.py:12  sk_live_…x7Qd
        git keeps it, so it is in the history too
      fix roll it first, then take it out: https://dashboard.stripe.com/apikeys

  ! 2 ids are written out
      app/prices.py:12  price_1NcAbcdEfgh12345
      web/shop.js:12  price_1NcAbcdEfgh12345
      fix read it from the env file, which golive fills: golive wizard

  Searched 1204 files in /srv/shop. Left out: 31 that are no text; 1 over 8 MB;";
        assert!(text.starts_with(findings), "{text}");
        assert!(text.contains("      over 8 MB: dump.sql\n"), "{text}");
        assert!(text.ends_with("\n\n  ✗ 1 finding blocks the launch, 2 findings to look at\n"), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    }

    #[test]
    fn read_aloud_it_is_sentences_and_narrow_it_still_fits() {
        let aloud = scan(&found(), &Style::PLAIN);
        assert!(aloud.starts_with("failed: 1 live secret key is written out.\n"), "{aloud}");
        assert!(aloud.contains("git keeps it, so it is in the history too.\n"), "{aloud}");
        let narrow = scan(&found(), &Style::new(false, Glyphs::Ascii, 50));
        let wide = |line: &&str| line.chars().count() > 50 && !line.contains("http");
        assert_eq!(narrow.lines().find(wide), None, "{narrow}");
    }

    #[test]
    fn a_clean_repository_is_called_clean_only_when_everything_was_read() {
        let style = Style::new(false, Glyphs::Unicode, 80);
        let mut clean = view(Vec::new());
        assert!(scan(&clean, &style).ends_with("✓ no stray key, no id written out\n"), "{}", scan(&clean, &style));
        clean.left_out.unreadable.push("secrets: Permission denied (os error 13)".into());
        let text = scan(&clean, &style);
        assert!(text.contains("? 1 place was not read") && text.contains("not read: secrets:"), "{text}");
    }

    #[test]
    fn a_flood_of_places_is_cut_and_says_so() {
        let many = (0..40).map(|n| finding(Severity::Advised, What::Id, &format!("f{n}.py"), "price_1", None));
        let text = scan(&view(many.collect()), &Style::new(false, Glyphs::Unicode, 80));
        assert!(text.contains("40 ids are written out") && text.contains("and 28 more: golive scan -v"), "{text}");
    }
}
