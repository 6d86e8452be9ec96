//! The shape of the sources: which way the arrows point, who may do IO, how long a file may be.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use golive::error::Code;

/// Every `.rs` file below a folder of the package, by its path from there.
pub fn sources(folder: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut folders = vec![root.join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root).unwrap().display().to_string();
                found.push((name, fs::read_to_string(path).unwrap()));
            }
        }
    }
    found.sort();
    assert!(!found.is_empty(), "{folder} has no sources");
    found
}

/// The lines that are code and no test's: comments, and everything from a test module on, are left out.
fn code(text: &str) -> String {
    let body = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let lines = body.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

fn is_test(path: &str) -> bool {
    path.ends_with("tests.rs")
        || path.contains("/tests/")
        || path.ends_with("testing.rs")
        || path.ends_with("fixture.rs")
}

/// The code of a module: its file, its folder, or both.
fn module(name: &str) -> Vec<(String, String)> {
    let (file, folder) = (format!("src/{name}.rs"), format!("src/{name}/"));
    let all = sources("src").into_iter().filter(|(path, _)| *path == file || path.starts_with(&folder));
    let code: Vec<_> = all.filter(|(path, _)| !is_test(path)).map(|(path, text)| (path, code(&text))).collect();
    assert!(!code.is_empty(), "there is no module {name}");
    code
}

/// The modules of the crate that a text names, as `crate::name`.
fn names(text: &str) -> BTreeSet<&str> {
    let rest = text.split("crate::").skip(1);
    rest.map(|rest| rest.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').next().unwrap())
        .collect()
}

/// Who may know whom. What stands on a line may be named by the module, and nothing else.
const ARROWS: &[(&str, &[&str])] = &[
    ("control", &[]),
    ("git", &[]),
    ("money", &[]),
    ("mode", &[]),
    ("key", &["error", "mode", "secret"]),
    ("step", &["error", "key", "mode", "secret"]),
    ("suggest", &[]),
    ("compose", &["control", "step"]),
    ("inventory", &["error", "step"]),
    ("parity", &["error", "inventory", "money", "step"]),
    ("import", &["compose", "control", "inventory", "kind", "money", "secret", "step"]),
    ("kind", &["error", "key", "mode", "money", "secret", "step", "suggest"]),
    ("plan", &["error", "mode", "step"]),
    ("checklist", &["control", "error", "kind", "mode", "money", "step", "suggest"]),
    ("state", &["checklist", "error", "kind", "mode", "plan", "secret", "step"]),
    ("undo", &["checklist", "mode", "money", "plan", "state", "step"]),
    ("view", &["checklist", "error", "kind", "mode", "parity", "plan", "state", "step"]),
    ("watch", &["checklist", "error", "money", "step", "view"]),
    ("engine", &["checklist", "error", "kind", "mode", "plan", "secret", "state", "step", "undo"]),
    // What a run says while it works is a type of the engine's port.
    (
        "render",
        &[
            "checklist",
            "control",
            "engine",
            "error",
            "inventory",
            "mode",
            "parity",
            "import",
            "plan",
            "secret",
            "state",
            "step",
            "undo",
            "view",
        ],
    ),
    ("crash", &["store"]),
    ("store", &["crash", "engine", "error", "mode", "state", "step"]),
    ("env_file", &["crash", "engine", "error", "git", "secret", "step", "store"]),
    ("stripe", &["control", "crash", "engine", "error", "inventory", "key", "mode", "plan", "secret", "step"]),
    ("world", &["control", "engine", "error", "git", "mode", "secret", "step"]),
    ("ui", &["checklist", "control", "engine", "error", "mode", "plan", "render", "secret", "state", "step", "view"]),
    ("simulator", &[]),
];

#[test]
fn arrows_point_one_way() {
    for (name, allowed) in ARROWS {
        for (path, text) in module(name) {
            let known = names(&text);
            let wrong: Vec<_> = known.iter().filter(|known| *known != name && !allowed.contains(known)).collect();
            assert!(wrong.is_empty(), "{path} names {wrong:?}, and {name} may not");
        }
    }
}

#[test]
fn every_module_has_its_arrows() {
    let lib = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    let declared = lib.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    // The command line may know everybody; the others are known by all and know nearly nobody.
    let free = ["cli", "config", "error", "fuzzing", "secret"];
    let forgotten: Vec<_> =
        declared.filter(|name| !free.contains(name) && !ARROWS.iter().any(|(known, _)| known == name)).collect();
    assert!(forgotten.is_empty(), "without a line in ARROWS: {forgotten:?}");
}

/// Types of these crates that are words and numbers, not doors: where they stand, and why.
const NO_DOORS: &[(&str, &str)] = &[
    ("src/kind/url.rs", "std::net::{IpAddr, Ipv4Addr, Ipv6Addr}"), // addresses as numbers
    ("src/kind/url.rs", "hyper::Uri"),                             // a URL's grammar
    ("src/kind/http.rs", "hyper::header::"),                       // a header's grammar
    ("src/checklist/bundled.rs", "std::io::"),                     // the error of the reader that is passed in
];

#[test]
fn what_decides_does_no_io() {
    let doors =
        ["std::fs", "std::net", "std::process", "std::env::", "std::io::", "std::time::", "tokio", "hyper", "rustix"];
    for name in [
        "kind",
        "step",
        "plan",
        "state",
        "checklist",
        "compose",
        "inventory",
        "parity",
        "import",
        "undo",
        "view",
        "watch",
        "render",
        "money",
        "key",
        "mode",
    ] {
        for (path, mut text) in module(name) {
            for (_, words) in NO_DOORS.iter().filter(|(file, _)| *file == path) {
                assert!(text.contains(words), "{path} needs its exception for {words} no more");
                text = text.replace(words, "");
            }
            for door in doors {
                assert!(!text.contains(door), "{path} uses {door}, and {name} does no IO");
            }
        }
    }
}

#[test]
fn adapters_are_built_by_the_command_line_alone() {
    let builders = [
        "StripeApi::new(",
        "World::new(",
        "EnvFileAt::new(",
        "Journal::open(",
        "Simulator::start(",
        "Terminal::new(",
        "Batch::new(",
    ];
    for (path, text) in sources("src") {
        if path.starts_with("src/cli/") || is_test(&path) {
            continue;
        }
        for builder in builders {
            assert!(!code(&text).contains(builder), "{path} calls {builder}…)");
        }
    }
}

/// Who writes files by itself: the label of a lock, a drill's world and its copy, a certificate in a
/// temporary folder, and a new checklist, which is the operator's and has the modes of any file of theirs.
const MAY_BE_LOST: &[&str] = &[
    "src/store/lock.rs",
    "src/simulator/keep.rs",
    "src/simulator/tls.rs",
    "src/cli/sandbox.rs",
    "src/cli/drill/undo.rs",
    "src/cli/checklists.rs",
];

#[test]
fn files_are_written_through_the_disk_alone() {
    let ways = [
        "fs::write(",
        "fs::rename(",
        "fs::remove_file(",
        "fs::create_dir",
        "File::create",
        "OpenOptions",
        "DirBuilder",
        "set_len(",
        "sync_all(",
        "NamedTempFile",
    ];
    for (path, text) in sources("src") {
        if is_test(&path) || path == "src/store/disk.rs" || MAY_BE_LOST.contains(&path.as_str()) {
            continue;
        }
        for way in ways {
            assert!(!code(&text).contains(way), "{path} uses {way}; src/store/disk.rs is for that");
        }
    }
}

#[test]
fn secrets_are_exposed_in_four_files() {
    let exposed: Vec<_> =
        sources("src").into_iter().filter(|(path, text)| !is_test(path) && code(text).contains(".expose()")).collect();
    let paths: Vec<_> = exposed.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(paths, ["src/env_file/write.rs", "src/stripe/transport.rs", "src/world/lend.rs", "src/world/sign.rs"]);
}

#[test]
fn every_file_says_what_it_is_for_and_stays_short() {
    for folder in ["src", "tests", "benches"] {
        for (path, text) in sources(folder) {
            assert!(text.starts_with("//! "), "{path} does not begin with what it is for");
            let lines = text.lines().count();
            assert!(lines < 400, "{path} has {lines} lines; split it");
        }
    }
}

#[test]
fn every_test_file_is_compiled() {
    let main = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/main.rs")).unwrap();
    for (path, _) in sources("tests/it") {
        let name = path.trim_start_matches("tests/it/").trim_end_matches(".rs").trim_end_matches("/mod");
        let declared = name.contains('/') || name == "main" || main.contains(&format!("mod {name};"));
        assert!(declared, "{path} is not declared in tests/it/main.rs, so its tests never run");
    }
}

#[test]
fn every_code_is_explained_and_used() {
    // Kept for problems that no command meets yet; a number is never given away.
    let unused = ["KeyDecoration", "PriceInactive", "CatalogRefused", "ItemsRemain"];
    let texts: Vec<_> = sources("src").into_iter().filter(|(path, _)| path != "src/error/code.rs").collect();
    for code in Code::ALL {
        let name = format!("{code:?}");
        assert!(!code.title().is_empty() && !code.title().ends_with('.'), "{name}: {}", code.title());
        assert!(code.explanation().ends_with('.'), "{name}: {}", code.explanation());
        let path = format!("Code::{name}");
        let used = texts.iter().any(|(_, text)| {
            let mut after = text.split(&path).skip(1);
            after.any(|rest| !rest.starts_with(|letter: char| letter.is_ascii_alphanumeric()))
        });
        assert_ne!(used, unused.contains(&name.as_str()), "{name}: used is {used}");
    }
}

#[test]
fn journals_of_every_format_are_kept() {
    for format in 1..=golive::state::format::CURRENT {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/journals/v{format}.jsonl"));
        assert!(path.is_file(), "{} is not there", path.display());
    }
}

#[test]
fn a_hint_begins_with_its_verb() {
    // The printer itself writes "fix" before the first and "or" before the others.
    for (path, text) in sources("src") {
        for word in ["or", "and", "please", "you"] {
            for call in [".fix(\"", ".fix(format!(\""] {
                assert!(!text.contains(&format!("{call}{word} ")), "{path}: a hint begins with \"{word}\"");
            }
        }
    }
}
