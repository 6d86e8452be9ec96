//! A bundled checklist for real: the simulator as live Stripe, its demo shop as the operator's hosts,
//! and programs of the operator's server that answer as the written guides say they do.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use golive::checklist::BUNDLED;
use golive::simulator::{Control, Mode, Options, Outcome, ShopPages, Simulator};
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::{Golive, Output};

/// A checklist, its Stripe, its shop and its server.
pub struct Town {
    pub dir: PathBuf,
    pub simulator: Simulator,
    pub control: Control,
    home: PathBuf,
    hosts: Vec<String>,
    _folder: TempDir,
    // Dropped last: the simulator runs on it.
    runtime: Runtime,
}

impl Town {
    /// A bundled checklist with some of its texts replaced, in a folder of its own. `{dir}` in a
    /// replacement is that folder.
    pub fn of(name: &str, hosts: &[&str], edits: &[(&str, &str)], pages: Option<ShopPages>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (dir, home) = (folder.path().join("launch"), folder.path().join("home"));
        fs::create_dir_all(home.join("tmp")).unwrap();
        fs::create_dir_all(home.join("bin")).unwrap();
        fs::create_dir(&dir).unwrap();
        let mut text = BUNDLED.iter().find(|(known, _)| *known == name).unwrap().1.to_owned();
        for (from, to) in edits {
            assert!(text.contains(from), "{name} does not hold `{from}`");
            text = text.replace(from, &to.replace("{dir}", &dir.display().to_string()));
        }
        fs::write(dir.join("golive.toml"), text).unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let options = Options {
            shop_pages: pages,
            retry_base: Duration::from_millis(50),
            furnished: true,
            shop_secrets: Some(secrets(&dir)),
            ..Options::default()
        };
        let simulator = runtime.block_on(Simulator::start(options)).unwrap();
        fs::write(home.join("ca.pem"), &simulator.ca_pem).unwrap();
        let control = simulator.control();
        let hosts = hosts.iter().map(ToString::to_string).collect();
        Self { dir, simulator, control, home, hosts, _folder: folder, runtime }
    }

    /// A file of the launch's folder, with the folders it needs.
    pub fn write(&self, name: &str, text: &str) {
        let path = self.dir.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// A program of the server: a shell script.
    pub fn program(&self, name: &str, script: &str) {
        let path = self.home.join("bin").join(name);
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Makes the launch's folder a repository of git's.
    pub fn repository(&self) {
        let made = std::process::Command::new("git").args(["init", "--quiet"]).current_dir(&self.dir).output().unwrap();
        assert!(made.status.success(), "{made:?}");
    }

    /// golive in live mode, with keys and consent at hand.
    pub fn golive(&self, line: &str) -> Golive {
        let at = |host: &String| format!("{host}={}", self.simulator.shop_addr);
        let resolve: Vec<String> = self.hosts.iter().map(at).collect();
        Golive::new(&self.dir, &self.home)
            .env("PATH", format!("{}:/usr/bin:/bin", self.home.join("bin").display()))
            .env("GOLIVE_API_BASE", &self.simulator.url)
            .env("GOLIVE_RESOLVE", resolve.join(","))
            .env("SSL_CERT_FILE", self.home.join("ca.pem"))
            .env("GOLIVE_LIVE_KEY", &self.simulator.live.secret)
            .env("GOLIVE_LIVE_PUBLISHABLE_KEY", &self.simulator.live.publishable)
            .args(line)
    }

    /// The launch, unattended, with answers.
    pub fn wizard(&self, answers: &[&str]) -> Golive {
        let line = format!("wizard --mode live --yes --allow-commands --confirm {}", self.control.account());
        answers.iter().fold(self.golive(&line), |golive, answer| golive.args(&format!("--answer {answer}")))
    }

    /// Runs it to its end, while somebody buys what is waited for, one after the other: at the price
    /// with this lookup key, or at the shop's own.
    pub fn sells(&self, golive: Golive, sales: &[(&str, &str)]) -> Output {
        let over = AtomicBool::new(false);
        let child = golive.start();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for (item, key) in sales {
                    while !self.waits_for(item) {
                        if over.load(Ordering::SeqCst) {
                            return;
                        }
                        std::thread::sleep(Duration::from_millis(20));
                    }
                    self.buys(key);
                }
            });
            let output = Output::of(&child.wait_with_output().unwrap());
            over.store(true, Ordering::SeqCst);
            output
        })
    }

    /// Whether a purchase was told how it comes about, and is waited for.
    fn waits_for(&self, item: &str) -> bool {
        let files = super::files(&self.dir).into_iter();
        let journals = files.filter(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
        let text: String = journals.map(|path| fs::read_to_string(path).unwrap_or_default()).collect();
        text.lines().any(|line| line.contains(&format!("\"{item}\"")) && line.contains("\"how\""))
    }

    /// Somebody buys at the price with this lookup key.
    fn buys(&self, key: &str) {
        let _inside = self.runtime.enter();
        let prices = self.control.objects(Mode::Live, "price");
        let ids = prices.iter().filter(|price| price["lookup_key"] == key).filter_map(|price| price["id"].as_str());
        let ids: Vec<String> = ids.map(str::to_owned).collect();
        let (session, _) = self.control.sell(Mode::Live, &ids).unwrap();
        let _ = self.control.pay(&session, "mia@acme.example", Outcome::Pays).unwrap();
    }

    /// The items that are not finished, but for those that wait for a person.
    pub fn unfinished(&self) -> Vec<Item> {
        let Output { stdout, .. } = self.golive("status --mode live --json").run().exits(0);
        let status: Value = serde_json::from_str(&stdout).unwrap();
        let phases = status["phases"].as_array().unwrap();
        let items = phases.iter().flat_map(|phase| phase["items"].as_array().unwrap());
        let text = |item: &Value, field: &str| item[field].as_str().unwrap_or_default().to_owned();
        let item = |item: &Value| Item {
            id: text(item, "id"),
            kind: text(item, "kind"),
            state: text(item, "state"),
            problem: text(&item["problem"], "message"),
        };
        items.map(item).filter(|item| !["done", "skipped", "blocked"].contains(&item.state.as_str())).collect()
    }
}

/// An item, as `status --json` tells of it.
#[derive(Debug)]
pub struct Item {
    pub id: String,
    pub kind: String,
    pub state: String,
    pub problem: String,
}

/// The signing secrets of the env file that golive writes: the application was restarted with it.
fn secrets(dir: &Path) -> Arc<dyn Fn() -> Vec<String> + Send + Sync> {
    let file = dir.join(".env.production");
    Arc::new(move || {
        let text = fs::read_to_string(&file).unwrap_or_default();
        let values = text.lines().filter_map(|line| line.split_once('=')).map(|(_, value)| value.to_owned());
        values.filter(|value| value.starts_with("whsec_")).collect()
    })
}
