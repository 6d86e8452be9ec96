//! `golive parity` for people: a line for each list, beneath it what differs, and counts at the end.

use crate::inventory::Section;
use crate::parity::{Difference, Lone, Pair, Side};
use crate::render::layout::{hang, pad, pair as row_of_two, paragraph, row, width};
use crate::render::{Ink, Mark, Style, words};
use crate::view::parity::{ListView, ParityView};

/// Columns of a field's name.
const FIELD: usize = 24;
/// What is listed of one sort in one list, unless `-v`.
const MOST: usize = 20;

/// The whole comparison. Ends with a newline.
pub fn parity(view: &ParityView, style: &Style) -> String {
    let mut lines =
        vec![row_of_two(style, "Test", 6, &view.test.shown()), row_of_two(style, "Live", 6, &view.live.shown())];
    lines.extend(view.notes.iter().map(|note| paragraph(style, note)));
    blank(&mut lines, style);
    for list in &view.lists {
        if let Some(text) = self::list(list, style) {
            lines.push(text);
        }
    }
    blank(&mut lines, style);
    lines.push(paragraph(style, &tally(view)));
    lines.join("\n") + "\n"
}

fn blank(lines: &mut Vec<String>, style: &Style) {
    if !style.is_plain() && lines.last().is_some_and(|line| !line.is_empty()) {
        lines.push(String::new());
    }
}

/// A list with what is to be said of it; nothing of one that both sides have empty.
fn list(list: &ListView, style: &Style) -> Option<String> {
    let compared = &list.compared;
    let name = title(compared.section);
    if !compared.unknown.is_empty() {
        return Some(unknown(list, &name, style));
    }
    let counts = [
        (compared.same, "the same"),
        (compared.different.len(), "different"),
        (compared.only_test.len(), "only in test"),
        (compared.only_live.len(), "only in live"),
    ];
    let counts: Vec<String> =
        counts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    if counts.is_empty() {
        return None;
    }
    let mark = if list.equal == Some(true) { Mark::Done } else { Mark::Failed };
    let mut lines = vec![row(style, 2, mark, &name, &counts.join(", "))];
    let cut = if style.verbose { usize::MAX } else { MOST };
    lines.extend(compared.different.iter().take(cut).map(|one| different(one, style)));
    lines.extend(more(compared.different.len(), cut, style));
    for (side, lone) in [(Side::Test, &compared.only_test), (Side::Live, &compared.only_live)] {
        lines.extend(lone.iter().take(cut).map(|one| only(side, one, style)));
        lines.extend(more(lone.len(), cut, style));
    }
    lines.extend(compared.notes.iter().map(|note| under(style, note)));
    Some(lines.join("\n"))
}

fn unknown(list: &ListView, name: &str, style: &Style) -> String {
    let sides: Vec<String> = list.unread().into_iter().map(|side| word(side).to_owned()).collect();
    let value = format!("not compared: {} could not be read", words::list(&sides));
    let mut lines = vec![row(style, 2, Mark::Unknown, name, &value)];
    for unknown in &list.compared.unknown {
        let problem = &unknown.problem;
        let code = problem.code.id();
        lines.push(under(style, &format!("{}: {} ({code})", word(unknown.side), problem.message)));
        lines.extend(problem.fix.last().map(|fix| under(style, &format!("fix {fix}"))));
    }
    lines.join("\n")
}

/// A pair and its fields.
fn different(pair: &Pair, style: &Style) -> String {
    if style.is_plain() {
        let name = style.text(&pair.name);
        let fields = pair.fields.iter().map(|one| {
            let told = |value: &Option<String>| value.clone().unwrap_or_else(|| "not set".to_owned());
            format!("{}: {} in test, {} in live.", one.field, told(&one.test), told(&one.live))
        });
        return format!("different: {}\n{}", words::sentence(&name), fields.collect::<Vec<_>>().join("\n"));
    }
    let mut lines =
        vec![head(style, "~", &pair.name, &format!("{} and {}", style.id(&pair.test), style.id(&pair.live)))];
    lines.extend(pair.fields.iter().map(|one| field(one, style)));
    lines.join("\n")
}

