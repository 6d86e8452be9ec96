//! Wrong keys: each is refused before anything changes, by name, with where to get the right one.

use super::stand::{SHOP, Stand};
use golive::simulator::Mode;

fn show(title: &str, ran: &super::stand::Ran) {
    eprintln!("=== {title}\n{}", ran.error());
}

#[test]
fn probe() {
    let mut stand = Stand::new(SHOP);
    let (live, test) = (stand.sim.live.clone(), stand.sim.test.clone());
    let try_with = |stand: &mut Stand, title: &str, mode: &str, secret: &str, publishable: &str| {
        let p = if mode == "live" { "LIVE" } else { "TEST" };
        stand.set(&format!("GOLIVE_{p}_KEY"), secret);
        stand.set(&format!("GOLIVE_{p}_PUBLISHABLE_KEY"), publishable);
        let ran = stand.run(&["wizard", "--mode", mode, "--yes"]);
        show(title, &ran);
        eprintln!("-- requests {} env {:?} journal {:?}", stand.control.requests().len(), stand.read(".env.production"), stand.run(&["status","--mode",mode,"--exit-code"]).code);
    };
    try_with(&mut stand, "test in live", "live", &test.secret, &live.publishable);
    try_with(&mut stand, "live in test", "test", &live.secret, &test.publishable);
    try_with(&mut stand, "test pk in live", "live", &live.secret, &test.publishable);
    try_with(&mut stand, "pk where sk", "live", &live.publishable, &live.publishable);
    try_with(&mut stand, "sk where pk", "live", &live.secret, &live.secret);
    try_with(&mut stand, "decorated", "live", &format!(" export STRIPE='{}' ", live.secret), &format!("\"{}\"\n", live.publishable));
    let mut stand = Stand::new(SHOP);
    try_with(&mut stand, "placeholder", "live", "sk_live_your_key_here", &live.publishable);
    try_with(&mut stand, "short", "live", "sk_live_abc", &live.publishable);
    try_with(&mut stand, "unknown", "live", "sk_live_abcdefghijklmnopqrstuvwx", &live.publishable);
    let (_, other) = stand.control.add_account().unwrap();
    let mut stand2 = Stand::new(SHOP);
    let (_, other2) = stand2.control.add_account().unwrap();
    let own = stand2.sim.live.clone();
    try_with(&mut stand2, "two accounts", "live", &own.secret, &other2.publishable);
    let _ = other;
    stand2.control.revoke(&own.secret).unwrap();
    try_with(&mut stand2, "revoked", "live", &own.secret, &own.publishable);
    let stand3 = Stand::new(SHOP);
    stand3.launch().expect(0, &[]);
    let mut stand3 = stand3;
    let (_, other3) = stand3.control.add_account().unwrap();
    try_with(&mut stand3, "another account later", "live", &other3.secret, &other3.publishable);
    for p in [&["product_write", "plan_write"][..], &["product_write", "webhook_write"], &["plan_write","webhook_write"], &["connected_account_read", "balance_read","product_read", "plan_read", "webhook_read"], &["connected_account_read","product_write", "plan_write", "webhook_write"]] {
        let mut stand = Stand::new(SHOP);
        let key = stand.control.add_restricted_key(Mode::Live, p).unwrap();
        let pk = stand.sim.live.publishable.clone();
        try_with(&mut stand, &format!("restricted {p:?}"), "live", &key, &pk);
    }
    panic!();
}
