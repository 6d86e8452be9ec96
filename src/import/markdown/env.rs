//! Variables of the env file: blocks of `NAME=value`, and lines that say what a variable must be. Keys
//! and secrets get a home of their own; a value that only the operator knows becomes a question.

use std::sync::LazyLock;

use regex::Regex;

use super::billing::{self, Billing};
use super::masks::{MASKED, is_made_up};
use super::tree::{Block, Kind};
use super::words::{self, Topic, any};
use super::work::{Variable, Work};

#[expect(clippy::unwrap_used, reason = "constant patterns, compiled by tests")]
static SET: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^\s*(?:export\s+)?(?P<name>[A-Z][A-Z0-9_]{2,})\s*=\s*(?P<value>.*)$").unwrap());
#[expect(clippy::unwrap_used, reason = "constant patterns, compiled by tests")]
static YAML: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^\s*(?:-\s*)?(?P<name>[A-Z][A-Z0-9_]{2,})\s*[:=]\s*(?P<value>.*)$").unwrap());
#[expect(clippy::unwrap_used, reason = "constant patterns, compiled by tests")]
static FLAG: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?:^|\s)(?:-e|--env)[ =]["']?(?P<name>[A-Z][A-Z0-9_]{2,})=(?P<value>[^\s"']*)"#).unwrap()
});
#[expect(clippy::unwrap_used, reason = "constant patterns, compiled by tests")]
static SPAN: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"`(?P<name>[A-Z][A-Z0-9]*_[A-Z0-9_]+)(?:=(?P<value>[^`]*))?`").unwrap());
#[expect(clippy::unwrap_used, reason = "constant patterns, compiled by tests")]
static FILE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"`(?P<file>\.env\.[a-z]+)`").unwrap());

/// Finds them all.
pub fn find(work: &mut Work<'_>) {
    for (index, section) in work.sections.iter().enumerate() {
        let topic = work.topics[index];
        if matches!(topic, Some(Topic::Trouble | Topic::Rollback)) {
            continue;
        }
        let elsewhere = topic == Some(Topic::Elsewhere);
        let prose: Vec<&str> = section
            .all()
            .into_iter()
            .filter(|block| !matches!(block.kind, Kind::Code(_)))
            .map(|block| block.text.as_str())
            .collect();
        let prose = prose.join(
            "
",
        );
        for block in section.all() {
            match &block.kind {
                Kind::Code(_) if elsewhere => work.leave(block.lines.clone(), "another environment than the live one"),
                Kind::Code(language) if language == "yaml" || language == "yml" => yaml(work, block),
                Kind::Code(language) => code(work, block, language, &prose),
                Kind::Table(rows) if !elsewhere => table(work, rows),
                Kind::Entry { .. } if !elsewhere => said(work, block),
                _ => {}
            }
        }
    }
    let files: Vec<&str> = work
        .lines
        .iter()
        .flat_map(|line| FILE.captures_iter(&line.text))
        .filter_map(|found| found.name("file"))
        .map(|file| file.as_str())
        .collect();
    let live = files.iter().find(|file| any(file, &["prod", "live"]));
    work.found.env_file = live.map(|file| (*file).to_owned());
}

/// A block of code whose lines are variables.
fn code(work: &mut Work<'_>, block: &Block, language: &str, prose: &str) {
    let texts: Vec<&str> = block.text.lines().collect();
    let filled = texts.iter().filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#')).count();
    let sets = texts.iter().filter(|line| SET.is_match(line)).count();
    for found in
        texts.iter().enumerate().flat_map(|(offset, text)| FLAG.captures_iter(text).map(move |found| (offset, found)))
    {
        let (offset, found) = found;
        // The command stays one, with its line; what it sets belongs into the env file as well.
        if !found["value"].contains("k_test_") {
            settle(work, &found["name"], &found["value"], "", first_code_line(work, block) + offset);
        }
    }
    if sets == 0
        || sets * 2 < filled
        || matches!(
            language,
            "python" | "javascript" | "js" | "ts" | "typescript" | "sql" | "json" | "php" | "ruby" | "go"
        )
    {
        return;
    }
    let first = first_code_line(work, block);
    let mut above = String::new();
    for (offset, text) in texts.iter().enumerate() {
        let line = first + offset;
        if let Some(comment) = text.trim_start().strip_prefix('#') {
            comment.clone_into(&mut above);
            work.claim(line..line + 1, "[env]");
        } else if let Some(found) = SET.captures(text) {
            variable(work, &found["name"], found["value"].trim(), &format!("{above}\n{prose}"), line);
        } else if text.trim().is_empty() {
            above.clear();
        }
    }
}

