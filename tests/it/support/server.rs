//! The server of an application that goes live: its log, its rows and its troubles, in files that the
//! programs of `tests/it/servers/` read, as the guide's own programs read the real ones. What a
//! delivery changes there, the application of each guide says in its own test.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use golive::simulator::{Control, Mode};
use serde_json::Value;

/// A handle on the server's folder, where the application is; its programs know it as `$HOME/../launch/server`.
#[derive(Clone)]
pub struct Server {
    folder: PathBuf,
    control: Arc<OnceLock<Control>>,
}

impl Server {
    /// An empty one.
    pub fn new(folder: &Path) -> Self {
        fs::create_dir_all(folder).unwrap();
        Self { folder: folder.to_owned(), control: Arc::default() }
    }

    /// Tells it of its Stripe, as soon as there is one.
    pub fn meets(&self, control: Control) {
        assert!(self.control.set(control).is_ok());
    }

    /// Its Stripe: what the application would ask it.
    pub fn stripe(&self) -> &Control {
        self.control.get().unwrap()
    }

    /// The variables that the application was started with.
    pub fn running(&self) -> Vec<(String, String)> {
        let split = |line: &str| {
            line.split_once('=')
                .map(|(name, value)| (name.to_owned(), value.trim_matches('\'').trim_matches('"').to_owned()))
        };
        self.text("running.env").lines().filter_map(split).collect()
    }

    /// One of them.
    pub fn variable(&self, name: &str) -> String {
        self.running().into_iter().find(|(known, _)| known == name).map(|(_, value)| value).unwrap_or_default()
    }

    /// The signing secrets that it checks with.
    pub fn signing_secrets(&self) -> Vec<String> {
        self.running().into_iter().map(|(_, value)| value).filter(|value| value.starts_with("whsec_")).collect()
    }

    /// What a file holds; nothing when it is not there.
    pub fn text(&self, name: &str) -> String {
        fs::read_to_string(self.folder.join(name)).unwrap_or_default()
    }

    /// Writes a file.
    pub fn put(&self, name: &str, text: &str) {
        fs::write(self.folder.join(name), text).unwrap();
    }

    /// Adds a line to a file.
    pub fn add(&self, name: &str, line: &str) {
        let mut file = fs::OpenOptions::new().create(true).append(true).open(self.folder.join(name)).unwrap();
        writeln!(file, "{line}").unwrap();
    }

    /// Time passes: what its limits of a minute have counted is over.
    pub fn rests(&self) {
        for entry in fs::read_dir(&self.folder).unwrap().flatten() {
            if entry.file_name().to_string_lossy().starts_with("hits") {
                fs::write(entry.path(), "").unwrap();
            }
        }
    }

    /// Replaces a text in a file, which must be in it.
    pub fn change(&self, name: &str, from: &str, to: &str) {
        let text = self.text(name);
        assert!(text.contains(from), "{name} does not hold `{from}`:\n{text}");
        self.put(name, &text.replace(from, to));
    }

    /// Writes down what its programs would ask Stripe for: the ids of the webhook endpoints.
    pub fn mirrors(&self) {
        let endpoints = self.stripe().objects(Mode::Live, "webhook_endpoint");
        let ids = endpoints.iter().filter_map(|endpoint| endpoint["id"].as_str());
        self.put("endpoints", &ids.collect::<Vec<_>>().join("\n"));
    }

    /// Sets a trouble, which its programs and pages look for.
    pub fn has(&self, trouble: &str) {
        self.put(&format!("trouble-{trouble}"), "");
    }

    /// Ends a trouble, which must have been there.
    pub fn cured(&self, trouble: &str) {
        fs::remove_file(self.folder.join(format!("trouble-{trouble}"))).unwrap();
    }

    /// Whether it has a trouble.
    pub fn suffers(&self, trouble: &str) -> bool {
        self.folder.join(format!("trouble-{trouble}")).exists()
    }

    /// The newest customer of the demo shop, as its own handler fulfilled the purchase.
    pub fn customer(&self) -> Value {
        self.stripe().objects(Mode::Live, "shop.customer").pop().unwrap_or_default()
    }
}
