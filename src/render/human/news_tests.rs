//! What a run says while it works, as pictures in Unicode and ASCII.

use super::news;
use crate::engine::port::News;
use crate::mode::Mode;
use crate::render::layout::width;
use crate::render::{Glyphs, Style};
use crate::state::ItemState;
use crate::step::{Refusal, Verb, Verdict};
use crate::view::fixture;

fn told(style: &Style) -> String {
    let refusal = Refusal {
        status: 403,
        code: None,
        message: "the required permissions are missing for this endpoint".into(),
        param: None,
        request_id: Some("req_8KzWv2".into()),
        account: None,
    };
    let (pass, fail) = (Verdict::pass("203.0.113.20, public"), Verdict::fail(fixture::redirect()));
    let ok = fixture::item("webhook.dns", "tls", "Name resolves");
    let bad = fixture::item("webhook.redirect", "http", "No redirect");
    let why = Some("Nobody pays before Stripe can tell your application about it.");
    let all = [
        News::Phase { number: 4, of: 9, title: "Webhook", why, account: Some("Acme Oy") },
        News::Looking { what: "Stripe" },
        News::Judged { item: &ok, state: ItemState::Done, verdict: &pass },
        News::Judged { item: &ok, state: ItemState::Rehearsed, verdict: &pass },
        News::Judged { item: &bad, state: ItemState::Failed, verdict: &fail },
        News::Applied {
            noun: "product",
            name: "pro",
            verb: Verb::Create,
            object: Some("prod_Sx81abcdefgh0aTt"),
            millis: 412,
        },
        News::Refused { label: "webhook main", refusal: &refusal },
        News::Uncertain { label: "price pro_yearly", sent_at: "10:14:02" },
        News::EnvWritten { file: ".env.production", variables: 15, backup: Some(".golive/backups/env.1") },
        News::CommandStarted { run: "fly deploy" },
        News::CommandLine { text: "release v42 created\n" },
        News::StillTrue { count: 11 },
        News::Warning { problem: &fixture::redirect() },
        News::PhaseDone { number: 4, left: 0, done: 8, total: 34 },
    ];
    let blocks: Vec<_> = all.iter().filter_map(|one| news(one, Mode::Live, style)).collect();
    blocks.iter().map(|block| block.text.clone() + if block.after { "\n\n" } else { "\n" }).collect()
}

#[test]
fn a_phase_with_something_open_is_not_called_done() {
    let open = News::PhaseDone { number: 1, left: 2, done: 3, total: 9 };
    let told = news(&open, Mode::Live, &Style::new(false, Glyphs::Ascii, 80)).unwrap().text;
    assert!(told.ends_with("Phase 1 left with 2 open items. 3 of 9 items.") && !told.contains("done"), "{told}");
}

