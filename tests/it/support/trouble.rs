//! How a finished launch is hurt and healed: a guide's trouble is set, golive must name its cause at
//! the item where it shows, and the item must hold again once the trouble is over.

use serde_json::Value;

use super::Town;

impl Town {
    /// Sets a trouble, looks again at the item it shows at, and demands the code and the words of the
    /// cause; cures it, and demands that the item holds again. It held before, or nothing is proved.
    #[track_caller]
    pub fn suffers(&self, item: &str, set: impl FnOnce(), named: &[&str], cure: impl FnOnce()) {
        assert_eq!(self.item(item)["state"], "done", "{item} before the trouble");
        set();
        let hurt = self.golive(&format!("check {item} --mode live")).run();
        assert_eq!(hurt.code, 3, "{item} does not notice:\n{hurt}");
        self.names(item, named);
        cure();
        self.holds(item);
    }

    /// Looks again at an item, and demands that it holds.
    #[track_caller]
    pub fn holds(&self, item: &str) {
        let healed = self.golive(&format!("check {item} --mode live")).run();
        assert_eq!(healed.code, 0, "{item} is not healed:\n{healed}");
        assert_eq!(self.item(item)["state"], "done", "{item} after the trouble:\n{healed}");
    }

    /// Looks again at an item, and demands that it names its trouble.
    #[track_caller]
    pub fn names_now(&self, item: &str, named: &[&str]) {
        let _ = self.golive(&format!("check {item} --mode live")).run().exits(3);
        self.names(item, named);
    }

    /// Demands of an item that is not finished the code and the words of its cause.
    #[track_caller]
    pub fn names(&self, item: &str, named: &[&str]) {
        let found = self.item(item);
        assert!(found["state"] != "done" && !found["problem"].is_null(), "{item} has no trouble: {found:#}");
        let said = said(&found["problem"]);
        for words in named {
            assert!(said.contains(words), "{item} does not name `{words}`:\n{said}");
        }
    }

    /// What is not finished, with its problem, a line each: `failed deploy.live_keys GL0701`.
    pub fn open(&self) -> Vec<String> {
        let items = self.items().into_iter();
        let open = items.filter(|item| !["done", "skipped", "blocked"].contains(&item["state"].as_str().unwrap()));
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let line =
            |item: Value| format!("{} {} {}", text(&item["state"]), text(&item["id"]), text(&item["problem"]["code"]));
        open.map(|item| line(item).trim_end().to_owned()).collect()
    }

    /// Demands that the launch is over: nothing open, and `status` says so.
    #[track_caller]
    pub fn is_ready(&self) {
        assert_eq!(self.open(), Vec::<String>::new());
        let status = self.golive("status --mode live --json --exit-code").run().exits(0);
        let status: Value = serde_json::from_str(&status.stdout).unwrap();
        assert_eq!(status["ready"], true, "{status:#}");
    }
}

/// A problem as one text.
fn said(problem: &Value) -> String {
    let mut lines = vec![format!("[{}] {}", problem["code"].as_str().unwrap(), problem["message"].as_str().unwrap())];
    for key in ["why", "fix"] {
        let texts = problem[key].as_array().into_iter().flatten().filter_map(Value::as_str);
        lines.extend(texts.map(str::to_owned));
    }
    lines.extend(problem["found"].as_str().map(|found| format!("found {found}")));
    lines.join("\n")
}