/// Variables among other things of a deployment: `NAME: value`, or `- NAME=value`.
fn yaml(work: &mut Work<'_>, block: &Block) {
    let first = first_code_line(work, block);
    for (offset, text) in block.text.lines().enumerate() {
        if let Some(found) = YAML.captures(text) {
            variable(work, &found["name"], found["value"].trim(), "", first + offset);
        }
    }
}

/// A table of variables: names in one column, values in the next, or both in one.
fn table(work: &mut Work<'_>, rows: &[(usize, Vec<String>)]) {
    let named = |cells: &[String]| {
        let cell = |at: usize| words::bare(cells.get(at).map_or("", String::as_str));
        let set = if cell(0).contains('=') { cell(0) } else { format!("{}={}", cell(0), cell(1)) };
        let found = SET.captures(&set).filter(|found| found["name"].contains('_'))?;
        Some((found["name"].to_owned(), found["value"].trim().to_owned()))
    };
    let Some(((head, _), body)) = rows.split_first() else { return };
    let count = body.iter().filter(|(_, cells)| named(cells).is_some()).count();
    if count == 0 || count * 2 < body.len() {
        return;
    }
    work.claim(*head..*head + 1, "[env]");
    for (line, cells) in body {
        if let Some((name, value)) = named(cells) {
            // A description is no value.
            let value = if value.contains(' ') { "" } else { &value };
            variable(work, &name, value, "", *line);
        }
    }
}

/// The line on which the text of a code block begins.
pub fn first_code_line(work: &Work<'_>, block: &Block) -> usize {
    let fence = work.lines.get(block.lines.start).is_some_and(|line| line.text.trim_start().starts_with(['`', '~']));
    block.lines.start + usize::from(fence)
}

/// A variable with a value, which may only be a pattern of one.
fn variable(work: &mut Work<'_>, name: &str, value: &str, around: &str, line: usize) {
    let bare = value.split(" #").next().unwrap_or(value).trim();
    let quoted = bare.len() > 1
        && (bare.starts_with('\'') && bare.ends_with('\'') || bare.starts_with('"') && bare.ends_with('"'));
    let bare = if quoted { &bare[1..bare.len() - 1] } else { bare };
    if bare.contains("sk_test_")
        || bare.contains("pk_test_")
        || (name.contains("_TEST_") && name.contains("STRIPE") && name.contains("KEY"))
    {
        work.leave(line..line + 1, "a key of test mode");
        return;
    }
    let said = around.lines().next().unwrap_or_default().to_lowercase();
    if is_made_up(bare)
        && any(&said, &["provided by", "set by", "injected by", "bereitgestellt von", "fornecid", "proporcionad"])
    {
        work.leave(line..line + 1, "the platform provides it");
        return;
    }
    work.claim(line..line + 1, "[env]");
    settle(work, name, bare, around, line);
}

/// Gives a variable its home: with keys, endpoint or price, or in the env file.
fn settle(work: &mut Work<'_>, name: &str, bare: &str, around: &str, line: usize) {
    if role(work, name, bare, line) {
        return;
    }
    let placeholder = bare.is_empty()
        || is_made_up(bare)
        || bare.contains(MASKED)
        || bare.contains('…')
        || bare.contains('<')
        || bare.contains("xxx");
    let variable = if placeholder || is_secret(name) {
        let lower = name.to_lowercase();
        let own = any(&lower, &["secret_key", "jwt", "session", "encryption", "signing", "app_key"])
            && !lower.contains("stripe")
            && !lower.contains("client")
            && !lower.contains("aws");
        let said = words::is_generated(bare)
            || (own && around.lines().any(|line| line.contains(name) && words::is_generated(line)));
        if own && said { Variable::Generated } else { Variable::Ask { secret: is_secret(name) } }
    } else {
        Variable::Value(bare.to_owned())
    };
    put(work, name, variable, line);
}

/// Whether a variable is Stripe's, and has its home with keys, endpoint or price.
fn role(work: &mut Work<'_>, name: &str, value: &str, line: usize) -> bool {
    let stripe = name.contains("STRIPE");
    let found = &mut work.found;
    if value.starts_with("whsec_") || (stripe && name.contains("WEBHOOK") && name.contains("SECRET")) {
        found.signing_secret.get_or_insert((name.to_owned(), line));
    } else if value.starts_with("pk_live") || (stripe && (name.contains("PUBLISHABLE") || name.contains("PUBLIC_KEY")))
    {
        found.publishable_key.get_or_insert((name.to_owned(), line));
    } else if value.starts_with("sk_live")
        || value.starts_with("rk_live")
        || (stripe && (name.contains("SECRET_KEY") || name.ends_with("API_KEY")))
    {
        found.secret_key.get_or_insert((name.to_owned(), line));
    } else if value.starts_with("price_") || (stripe && name.contains("PRICE") && !name.contains("MAPPING")) {
        if !found.price_variables.iter().any(|(known, _)| known == name) {
            found.price_variables.push((name.to_owned(), line));
        }
    } else {
        return false;
    }
    true
}

