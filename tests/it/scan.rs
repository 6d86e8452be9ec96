//! Stray keys and ids through the binary: found by file and line, shown shortened, never journaled
//! whole, and never called clean where nothing was read.

use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::process::Command;

use super::stand::{SHOP, Stand};
use super::support::Golive;

const WIZARD: [&str; 4] = ["wizard", "--mode", "live", "--yes"];

fn checklist(fields: &str) -> String {
    format!(
        "schema = 1\nid = \"repo\"\ntitle = \"Repository\"\n\n[env]\nfile = \".env.production\"\n\n[[phase]]\nid = \"code\"\n\
         title = \"Code\"\n\n[[phase.item]]\nid = \"keys\"\nkind = \"scan\"\ntitle = \"No keys in the repository\"\n{fields}\n"
    )
}

#[test]
fn a_stray_key_is_named_by_file_and_line_and_gone_when_it_is_gone() {
    let stand = Stand::new(&checklist("ids = true\nexclude = [\"*.lock\"]"));
    let key = format!("sk_live_51{}x7Qd", "Hj4T9".repeat(5));
    std::fs::create_dir(stand.dir.join("app")).unwrap();
    stand.write(
        "app/pay.py",
        &format!("import stripe\nstripe.api_key = \"{key}\"\nPRICE = \"price_1NcAbcdEfgh12345\"\n"),
    );
    stand.write("Cargo.lock", &key);
    // The env file is where it belongs.
    stand.write(".env.production", &format!("STRIPE_SECRET_KEY={key}\n"));
    let ran = stand.run(&WIZARD);
    ran.expect(
        3,
        &[
            "GL0735",
            "a secret is written out",
            "app/pay.py:2 sk_live_…x7Qd",
            "also: an id is written out",
            "app/pay.py:3",
        ],
    );
    let journal = stand.read(".golive/repo.live.jsonl");
    assert!(!ran.err.contains(&key) && !journal.contains(&key), "{journal}");
    stand.write("app/pay.py", "import stripe, os\nstripe.api_key = os.getenv(\"STRIPE_SECRET_KEY\")\n");
    stand.run(&["check", "--mode", "live"]).expect(0, &[]);
    stand.run(&WIZARD).expect(0, &[]);
    let journal = stand.read(".golive/repo.live.jsonl");
    assert!(journal.contains("no secret keys, no ids written out"), "{journal}");
}

#[test]
fn what_files_must_and_must_not_hold_is_looked_for_where_it_is_meant() {
    let fields = "keys = false\nforbid = [{ pattern = 'pk_test_', in = [\"templates/\"], message = \"a test key is left in a template\" }]\n\
                  require = [{ pattern = 'construct_event', in = [\"hook.py\"] }]";
    let stand = Stand::new(&checklist(fields));
    std::fs::create_dir(stand.dir.join("templates")).unwrap();
    stand.write("templates/pay.html", "<script>Stripe('pk_test_51abc')</script>");
    stand.run(&WIZARD).expect(
        3,
        &["GL0735", "a test key is left in a template", "templates/pay.html:1", "there is no file `hook.py`"],
    );
    stand.write("templates/pay.html", "<script>Stripe('{{ key }}')</script>");
    stand.write("hook.py", "stripe.Webhook.construct_event(body, signature, secret)\n");
    stand.run(&WIZARD).expect(0, &["`construct_event` in hook.py:1"]);
}

#[test]
fn a_path_that_is_not_there_or_not_ignored_is_no_clean_repository() {
    let stand = Stand::new(&checklist("paths = [\"src\"]"));
    stand.run(&WIZARD).expect(3, &["GL0736", "there is nothing at `src`"]);
    std::fs::create_dir(stand.dir.join("src")).unwrap();
    stand.run(&WIZARD).expect(3, &["GL0736", "no file was read"]);
    let stand = Stand::new(&checklist("keys = false\nignored = [\".env\"]"));
    stand.run(&WIZARD).expect(3, &["GL0735", "whether git ignores `.env` cannot be known"]);
    stand.run(&["rehearse", "--yes"]).expect(0, &["would search ."]);
}

