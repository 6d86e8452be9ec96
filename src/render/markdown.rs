//! Views as Markdown, for pasting into an issue or a chat: a ticked list under a headline.

use crate::control;
use crate::render::{human, words};
use crate::secret::Scrubber;
use crate::state::ItemState;
use crate::view::StatusView;
use crate::view::status::ItemView;

/// The status as ticked lists, one for each phase. Ends with a newline.
pub fn status(view: &StatusView) -> String {
    let account = view.account.as_ref().map(|account| format!(", {}", escape(account.shown())));
    let mut lines = vec![format!(
        "## {}\n\n**{}**{}: {}.",
        escape(&view.checklist.title),
        view.mode.banner(),
        account.unwrap_or_default(),
        human::status::counts(view)
    )];
    if view.summary.blocking > 0 {
        let blocking = words::count(view.summary.blocking, "item blocks", "items block");
        lines.push(format!("{blocking} the launch."));
    }
    for phase in &view.phases {
        lines.push(format!("\n### {} ({}/{})\n", escape(&phase.title), phase.finished(), phase.items.len()));
        lines.extend(phase.items.iter().map(|item| line(item, view)));
    }
    lines.join("\n") + "\n"
}

pub(super) fn line(item: &ItemView, view: &StatusView) -> String {
    let tick = if item.state.is_finished() { "x" } else { " " };
    let word = match item.state {
        ItemState::Done | ItemState::Todo => String::new(),
        state => format!("**{}** ", state.word()),
    };
    let detail = match item.state {
        ItemState::Blocked => {
            let titles: Vec<String> = item.waits_for.iter().map(|address| view.title_of(address)).collect();
            Some(format!("waits for {}", words::list(&titles)))
        }
        ItemState::Skipped => item.note.clone(),
        _ => match &item.problem {
            Some(problem) => Some(format!("{} ({})", problem.message, problem.code)),
            None => item.evidence.clone(),
        },
    };
    let detail = detail.map(|detail| format!(": {}", escape(&detail))).unwrap_or_default();
    format!("- [{tick}] {word}{} `{}`{detail}", escape(&item.title), item.id)
}

/// Text as text. What is shaped like a secret goes first: with backslashes in it, the scrubber over all
/// output would not know it any more.
pub(super) fn escape(text: &str) -> String {
    let text = Scrubber::scrub(text);
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' => out.extend(['\\', c]),
            '\n' | '\r' | '\t' => out.push(' '),
            c if control::is(c) => out.push(char::REPLACEMENT_CHARACTER),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{escape, status};
    use crate::mode::Mode;
    use crate::view::{StatusView, fixture};

    #[test]
    fn finished_items_are_ticked_and_every_other_says_why_not() {
        insta::assert_snapshot!(status(&StatusView::of(&fixture::checklist(), &fixture::state(), Mode::Live)), @r#"
        ## Acme launch

        **LIVE**, Acme Oy: 2 of 9 done, 1 failed, 1 to check again, 1 unknown.
        6 items block the launch.

        ### Account (1/1)

        - [x] Account can take payments `account.main`: charges and payouts are on

        ### Products and prices (1/2)

        - [x] Acme Pro `catalog.pro`: 2 prices as in the checklist
        - [ ] Acme Team `catalog.team`

        ### Webhook (0/4)

        - [ ] **failed** No redirect `webhook.redirect`: the webhook URL redirects, and Stripe does not follow redirects (GL0403)
        - [ ] **unknown** Certificate `webhook.tls`: the host cannot be reached (GL0712)
        - [ ] **stale** Login is rate limited `webhook.limit`: 429 after 12 requests
        - [ ] **blocked** Create the endpoint `webhook.main`: waits for No redirect

        ### Monitoring (1/2)

        - [x] **skipped** Alerts reach the person on call `after.pager`: "PagerDuty comes in December", Anna
        - [ ] Watch the first sale `after.first_sale`
        "#);
    }

    #[test]
    fn text_of_the_checklist_cannot_become_markup() {
        assert_eq!(escape("<b>*x*</b>\n# y"), "\\<b\\>\\*x\\*\\</b\\> \\# y");
        assert_eq!(escape("a\u{1b}[2J\u{202e}b"), "a\u{fffd}\\[2J\u{fffd}b");
    }
}
