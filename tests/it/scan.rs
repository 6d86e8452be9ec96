//! Stray keys and ids through the binary: found by file and line, shown shortened, never journaled
//! whole, and never called clean where nothing was read.

use super::stand::Stand;

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
