//! What must be true when a launch is finished, whatever happened on the way.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use golive::simulator::Mode;

use super::launch::{Launch, files};
use super::{Golive, Output};

impl Launch {
    /// Runs the launch until it ends by itself. Answers only what the journal has no answer for,
    /// and hands over keys only while they are not in the env file: whatever is asked twice ends
    /// with 5. What became of the command may be asked, once, when nobody saw its end.
    pub fn finish(&self) -> Output {
        let output = self.resumed().run();
        if output.code != 5 || self.answered("deploy.backup", "outcome") {
            return output;
        }
        assert!(output.stderr.contains("deploy.backup.outcome"), "only the command may be asked about:\n{output}");
        let word = if self.backups() == 0 { "again" } else { "finished" };
        self.resumed().args(&format!("--answer deploy.backup.outcome={word}")).run()
    }

    /// The launch, with answers to what the journal has no answer for.
    pub fn resumed(&self) -> Golive {
        let mut line = format!("wizard --mode live --yes --allow-commands --confirm {}", self.control.account());
        if !self.answered("env.file", "MAIL_FROM") {
            line += " --answer env.file.MAIL_FROM=info@shop.example";
        }
        if !self.events_of("attested").iter().any(|event| event["item"] == "deploy.told") {
            line += " --answer deploy.told.done=done";
        }
        let known = self.variables();
        if known.contains_key("STRIPE_SECRET_KEY") && known.contains_key("STRIPE_PUBLISHABLE_KEY") {
            return self.golive(&line);
        }
        self.keyed(&line)
    }

    fn answered(&self, item: &str, question: &str) -> bool {
        self.events_of("answered").iter().any(|event| event["item"] == item && event["question"] == question)
    }

    /// How often the command ran.
    pub fn backups(&self) -> usize {
        fs::read_to_string(self.dir.join("commands.log")).unwrap_or_default().lines().count()
    }

    /// Demands exactly one of everything, no secret lost, nothing left to do and nothing left over.
    #[track_caller]
    pub fn is_whole(&self, how: &str) {
        self.has_one_of_everything(how);
        self.env_file_is_complete(how);
        assert_eq!(self.backups(), 1, "{how}: the command ran another number of times than once");
        assert_eq!(self.events_of("attested").len(), 1, "{how}: stated twice");
        assert!(self.events_of("answered").len() <= 2, "{how}: asked twice: {:?}", self.events_of("answered"));
        self.left_nothing_behind(how);
        self.changes_nothing_more(how);
    }

    /// No file but those that golive is known to keep.
    #[track_caller]
    fn left_nothing_behind(&self, how: &str) {
        let known =
            [".gitignore", ".env.production", "golive.toml", "commands.log", "small.live.jsonl", "small.live.lock"];
        for path in self.files() {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let kept = path.parent().unwrap().ends_with(".golive/backups");
            assert!(kept || known.contains(&name.as_str()), "{how}: {} was left behind", path.display());
        }
        assert_eq!(files(&self.home.join("tmp")), Vec::<PathBuf>::new(), "{how}: temporary files were left behind");
    }

    /// Another `apply` sends no write.
    #[track_caller]
    pub fn changes_nothing_more(&self, how: &str) {
        let before = self.requests();
        let again = self.apply().run().exits(0);
        let writes = self.writes_since(before);
        assert!(writes.is_empty(), "{how}: another apply changes something: {writes:?}\n{again}");
    }

    #[track_caller]
    fn has_one_of_everything(&self, how: &str) {
        let objects = |kind: &str| self.control.objects(Mode::Live, kind);
        assert_eq!(objects("product").len(), 2, "{how}: {:?}", objects("product"));
        let mut keys: Vec<_> =
            objects("price").iter().map(|price| price["lookup_key"].as_str().unwrap_or("none").to_owned()).collect();
        keys.sort();
        assert_eq!(keys, ["basic_annual", "basic_monthly", "pro_annual", "pro_monthly"], "{how}");
        assert_eq!(objects("webhook_endpoint").len(), 1, "{how}");
        let open = objects("checkout.session").into_iter().filter(|session| session["status"] == "open").count();
        assert_eq!(open, 0, "{how}: a checkout was left open");
    }

    #[track_caller]
    fn env_file_is_complete(&self, how: &str) {
        let variables = self.variables();
        let ids: BTreeMap<String, String> = self
            .control
            .objects(Mode::Live, "price")
            .iter()
            .map(|price| {
                let key = price["lookup_key"].as_str().unwrap_or_default().to_uppercase();
                (format!("PRICE_{key}"), price["id"].as_str().unwrap_or_default().to_owned())
            })
            .collect();
        let names = [
            "STRIPE_SECRET_KEY",
            "STRIPE_PUBLISHABLE_KEY",
            "STRIPE_WEBHOOK_SECRET",
            "SECRET_KEY",
            "APP_ENV",
            "MAIL_FROM",
        ];
        for name in names.into_iter().chain(ids.keys().map(String::as_str)) {
            let values = variables.get(name).cloned().unwrap_or_default();
            assert_eq!(values.len(), 1, "{how}: {name} stands {} times in the env file", values.len());
            assert!(ids.get(name).is_none_or(|id| *id == values[0]), "{how}: {name} is the id of something else");
        }
        // Signed with the endpoint's secret by Stripe, checked with the env file's by the shop.
        let heard = self.control.deliveries();
        let accepted = heard
            .iter()
            .filter(|delivery| delivery.kind == "product.updated")
            .any(|delivery| delivery.status == Some(200));
        assert!(accepted, "{how}: the env file's signing secret is not the endpoint's: {heard:?}");
    }
}