fn put(work: &mut Work<'_>, name: &str, variable: Variable, line: usize) {
    let known = work.found.variables.contains_key(name);
    if !known {
        work.found.order.push(name.to_owned());
    }
    let better = matches!(variable, Variable::Value(_) | Variable::Generated);
    if !known || (better && matches!(work.found.variables[name].0, Variable::Ask { .. })) {
        work.found.variables.insert(name.to_owned(), (variable, line));
    }
}

/// Whether the name says that the value is nobody's to see.
pub fn is_secret(name: &str) -> bool {
    any(
        name,
        &[
            "SECRET",
            "PASSWORD",
            "PASSWD",
            "TOKEN",
            "PRIVATE",
            "CREDENTIAL",
            "DSN",
            "DATABASE_URL",
            "REDIS_URL",
            "MONGO",
            "ENCRYPTION",
        ],
    ) || name.ends_with("_KEY") && !name.contains("PUBLI")
}

/// A box that says what a variable must be.
fn said(work: &mut Work<'_>, block: &Block) {
    let lower = block.text.to_lowercase();
    let set = any(
        &lower,
        &[
            " set",
            "configured",
            "definid",
            "gesetzt",
            "configurad",
            "establecid",
            "défini",
            "copy ",
            "exists in",
            "is in ",
            "uses **live",
        ],
    );
    if !set {
        return;
    }
    let negated = any(&lower, &["not** set", "not set", "nicht gesetzt", "não definid", "no establecid", "must not"]);
    let line = block.lines.start;
    for found in SPAN.captures_iter(&block.text) {
        let name = &found["name"];
        // "set to `PAST_DUE`": what stands there is a value.
        let before = found.get(0).map_or("", |whole| &block.text[..whole.start()]).trim_end().to_lowercase();
        let is_value = [" to", " auf", " para", " a", " como"].iter().any(|word| before.ends_with(word));
        if is_value || name.contains("_TEST_") && name.contains("KEY") || name.starts_with("HTTP_") {
            continue;
        }
        work.found.said.push(line);
        work.claim(line..line + 1, "[env]");
        let value = found.name("value").map(|value| value.as_str().trim_matches('"'));
        if role(work, name, value.unwrap_or_default(), line) {
            continue;
        }
        let quoted = block.text.split('"').nth(1).map(|value| value.trim_matches('`'));
        match (negated, value, quoted) {
            (true, _, Some(value)) => put(work, name, Variable::NotEquals(value.to_owned()), line),
            (true, ..) => put(work, name, Variable::Absent, line),
            (_, Some(value), _) if !is_made_up(value) && !value.is_empty() => {
                put(work, name, Variable::Value(value.to_owned()), line);
            }
            // "Only if": a variable that most do not want is left to the person.
            _ if lower.contains("only if") || lower.contains("optional") || name.ends_with("_TEST") => {}
            _ => put(work, name, Variable::Ask { secret: is_secret(name) }, line),
        }
    }
}

/// Gives each variable for a price to the price whose words it has.
pub fn match_prices(work: &mut Work<'_>) {
    let variables = std::mem::take(&mut work.found.price_variables);
    let mut left = Vec::new();
    for (name, line) in variables {
        let wanted = words_of(&name);
        let mut hits: Vec<(usize, usize)> = Vec::new();
        for (p, product) in work.found.products.iter().enumerate() {
            for (q, price) in product.prices.iter().enumerate() {
                let mut has = words_of(&price.nickname);
                has.extend(words_of(&product.name));
                has.extend(price.interval.map(str::to_owned));
                if price.env.is_none() && wanted.iter().all(|word| has.contains(word)) {
                    hits.push((p, q));
                }
            }
        }
        match hits.as_slice() {
            [(p, q)] => work.found.products[*p].prices[*q].env = Some(name),
            _ => left.push((name, line)),
        }
    }
    for (name, line) in left {
        // Whose price it is only a person can say; the file needs the variable all the same.
        put(work, &name, Variable::Ask { secret: false }, line);
    }
}

/// The words of a name that tell prices apart, those that mean the same written alike.
fn words_of(name: &str) -> Vec<String> {
    let common = [
        "stripe",
        "price",
        "id",
        "live",
        "prod",
        "production",
        "default",
        "key",
        "plan",
        "next",
        "public",
        "vite",
        "react",
        "app",
    ];
    let words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase);
    let words = words.filter(|word| !common.contains(&word.as_str()));
    words
        .map(|word| match billing::billing(&word) {
            Some(Billing::Every(interval)) => interval.to_owned(),
            _ => word,
        })
        .collect()
}
