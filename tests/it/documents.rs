//! What is written about golive holds: the README's commands, files and kinds, the variables of
//! `.env.example`, and the guide behind the bundled checklist.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use golive::checklist::{self, BUNDLED, Source};
use golive::config::VARIABLES;
use golive::kind::REGISTRY;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// golive with arguments, in an environment without anything but a language.
pub fn golive(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_golive"));
    command.env_clear().env("LC_ALL", "C.UTF-8").current_dir(std::env::temp_dir()).args(arguments).output().unwrap()
}

/// The fenced blocks of one language.
fn blocks<'t>(text: &'t str, language: &str) -> Vec<&'t str> {
    let open = format!("```{language}\n");
    text.split(open.as_str()).skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

#[test]
fn the_readme_is_short() {
    let lines = text("README.md").lines().count();
    assert!(lines < 250, "{lines} lines");
}

#[test]
fn the_readme_names_its_two_commands_and_the_run_is_one_of_golive() {
    let readme = text("README.md");
    let commands: Vec<&str> = blocks(&readme, "sh").iter().flat_map(|block| block.lines()).collect();
    let cargo: Vec<&&str> = commands.iter().filter(|line| line.starts_with("cargo ")).collect();
    assert_eq!(cargo.len(), 2, "{cargo:?}");
    let run = cargo[0].strip_prefix("cargo run --release --locked -- ").unwrap();
    assert_eq!(*cargo[1], "cargo test --locked");
    parses(run);
}

#[test]
fn every_command_line_of_the_readme_is_understood() {
    let readme = text("README.md");
    let lines = blocks(&readme, "sh").into_iter().flat_map(str::lines).filter_map(|line| line.strip_prefix("golive "));
    let spans = readme.split('`').skip(1).step_by(2).filter_map(|span| span.strip_prefix("golive "));
    let all: Vec<&str> = lines.chain(spans).collect();
    assert!(all.len() > 15, "{all:?}");
    for line in all {
        parses(line);
    }
}

/// Whether golive understands a line. `--help` comes last, so that everything before it is read.
fn parses(line: &str) {
    let line = line.split(['>', '#']).next().unwrap();
    let words: Vec<&str> = line.split_whitespace().chain(["--help"]).collect();
    let output = golive(&words);
    assert!(output.status.success(), "golive {line}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_readme_lists_the_commands_that_there_are() {
    let help = String::from_utf8(golive(&["--help"]).stdout).unwrap();
    let listed = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let entries = listed.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let there: BTreeSet<&str> =
        entries.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help").collect();
    let readme = text("README.md");
    let rows = readme.lines().filter_map(|line| line.strip_prefix("| `golive ")?.split('`').next());
    assert_eq!(rows.collect::<BTreeSet<_>>(), there);
}

#[test]
fn the_readme_names_files_that_exist() {
    let readme = text("README.md");
    let spans = readme.split('`').skip(1).step_by(2);
    let here = ["src/", "tests/", "checklists/", "benches/", "docs/", ".ci/", ".env.example"];
    let files: Vec<&str> = spans.filter(|span| here.iter().any(|start| span.starts_with(start))).collect();
    assert!(files.len() > 15, "{files:?}");
    for file in files {
        assert!(root().join(file).exists(), "{file} is not there");
    }
}

#[test]
fn the_readmes_checklist_is_valid_and_its_kinds_are_all_kinds() {
    let readme = text("README.md");
    for block in blocks(&readme, "toml") {
        let loaded = checklist::load(Source::File("README.md".into()), block);
        assert!(loaded.is_ok(), "{}", loaded.err().map(|invalid| invalid.render(true, 80)).unwrap_or_default());
    }
    let kinds = readme.split("The kinds: ").nth(1).unwrap().split(".\n").next().unwrap();
    let named: Vec<&str> = kinds.split('`').skip(1).step_by(2).collect();
    assert_eq!(named, REGISTRY.iter().map(|entry| entry.name).collect::<Vec<_>>());
}

#[test]
fn env_example_lists_every_variable_once() {
    let example = text(".env.example");
    let names = example.lines().filter_map(|line| line.strip_prefix("# ")?.split_once('=')).map(|(name, _)| name);
    let variables = |name: &&str| name.bytes().all(|letter| letter.is_ascii_uppercase() || letter == b'_');
    let mut listed: Vec<&str> = names.filter(variables).collect();
    let mut known: Vec<&str> = VARIABLES.iter().map(|(name, _)| *name).collect();
    listed.sort_unstable();
    known.sort_unstable();
    assert_eq!(listed, known);
    assert!(example.lines().all(|line| line.is_empty() || line.starts_with('#')), "everything is commented out");
}

#[test]
fn every_checklist_is_bundled_and_valid() {
    let mut files: Vec<String> = Vec::new();
    for entry in fs::read_dir(root().join("checklists")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            files.push(path.file_stem().unwrap().to_str().unwrap().to_owned());
        }
    }
    files.sort();
    let mut bundled: Vec<&str> = BUNDLED.iter().map(|(name, _)| *name).collect();
    bundled.sort_unstable();
    assert_eq!(files, bundled);
    for (name, text) in BUNDLED {
        let loaded = checklist::load(Source::Bundled(name), text);
        assert!(loaded.is_ok(), "{name}: {}", loaded.err().map(|invalid| invalid.render(true, 80)).unwrap_or_default());
    }
}

