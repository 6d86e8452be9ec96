//! Views as JSON documents. Every document begins with its schema's name; fields are only ever
//! added to a version. Times are RFC 3339 UTC, ids are in full, and nothing can hold a secret.

use serde::Serialize;

use crate::control;
use crate::error::Failure;
use crate::plan::Plan;
use crate::view::watch::Line;
use crate::view::{CoverageView, ScanView, StatusView};

/// The schema of `golive status --json`.
pub const STATUS: &str = "golive.status/1";
/// The schema of `golive checklist show NAME --coverage --json`.
pub const COVERAGE: &str = "golive.coverage/1";
/// The schema of `golive import markdown --json`.
pub const IMPORT: &str = "golive.import/1";
/// The schema of `golive doctor --json`.
pub const DOCTOR: &str = "golive.doctor/1";
/// The schema of each line of `golive watch --json`.
pub const WATCH: &str = "golive.watch/1";
/// The schema of `golive parity --json`.
pub const PARITY: &str = "golive.parity/1";
/// The schema of `golive report --format json`.
pub const REPORT: &str = "golive.report/1";
/// The schema of `golive scan --json`.
pub const SCAN: &str = "golive.scan/1";
/// The schema of a failure under `--json`.
pub const ERROR: &str = "golive.error/1";

#[derive(Serialize)]
struct Document<'a, T: Serialize> {
    schema: &'static str,
    #[serde(flatten)]
    body: &'a T,
}

/// `golive.status/1`.
pub fn status(view: &StatusView) -> String {
    pretty(&Document { schema: STATUS, body: view })
}

/// `golive.coverage/1`.
pub fn coverage(view: &CoverageView) -> String {
    pretty(&Document { schema: COVERAGE, body: view })
}

/// `golive.import/1`.
pub fn import(view: &crate::view::import::ImportView) -> String {
    pretty(&Document { schema: IMPORT, body: view })
}

/// `golive.doctor/1`.
pub fn doctor(view: &crate::view::doctor::DoctorView) -> String {
    pretty(&Document { schema: DOCTOR, body: view })
}

/// `golive.scan/1`.
pub fn scan(view: &ScanView) -> String {
    pretty(&Document { schema: SCAN, body: view })
}

/// `golive.plan/1`: the plan as it is saved.
pub fn plan(plan: &Plan) -> String {
    pretty(plan)
}

/// `golive.parity/1`.
pub fn parity(view: &crate::view::parity::ParityView) -> String {
    pretty(&Document { schema: PARITY, body: view })
}

/// `golive.report/1`.
pub fn report(view: &crate::view::report::ReportView) -> String {
    pretty(&Document { schema: REPORT, body: view })
}

/// A failure: the problem with its exit code and where it is explained.
pub fn failure(failure: &Failure) -> String {
    #[derive(Serialize)]
    struct Body<'a> {
        r#type: &'static str,
        exit: u8,
        #[serde(flatten)]
        problem: &'a crate::error::Problem,
        explain: String,
    }
    let body = Body {
        r#type: "error",
        exit: failure.class.exit_code(),
        problem: &failure.problem,
        explain: format!("golive explain {}", failure.problem.code),
    };
    pretty(&Document { schema: ERROR, body: &body })
}

/// `golive.watch/1`: one line of a watch, on a line of its own.
pub fn watch(line: &Line) -> String {
    safe(&serde_json::to_string(&Document { schema: WATCH, body: line }).unwrap_or_default())
}

fn pretty<T: Serialize>(value: &T) -> String {
    // Serializing plain structs with text keys cannot fail.
    safe(&serde_json::to_string_pretty(value).unwrap_or_default())
}

/// A document as it may be shown in a terminal: JSON leaves much in a text that one would obey.
fn safe(document: &str) -> String {
    control::for_json(document).into_owned() + "\n"
}

#[cfg(test)]
mod tests {
    use super::{failure, status};
    use crate::error::{Class, Code, Failure, Problem};
    use crate::mode::Mode;
    use crate::state::State;
    use crate::view::{StatusView, fixture};

    #[test]
    #[expect(clippy::too_many_lines, reason = "most of them are one picture")]
    fn a_status_document_has_the_fields_of_its_schema() {
        let mut checklist = fixture::checklist();
        checklist.phases.truncate(1);
        let document = status(&StatusView::of(&checklist, &fixture::state(), Mode::Live));
        insta::assert_snapshot!(document, @r#"
        {
          "schema": "golive.status/1",
          "mode": "live",
          "ready": true,
          "account": {
            "id": "acct_1Q9fTzKd3",
            "name": "Acme Oy"
          },
          "checklist": {
            "id": "acme",
            "title": "Acme launch",
            "path": "golive.toml",
            "sha256": "9f2c"
          },
          "summary": {
            "total": 1,
            "done": 1,
            "todo": 0,
            "blocked": 0,
            "failed": 0,
            "unknown": 0,
            "skipped": 0,
            "stale": 0,
            "rehearsed": 0,
            "blocking": 0
          },
          "next": null,
          "phases": [
            {
              "id": "account",
              "title": "Account",
              "state": "done",
              "items": [
                {
                  "id": "account.main",
                  "title": "Account can take payments",
                  "kind": "account",
                  "severity": "blocker",
                  "state": "done",
                  "waits_for": [],
                  "checked_at": "2026-11-24T10:12:03Z",
                  "evidence": "charges and payouts are on",
                  "problem": null,
                  "note": null
                }
              ]
            }
          ]
        }
        "#);
    }

    #[test]
    fn what_is_not_known_is_null_and_not_absent() {
        let document = status(&StatusView::of(&fixture::checklist(), &State::default(), Mode::Test));
        let value: serde_json::Value = serde_json::from_str(&document).expect("json");
        let item = &value["phases"][0]["items"][0];
        for field in ["checked_at", "evidence", "problem", "note"] {
            assert_eq!(item.get(field), Some(&serde_json::Value::Null), "{field}");
        }
        assert_eq!(value.get("account"), Some(&serde_json::Value::Null));
        assert_eq!(value["next"]["item"], "account.main");
    }

    #[test]
    fn a_failure_says_its_exit_code() {
        let problem = Problem::new(Code::Confirmation, "live").fix("golive plan --out plan.json");
        insta::assert_snapshot!(failure(&Failure::new(Class::Refused, problem)), @r#"
        {
          "schema": "golive.error/1",
          "type": "error",
          "exit": 4,
          "code": "GL1008",
          "message": "live",
          "fix": [
            "golive plan --out plan.json"
          ],
          "explain": "golive explain GL1008"
        }
        "#);
    }
}