#[test]
fn at_eighty_columns() {
    insta::assert_snapshot!(told(&Style::new(false, Glyphs::Unicode, 80)), @r#"
    ── 4 of 9  Webhook ─────────────────────────────────────── LIVE  Acme Oy ──

      Nobody pays before Stripe can tell your application about it.

      ✓ Name resolves         203.0.113.20, public
      · Name resolves         203.0.113.20, public
      ✗ No redirect           301 → https://www.acme.example/hook

    error[GL0403]: the webhook URL redirects, and Stripe does not follow redirects
      why    POST https://acme.example/api/stripe/webhook answered 301. To Stripe
             every 3xx is a failed delivery. Usual causes: www, trailing slash, http
      found  301 → https://www.acme.example/hook
      wanted 400
      fix    register the final address; it answered 400, as it should
      more   golive explain GL0403

      ✓ product  pro               created       prod_Sx81…0aTt           0.4 s
      ✗ webhook main          refused by Stripe; nothing was changed
        Stripe answered 403: "the required permissions are missing for this
        endpoint"
        request req_8KzWv2
      ! price pro_yearly      no answer came; sent 10:14:02. It may or may not exist
      golive looks it up in Stripe before it does anything else.

      ✓ .env.production       15 variables written, then read back as intended
        the file as it was: .golive/backups/env.1
      Running
          fly deploy
          | release v42 created
      ✓ 11 items still true

      ! the webhook URL redirects, and Stripe does not follow redirects
        POST https://acme.example/api/stripe/webhook answered 301. To Stripe every
        3xx is a failed delivery. Usual causes: www, trailing slash, http
        fix   register the final address; it answered 400, as it should
        more  golive explain GL0403

    ✓ Phase 4 done. 8 of 34 items.
    "#);
}

#[test]
#[expect(clippy::too_many_lines, reason = "most of them are one picture")]
fn at_fifty_columns_in_ascii() {
    insta::assert_snapshot!(told(&Style::new(false, Glyphs::Ascii, 50)), @r#"
    -- 4 of 9  Webhook -------------- LIVE  Acme Oy --

      Nobody pays before Stripe can tell your
      application about it.

      [ok] Name resolves
             203.0.113.20, public
      [.]  Name resolves
             203.0.113.20, public
      [x]  No redirect
             301 -> https://www.acme.example/hook

    error[GL0403]: the webhook URL redirects, and
    Stripe does not follow redirects
      why    POST
             https://acme.example/api/stripe/webhook
             answered 301. To Stripe every 3xx is a
             failed delivery. Usual causes: www,
             trailing slash, http
      found  301 -> https://www.acme.example/hook
      wanted 400
      fix    register the final address; it answered
             400, as it should
      more   golive explain GL0403

      [ok] product  pro               created
          prod_Sx81...0aTt
      [x]  webhook main
             refused by Stripe; nothing was changed
           Stripe answered 403: "the required
           permissions are missing for this endpoint"
           request req_8KzWv2
      [!]  price pro_yearly
             no answer came; sent 10:14:02. It may or
             may not exist
      golive looks it up in Stripe before it does
      anything else.

      [ok] .env.production
             15 variables written, then read back as
             intended
           the file as it was: .golive/backups/env.1
      Running
          fly deploy
          | release v42 created
      [ok] 11 items still true

      [!]  the webhook URL redirects, and Stripe does
           not follow redirects
           POST
           https://acme.example/api/stripe/webhook
           answered 301. To Stripe every 3xx is a
           failed delivery. Usual causes: www,
           trailing slash, http
           fix   register the final address; it
                 answered 400, as it should
           more  golive explain GL0403

    [ok] Phase 4 done. 8 of 34 items.
    "#);
}

#[test]
fn read_aloud() {
    insta::assert_snapshot!(told(&Style::PLAIN), @r#"
    Phase 4 of 9: Webhook. Live mode. Account Acme Oy.
    Nobody pays before Stripe can tell your application about it.

    done: Name resolves. 203.0.113.20, public.
    rehearsed: Name resolves. 203.0.113.20, public.
    failed: No redirect. 301 becomes https://www.acme.example/hook
    Error GL0403. The webhook URL redirects, and Stripe does not follow redirects.
    Why: POST https://acme.example/api/stripe/webhook answered 301. To Stripe every 3xx is a failed delivery. Usual causes: www, trailing slash, http
    Found: 301 becomes https://www.acme.example/hook
    Wanted: 400
    Fix: Register the final address; it answered 400, as it should
    More: golive explain GL0403

    done: product pro created. prod_Sx81abcdefgh0aTt. 0.4 s.
    failed: webhook main. Refused by Stripe; nothing was changed.
    Stripe answered 403: "the required permissions are missing for this endpoint".
    request req_8KzWv2.
    attention: price pro_yearly. No answer came; sent 10:14:02. It may or may not exist.
    golive looks it up in Stripe before it does anything else.

    done: .env.production. 15 variables written, then read back as intended.
    the file as it was: .golive/backups/env.1
    Running:
    fly deploy
    output: release v42 created
    done: 11 items still true.

    attention: the webhook URL redirects, and Stripe does not follow redirects.
    POST https://acme.example/api/stripe/webhook answered 301. To Stripe every 3xx is a failed delivery. Usual causes: www, trailing slash, http.
    Fix: Register the final address; it answered 400, as it should
    More: golive explain GL0403

    Phase 4 done. 8 of 34 items.
    "#);
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for columns in [50, 60, 80, 200] {
        for line in told(&Style::new(true, Glyphs::Unicode, columns)).lines() {
            assert!(width(line) <= columns.min(80), "{columns}: {line}");
        }
    }
}
