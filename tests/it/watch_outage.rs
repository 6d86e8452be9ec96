//! A watch whose Stripe goes away and comes back: the sandbox is killed and started again at the same
//! address with the world that it kept. The watch tells it once, says how long it was, and goes on.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout};
use std::time::Duration;

use serde_json::Value;

use super::stand::SHOP;
use super::support::Golive;

/// The folder of a launch, its home, and the sandbox that stands in for Stripe.
struct Town {
    folder: tempfile::TempDir,
    sandbox: Child,
    ready: Value,
}

impl Drop for Town {
    fn drop(&mut self) {
        let _ = self.sandbox.kill();
        let _ = self.sandbox.wait();
    }
}

fn line_of(lines: &mut BufReader<ChildStdout>) -> Value {
    let mut line = String::new();
    lines.read_line(&mut line).unwrap();
    serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: `{line}`"))
}

impl Town {
    fn new(checklist: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["launch", "home/tmp"] {
            std::fs::create_dir_all(folder.path().join(name)).unwrap();
        }
        std::fs::write(folder.path().join("launch/golive.toml"), checklist).unwrap();
        let (sandbox, ready) = Self::sandbox(&folder, 0);
        Self { folder, sandbox, ready }
    }

    /// A sandbox at a port, with the world that was kept.
    fn sandbox(folder: &tempfile::TempDir, port: u16) -> (Child, Value) {
        let data = folder.path().join("world");
        let golive = Golive::new(folder.path(), &folder.path().join("home"));
        let mut child = golive.args(&format!("sandbox --port {port} --data {}", data.display())).start();
        let ready = line_of(&mut BufReader::new(child.stdout.take().unwrap()));
        (child, ready)
    }

    fn golive(&self, line: &str) -> Golive {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let shop = text(&self.ready["shop"]);
        let shop = shop.rsplit('/').next().unwrap().rsplit(':').next().unwrap().to_owned();
        Golive::new(&self.folder.path().join("launch"), &self.folder.path().join("home"))
            .env("GOLIVE_API_BASE", text(&self.ready["url"]))
            .env("GOLIVE_RESOLVE", format!("shop.test=127.0.0.1:{shop}"))
            .env("SSL_CERT_FILE", text(&self.ready["ca"]))
            .env("GOLIVE_TEST_KEY", text(&self.ready["test"]["secret"]))
            .env("GOLIVE_TEST_PUBLISHABLE_KEY", text(&self.ready["test"]["publishable"]))
            .args(line)
    }

    fn dies(&mut self) {
        self.sandbox.kill().unwrap();
        self.sandbox.wait().unwrap();
    }

    fn comes_back(&mut self) {
        let url = self.ready["url"].as_str().unwrap().to_owned();
        let port: u16 = url.rsplit(':').next().unwrap().parse().unwrap();
        let (sandbox, ready) = Self::sandbox(&self.folder, port);
        assert_eq!((&ready["url"], &ready["test"]), (&self.ready["url"], &self.ready["test"]));
        (self.sandbox, self.ready) = (sandbox, ready);
    }

    fn stripe(&self, path: &str, params: &str) {
        let key = format!("Bearer {}", self.ready["test"]["secret"].as_str().unwrap());
        let headers = [("authorization", key.as_str()), ("content-type", "application/x-www-form-urlencoded")];
        let url = self.ready["url"].as_str().unwrap();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let call = super::simulator_support::send(url, "POST", path, &headers, params);
        runtime.block_on(call).unwrap().ok();
    }
}

#[test]
fn a_watch_outlives_its_stripe_tells_the_outage_once_with_its_length_and_goes_on() {
    let watch = "\n[watch]\ndrift = \"0s\"\ntell = [\"customer.created\"]\n";
    let mut town = Town::new(&format!("{SHOP}{watch}"));
    let launched = town.golive("wizard --mode test --yes").run();
    assert_eq!(launched.code, 0, "{launched}");
    let mut watch = town.golive("watch --mode test --every 1s --json").start();
    let mut lines = BufReader::new(watch.stdout.take().unwrap());
    let next = |lines: &mut BufReader<ChildStdout>, sort: &str| {
        let line = line_of(lines);
        assert_eq!((&line["schema"], &line["event"]), (&"golive.watch/1".into(), &sort.into()), "{line}");
        line
    };
    next(&mut lines, "began");
    // The second is seen in a later round than the first: everything was looked at once.
    for name in ["Ada", "Mia"] {
        town.stripe("/v1/customers", &format!("name={name}"));
        next(&mut lines, "told");
    }
    town.dies();
    let outage = next(&mut lines, "outage");
    assert_eq!(outage["message"], "Stripe cannot be looked at; the watch goes on");
    // Several looks fail meanwhile: none of them is told.
    std::thread::sleep(Duration::from_secs(3));
    town.comes_back();
    town.stripe("/v1/customers", "name=Kim");
    let back = next(&mut lines, "back");
    let message = back["message"].as_str().unwrap();
    assert!(message.starts_with("Stripe can be looked at again, after ") && message.contains(" s;"), "{message}");
    next(&mut lines, "told");
    let pid = rustix::process::Pid::from_raw(i32::try_from(watch.id()).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    assert_eq!(next(&mut lines, "ended")["tally"]["alerts"], 0);
    assert_eq!(watch.wait().unwrap().code(), Some(130));
}
