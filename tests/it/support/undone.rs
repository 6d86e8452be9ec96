//! How a finished launch is taken back: `golive rollback` walks the guide's own way back with the
//! programs of its server, and what must hold of Stripe, of the env file and of `status` afterwards.

use std::fs;

use golive::simulator::Mode;
use serde_json::Value;

use super::{Output, Town};

impl Town {
    /// Takes the launch back, with answers and a person's word for every step that wants one, and demands
    /// that nothing of it is in force any more: no endpoint that hears, no live key in the env file, nothing left
    /// to undo. A second time undoes nothing more.
    #[track_caller]
    pub fn is_undone(&self, answers: &[&str]) -> Output {
        let undone = self.rollback(answers).run().exits(0);
        for endpoint in self.control.objects(Mode::Live, "webhook_endpoint") {
            assert_eq!(endpoint["status"], "disabled", "{endpoint}\n{undone}");
        }
        let file = fs::read_to_string(self.dir.join(".env.production")).unwrap_or_default();
        assert!(!file.contains("k_live_"), "a live key is left in the env file\n{undone}");
        let status = self.golive("status --mode live --json").run().exits(0).stdout;
        let status: Value = serde_json::from_str(&status).unwrap();
        assert_eq!((&status["ready"], &status["rollback"]["left"]), (&false.into(), &0.into()), "{status:#}");
        let before = self.writes();
        let _ = self.rollback(answers).run().exits(0).says("Nothing stands that this launch changed");
        assert_eq!(self.writes(), before, "a second rollback writes");
        undone
    }

    fn rollback(&self, answers: &[&str]) -> super::Golive {
        let mut line = format!("rollback --mode live --yes --allow-commands --confirm {}", self.control.account());
        let checklist: toml::Table = fs::read_to_string(self.dir.join("golive.toml")).unwrap().parse().unwrap();
        for step in checklist["rollback"].as_array().unwrap() {
            if step["kind"].as_str() == Some("manual") {
                line.extend([" --answer rollback.", step["id"].as_str().unwrap(), ".done=done"]);
            }
        }
        answers.iter().fold(self.golive(&line), |golive, answer| golive.args(&format!("--answer {answer}")))
    }

    /// How many writes Stripe was asked for.
    fn writes(&self) -> usize {
        self.control.requests().iter().filter(|request| request.method != "GET").count()
    }
}
