//! Where golive comes from: what may be in its dependency tree, under which licences, from where, and
//! why each direct dependency is there; and that every promise of `SECURITY.md` names tests that exist.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::skipped;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn table(file: &str) -> toml::Table {
    fs::read_to_string(root().join(file)).unwrap().parse().unwrap()
}

/// The packages of `Cargo.lock`.
fn locked() -> Vec<toml::Table> {
    let lock = table("Cargo.lock");
    lock["package"].as_array().unwrap().iter().map(|package| package.as_table().unwrap().clone()).collect()
}

#[test]
fn every_direct_dependency_says_why_it_is_there() {
    let manifest = table("Cargo.toml");
    let names = |kind: &str| manifest[kind].as_table().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    let wanted: BTreeSet<String> = names("dependencies").union(&names("dev-dependencies")).cloned().collect();
    let notes = fs::read_to_string(root().join("docs/dependencies.md")).unwrap();
    let rows = notes.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | "));
    let mut noted = BTreeSet::new();
    for (name, why) in rows {
        assert!(why.trim_end_matches(" |").split(' ').count() >= 3, "`{name}` has no reason");
        assert!(noted.insert(name.to_owned()), "`{name}` stands twice");
    }
    assert_eq!(noted, wanted);
}

/// Every Rust source below a folder, as one text.
fn sources(folder: &str) -> String {
    let mut all = String::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                all.push_str(&fs::read_to_string(path).unwrap());
            }
        }
    }
    all
}

/// What a program is built from is what it uses: no dependency without a line that needs it, and of
/// async-stripe no module without a request that is sent.
#[test]
fn every_direct_dependency_and_every_part_of_async_stripe_is_used() {
    let manifest = table("Cargo.toml");
    let (golive, tests) = (sources("src"), sources("tests"));
    for kind in ["dependencies", "dev-dependencies"] {
        for (name, asked) in manifest[kind].as_table().unwrap() {
            let library = name.strip_prefix("async-").filter(|rest| rest.starts_with("stripe-")).unwrap_or(name);
            let library = library.replace('-', "_");
            // In sources that `cargo fmt` wrote a crate is named so, or used as a macro.
            let named =
                |text: &str, what: &str| text.contains(&format!("{what}::")) || text.contains(&format!("use {what};"));
            let used = named(&golive, &library) || (kind == "dev-dependencies" && named(&tests, &library));
            assert!(used, "`{name}` is a dependency of nothing");
            let features = asked.get("features").and_then(toml::Value::as_array).into_iter().flatten();
            for module in features
                .filter_map(toml::Value::as_str)
                .filter(|_| library.starts_with("stripe_") && library != "stripe_client_core")
            {
                assert!(golive.contains(&format!("{library}::{module}")), "nothing needs `{module}` of `{name}`");
            }
        }
    }
}

#[test]
fn every_package_comes_from_the_registry_with_its_checksum() {
    for package in locked().iter().filter(|package| package["name"].as_str() != Some("golive")) {
        let name = &package["name"];
        let source = package["source"].as_str().unwrap_or("nowhere");
        assert_eq!(source, "registry+https://github.com/rust-lang/crates.io-index", "{name}");
        assert_eq!(package["checksum"].as_str().unwrap_or_default().len(), 64, "{name} has no checksum");
    }
}

#[test]
fn one_cryptography_one_tls_and_one_http_are_in_the_tree() {
    let config = table("deny.toml");
    let banned = config["bans"]["deny"].as_array().unwrap();
    let banned: Vec<&str> = banned.iter().map(|entry| entry["crate"].as_str().unwrap()).collect();
    for name in ["openssl-sys", "native-tls", "aws-lc-sys", "reqwest"] {
        assert!(banned.contains(&name), "{name} is not banned in deny.toml");
    }
    let packages = locked();
    let found: Vec<_> = packages.iter().filter(|one| banned.contains(&one["name"].as_str().unwrap())).collect();
    assert!(found.is_empty(), "{found:?}");
}

/// What cargo knows of every package; `None` where not all of them have been downloaded.
fn metadata() -> Option<Vec<Value>> {
    let arguments = ["metadata", "--locked", "--offline", "--format-version", "1"];
    let output = Command::new(env!("CARGO")).args(arguments).current_dir(root()).output().unwrap();
    if !output.status.success() {
        skipped("not every package of Cargo.lock is on this computer: cargo fetch --locked");
        return None;
    }
    let all: Value = serde_json::from_slice(&output.stdout).unwrap();
    Some(all["packages"].as_array().unwrap().clone())
}

#[test]
fn every_licence_is_one_that_deny_toml_allows() {
    let config = table("deny.toml");
    let allowed = config["licenses"]["allow"].as_array().unwrap();
    let allowed: BTreeSet<&str> = allowed.iter().map(|licence| licence.as_str().unwrap()).collect();
    for package in metadata().unwrap_or_default() {
        let licence = package["license"].as_str().unwrap_or("none").replace('/', " OR ");
        // All of what AND joins, and one of what OR joins.
        let fits = licence.split(" AND ").all(|part| {
            part.trim_matches(['(', ')']).split(" OR ").any(|one| allowed.contains(one.trim_matches(['(', ')'])))
        });
        assert!(fits, "{}: {licence}", package["name"]);
    }
}

#[test]
fn no_package_wants_a_newer_compiler_than_golive_says_it_needs() {
    let version = |text: &str| -> (u32, u32) {
        let mut parts = text.split('.').map(|part| part.parse().unwrap());
        (parts.next().unwrap(), parts.next().unwrap_or(0))
    };
    let manifest = table("Cargo.toml");
    let stated = manifest["package"]["rust-version"].as_str().unwrap();
    assert!(fs::read_to_string(root().join("README.md")).unwrap().contains(&format!("({stated} or newer)")));
    for package in metadata().unwrap_or_default() {
        let wanted = package["rust_version"].as_str().unwrap_or("1.0");
        assert!(version(wanted) <= version(stated), "{} wants Rust {wanted}", package["name"]);
    }
}

#[test]
fn every_promise_of_the_security_page_is_proved_by_tests_that_exist() {
    let page = fs::read_to_string(root().join("SECURITY.md")).unwrap();
    let mut named = 0;
    let defended = page.split("\n## ").find(|part| part.starts_with("What golive defends against")).unwrap();
    for claim in defended.lines().filter(|line| line.starts_with("| ")).skip(2) {
        let proofs: Vec<&str> = claim.split('`').skip(1).step_by(2).filter(|span| span.contains("::")).collect();
        assert!(!proofs.is_empty(), "no test is named for: {claim}");
        for proof in proofs {
            let (module, test) = proof.rsplit_once("::").unwrap();
            let place = match module.strip_prefix("it::") {
                Some(module) => root().join("tests/it").join(module.replace("::", "/") + ".rs"),
                None => root().join("src").join(module.replace("::", "/") + ".rs"),
            };
            assert!(holds(&place, test), "`{proof}` is no test in {}", place.display());
            named += 1;
        }
    }
    assert!(named >= 30, "{named} tests are named");
}

fn holds(file: &Path, test: &str) -> bool {
    fs::read_to_string(file).is_ok_and(|text| text.contains(&format!("fn {test}(")))
}
