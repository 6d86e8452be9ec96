//! A launch on a test stand: a folder with a small checklist, a simulator of its own, and the real
//! binary run against it in an environment that holds nothing else. What it said is shown with
//! ids, keys and paths replaced, so that wording and exit status can be pinned together.

use golive::simulator::{Control, Mode, Options, Simulator};
use regex::Regex;
use serde_json::Value;
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::support::problems;

/// Keys, one product with two prices, one webhook endpoint.
pub const SHOP: &str = r#"schema = 1
id = "shop"
title = "Shop launch"

[env]
file = ".env.production"

[[phase]]
id = "keys"
title = "Keys"

[[phase.item]]
id = "live"
kind = "keys"
title = "API keys"

[[phase]]
id = "catalog"
title = "Products and prices"

[[phase.item]]
id = "pro"
kind = "product"
title = "Shop Pro"
prices = [
  { lookup_key = "pro_monthly", amount = "50.00 CAD", env = "PRICE_PRO_MONTHLY" },
  { lookup_key = "pro_annual", amount = "300.00 CAD", env = "PRICE_PRO_ANNUAL" },
]

[[phase]]
id = "webhook"
title = "Webhook"

[[phase.item]]
id = "main"
kind = "webhook"
title = "Webhook endpoint"
url = "https://shop.test/webhook"
events = ["checkout.session.completed"]

[[phase]]
id = "env"
title = "Env file"

[[phase.item]]
id = "file"
kind = "env"
title = "Complete env file"
"#;

/// How a run of the binary ended, and what it said.
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
    shown: String,
}

impl Ran {
    /// Exit status and stderr, as a snapshot pins them.
    pub fn said(&self) -> String {
        format!("exit {}\n{}", self.code, self.shown.trim_start_matches('\n'))
    }

    /// The first error alone: without what a run says before and after it.
    pub fn error(&self) -> String {
        let from = self.shown.find("error[").unwrap_or(0);
        let error = self.shown[from..].split("\n\n").next().unwrap_or_default();
        format!("exit {}\n{error}", self.code)
    }

    /// Fails unless it ended with `code` and said every one of `words`.
    #[track_caller]
    pub fn expect(&self, code: i32, words: &[&str]) -> &Self {
        assert_eq!(self.code, code, "{}\n{}", self.err, self.out);
        // Long lines are folded for the reader: a phrase counts across the fold.
        let said: Vec<&str> = self.err.split_whitespace().chain(self.out.split_whitespace()).collect();
        let said = said.join(" ");
        for word in words {
            assert!(said.contains(word), "it does not say `{word}`:\n{}\n{}", self.err, self.out);
        }
        self
    }

    /// stdout as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}\n{}", self.out, self.err))
    }
}

/// A launch on a test stand.
pub struct Stand {
    pub dir: PathBuf,
    pub sim: Simulator,
    pub control: Control,
    pub vars: BTreeMap<String, String>,
    folder: tempfile::TempDir,
    user: Option<u32>,
    runtime: tokio::runtime::Runtime,
}

impl Stand {
    /// A stand with a checklist, and the live keys of the simulator in the environment.
    pub fn new(checklist: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("launch");
        std::fs::create_dir_all(&dir).unwrap();
        std::fs::create_dir_all(folder.path().join("home")).unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let sim = runtime.block_on(Simulator::start(Options::default())).unwrap();
        let ca = folder.path().join("ca.pem");
        std::fs::write(&ca, &sim.ca_pem).unwrap();
        let mut stand = Self { dir, control: sim.control(), sim, vars: BTreeMap::new(), folder, user: None, runtime };
        stand.write("golive.toml", checklist);
        let home = stand.folder.path().join("home");
        for (name, value) in [
            ("HOME", home.display().to_string()),
            ("USER", "kim".into()),
            ("LANG", "C.UTF-8".into()),
            ("PATH", "/usr/bin:/bin".into()),
            ("GOLIVE_API_BASE", stand.sim.url.clone()),
            ("GOLIVE_RESOLVE", format!("shop.test={}", stand.sim.shop_addr)),
            ("SSL_CERT_FILE", ca.display().to_string()),
            ("GOLIVE_LIVE_KEY", stand.sim.live.secret.clone()),
            ("GOLIVE_LIVE_PUBLISHABLE_KEY", stand.sim.live.publishable.clone()),
        ] {
            stand.set(name, &value);
        }
        stand
    }

    /// A stand whose runs have no more rights than any user, so that rights of files count.
    pub fn as_nobody(checklist: &str) -> Self {
        const NOBODY: u32 = 65534;
        let mut stand = Self::new(checklist);
        if rustix::process::geteuid().is_root() {
            stand.user = Some(NOBODY);
            stand.chmod("..", 0o755);
            for name in [".", "golive.toml", "../home"] {
                std::os::unix::fs::chown(stand.dir.join(name), Some(NOBODY), Some(NOBODY)).unwrap();
            }
        }
        stand
    }

    /// The small checklist with one text replaced by another.
    pub fn with(from: &str, to: &str) -> Self {
        Self::new(&edited(from, to))
    }