fn field(one: &Difference, style: &Style) -> String {
    let value = |value: &Option<String>| value.as_deref().map_or_else(|| "not set".to_owned(), |text| style.text(text));
    let text = format!("{} {} {}", value(&one.test), style.arrow(), value(&one.live));
    let name = style.text(&one.field);
    let indent = " ".repeat(if style.is_narrow() { 4 } else { 8 });
    if style.is_narrow() || width(&name) + 2 > FIELD {
        let below = format!("{indent}  ");
        return format!("{}\n{}", format_args!("{indent}{name}"), hang(style, &below, below.len(), &text));
    }
    let head = format!("{indent}{}", pad(&name, FIELD));
    hang(style, &head, width(&head), &text)
}

fn only(side: Side, lone: &Lone, style: &Style) -> String {
    let mark = match side {
        Side::Test => "+",
        Side::Live => "-",
    };
    if style.is_plain() {
        return words::sentence(&format!("only in {}: {}", word(side), style.text(&lone.name)));
    }
    head(style, mark, &lone.name, &format!("only in {}, {}", word(side), style.id(&lone.id)))
}

/// `    ~ pro_monthly           price_1Q…x02m`, the value below where there is no room.
fn head(style: &Style, mark: &str, name: &str, value: &str) -> String {
    const NAME: usize = 26;
    let name = style.text(name);
    if style.is_narrow() || width(&name) + 2 > NAME || NAME + 6 + width(value) > style.width {
        let first = hang(style, &format!("    {mark} "), 6, &name);
        return format!("{first}\n{}", hang(style, "        ", 8, value));
    }
    format!("    {mark} {}{value}", pad(&name, NAME))
}

/// That a long list goes on.
fn more(count: usize, cut: usize, style: &Style) -> Option<String> {
    let rest = count.saturating_sub(cut);
    (rest > 0).then(|| under(style, &format!("and {rest} more: golive parity -v, or --json")))
}

fn under(style: &Style, text: &str) -> String {
    let text = style.text(text);
    if style.is_plain() {
        return words::sentence(&text);
    }
    hang(style, "      ", 6, &style.paint(Ink::Dim, &text))
}

/// `92 the same, 2 different, 1 only in test. 1 list was not compared.`
fn tally(view: &ParityView) -> String {
    let summary = &view.summary;
    let unknown = match summary.unknown {
        0 => String::new(),
        1 => " 1 list was not compared.".to_owned(),
        many => format!(" {many} lists were not compared."),
    };
    let same = words::count(summary.same, "object is the same", "objects are the same");
    if view.equal == Some(true) && summary.same == 0 {
        return "Both accounts are empty: nothing differs.".to_owned();
    }
    let rest =
        [(summary.different, "different"), (summary.only_test, "only in test"), (summary.only_live, "only in live")];
    let rest: Vec<String> =
        rest.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    let left = view.test.left_out + view.live.left_out;
    let left = if left == 0 { String::new() } else { format!(" {left} archived or foreign, left out.") };
    match (view.equal, rest.as_slice()) {
        (Some(true), _) => format!("Test and live are equal: {same}.{left}"),
        (_, []) => format!("{same}.{unknown}{left}"),
        (_, rest) => format!("{same}, {}.{unknown}{left}", rest.join(", ")),
    }
}

/// A list's name, short enough for its column.
fn title(section: Section) -> String {
    match section {
        Section::Portals => "Customer portal".to_owned(),
        Section::PaymentMethods => "Payment methods".to_owned(),
        Section::Tax => "Stripe Tax".to_owned(),
        other => capital(other.nouns().1),
    }
}