/// A folder that has no checklist, and the command run in it.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        std::fs::create_dir_all(folder.0.path().join("code")).unwrap();
        folder
    }

    fn dir(&self) -> std::path::PathBuf {
        self.0.path().join("code")
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.dir().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn git(&self, arguments: &[&str]) {
        let who = ["-c", "user.name=a", "-c", "user.email=a@b.example", "-c", "init.defaultBranch=main"];
        let done = Command::new("git").args(who).args(arguments).current_dir(self.dir()).output().unwrap();
        assert!(done.status.success(), "{done:?}");
    }

    #[track_caller]
    fn scan(&self, line: &str, code: i32) -> String {
        let output = Golive::new(&self.dir(), self.0.path()).args("scan").args(line).run();
        assert_eq!(output.code, code, "{output}");
        let said = format!("{}{}", output.stdout, output.stderr);
        for secret in [key("sk_live_"), key("rk_live_"), key("sk_test_"), key("whsec_")] {
            assert!(!said.contains(&secret) && !said.contains(golive::secret::SCRUBBED), "{said}");
        }
        said
    }

    #[track_caller]
    fn json(&self, line: &str, code: i32) -> serde_json::Value {
        let document: serde_json::Value = serde_json::from_str(&self.scan(&format!("--json {line}"), code)).unwrap();
        assert_eq!(document["schema"], "golive.scan/1");
        document
    }
}

fn key(prefix: &str) -> String {
    format!("{prefix}51{}x7Qd", "Hj4T9".repeat(5))
}

/// `file git what` of every finding.
fn findings(document: &serde_json::Value) -> Vec<String> {
    let text = |finding: &serde_json::Value, name: &str| finding[name].as_str().unwrap().to_owned();
    let each = document["findings"].as_array().unwrap().iter();
    each.map(|each| ["file", "git", "what"].map(|name| text(each, name)).join(" ")).collect()
}

#[test]
fn the_command_needs_no_checklist_and_says_how_each_file_stands_with_git() {
    let folder = Folder::new();
    folder.write(".gitignore", ".env\ndist/\nnode_modules/\nlocal.py\nkept/\n");
    folder.write("app/pay.py", format!("import stripe\nstripe.api_key = \"{}\"\n", key("sk_live_")));
    folder.write("new.py", format!("HOOK = \"{}\"\n", key("whsec_")));
    folder.write("kept/old.py", key("sk_live_"));
    folder.write("dist/app.js", key("rk_live_"));
    folder.write("local.py", key("sk_live_"));
    folder.write(".env", format!("STRIPE_SECRET_KEY={}\n", key("sk_live_")));
    folder.write("node_modules/stripe/test.js", key("sk_live_"));
    folder
        .write("tests/pay.py", format!("{}\npk_test_51abcDEF1234567890abc\nprice_1NcAbcdEfgh12345\n", key("sk_test_")));
    folder.git(&["init", "-q"]);
    folder.git(&["add", "app", "tests"]);
    folder.git(&["add", "-f", "kept"]);
    let said = folder.scan("", 3);
    for words in
        ["app/pay.py:2  sk_live_…x7Qd", "git keeps it", "dist/ is a build's output", "roll it first", "history"]
    {
        assert!(said.contains(words), "it does not say `{words}`: {said}");
    }
    assert!(said.lines().all(|line| line.chars().count() <= 80), "{said}");
    let document = folder.json("", 3);
    assert_eq!(
        findings(&document),
        [
            "app/pay.py tracked live_key",
            "dist/app.js ignored live_key",
            "kept/old.py tracked live_key",
            "new.py untracked signing_secret",
            "local.py ignored live_key",
            "tests/pay.py tracked test_key",
            "tests/pay.py tracked test_value",
            "tests/pay.py tracked id",
        ]
    );
    assert_eq!((&document["blocking"], &document["advised"]), (&4.into(), &4.into()));
    assert_eq!((&document["in_env_files"], &document["history_searched"]), (&1.into(), &false.into()));
    assert_eq!(document["left_out"]["ignored_folders"], 1, "node_modules");
    // An image takes the env file along, unless it is left out.
    folder.write("Dockerfile", "FROM python\nCOPY . /app\n");
    assert!(findings(&folder.json("", 3)).contains(&".env ignored live_key".to_owned()));
    folder.write(".dockerignore", ".env\n");
    assert!(!findings(&folder.json("", 3)).contains(&".env ignored live_key".to_owned()));
    assert!(!folder.dir().join(".golive").exists(), "it writes nothing");
}

#[test]
fn paths_and_globs_narrow_the_search_and_a_wrong_one_is_named() {
    let folder = Folder::new();
    folder.write("app/pay.py", key("sk_live_"));
    folder.write("web/shop.js", "const price = 'price_1NcAbcdEfgh12345';\n");
    assert_eq!(findings(&folder.json("web", 0)), ["web/shop.js unknown id"]);
    assert_eq!(findings(&folder.json("app/pay.py web", 3)).len(), 2);
    assert_eq!(findings(&folder.json("--exclude app/ --exclude *.css", 0)).len(), 1);
    assert!(folder.scan("web", 0).contains("There is no git here to ask"));
    let said = folder.scan("wbe", 2);
    assert!(said.contains("GL0736") && said.contains("there is nothing at `wbe`"), "{said}");
    std::fs::create_dir(folder.dir().join("empty")).unwrap();
    assert!(folder.scan("empty", 3).contains("no file was read"), "nothing read is not clean");
}

