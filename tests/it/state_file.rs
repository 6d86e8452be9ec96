//! A state file that is torn, damaged, or newer than this golive: said with its line, shown as far
//! as it can be, never written over.

use super::stand::{SHOP, Stand};

const FILE: &str = ".golive/shop.live.jsonl";

fn launched() -> Stand {
    let stand = Stand::new(SHOP);
    stand.launch().expect(0, &[]);
    stand
}

#[test]
fn a_torn_last_line_is_left_out_with_a_word_and_nothing_is_done_twice() {
    let stand = launched();
    let writes = stand.writes();
    stand.write(FILE, &(stand.read(FILE) + "{\"seq\":99,\"at\":\"2026"));
    stand.run(&["status"]).expect(0, &["was not finished, as after a power cut", "4 of 4 done"]);
    stand.launch().expect(0, &["was not finished", "4 of 4 done"]);
    let after = stand.run(&["status"]);
    after.expect(0, &["4 of 4 done"]);
    assert!(after.err.is_empty(), "{}", after.err);
    assert_eq!(stand.writes(), writes);
}

#[test]
fn garbage_in_the_middle_is_named_by_its_line_and_kept() {
    let stand = launched();
    let mut lines: Vec<String> = stand.read(FILE).lines().map(str::to_owned).collect();
    lines.insert(4, "not an event".to_owned());
    let text = lines.join("\n") + "\n";
    stand.write(FILE, &text);
    insta::assert_snapshot!(stand.run(&["status"]).error(), @"");
    for args in [&["wizard", "--mode", "live"][..], &["plan"], &["check"], &["apply", "--yes"], &["skip", "webhook.main", "--reason", "x"]] {
        stand.run(args).expect(4, &["GL1002", "line 5"]);
    }
    assert_eq!(stand.read(FILE), text);
}

#[test]
fn a_newer_file_is_shown_and_never_written() {
    let stand = launched();
    let text = stand.read(FILE).replacen("\"format\":1", "\"format\":99", 1);
    stand.write(FILE, &text);
    stand.run(&["status"]).expect(0, &["was written by a newer golive", "4 of 4 done"]);
    stand.run(&["plan"]).expect(0, &[]);
    for args in [&["wizard", "--mode", "live"][..], &["check"], &["apply", "--yes"], &["reopen", "webhook.main"]] {
        stand.run(args).expect(4, &["GL1001"]);
    }
    assert_eq!(stand.read(FILE), text);
}
