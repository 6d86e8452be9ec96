//! Headings and boxes in other dresses than Markdown's: `AsciiDoc`, reStructuredText, notes with emoji.

use super::normal::Line;

/// Other ways to write headings and boxes, as Markdown writes them.
pub fn marked(mut lines: Vec<Line>) -> Vec<Line> {
    let mut fenced = false;
    let open_boxes = lines.iter().any(|line| line.text.contains(['☐', '⬜', '🔲', '◻', '⏳', '▢']));
    for index in 0..lines.len() {
        let text = lines[index].text.trim().to_owned();
        let open = fenced || index == 0 || lines[index - 1].text.trim().is_empty();
        if text.starts_with("```") || (text.starts_with("~~~") && open) {
            fenced = !fenced;
            continue;
        }
        if fenced || text.is_empty() {
            continue;
        }
        // reStructuredText underlines with more signs than Markdown does.
        if let Some(level) = underline(&text).filter(|_| index > 0 && is_title(&lines, index)) {
            lines[index - 1].text = format!("{} {}", "#".repeat(level), lines[index - 1].text.trim());
            lines[index].text.clear();
            continue;
        }
        if let Some(better) = heading(&text).or_else(|| boxed(&lines[index].text, open_boxes)) {
            lines[index].text = better;
        }
    }
    lines
}

fn underline(text: &str) -> Option<usize> {
    let first = text.chars().next()?;
    let level = match first {
        '=' => 1,
        '-' => 2,
        '~' => 3,
        '^' | '"' => 4,
        _ => return None,
    };
    (text.len() >= 4 && text.chars().all(|c| c == first)).then_some(level)
}

/// Whether the line above an underline is a title: text, about as long, with nothing above it.
fn is_title(lines: &[Line], index: usize) -> bool {
    let above = lines[index - 1].text.trim();
    let alone = index < 2 || lines[index - 2].text.trim().is_empty();
    let wide = lines[index].text.trim().chars().count() + 2 >= above.chars().count();
    alone && wide && !above.is_empty() && !above.starts_with(['#', '-', '*', '|', '>', '`'])
}

/// `== Heading` of `AsciiDoc` and wikis.
fn heading(text: &str) -> Option<String> {
    let rest = text.trim_start_matches('=');
    let level = text.len() - rest.len();
    ((1..=6).contains(&level) && rest.starts_with(' '))
        .then(|| format!("{} {}", "#".repeat(level), rest.trim().trim_end_matches('=').trim()))
}

/// A box in another dress: `☐ text`, `* [✓] text`, `[ ] text`, `✅ text`.
fn boxed(line: &str, open_boxes: bool) -> Option<String> {
    let rest = line.trim_start();
    let indent = &line[..line.len() - rest.len()];
    let (bullet, rest) = ["- ", "* ", "+ ", "• ", "– "]
        .iter()
        .find_map(|bullet| rest.strip_prefix(bullet).map(|rest| (true, rest.trim_start())))
        .unwrap_or((false, rest));
    let brackets = rest.strip_prefix('[').and_then(|inside| inside.split_once(']'));
    let (ticked, text) = match brackets {
        Some((mark, text)) if mark.chars().count() <= 1 && !text.starts_with(['(', ':', '[']) => {
            let done = match mark.trim() {
                "" => false,
                "x" | "X" | "✓" | "✔" | "✅" => true,
                _ => return None,
            };
            (done, text)
        }
        _ => {
            let mark = rest.chars().next()?;
            let done = match mark {
                '☐' | '⬜' | '🔲' | '◻' | '▢' | '⏳' => false,
                '☑' => true,
                // A tick is a box that was ticked only where others are open; elsewhere it is ink.
                '✅' | '✔' | '✓' => open_boxes,
                _ if line.trim_start().starts_with("• ") => return Some(format!("{indent}- {rest}")),
                _ => return None,
            };
            if !open_boxes && !matches!(mark, '☐' | '⬜' | '🔲' | '◻' | '▢' | '☑') {
                let text = rest[mark.len_utf8()..].trim_start_matches('\u{fe0f}').trim_start();
                return Some(if bullet { format!("{indent}- {mark} {text}") } else { format!("{indent}- {text}") });
            }
            (done, rest[mark.len_utf8()..].trim_start_matches('\u{fe0f}'))
        }
    };
    Some(format!("{indent}- [{}] {}", if ticked { 'x' } else { ' ' }, text.trim_start()))
}
