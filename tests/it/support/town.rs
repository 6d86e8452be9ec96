//! A bundled checklist for real: the simulator as live Stripe, its demo shop as the operator's hosts,
//! and the programs of the operator's server, which answer as the written guides say they do.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use golive::simulator::{Asked, Control, Heard, Mode, Options, Phase, ShopPage, Simulator};
use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::{Golive, LOGIN, MailServer, Output, Server};
use crate::simulator_support::{call, send};

/// What is particular to one guide's application.
pub struct Site {
    /// The checklist.
    pub name: &'static str,
    /// Its texts that are other ones here; `{dir}` is the launch's folder, `{server}` the server's.
    pub edits: &'static [(&'static str, &'static str)],
    /// The hosts that the demo shop stands in for.
    pub hosts: &'static [&'static str],
    /// The host of its mail server.
    pub mail: Option<&'static str>,
    /// Its pages, before those of the demo shop.
    pub pages: fn(&Server, &Asked<'_>) -> Option<ShopPage>,
    /// What it does with a delivery.
    pub hears: fn(&Server, &Heard<'_>),
}

/// Somebody who buys while an item waits for it.
pub struct Sale {
    /// The item.
    pub item: &'static str,
    /// The checkout session as the application asks for it; `$NAME&` is a variable that it runs with,
    /// `@KEY&` the price with that lookup key, `@own&` one that it makes for this purchase.
    pub session: &'static str,
}

/// A checklist, its Stripe, its shop and its server.
pub struct Town {
    pub dir: PathBuf,
    pub server: Server,
    pub simulator: Simulator,
    pub control: Control,
    home: PathBuf,
    /// Where each host is.
    hosts: Mutex<BTreeMap<String, SocketAddr>>,
    mail: Option<MailServer>,
    _folder: TempDir,
    // Dropped last: the simulator runs on it.
    runtime: Runtime,
}

impl Town {
    /// A site in a folder of its own, with its programs.
    pub fn of(site: &'static Site) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (dir, home) = (folder.path().join("launch"), folder.path().join("home"));
        for made in [dir.clone(), dir.join("server"), home.join("tmp"), home.join("bin")] {
            fs::create_dir_all(made).unwrap();
        }
        let server = Server::new(&dir.join("server"));
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let (shown, hearing, holding) = (server.clone(), server.clone(), server.clone());
        let options = Options {
            shop_pages: Some(Arc::new(move |asked| (site.pages)(&shown, asked))),
            shop_ear: Some(Arc::new(move |heard| (site.hears)(&hearing, heard))),
            shop_secrets: Some(Arc::new(move || holding.signing_secrets())),
            retry_base: Duration::from_millis(50),
            furnished: true,
            ..Options::default()
        };
        let simulator = runtime.block_on(Simulator::start(options)).unwrap();
        let control = simulator.control();
        server.meets(control.clone());
        let mirror = server.clone();
        control.on_request(Box::new(move |_, phase| {
            if phase == Phase::AfterEffect {
                mirror.mirrors();
            }
        }));
        let mut ca = simulator.ca_pem.clone();
        let mut hosts: BTreeMap<String, SocketAddr> =
            site.hosts.iter().map(|host| ((*host).to_owned(), simulator.shop_addr)).collect();
        let mail = site.mail.and_then(|host| MailServer::start(&home, host));
        if let (Some(mail), Some(host)) = (&mail, site.mail) {
            ca += &fs::read_to_string(home.join("ca.pem")).unwrap();
            hosts.insert(host.to_owned(), (Ipv4Addr::LOCALHOST, mail.port).into());
        }
        fs::write(home.join("roots.pem"), ca).unwrap();
        let hosts = Mutex::new(hosts);
        let town = Self { dir, server, simulator, control, home, hosts, mail, _folder: folder, runtime };
        town.furnish(site);
        town
    }

    /// Writes the checklist and the programs.
    fn furnish(&self, site: &Site) {
        let mut text =
            fs::read_to_string(format!("{}/checklists/{}.toml", env!("CARGO_MANIFEST_DIR"), site.name)).unwrap();
        for (from, to) in site.edits {
            assert!(text.contains(from), "{} does not hold `{from}`", site.name);
            let to = to.replace("{dir}", &self.dir.display().to_string());
            let to = to.replace("{server}", &self.dir.join("server").display().to_string());
            text = text.replace(from, &to.replace("{stripe}", &self.simulator.url));
        }
        self.write("golive.toml", &text);
        let programs = format!("{}/tests/it/servers/{}", env!("CARGO_MANIFEST_DIR"), site.name);
        for entry in fs::read_dir(programs).into_iter().flatten().flatten() {
            let path = self.home.join("bin").join(entry.file_name());
            fs::copy(entry.path(), &path).unwrap();
            fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        self.write(".gitignore", ".env*\n.golive/\nserver/\n");
        self.git(&["init", "--quiet"]);
    }

    /// Has git track everything that stands in the launch's folder now.
    pub fn tracked(&self) {
        self.git(&["add", "--all"]);
    }

    fn git(&self, words: &[&str]) {
        let done = std::process::Command::new("git").args(words).current_dir(&self.dir).output().unwrap();
        assert!(done.status.success(), "{done:?}");
    }

    /// A file of the launch's folder, with the folders it needs.
    pub fn write(&self, name: &str, text: &str) {
        let path = self.dir.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// The variables of the env file that are there before golive, with the mail server's login in them.
    pub fn variables(&self, user: &str, password: &str, more: &str) {
        self.write(".env.production", &format!("{user}={}\n{password}={}\n{more}", LOGIN.0, LOGIN.1));
    }

    /// Has the application run with the env file of golive's, whatever becomes of it: for a platform
    /// that is given its values by hand.
    pub fn runs_with_the_env_file(&self) {
        std::os::unix::fs::symlink(self.dir.join(".env.production"), self.dir.join("server/running.env")).unwrap();
    }

    /// A firewall goes up before a host, where nothing listens; `false` takes it down.
    pub fn firewall(&self, host: &str, up: bool) {
        let closed = SocketAddr::from((Ipv4Addr::LOCALHOST, 9));
        let at = if up { closed } else { self.simulator.shop_addr };
        assert!(self.hosts.lock().unwrap().insert(host.to_owned(), at).is_some());
    }

    /// The certificates that a client trusts, the shop's among them or not: without it, the chain leads
    /// to nobody.
    pub fn certificate(&self, good: bool) {
        let (roots, kept) = (self.home.join("roots.pem"), self.home.join("roots.kept"));
        if good {
            fs::rename(kept, roots).unwrap();
        } else {
            fs::rename(&roots, kept).unwrap();
            let mail = fs::read_to_string(self.home.join("ca.pem")).unwrap_or_default();
            fs::write(roots, mail + &somebody_elses_authority()).unwrap();
        }
    }

    /// Whether a mail server stands in here.
    pub fn has_mail(&self) -> bool {
        self.mail.is_some()
    }

    /// golive in live mode, with keys and consent at hand.
    pub fn golive(&self, line: &str) -> Golive {
        let hosts = self.hosts.lock().unwrap();
        let resolve: Vec<String> = hosts.iter().map(|(host, at)| format!("{host}={at}")).collect();
        Golive::new(&self.dir, &self.home)
            .env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", self.home.join("bin").display()))
            .env("GOLIVE_API_BASE", &self.simulator.url)
            .env("GOLIVE_RESOLVE", resolve.join(","))
            .env("SSL_CERT_FILE", self.home.join("roots.pem"))
            .env("GOLIVE_LIVE_KEY", &self.simulator.live.secret)
            .env("GOLIVE_LIVE_PUBLISHABLE_KEY", &self.simulator.live.publishable)
            .args(line)
    }

    /// The launch, unattended, with answers, and a person's word for every item that wants one but these.
    pub fn wizard(&self, answers: &[&str], but: &[&str]) -> Golive {
        if self.mail.is_none() {
            // Said already: there is no mail server on this computer.
            for item in self.items().iter().filter(|item| item["kind"] == "smtp") {
                let id = item["id"].as_str().unwrap();
                let _ = self.golive(&format!("skip {id} --mode live --reason no-mail-server")).run().exits(0);
            }
        }
        let mut line = format!("wizard --mode live --yes --allow-commands --confirm {}", self.control.account());
        let items = self.items();
        let people = items.iter().filter(|item| item["kind"] == "manual").filter_map(|item| item["id"].as_str());
        for id in people.filter(|id| !but.contains(id)) {
            line.extend([" --answer ", id, ".done=done"]);
        }
        answers.iter().fold(self.golive(&line), |golive, answer| golive.args(&format!("--answer {answer}")))
    }

    /// The launch while something is wrong: nobody buys yet, and nothing is waited for.
    pub fn tries(&self, answers: &[&str], more: &[&str], but: &[&str]) -> Output {
        let answers = answers.iter().filter(|answer| !answer.contains(".how="));
        let answers: Vec<&str> = answers.chain(more).copied().collect();
        self.wizard(&answers, but).run()
    }

    /// Runs it to its end, while somebody buys what is waited for, one after the other.
    pub fn sells(&self, golive: Golive, sales: &[Sale]) -> Output {
        let (over, bought, mut child) = (AtomicBool::new(false), AtomicUsize::new(0), golive.start());
        let buys = || {
            for sale in sales {
                while !self.waits_for(sale.item) {
                    if over.load(Ordering::SeqCst) {
                        return;
                    }
                    std::thread::sleep(Duration::from_millis(20));
                }
                self.buys(sale.session);
                bought.fetch_add(1, Ordering::SeqCst);
            }
        };
        std::thread::scope(|scope| {
            let buyer = scope.spawn(buys);
            // Its pipes are emptied meanwhile: a full one would hold golive up.
            let (mut out, mut err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
            let read = |pipe: &mut dyn Read| {
                let mut bytes = Vec::new();
                pipe.read_to_end(&mut bytes).unwrap();
                bytes
            };
            let (out, err) = (scope.spawn(move || read(&mut out)), scope.spawn(move || read(&mut err)));
            let status = loop {
                if let Some(status) = child.try_wait().unwrap() {
                    break status;
                }
                // Whoever cannot buy would be waited for.
                if buyer.is_finished() && bought.load(Ordering::SeqCst) < sales.len() {
                    child.kill().unwrap();
                }
                std::thread::sleep(Duration::from_millis(20));
            };
            over.store(true, Ordering::SeqCst);
            buyer.join().unwrap();
            Output::of(&std::process::Output { status, stdout: out.join().unwrap(), stderr: err.join().unwrap() })
        })
    }

    /// Whether a purchase was told how it comes about, and is waited for.
    fn waits_for(&self, item: &str) -> bool {
        let entries = fs::read_dir(self.dir.join(".golive")).into_iter().flatten().flatten();
        let journals = entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|e| e == "jsonl"));
        let text: String = journals.map(|path| fs::read_to_string(path).unwrap_or_default()).collect();
        text.lines().any(|line| line.contains(&format!("\"{item}\"")) && line.contains("\"how\""))
    }

    /// Somebody buys: the application opens a checkout with the key it runs with, and a real card is
    /// typed in on the hosted page.
    pub fn buys(&self, session: &str) {
        let running = self.server.running();
        let mut form = session.to_owned();
        for (name, value) in &running {
            form = form.replace(&format!("${name}&"), &format!("{value}&"));
        }
        for price in self.control.objects(Mode::Live, "price") {
            let (id, key) = (price["id"].as_str().unwrap(), price["lookup_key"].as_str().unwrap_or("-"));
            form = form.replace(&format!("@{key}&"), &format!("{id}&"));
        }
        if form.contains("@own&") {
            let made = self.stripe("POST", "/v1/prices", "currency=gbp&unit_amount=50&product_data[name]=A lesson");
            form = form.replace("@own&", &format!("{}&", made["id"].as_str().unwrap()));
        }
        let key = running.iter().map(|(_, value)| value).find(|value| value.starts_with("sk_live_"));
        let key = key.expect("the application runs with a live key").clone();
        let back = "success_url=https://shop.example/success?session_id={CHECKOUT_SESSION_ID}";
        let form = format!("{form}&{back}");
        self.runtime.block_on(async {
            let made = call(&self.simulator, &key, "POST", "/v1/checkout/sessions", &form).await.ok().json;
            let page = made["url"].as_str().unwrap().strip_prefix(self.simulator.url.as_str()).unwrap().to_owned();
            let card = "email=mia@acme.example&name=Mia&card=4821000000000009&expiry=12/40&cvc=123";
            let paid = send(&self.simulator.url, "POST", &page, &[], card).await.unwrap();
            assert_eq!(paid.status, 303, "{}", paid.text);
        });
    }

    /// One call of Stripe's with the account's own live key, as somebody in the Dashboard would make it.
    pub fn stripe(&self, method: &str, path: &str, params: &str) -> Value {
        let key = &self.simulator.live.secret;
        self.runtime.block_on(call(&self.simulator, key, method, path, params)).ok().json
    }

    /// Every secret of the env file and the keys, by name.
    pub fn secrets(&self) -> Vec<(String, String)> {
        let text = fs::read_to_string(self.dir.join(".env.production")).unwrap_or_default();
        let secret = |name: &str| ["KEY", "SECRET", "PASSWORD", "TOKEN", "URL"].iter().any(|part| name.contains(part));
        let split = text.lines().filter_map(|line| line.split_once('='));
        let named = split.filter(|(name, value)| secret(name) && value.len() > 12 && !value.starts_with("http"));
        named.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    /// The items, as `status --json` tells of them.
    pub fn items(&self) -> Vec<Value> {
        let Output { stdout, .. } = self.golive("status --mode live --json").run().exits(0);
        let status: Value = serde_json::from_str(&stdout).unwrap();
        status["phases"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|phase| phase["items"].as_array().unwrap())
            .cloned()
            .collect()
    }

    /// One item.
    pub fn item(&self, id: &str) -> Value {
        self.items().into_iter().find(|item| item["id"] == id).unwrap_or_else(|| panic!("no item {id}"))
    }
}

/// A certificate authority that signed nothing here: a client always trusts somebody.
fn somebody_elses_authority() -> String {
    let mut authority = CertificateParams::new(Vec::<String>::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.self_signed(&KeyPair::generate().unwrap()).unwrap().pem()
}