#[test]
fn what_cannot_be_searched_is_counted_and_named_and_nothing_hangs() {
    let folder = Folder::new();
    folder.write("image.png", [&b"\x89PNG\0"[..], key("sk_live_").as_bytes()].concat());
    folder.write("dump.sql", vec![b'a'; 8 * 1024 * 1024 + 1]);
    folder.write("latin.py", b"# caf\xe9\nprint('x')\n");
    let utf16: Vec<u8> =
        format!("\u{feff}KEY={}\r\n", key("sk_live_")).encode_utf16().flat_map(u16::to_le_bytes).collect();
    folder.write("windows.ps1", utf16);
    folder.write("bad\nname.py", "pass");
    symlink("..", folder.dir().join("loop")).unwrap();
    symlink("nowhere", folder.dir().join("dangling")).unwrap();
    rustix::fs::mknodat(
        rustix::fs::CWD,
        folder.dir().join("pipe"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR,
        0,
    )
    .unwrap();
    let document = folder.json("", 3);
    assert_eq!(findings(&document), ["windows.ps1 unknown live_key"]);
    let left = &document["left_out"];
    assert_eq!((&left["binary"], &left["links"], &left["long"][0]), (&1.into(), &2.into(), &"dump.sql".into()));
    let said = folder.scan("", 3).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("1 over 8 MB; 2 that are links") && said.contains("over 8 MB: dump.sql"), "{said}");
}

#[test]
fn a_file_that_may_not_be_read_keeps_the_repository_from_being_called_clean() {
    let stand = Stand::as_nobody(SHOP);
    stand.write("secret.py", "pass");
    stand.run(&["scan"]).expect(0, &["no stray key, no id written out"]);
    std::fs::set_permissions(stand.dir.join("secret.py"), std::fs::Permissions::from_mode(0o000)).unwrap();
    stand.run(&["scan"]).expect(75, &["1 place was not read", "not read: secret.py: Permission denied"]);
}

#[test]
fn a_launch_knows_its_own_ids_and_those_of_test_mode() {
    let mut stand = Stand::new(SHOP);
    stand.set("GOLIVE_TEST_KEY", &stand.sim.test.secret.clone());
    stand.set("GOLIVE_TEST_PUBLISHABLE_KEY", &stand.sim.test.publishable.clone());
    stand.run(&["wizard", "--mode", "test", "--yes"]).expect(0, &[]);
    stand.launch().expect(0, &[]);
    let first = |objects: Vec<serde_json::Value>| objects[0]["id"].as_str().unwrap().to_owned();
    let live = first(stand.objects("price"));
    let test = first(stand.control.objects(golive::simulator::Mode::Test, "price"));
    stand.write("shop.py", &format!("A = '{live}'\nB = '{test}'\nC = 'price_1NcAbcdEfgh12345'\n"));
    let document = stand.run(&["scan", "--json"]).expect(3, &[]).json();
    let found: Vec<(u64, &str, &str)> = document["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|each| (each["line"].as_u64().unwrap(), each["what"].as_str().unwrap(), each["because"].as_str().unwrap()))
        .collect();
    assert_eq!(
        found,
        [
            (2, "test_id", "the test mode's id of catalog.pro: live mode does not know it"),
            (1, "id", "it belongs: the live id of catalog.pro"),
            (3, "id", "no launch of this folder made it"),
        ]
    );
    assert_eq!(document["checklist"], "Shop launch");
    stand.write("golive.toml", "schema = ");
    stand.run(&["scan"]).expect(0, &["The checklist here cannot be read"]);
    stand.run(&["scan", "--checklist", "golive.toml"]).expect(2, &["GL0101"]);
}

#[test]
fn many_files_are_searched_and_many_places_are_counted() {
    let folder = Folder::new();
    for file in 0..3000 {
        folder.write(&format!("d{}/f{file}.js", file % 30), "const price = 'price_1NcAbcdEfgh12345';\n");
    }
    let document = folder.json("", 0);
    assert_eq!(
        (&document["files"], &document["advised"], &document["more"]),
        (&3000.into(), &1000.into(), &2000.into())
    );
    assert!(folder.scan("", 0).contains("2000 places more were found and are not listed"));
}