/// What the guide of `MiniPass` asks for, in the words that must be found in its checklist.
const MINIPASS_GUIDE: &[&str] = &[
    "activate",
    "business information",
    "bank account",
    "payouts",
    "apikeys",
    "pk_live_",
    "sk_live_",
    "shows it once",
    "password manager or KMS",
    "MiniPass Basic",
    "MiniPass Pro",
    "MiniPass Ultimate",
    "1 Activity - Perfect for individual organizers",
    "15 Activities - Ideal for growing organizations",
    "100 Activities - Enterprise solution",
    "Basic Monthly",
    "Basic Annual",
    "Pro Monthly",
    "Pro Annual",
    "Ultimate Monthly",
    "Ultimate Annual",
    "20.00 CAD",
    "120.00 CAD",
    "50.00 CAD",
    "300.00 CAD",
    "720.00 CAD",
    "STRIPE_PRICE_BASIC_MONTHLY",
    "STRIPE_PRICE_BASIC_ANNUAL",
    "STRIPE_PRICE_PRO_MONTHLY",
    "STRIPE_PRICE_PRO_ANNUAL",
    "STRIPE_PRICE_ULTIMATE_MONTHLY",
    "STRIPE_PRICE_ULTIMATE_ANNUAL",
    "STRIPE_SECRET_KEY",
    "STRIPE_PUBLISHABLE_KEY",
    "STRIPE_WEBHOOK_SECRET",
    "SECRET_KEY",
    "FLASK_ENV",
    "MAIL_SERVER",
    "MAIL_PORT",
    "MAIL_USERNAME",
    "MAIL_PASSWORD",
    "MAIL_DEFAULT_SENDER",
    ".env.production",
    "/webhook",
    "MiniPass Production Webhook",
    "checkout.session.completed",
    "construct_event",
    "{{ stripe_publishable_key }}",
    "pk_test_",
    "customers.db",
    "git pull origin main",
    "cp .env.production .env",
    "systemctl restart",
    "docker-compose down && docker-compose up -d",
    "http://localhost:5000",
    "4242 4242 4242 4242",
    "S'inscrire",
    "testlaunch",
    "Succeeded",
    "subscribed_app.log",
    "Deployment complete",
    "sqlite3",
    "docker ps",
    "credentials",
    "manage_app.py",
    "Refund",
    "ERROR",
    "tail -f",
    "First 24 hours",
    "First week",
    "three sign-ups",
    "disputes",
    "payment failures",
    "weekly",
    "monthly",
    "settings/notifications",
    "cp .env.test .env",
    ".env.backup",
    "PLAN_TO_TIER",
    "No such price",
    "firewall",
    "staging server",
    "status.stripe.com",
    "support.stripe.com",
    "checklist/go-live",
    "best-practices",
    "docs.stripe.com/testing",
    "Issues that came up are written down",
];

#[test]
fn what_minipass_guide_asks_for_is_in_its_checklist() {
    let (_, checklist) = BUNDLED.iter().find(|(name, _)| *name == "minipass").unwrap();
    let checklist = checklist.to_lowercase();
    let missing: Vec<_> = MINIPASS_GUIDE.iter().filter(|words| !checklist.contains(&words.to_lowercase())).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn the_map_of_the_library_names_every_module() {
    let lib = text("src/lib.rs");
    let (map, declared) = lib.split_once("pub mod ").unwrap();
    let declared = format!("pub mod {declared}");
    for name in declared.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')) {
        assert!(map.contains(&format!("[`{name}")) || map.contains(&format!("`{name}`")), "{name} is not on the map");
    }
}

#[test]
fn sources_point_at_files_that_exist() {
    let manifest = text("Cargo.toml");
    for path in ["tests/it/main.rs", "README.md", "benches/requests.rs"] {
        assert!(Path::new(&root()).join(path).is_file(), "{path}");
    }
    assert!(manifest.contains("autotests = false"), "one binary of tests");
}