    /// Sets a variable for every run from now on; an empty value takes it away.
    pub fn set(&mut self, name: &str, value: &str) {
        if value.is_empty() {
            self.vars.remove(name);
        } else {
            self.vars.insert(name.into(), value.into());
        }
    }

    /// Runs the binary in the launch's folder with nobody there.
    pub fn run(&self, args: &[&str]) -> Ran {
        let mut command = self.command(args);
        let output = command.stdin(Stdio::null()).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let (out, err) = (text(output.stdout), text(output.stderr));
        let ran = Ran { code: output.status.code().unwrap_or(-1), shown: self.tidy(&err), out, err };
        problems::are_whole(ran.code, &ran.out, &ran.err);
        let said = format!("{}{}", ran.out, ran.err);
        let keys = [&self.sim.live.secret, &self.sim.test.secret];
        assert!(keys.iter().all(|key| !said.contains(key.as_str())), "a secret was printed: {said}");
        ran
    }

    /// The whole launch, unattended, with consent for this account.
    pub fn launch(&self) -> Ran {
        let account = self.control.account();
        self.run(&["wizard", "--mode", "live", "--yes", "--confirm", &account])
    }

    /// A command that is ready to be started.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_golive"));
        command.args(args).current_dir(&self.dir).env_clear().envs(&self.vars);
        if let Some(user) = self.user {
            command.uid(user).gid(user);
        }
        command
    }

    /// Writes a file of the launch's folder.
    pub fn write(&self, name: &str, text: &str) {
        let path = self.dir.join(name);
        std::fs::write(&path, text).unwrap();
        if let Some(user) = self.user {
            std::os::unix::fs::chown(path, Some(user), Some(user)).unwrap();
        }
    }

    /// A file of the launch's folder; empty where there is none.
    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.dir.join(name)).unwrap_or_default()
    }

    /// Sets the rights of a file or folder of the launch.
    pub fn chmod(&self, name: &str, mode: u32) {
        std::fs::set_permissions(self.dir.join(name), PermissionsExt::from_mode(mode)).unwrap();
    }

    /// The account's live objects of a kind.
    pub fn objects(&self, kind: &str) -> Vec<Value> {
        self.control.objects(Mode::Live, kind)
    }

    /// How many requests changed something in Stripe.
    pub fn writes(&self) -> usize {
        let changed = |method: &str, status: u16| method != "GET" && status == 200;
        self.control.requests().iter().filter(|request| changed(&request.method, request.status)).count()
    }

    /// A call to Stripe by somebody else, with the live key.
    #[track_caller]
    pub fn stripe(&self, method: &str, path: &str, params: &str) -> Value {
        self.stripe_with(&self.sim.live.secret, method, path, params)
    }

    /// The same with another key.
    #[track_caller]
    pub fn stripe_with(&self, key: &str, method: &str, path: &str, params: &str) -> Value {
        let call = super::simulator_support::call(&self.sim, key, method, path, params);
        self.runtime.block_on(call).ok().json
    }

    /// Something that the simulator does by itself, on its own runtime.
    pub fn inside<T>(&self, act: impl FnOnce() -> T) -> T {
        let _inside = self.runtime.enter();
        act()
    }

    /// The same in test mode.
    #[track_caller]
    pub fn stripe_in_test(&self, method: &str, path: &str, params: &str) -> Value {
        let call = super::simulator_support::call(&self.sim, &self.sim.test.secret, method, path, params);
        self.runtime.block_on(call).ok().json
    }

    /// The state of one item by `status --json`.
    pub fn state_of(&self, item: &str) -> String {
        let status = self.run(&["status", "--json", "--mode", "live"]).json();
        let phases = status["phases"].as_array().unwrap();
        let mut items = phases.iter().flat_map(|phase| phase["items"].as_array().unwrap());
        items.find(|found| found["id"] == item).unwrap()["state"].as_str().unwrap().to_owned()
    }

    /// Text with everything replaced that differs between two runs.
    pub fn tidy(&self, text: &str) -> String {
        let text = text.replace(&self.dir.display().to_string(), "[DIR]");
        let text = text.replace(&self.folder.path().display().to_string(), "[TMP]");
        let rules = [
            (r"\b([sr]k|pk)_(live|test)_[A-Za-z0-9]*…[A-Za-z0-9]+", "${1}_${2}_…XXXX"),
            (r"\b(acct|req|price|we|prod|evt|pmc|pmd|bpc|promo|txr|shr|plink|mtr)_[A-Za-z0-9]{6,}", "${1}_XXX"),
            (r"127\.0\.0\.1:\d+", "127.0.0.1:PORT"),
            (r"golive \d+\.\d+\.\d+", "golive X.Y.Z"),
            (r"\d{4}-\d\d-\d\dT[\d:.]+Z", "[TIME]"),
            (r"(?m) +$", ""),
        ];
        rules.iter().fold(text, |text, (find, put)| Regex::new(find).unwrap().replace_all(&text, *put).into_owned())
    }
}

/// The small checklist with one text replaced by another.
#[track_caller]
pub fn edited(from: &str, to: &str) -> String {
    assert!(SHOP.contains(from), "the checklist does not hold `{from}`");
    SHOP.replace(from, to)
}