const fn word(side: Side) -> &'static str {
    match side {
        Side::Test => "test",
        Side::Live => "live",
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::parity;
    use crate::error::{Code, Problem};
    use crate::inventory::Section;
    use crate::parity::{Compared, Difference, Lone, Pair, Side, Unknown};
    use crate::render::{Glyphs, Style};
    use crate::view::parity::{ParityView, Party};

    fn compared(section: Section, same: usize) -> Compared {
        let (different, only_test, only_live) = (Vec::new(), Vec::new(), Vec::new());
        Compared { section, same, different, only_test, only_live, unknown: Vec::new(), notes: Vec::new() }
    }

    fn party(account: &str) -> Party {
        Party { account: Some(account.into()), name: Some("Acme Oy".into()), left_out: 0 }
    }

    fn view() -> ParityView {
        let mut prices = compared(Section::Prices, 12);
        let fields = vec![
            Difference { field: "unit_amount".into(), test: Some("29.00 EUR".into()), live: Some("39.00 EUR".into()) },
            Difference { field: "nickname".into(), test: None, live: Some("Pro".into()) },
            Difference { field: "metadata.a_rather_long_name_of_a_key".into(), test: Some("a".into()), live: None },
        ];
        let name = "pro_monthly".to_owned();
        let (test, live) = ("price_1Q1234567890".to_owned(), "price_1Q0987654321".to_owned());
        prices.different.push(Pair { name, test, live, by: "the lookup key", fields });
        prices.only_test.push(Lone {
            name: "Team, 290.00 EUR per year, which is a rather long name".into(),
            id: "price_1Qabcdefghij".into(),
        });
        let mut coupons = compared(Section::Coupons, 0);
        let problem =
            Problem::new(Code::Permission, "the key may not read coupons").fix("give the key `Coupons: Read`");
        coupons.unknown.push(Unknown { side: Side::Live, problem });
        let lists = vec![compared(Section::Products, 3), prices, coupons, compared(Section::Meters, 0)];
        ParityView::of(party("acct_1"), party("acct_2"), lists)
    }

    #[test]
    fn a_comparison_is_calm_and_fits_into_80_columns() {
        let text = parity(&view(), &Style::new(false, Glyphs::Unicode, 80));
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        insta::assert_snapshot!(text, @r"
        Test  Acme Oy, acct_1
        Live  Acme Oy, acct_2
        The keys are of two accounts, acct_1 and acct_2: a sandbox beside its live
        account?

        ✓ Products              3 the same
        ✗ Prices                12 the same, 1 different, 1 only in test
          ~ pro_monthly               price_1Q12…7890 and price_1Q09…4321
              unit_amount             29.00 EUR → 39.00 EUR
              nickname                not set → Pro
              metadata.a_rather_long_name_of_a_key
                a → not set
          + Team, 290.00 EUR per year, which is a rather long name
              only in test, price_1Qab…ghij
        ? Coupons               not compared: live could not be read
            live: the key may not read coupons (GL0211)
            fix give the key `Coupons: Read`

        15 objects are the same, 1 different, 1 only in test. 1 list was not compared.
        ");
    }

    #[test]
    fn it_is_read_aloud_in_sentences() {
        insta::assert_snapshot!(parity(&view(), &Style::PLAIN), @r"
        Test: Acme Oy, acct_1
        Live: Acme Oy, acct_2
        The keys are of two accounts, acct_1 and acct_2: a sandbox beside its live account?
        done: Products. 3 the same.
        failed: Prices. 12 the same, 1 different, 1 only in test.
        different: pro_monthly.
        unit_amount: 29.00 EUR in test, 39.00 EUR in live.
        nickname: not set in test, Pro in live.
        metadata.a_rather_long_name_of_a_key: a in test, not set in live.
        only in test: Team, 290.00 EUR per year, which is a rather long name.
        unknown: Coupons. Not compared: live could not be read.
        live: the key may not read coupons (GL0211).
        fix give the key `Coupons: Read`
        15 objects are the same, 1 different, 1 only in test. 1 list was not compared.
        ");
    }

    #[test]
    fn what_is_equal_says_so_and_what_is_unknown_never_does() {
        let style = Style::new(false, Glyphs::Ascii, 80);
        let equal = ParityView::of(party("acct_1"), party("acct_1"), vec![compared(Section::Products, 1)]);
        assert!(parity(&equal, &style).ends_with("  Test and live are equal: 1 object is the same.\n"));
        let empty = ParityView::of(party("acct_1"), party("acct_1"), vec![compared(Section::Products, 0)]);
        assert!(parity(&empty, &style).contains("Both accounts are empty"));
        let mut unread = compared(Section::Coupons, 0);
        unread.unknown.push(Unknown { side: Side::Test, problem: Problem::new(Code::Permission, "no") });
        let unknown = ParityView::of(party("acct_1"), party("acct_1"), vec![compared(Section::Products, 1), unread]);
        assert_eq!(unknown.equal, None);
        assert!(!parity(&unknown, &style).contains("equal"));
    }
}
