//! A live launch against a simulator: its folder, its Stripe, its shop, and what must be true of
//! them when everything is finished.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use golive::simulator::{Control, Mode, Options, Phase, RequestLog, Simulator};
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::{Golive, Victim};

/// A checklist with everything that changes or proves something, and little of it.
pub const SMALL: &str = include_str!("../fixtures/launch.toml");

/// A launch. The simulator's shop reads its webhook secret from the env file that golive writes,
/// as a deployed application would.
pub struct Launch {
    pub dir: PathBuf,
    pub home: PathBuf,
    pub simulator: Simulator,
    pub control: Control,
    _folder: TempDir,
    // Dropped last: the simulator runs on it.
    runtime: Runtime,
}

impl Launch {
    /// A folder with this checklist, and a simulator with an empty account.
    pub fn of(checklist: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (dir, home) = (folder.path().join("shop"), folder.path().join("home"));
        fs::create_dir(&dir).unwrap();
        fs::create_dir_all(home.join("tmp")).unwrap();
        fs::write(dir.join("golive.toml"), checklist).unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let env_file = dir.join(".env.production");
        let secrets = move || signing_secrets(&env_file);
        let options = Options {
            shop_secrets: Some(Arc::new(secrets)),
            retry_base: Duration::from_millis(50),
            ..Options::default()
        };
        let simulator = runtime.block_on(Simulator::start(options)).unwrap();
        fs::write(home.join("ca.pem"), &simulator.ca_pem).unwrap();
        let control = simulator.control();
        Self { dir, home, simulator, control, _folder: folder, runtime }
    }

    /// The small launch.
    pub fn small() -> Self {
        Self::of(SMALL)
    }

    /// The binary, pointed at the simulator.
    pub fn golive(&self, line: &str) -> Golive {
        self.surround(Golive::new(&self.dir, &self.home)).args(line)
    }

    /// The same surroundings for any command.
    pub fn surround(&self, golive: Golive) -> Golive {
        golive
            .env("GOLIVE_API_BASE", &self.simulator.url)
            .env("GOLIVE_RESOLVE", format!("shop.example=127.0.0.1:{}", self.simulator.shop_addr.port()))
            .env("SSL_CERT_FILE", self.home.join("ca.pem"))
    }

    /// The binary with the keys at hand, as a pipeline would call it.
    pub fn keyed(&self, line: &str) -> Golive {
        self.golive(line)
            .env("GOLIVE_LIVE_KEY", &self.simulator.live.secret)
            .env("GOLIVE_LIVE_PUBLISHABLE_KEY", &self.simulator.live.publishable)
    }

    /// One call of Stripe's with the account's own live key, as somebody in the Dashboard would make it.
    pub fn stripe(&self, method: &str, path: &str, params: &str) -> Value {
        self.stripe_of(&self.simulator.live.secret, method, path, params)
    }

    /// The same with any key.
    pub fn stripe_of(&self, key: &str, method: &str, path: &str, params: &str) -> Value {
        let call = crate::simulator_support::call(&self.simulator, key, method, path, params);
        self.runtime.block_on(call).ok().json
    }

    /// A call that Stripe may refuse.
    pub fn tries(&self, key: &str, method: &str, path: &str, params: &str) -> u16 {
        let call = crate::simulator_support::call(&self.simulator, key, method, path, params);
        self.runtime.block_on(call).status
    }

    /// One call with the test key, as somebody trying things out would make it.
    pub fn in_test(&self, method: &str, path: &str, params: &str) -> Value {
        let call = crate::simulator_support::call(&self.simulator, &self.simulator.test.secret, method, path, params);
        self.runtime.block_on(call).ok().json
    }

    /// The whole launch, unattended, with every answer given.
    pub fn wizard(&self) -> Golive {
        let line = format!(
            "wizard --mode live --yes --allow-commands --confirm {} --answer deploy.told.done=done \
             --answer env.file.MAIL_FROM=info@shop.example",
            self.control.account()
        );
        self.keyed(&line)
    }

