//! What the engine promises, over ports in memory: nothing doubled, no secret lost, nothing sent
//! that was not seen, and a run that goes on where it stopped.

mod env;
mod generated;
mod settling;
mod stripe;
mod support;
mod waiting;
mod walking;
mod writing;

/// Keys and one product with one price.
const CATALOG: &str = r#"
schema = 1
id = "acme"
title = "Acme"
[env]
file = ".env"
[[phase]]
id = "keys"
title = "Keys"
[[phase.item]]
id = "main"
kind = "keys"
title = "Keys"
[[phase]]
id = "catalog"
title = "Catalog"
[[phase.item]]
id = "pro"
kind = "product"
title = "Pro"
prices = [{ lookup_key = "pro", amount = "20.00 CAD", env = "PRICE_PRO" }]
"#;

/// A phase with the endpoint, to be put after [`CATALOG`].
const WEBHOOK: &str = r#"
[[phase]]
id = "webhook"
title = "Webhook"
[[phase.item]]
id = "main"
kind = "webhook"
title = "Endpoint"
url = "https://shop.example/hook"
events = ["checkout.session.completed"]
"#;

/// A phase with the env file, to be put after [`CATALOG`].
const ENV: &str = r#"
[[phase]]
id = "env"
title = "Env file"
[[phase.item]]
id = "file"
kind = "env"
title = "Env file"
"#;

/// A phase with something that a person states, to be put after [`CATALOG`].
const MANUAL: &str = r#"
[[phase]]
id = "team"
title = "Team"
[[phase.item]]
id = "told"
kind = "manual"
title = "Everybody knows"
"#;

/// A phase with a command, to be put after [`CATALOG`].
const COMMAND: &str = r#"
[[phase]]
id = "ship"
title = "Ship"
[[phase.item]]
id = "backup"
kind = "command"
title = "Back up"
run = "make backup"
expect = { exit = 0 }
"#;

fn with(parts: &[&str]) -> String {
    parts.concat()
}
