//! The report of a fixed journal, in its three forms; nothing secret in it, nothing that becomes markup; and a
//! look at the page in a real browser.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::{Golive, SMALL};

const JOURNAL: &str = include_str!("fixtures/report.jsonl");

/// A folder with the small launch and this journal of it.
struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn with(journal: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join(".golive")).unwrap();
        fs::create_dir_all(folder.path().join("home/tmp")).unwrap();
        fs::write(folder.path().join("golive.toml"), SMALL).unwrap();
        fs::write(folder.path().join(".golive/small.live.jsonl"), journal).unwrap();
        Self { folder }
    }

    fn golive(&self, line: &str) -> Golive {
        Golive::new(self.folder.path(), &self.folder.path().join("home")).args(line)
    }

    /// What is printed, with everything that differs between two runs replaced.
    fn printed(&self, format: &str) -> String {
        let output = self.golive(&format!("report --mode live --format {format} --out -")).run().exits(0);
        let rules = [
            (r"\d{4}-\d\d-\d\d \d\d:\d\d UTC; it", "[NOW]; it"),
            (r"golive \d+\.\d+\.\d+", "golive X.Y.Z"),
            (r"[0-9a-f]{64}", "[SHA]"),
        ];
        let tidy = |text: String, (find, put): &(&str, &str)| {
            regex::Regex::new(find).unwrap().replace_all(&text, *put).into_owned()
        };
        rules.iter().fold(output.stdout, tidy)
    }
}