    /// `apply`, with the same consent, and the keys of the env file.
    pub fn apply(&self) -> Golive {
        self.golive(&format!("apply --mode live --yes --allow-commands --confirm {}", self.control.account()))
    }

    /// The journal's path.
    pub fn journal(&self) -> PathBuf {
        self.dir.join(".golive/small.live.jsonl")
    }

    /// The journal's events.
    pub fn events(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.journal()).unwrap_or_default();
        // The last line may be torn.
        text.lines().filter_map(|line| Some(serde_json::from_str::<Value>(line).ok()?["event"].take())).collect()
    }

    /// The events of a type.
    pub fn events_of(&self, kind: &str) -> Vec<Value> {
        self.events().into_iter().filter(|event| event["type"] == kind).collect()
    }

    /// The env file's variables, each with all its values.
    pub fn variables(&self) -> BTreeMap<String, Vec<String>> {
        let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let text = fs::read_to_string(self.dir.join(".env.production")).unwrap_or_default();
        for (name, value) in text.lines().filter_map(|line| line.split_once('=')) {
            found.entry(name.to_owned()).or_default().push(value.to_owned());
        }
        found
    }

    /// Everything that was sent to change something, beginning with request number `from`. The
    /// publishable key is looked at with a token request that Stripe always refuses.
    pub fn writes_since(&self, from: usize) -> Vec<RequestLog> {
        let writes = |request: &RequestLog| request.method != "GET" && request.path != "/v1/tokens";
        self.control.requests().into_iter().skip(from).filter(writes).collect()
    }

    /// How many requests Stripe got.
    pub fn requests(&self) -> usize {
        self.control.requests().len()
    }

    /// Does something once: when Stripe has made its first object of a kind, and has not said so.
    pub fn when_made(&self, kind: &'static str, act: impl Fn() + Send + Sync + 'static) {
        let (control, done) = (self.control.clone(), AtomicBool::new(false));
        self.control.on_request(Box::new(move |_, phase| {
            let made = phase == Phase::AfterEffect && !control.objects(Mode::Live, kind).is_empty();
            if made && !done.swap(true, Ordering::SeqCst) {
                act();
            }
        }));
    }

    /// A run that is killed when Stripe has made its first object of a kind: nobody hears of it.
    pub fn killed_when_made(kind: &'static str) -> Self {
        let launch = Self::small();
        let victim = Victim::default();
        let killer = victim.clone();
        launch.when_made(kind, move || killer.kill());
        let output = victim.watch(launch.wizard());
        assert!(output.was_killed(), "{kind}: {output}");
        launch.calm();
        launch
    }

    /// Takes all hooks and faults back, when what a killed golive had sent has arrived.
    pub fn calm(&self) {
        self.control.on_request(Box::new(|_, _| {}));
        self.control.clear_faults();
        let (mut last, mut quiet) = (self.requests(), 0);
        while quiet < 5 {
            std::thread::sleep(Duration::from_millis(10));
            quiet = if self.requests() == last { quiet + 1 } else { 0 };
            last = self.requests();
        }
    }

    /// Makes everything in the journal this many hours older.
    pub fn age(&self, hours: i64) {
        let text = fs::read_to_string(self.journal()).unwrap();
        let older = text.lines().map(|line| {
            let mut line: Value = serde_json::from_str(line).unwrap();
            let at: jiff::Timestamp = line["at"].as_str().unwrap().parse().unwrap();
            line["at"] = (at - jiff::SignedDuration::from_hours(hours)).to_string().into();
            line.to_string() + "\n"
        });
        fs::write(self.journal(), older.collect::<String>()).unwrap();
    }

    /// Every file under the launch's folder.
    pub fn files(&self) -> Vec<PathBuf> {
        files(&self.dir)
    }
}

/// Every file under a folder.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

fn signing_secrets(env_file: &Path) -> Vec<String> {
    let text = fs::read_to_string(env_file).unwrap_or_default();
    let values = text.lines().filter_map(|line| line.split_once('=')).map(|(_, value)| value.to_owned());
    values.filter(|value| value.starts_with("whsec_")).collect()
}
