//! The one printer of problems and failures: what happened, why, what to do, where to read more.
//!
//! `-v` adds the technical cause. A failure that brings its own report (an error with source
//! frames) is printed as it is.

use crate::error::{Class, Code, Failure, Problem};
use crate::render::layout::{capital, hang, pad, wrap};
use crate::render::{Ink, Style, words};

const LABEL: usize = 9;

/// A failure, as the last thing a command prints. No newline at the end.
pub fn failure(failure: &Failure, style: &Style) -> String {
    if failure.class == Class::Interrupted {
        return paused(&failure.problem, style);
    }
    let mut out = match &failure.report {
        Some(report) => report.trim_end().to_owned(),
        None => problem(&failure.problem, style),
    };
    if let (true, Some(source)) = (style.verbose, &failure.source) {
        for cause in source.chain() {
            out.push('\n');
            out.push_str(&line(style, "cause", &cause.to_string()));
        }
    }
    out
}

/// A problem with its facts and what to do about it. No newline at the end.
pub fn problem(problem: &Problem, style: &Style) -> String {
    let mut lines = vec![first_line(problem, style)];
    lines.extend(problem.why.iter().enumerate().map(|(n, why)| line(style, if n == 0 { "why" } else { "" }, why)));
    lines.extend(problem.found.iter().map(|found| line(style, "found", found)));
    lines.extend(problem.wanted.iter().map(|wanted| line(style, "wanted", wanted)));
    lines.extend(problem.fix.iter().enumerate().map(|(n, fix)| line(style, if n == 0 { "fix" } else { "or" }, fix)));
    let explain = format!("golive explain {}", problem.code);
    lines.push(match &problem.request_id {
        Some(id) => line(style, "more", &format!("request {id}, {explain}")),
        None => line(style, "more", &explain),
    });
    lines.join("\n")
}

fn first_line(problem: &Problem, style: &Style) -> String {
    let code = problem.code;
    let message = style.text(&problem.message);
    if style.is_plain() {
        return format!("Error {code}. {}", words::sentence(&capital(&message)));
    }
    let lines = wrap(&format!("error[{code}]: {message}"), style.width);
    let text = lines.join("\n");
    let head = format!("error[{code}]");
    text.strip_prefix(&head).map_or_else(|| text.clone(), |rest| format!("{}{rest}", style.paint(Ink::Bad, &head)))
}

fn line(style: &Style, label: &str, text: &str) -> String {
    let text = style.text(text);
    if style.is_plain() {
        let text = capital(&text);
        return if label.is_empty() { text } else { format!("{}: {text}", capital(label)) };
    }
    hang(style, &pad(&format!("  {label}"), LABEL), LABEL, &text)
}

fn paused(problem: &Problem, style: &Style) -> String {
    let mut lines = vec![match problem.code {
        Code::Paused => "Paused. Everything done so far is recorded.".to_owned(),
        _ => words::sentence(&capital(&problem.message)),
    }];
    lines.extend(problem.why.iter().map(|why| words::sentence(&capital(why))));
    if style.is_plain() {
        lines.push("To continue: golive wizard".to_owned());
        lines.push("Overview: golive status".to_owned());
        return lines.join("\n");
    }
    let mut out: Vec<String> = lines.iter().map(|line| hang(style, "  ", 2, line)).collect();
    out.push(String::new());
    out.push("  Continue  golive wizard".to_owned());
    out.push("  Overview  golive status".to_owned());
    out.join("\n")
}

#[cfg(test)]
mod tests {
    use super::{failure, problem};
    use crate::error::{Class, Code, Failure, Problem};
    use crate::render::{Glyphs, Style};
    use crate::view::fixture;

    fn style(columns: usize) -> Style {
        Style::new(false, Glyphs::Unicode, columns)
    }

    #[test]
    fn a_problem_says_what_why_and_what_to_do() {
        insta::assert_snapshot!(problem(&fixture::redirect(), &style(80)), @r"
        error[GL0403]: the webhook URL redirects, and Stripe does not follow redirects
          why    POST https://acme.example/api/stripe/webhook answered 301. To Stripe
                 every 3xx is a failed delivery. Usual causes: www, trailing slash, http
          found  301 → https://www.acme.example/hook
          wanted 400
          fix    register the final address; it answered 400, as it should
          more   golive explain GL0403
        ");
    }

    #[test]
    fn on_a_narrow_terminal_it_is_the_same_text() {
        insta::assert_snapshot!(problem(&fixture::redirect(), &style(60)), @r"
        error[GL0403]: the webhook URL redirects, and Stripe does
        not follow redirects
          why    POST https://acme.example/api/stripe/webhook
                 answered 301. To Stripe every 3xx is a failed
                 delivery. Usual causes: www, trailing slash, http
          found  301 → https://www.acme.example/hook
          wanted 400
          fix    register the final address; it answered 400, as it
                 should
          more   golive explain GL0403
        ");
    }

    #[test]
    fn read_aloud_a_problem_is_sentences() {
        insta::assert_snapshot!(problem(&fixture::redirect(), &Style::PLAIN), @r"
        Error GL0403. The webhook URL redirects, and Stripe does not follow redirects.
        Why: POST https://acme.example/api/stripe/webhook answered 301. To Stripe every 3xx is a failed delivery. Usual causes: www, trailing slash, http
        Found: 301 becomes https://www.acme.example/hook
        Wanted: 400
        Fix: Register the final address; it answered 400, as it should
        More: golive explain GL0403
        ");
    }

    #[test]
    fn a_second_fix_is_an_alternative_and_the_request_is_named() {
        let both = Problem::new(Code::Permission, "the key may not create webhook endpoints")
            .fix("edit the key: https://dashboard.stripe.com/apikeys")
            .fix("use another key: golive wizard")
            .request(Some("req_8KzWv2".into()));
        insta::assert_snapshot!(problem(&both, &style(80)), @r"
        error[GL0211]: the key may not create webhook endpoints
          fix    edit the key: https://dashboard.stripe.com/apikeys
          or     use another key: golive wizard
          more   request req_8KzWv2, golive explain GL0211
        ");
    }

    #[test]
    fn the_technical_cause_is_for_v_only() {
        let cause = anyhow::anyhow!("connection reset").context("sending the request");
        let broken = Failure::new(Class::TryAgain, Problem::new(Code::Unreachable, "no answer")).because(cause);
        assert!(!failure(&broken, &style(80)).contains("connection reset"));
        insta::assert_snapshot!(failure(&broken, &Style { verbose: true, ..style(80) }), @r"
        error[GL1101]: no answer
          more   golive explain GL1101
          cause  sending the request
          cause  connection reset
        ");
    }

    #[test]
    fn a_report_with_source_frames_is_printed_as_it_is() {
        let mut framed = Failure::new(Class::Usage, Problem::new(Code::UnknownField, "unknown field"));
        framed.report = Some("error[GL0103]: unknown field `severty`\n --> golive.toml:9:1\n".into());
        assert_eq!(failure(&framed, &style(80)), "error[GL0103]: unknown field `severty`\n --> golive.toml:9:1");
    }

    #[test]
    fn a_pause_is_not_an_error() {
        insta::assert_snapshot!(failure(&Failure::paused(), &style(80)), @r"
          Paused. Everything done so far is recorded.

          Continue  golive wizard
          Overview  golive status
        ");
    }
}