#[test]
fn as_markdown_it_says_who_did_what_when() {
    insta::assert_snapshot!(Desk::with(JOURNAL).printed("markdown"), @r##"
    # A small launch

    **LIVE**, Shop & Sons (`acct_1Shop`): 0 of 12 done, 1 left out, 11 to do; 19 min at work, 1 break.

    ## Keys (0/1)

    - [ ] Live API keys `keys.live`

    ## Products and prices (0/2)

    - [ ] **blocked** Basic `catalog.basic`: waits for Live API keys
    - [ ] **stale** Pro `catalog.pro`: small\_pro; 50.00 CAD

    ## Webhook (0/1)

    - [ ] **blocked** The endpoint `webhook.main`: waits for Live API keys

    ## Env file (0/2)

    - [ ] Session secret `env.session`
    - [ ] **blocked** The env file `env.file`: waits for Live API keys, Basic, Pro, The endpoint and Session secret

    ## Deploy (0/2)

    - [ ] **blocked** Back up `deploy.backup`: waits for The env file
    - [ ] **stale** The team knows `deploy.told`: anna: \<script\>alert(1)\</script\> & \*all\* of "them"

    ## Verify (1/4)

    - [x] **skipped** The site answers `verify.site`: "\[later\](javascript:1)", bo
    - [ ] **blocked** The handler checks signatures `verify.handler`: waits for The endpoint and Back up
    - [ ] **blocked** A checkout opens `verify.checkout`: waits for Basic, Pro and Live API keys
    - [ ] **blocked** An event reaches the endpoint `verify.delivery`: waits for The handler checks signatures, The endpoint, Basic and Live API keys

    ## Changed in Stripe

    - 2026-11-24 10:01 UTC product pro created: [`small_pro`](https://dashboard.stripe.com/acct_1Shop/products/small_pro), [`req_8KzWv2`](https://dashboard.stripe.com/acct_1Shop/logs/req_8KzWv2)

    ## Written to the env file

    - 2026-11-24 10:15 UTC .env.production written: APP\_ENV

    ## Commands

    - 2026-11-24 11:30 UTC cp a b && echo "\<done\>": exit 0 in 1.3 s, for `deploy.backup`

    ## Stated by people

    - 2026-11-24 11:31 UTC The team knows `deploy.told`, anna: "\<script\>alert(1)\</script\> & \*all\* of "them""

    ## Left out

    - 2026-11-24 11:31 UTC The site answers `verify.site`, bo: "\[later\](javascript:1)"

    Checklist golive.toml, SHA-256 `[SHA]`. Run `0f6c1d1e-8a53`. Made by golive X.Y.Z on [NOW]; it holds no secrets.
    "##);
}

#[test]
#[expect(clippy::too_many_lines, reason = "most of them are one picture")]
fn as_json_it_has_the_fields_of_its_schema() {
    let mut report: Value = serde_json::from_str(&Desk::with(JOURNAL).printed("json")).unwrap();
    assert_eq!(
        (report["schema"].as_str(), report["phases"].as_array().map(Vec::len)),
        (Some("golive.report/1"), Some(6))
    );
    for field in ["phases", "generated_at", "golive"] {
        assert!(!report[field].take().is_null(), "{field}");
    }
    insta::assert_snapshot!(serde_json::to_string_pretty(&report).unwrap(), @r##"
    {
      "account": {
        "id": "acct_1Shop",
        "name": "Shop & Sons"
      },
      "changes": [
        {
          "at": "2026-11-24T10:01:11Z",
          "how": "created",
          "item": "catalog.pro",
          "object": "small_pro",
          "page": "https://dashboard.stripe.com/acct_1Shop/products/small_pro",
          "request_id": "req_8KzWv2",
          "request_page": "https://dashboard.stripe.com/acct_1Shop/logs/req_8KzWv2",
          "undone_at": null,
          "what": "product pro"
        }
      ],
      "checklist": {
        "id": "small",
        "path": "golive.toml",
        "sha256": "[SHA]",
        "title": "A small launch"
      },
      "commands": [
        {
          "at": "2026-11-24T11:30:02Z",
          "end": "ended",
          "exit": 0,
          "item": "deploy.backup",
          "millis": 1250,
          "run": "cp a b && echo \"<done>\""
        }
      ],
      "env_file": [
        {
          "at": "2026-11-24T10:15:32Z",
          "file": ".env.production",
          "how": "written",
          "variables": [
            "APP_ENV"
          ]
        }
      ],
      "generated_at": null,
      "golive": null,
      "mode": "live",
      "phases": null,
      "ready": false,
      "rollback": null,
      "rollback_drill": null,
      "run": {
        "breaks": 1,
        "commands": {
          "wizard": 2
        },
        "id": "0f6c1d1e-8a53",
        "seconds": 1115,
        "started_at": "2026-11-24T09:58:01Z",
        "updated_at": "2026-11-24T11:31:05Z"
      },
      "schema": "golive.report/1",
      "sign_offs": [
        {
          "at": "2026-11-24T11:31:00Z",
          "by": "anna",
          "item": "deploy.told",
          "note": "<script>alert(1)</script> & *all* of \"them\"",
          "title": "The team knows"
        }
      ],
      "skipped": [
        {
          "at": "2026-11-24T11:31:05Z",
          "by": "bo",
          "item": "verify.site",
          "note": "[later](javascript:1)",
          "title": "The site answers"
        }
      ],
      "summary": {
        "blocked": 7,
        "blocking": 11,
        "done": 0,
        "failed": 0,
        "rehearsed": 0,
        "skipped": 1,
        "stale": 2,
        "todo": 2,
        "total": 12,
        "unknown": 0
      }
    }
    "##);
}

/// The page, written where reports are kept.
fn page(desk: &Desk) -> (PathBuf, String) {
    let output = desk.golive("report --mode live").run().exits(0);
    let path = desk.folder.path().join(output.stdout.trim());
    assert!(output.stdout.contains(".golive/reports/small.live."), "{output}");
    let text = fs::read_to_string(&path).unwrap();
    (path, text)
}

/// Every element that is opened is closed, in the right order.
#[track_caller]
fn is_well_formed(page: &str) {
    let tags = regex::Regex::new(r"<(/?)([a-z][a-z0-9]*)((?:\s[^<>]*)?)>").unwrap();
    let body = page.replacen("<!DOCTYPE html>", "", 1);
    assert_eq!(tags.replace_all(&body, "").matches(['<', '>']).count(), 0, "a bracket that is no tag");
    let mut open: Vec<&str> = Vec::new();
    for tag in tags.captures_iter(&body) {
        let name = tag.get(2).unwrap().as_str();
        if &tag[1] == "/" {
            assert_eq!(open.pop(), Some(name), "closed in the wrong order");
        } else if name != "meta" {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn the_page_is_well_formed_and_alone_and_no_text_becomes_markup() {
    let desk = Desk::with(JOURNAL);
    let (_, page) = page(&desk);
    is_well_formed(&page);
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt; &amp; *all* of &quot;them&quot;"), "{page}");
    let tags = regex::Regex::new("<[^>]*>").unwrap();
    for word in ["<script", "<img", "<link", "<iframe", "@import", "url(", " src=", " on", "javascript:1\""] {
        assert!(!tags.find_iter(&page).any(|tag| tag.as_str().contains(word)), "{word}");
    }
    assert!(!page.contains("@import") && !page.contains("url("));
    for words in ["A small launch", "Shop &amp; Sons", "19 min", "req_8KzWv2", "exit 0 in 1.3 s", "products/small_pro"]
    {
        assert!(page.contains(words), "{words}");
    }
}

/// A journal may say twice that a write was carried out: by the run that sent it, and by one that found it.
#[test]
fn a_change_that_the_journal_tells_twice_is_one_change() {
    let applied = JOURNAL.lines().find(|line| line.contains("\"applied\"")).unwrap();
    let mut again: Value = serde_json::from_str(applied).unwrap();
    again["seq"] = Value::from(JOURNAL.lines().count() + 1);
    let twice = format!("{}\n{again}\n", JOURNAL.trim_end());
    let changes = |journal: &str| -> Value {
        let report: Value = serde_json::from_str(&Desk::with(journal).printed("json")).unwrap();
        report["changes"].clone()
    };
    assert!(changes(JOURNAL).as_array().is_some_and(|changes| !changes.is_empty()));
    assert_eq!(changes(&twice), changes(JOURNAL));
}

#[test]
fn no_secret_no_value_and_no_output_is_in_it() {
    let canary = format!("sk_live_51{}", "C4n4ry".repeat(6));
    let journal = JOURNAL.replace("cp a b", &format!("curl -u {canary}: x"));
    let desk = Desk::with(&journal);
    for format in ["html", "markdown", "json"] {
        let path = desk.folder.path().join(format);
        let line = format!("report --mode live --format {format} --out {}", path.display());
        let _ = desk.golive(&line).run().exits(0);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains("APP") && text.contains("curl"), "{format}: {text}");
        for word in [canary.as_str(), "C4n4ry", "a value that stays here", "an output that stays here"] {
            assert!(!text.contains(word), "{format} holds {word}");
        }
    }
}

#[test]
fn without_a_journal_there_is_nothing_to_report() {
    let desk = Desk::with("");
    let _ = desk.golive("report --mode live").run().exits(2).says("nothing is recorded yet").says("golive wizard");
}

/// Debian's Chromium, where it is.
fn chromium() -> Option<PathBuf> {
    ["/usr/bin/chromium", "/usr/bin/chromium-browser"].map(PathBuf::from).into_iter().find(|path| path.is_file())
}

fn look(browser: &Path, folder: &Path, width: u32, more: &[String]) -> String {
    let mut command = Command::new(browser);
    command.args(["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-dev-shm-usage"]);
    command.arg(format!("--user-data-dir={}", folder.join(format!("profile{width}")).display()));
    command.arg(format!("--window-size={width},1600")).args(more).env("HOME", folder);
    String::from_utf8_lossy(&command.output().unwrap().stdout).into_owned()
}

#[test]
fn a_browser_shows_the_page_on_a_phone_and_on_a_desk() {
    let Some(browser) = chromium() else {
        eprintln!("skipped: there is no chromium here");
        return;
    };
    let desk = Desk::with(JOURNAL);
    let (path, page) = page(&desk);
    let folder = desk.folder.path();
    // A copy that measures itself: the report itself runs nothing.
    let measure = "<script>const e=document.documentElement;document.title=[e.scrollWidth<=innerWidth,innerWidth,\
                   document.querySelectorAll('.items li').length,e.scrollHeight>400].join(' ')</script></body>";
    let copy = folder.join("measured.html");
    fs::write(&copy, page.replacen("</body>", measure, 1)).unwrap();
    for width in [360, 1280] {
        let picture = folder.join(format!("{width}.png"));
        let shot = format!("--screenshot={}", picture.display());
        let _ = look(&browser, folder, width, &[shot, format!("file://{}", path.display())]);
        let bytes = fs::read(&picture).unwrap_or_default();
        assert!(bytes.starts_with(b"\x89PNG") && bytes.len() > 10_000, "no picture at {width}: {} bytes", bytes.len());
        let dom = look(&browser, folder, width, &["--dump-dom".into(), format!("file://{}", copy.display())]);
        let title = dom.split("<title>").nth(1).and_then(|rest| rest.split("</title>").next()).unwrap_or_default();
        let wide = title.split(' ').nth(1).and_then(|wide| wide.parse::<u32>().ok()).unwrap_or_default();
        assert_eq!(title, format!("true {wide} 12 true"), "at {width}");
        assert!(wide.abs_diff(width) <= 150, "{wide} instead of {width}");
    }
}
