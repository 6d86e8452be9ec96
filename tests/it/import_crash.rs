//! An import that is killed, or loses its power, at any moment: no half checklist, nothing left lying beside
//! it, and run again it gives the file that it would have given. And who may read that file.

use std::cell::OnceCell;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use golive::checklist::{self, Source};

use crate::import_stripe::Shop;
use crate::support::everywhere::Scene;
use crate::support::files;

/// The checklist: a name that nobody but golive writes.
const MADE: &str = "acme.toml";

/// An account with something to say.
fn shop() -> Shop {
    let shop = Shop::empty();
    let env = format!("STRIPE_SECRET_KEY={}\n", shop.launch.simulator.test.secret);
    fs::write(shop.launch.dir.join(".env"), env).unwrap();
    shop.post("/v1/products", "id=pro&name=Acme Pro&description=For teams");
    shop.post("/v1/prices", "product=pro&currency=cad&unit_amount=2000&recurring[interval]=month");
    shop.post("/v1/products", "name=Mug");
    shop
}

/// What stands there at a moment is nothing, or a whole checklist.
#[track_caller]
fn is_no_half(dir: &Path, how: &str) {
    let path = dir.join(MADE);
    let Ok(text) = fs::read_to_string(&path) else { return };
    if let Err(invalid) = checklist::load(Source::File(path), &text) {
        panic!("{how}: half a file\n{}", invalid.render(true, 80));
    }
}

fn made(shop: &Shop) -> String {
    fs::read_to_string(shop.launch.dir.join(MADE)).unwrap()
}

#[track_caller]
fn nothing_is_left_beside(dir: &Path, how: &str) {
    let beside = |path: &Path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(".golive-"));
    let left: Vec<_> = files(dir).into_iter().filter(|path| beside(path)).collect();
    assert!(left.is_empty(), "{how}: {left:?}");
}

/// Disturbs an import of the account in every way, from the folder as it stands.
fn disturbed(shop: &Shop, name: &str, line: &str) {
    let wanted = OnceCell::new();
    let command = || shop.golive(line);
    let finish = |how: &str| {
        is_no_half(&shop.launch.dir, how);
        let output = command().run();
        assert_eq!(output.code, 0, "{how}: {output}");
        assert_eq!(&made(shop), wanted.get_or_init(|| made(shop)), "{how}");
        nothing_is_left_beside(&shop.launch.dir, how);
        let again = shop.golive("import stripe --out acme.toml").run();
        assert!(again.code == 0 && again.stderr.contains("Nothing changed in Stripe"), "{how}: {again}");
    };
    let (dir, home) = (&shop.launch.dir, &shop.launch.home);
    let scene = Scene { name, dir, home, journal: "none", control: None, command: &command, finish: &finish };
    scene.is_killed_everywhere(12);
}

#[test]
fn a_first_import_killed_anywhere_gives_the_same_checklist_when_it_is_run_again() {
    disturbed(&shop(), "import stripe", "import stripe --out acme.toml");
}

#[test]
fn an_import_of_changes_killed_anywhere_brings_all_of_them_in_when_it_is_run_again() {
    let shop = shop();
    shop.import("--out acme.toml").exits(0);
    let mine = made(&shop).replacen("title = \"Mug\"", "title = \"Mug, the blue one\"", 1);
    fs::write(shop.launch.dir.join(MADE), mine).unwrap();
    shop.post("/v1/products/pro", "description=For everybody");
    shop.post("/v1/prices", "product=pro&currency=cad&unit_amount=20000&recurring[interval]=year");
    shop.post("/v1/products", "name=Cap");
    disturbed(&shop, "import stripe, again", "import stripe --out acme.toml --yes");
    let text = made(&shop);
    for words in ["For everybody", "200.00 CAD", "title = \"Cap\"", "Mug, the blue one"] {
        assert!(text.contains(words), "{words}\n{text}");
    }
}

#[test]
fn a_power_cut_during_an_import_takes_no_half_of_the_checklist() {
    let shop = shop();
    let wanted = OnceCell::new();
    let command = || shop.golive("import stripe --out acme.toml");
    let finish = |how: &str| {
        is_no_half(&shop.launch.dir, how);
        let output = command().run();
        assert_eq!(output.code, 0, "{how}: {output}");
        assert_eq!(&made(&shop), wanted.get_or_init(|| made(&shop)), "{how}");
    };
    let (dir, home) = (&shop.launch.dir, &shop.launch.home);
    let scene = Scene { name: "import", dir, home, journal: "none", control: None, command: &command, finish: &finish };
    scene.loses_power_everywhere(12);
}

#[test]
fn an_import_of_a_document_killed_anywhere_gives_the_same_checklist_when_it_is_run_again() {
    let shop = Shop::empty();
    let document = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/documents/minipass.md");
    fs::copy(document, shop.launch.dir.join("LAUNCH.md")).unwrap();
    let wanted = OnceCell::new();
    let command = || shop.golive("import markdown LAUNCH.md --out acme.toml");
    let finish = |how: &str| {
        is_no_half(&shop.launch.dir, how);
        if !shop.launch.dir.join(MADE).exists() {
            let output = command().run();
            assert_eq!(output.code, 0, "{how}: {output}");
        }
        assert_eq!(&made(&shop), wanted.get_or_init(|| made(&shop)), "{how}");
        nothing_is_left_beside(&shop.launch.dir, how);
    };
    let (dir, home) = (&shop.launch.dir, &shop.launch.home);
    let scene =
        Scene { name: "document", dir, home, journal: "none", control: None, command: &command, finish: &finish };
    scene.is_killed_everywhere(12);
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_checklist_is_a_file_for_git_and_what_golive_keeps_for_itself_is_not() {
    let shop = shop();
    let dir = &shop.launch.dir;
    let path = dir.join("golive.toml");
    // What any program's new file is, under the umask of this computer.
    fs::write(dir.join("plain"), "x").unwrap();
    shop.import("").exits(0);
    assert_eq!(mode(&path), mode(&dir.join("plain")), "{:o}", mode(&path));
    assert_eq!(mode(&dir.join(".golive/import/golive.toml")), 0o600);
    fs::write(dir.join("LAUNCH.md"), "# Launch\n\n- [ ] Back up\n").unwrap();
    shop.golive("import markdown LAUNCH.md --out other.toml").run().exits(0);
    shop.golive("checklist new minipass --out third.toml").run().exits(0);
    for name in ["other.toml", "third.toml"] {
        assert_eq!(mode(&dir.join(name)), mode(&dir.join("plain")), "{name}");
    }
    // A mode that a person gave it stays.
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    shop.post("/v1/products", "name=Cap");
    shop.import("--yes").exits(0);
    assert_eq!(mode(&path), 0o640);
}
