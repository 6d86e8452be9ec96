//! What every problem that golive tells must have, whatever the test was about: a code that `golive
//! explain` knows, an exit code of the contract, and something to do about it. Looked at in the output of
//! every golive that any test runs.

use golive::error::Code;
use serde_json::Value;

/// The exit codes of the contract.
const EXITS: &[i32] = &[0, 1, 2, 3, 4, 5, 75, 130, 143];

/// Demands it of everything that a golive said.
pub fn are_whole(code: i32, stdout: &str, stderr: &str) {
    // A shell that a test runs ends as it likes; golive itself is killed, or ends with a code of its own.
    let told = stderr.contains("error[GL") || stderr.contains("Error GL");
    // What was killed may have said half of it.
    if code < 0 {
        return;
    }
    assert!(!told || EXITS.contains(&code), "{code} is no exit code of the contract: {stderr}");
    for block in stderr.split("error[").skip(1) {
        let (code, said) = block.split_once(']').unwrap_or((block, ""));
        explained(code);
        // The facts of one problem end where it says where to read more; a checklist's mistakes end together.
        let alone = said.split_once("golive explain").map(|(said, _)| said);
        let hint = alone.unwrap_or(stderr).lines().skip(1).any(hints);
        assert!(hint, "{code} says nothing to do:\n{stderr}");
    }
    if let Ok(document) = serde_json::from_str::<Value>(stdout) {
        in_document(&document);
    }
}

/// Whether a line says what to do: of a problem, at the frame of a checklist's text, or below all of them.
fn hints(line: &str) -> bool {
    let line = line.trim_start_matches([' ', '│', '╰']);
    ["fix ", "Fix: ", "help: "].iter().any(|label| line.starts_with(label))
        || line.starts_with("when corrected: golive ")
}

fn explained(code: &str) {
    assert!(Code::parse(code).is_some_and(|code| code.explanation().ends_with('.')), "{code} is not explained");
}

/// The same of every problem in a JSON document, however deep.
fn in_document(value: &Value) {
    match value {
        Value::Array(entries) => entries.iter().for_each(in_document),
        Value::Object(fields) => {
            if let Some(code) = fields.get("code").and_then(Value::as_str).filter(|code| code.starts_with("GL")) {
                explained(code);
                let fixes = fields.get("fix").and_then(Value::as_array).is_some_and(|fixes| !fixes.is_empty());
                assert!(fixes, "{code} says nothing to do: {value}");
            }
            fields.values().for_each(in_document);
        }
        _ => {}
    }
}
