//! Every sort of mistake, as the operator sees it.

use super::*;

#[test]
fn a_misspelt_field_is_shown_with_the_one_that_was_meant() {
    insta::assert_snapshot!(item_frames("kind = \"manual\"\ntitle = \"A\"\nseverty = \"blocker\""), @"");
}
