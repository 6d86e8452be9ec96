//! The parts put together: phases in the order in which a launch goes, what is proved at its end, and
//! what the checklist cannot carry, said.

use std::collections::BTreeMap;

use super::maker::{Maker, phase};
use super::told::{Sort, Told};
use super::{Around, Imported, Options, catalog, env, events, lines, link, offers, portal, settings};
use crate::compose::{Draft, Item, Phase, Value, literal};
use crate::inventory::{Inventory, LeftOut, Price, Section};

/// Checkouts that are opened for a proof, of each sort.
const MOST_PROOFS: usize = 10;

/// The whole checklist.
pub(super) fn checklist(inventory: &Inventory, around: &Around, options: &Options) -> Imported {
    let mut maker = Maker::new(inventory, around, options);
    let catalog = catalog::items(&mut maker);
    let mut offers = offers::items(&mut maker);
    offers.extend(link::items(&mut maker));
    let mut settings = settings::payment_methods(&mut maker);
    settings.extend(portal::items(&mut maker));
    settings.extend(settings::wallet_domains(&mut maker));
    settings.extend(settings::tax(&mut maker));
    settings.push(dashboard());
    let webhooks = settings::webhooks(&mut maker);
    events::compare(&inventory.webhooks, around, &mut maker.told);
    let env = env::item(&mut maker, &webhooks);
    let proofs = proofs(&mut maker, &webhooks);
    let deploy = deploy(&mut maker);
    hard_coded(&mut maker);
    counted(&mut maker);
    let account = account(&maker);
    let mut draft = Draft::new(options.id.as_str(), literal(&options.title));
    draft.comment = comment(inventory);
    draft.vars = settings::vars(&mut maker);
    draft.env_file = Some(options.env_file.clone());
    draft.phases = vec![
        with(Phase::new(phase::ACCOUNT, "Account and keys"), account),
        with(Phase::new(phase::CATALOG, "Products and prices"), catalog),
        with(Phase::new(phase::OFFERS, "Coupons, codes, taxes, shipping, links"), offers),
        with(Phase::new(phase::SETTINGS, "Account settings"), settings),
        with(Phase::new(phase::WEBHOOK, "Webhook"), webhooks),
        with(Phase::new(phase::ENV, "Env file"), vec![env]),
        with(Phase::new(phase::DEPLOY, "Deploy"), deploy),
        with(Phase::new(phase::PROOF, "Prove"), proofs),
    ];
    let Maker { mut told, keys, ids, .. } = maker;
    if draft.phases.iter_mut().flat_map(|phase| &mut phase.items).fold(false, |any, item| shown(item) | any) {
        let what = "characters that a terminal obeys were taken out of names and texts";
        told.push(
            Told::new(Sort::Decide, what).why("no checklist may hold them").propose("rename the objects in Stripe"),
        );
    }
    told.sort_by_key(|told| told.sort);
    Imported { draft, told, keys, names: ids.given }
}

/// Takes out of an item what a terminal would obey; whether there was any.
fn shown(item: &mut Item) -> bool {
    let title = strip(&mut item.title);
    item.fields.iter_mut().fold(title, |any, field| shown_value(&mut field.value) | any)
}

fn shown_value(value: &mut Value) -> bool {
    match value {
        Value::Text(text) => strip(text),
        Value::List(entries) => entries.iter_mut().fold(false, |any, entry| shown_value(entry) | any),
        Value::Table(fields) => {
            fields.iter_mut().fold(false, |any, (name, value)| strip(name) | shown_value(value) | any)
        }
        Value::Number(_) | Value::Decimal(_) | Value::Flag(_) => false,
    }
}

fn strip(text: &mut String) -> bool {
    let mut any = false;
    while let Some(c) = crate::control::first(text) {
        *text = text.replace(c, "");
        any = true;
    }
    any
}

fn with(mut phase: Phase, items: Vec<Item>) -> Phase {
    phase.items = items;
    phase
}

fn comment(inventory: &Inventory) -> Vec<String> {
    let whose = match (&inventory.account_name, &inventory.account) {
        (Some(name), Some(id)) => format!(" {}, {id}", lines::title(name)),
        (Some(one), None) | (None, Some(one)) => format!(" {}", lines::title(one)),
        (None, None) => String::new(),
    };
    vec![
        format!("Made by golive import stripe, of the test account{whose}."),
        "Make it yours: what you change stays when you import again, and what has changed in Stripe is shown first."
            .to_owned(),
        "Try it without a key: golive rehearse. Then the launch: golive wizard --mode live.".to_owned(),
    ]
}

fn account(maker: &Maker<'_>) -> Vec<Item> {
    let (secret, publishable) = env::key_names(maker);
    vec![
        Item::new("activated", "account", "The account may charge and be paid out")
            .field("why", "Until then every live checkout fails.")
            .field("link", "https://dashboard.stripe.com/account/onboarding")
            .field("require", Value::list(["charges", "payouts", "details"])),
        Item::new("keys", "keys", "Live API keys")
            .field("link", "https://dashboard.stripe.com/apikeys")
            .field("secret_env", secret)
            .field("publishable_env", publishable),
    ]
}

/// What no API shows: one item, so that nobody looks for it in the others.
fn dashboard() -> Item {
    Item::new("dashboard", "manual", "Settings that only the Dashboard has are as in test mode")
        .field("why", "Stripe shows them to no program: golive can neither read nor carry them over.")
        .field(
            "help",
            "Compare test mode with live mode: branding and the public name, mails to\n\
             customers, the invoice template, retries of failed payments, Radar rules,\n\
             the team and its rights.\n",
        )
        .field("link", "https://dashboard.stripe.com/settings")
        .field("severity", "advised")
}

fn deploy(maker: &mut Maker<'_>) -> Vec<Item> {
    let in_code = maker.around.source.ids.iter().any(|mention| {
        let kept = maker.inventory.product(&mention.what).is_some();
        !kept && maker.reference(&mention.what).is_some()
    });
    let scan = Item::new("hard_coded", "scan", "No id of test mode is written into the code")
        .field("why", "Ids of test mode do not exist in live mode.")
        .maybe("severity", (!in_code).then_some("advised"))
        .field("paths", Value::list(["."]))
        .field(
            "exclude",
            Value::list([
                "node_modules",
                "vendor",
                "venv",
                ".venv",
                "target",
                "*.lock",
                "*.md",
                "golive.toml",
                ".env*",
            ]),
        )
        .field("keys", false)
        .field("ids", true);
    let release = Item::new("release", "manual", "The application runs with the values of the env file")
        .field("why", "A running process keeps the values it was started with.")
        .field("help", "Deploy and restart as you always do. Your own command is better: replace\nthis item's kind by `command`, with `run`.\n")
        .field("needs", Value::list([format!("{}.file", phase::ENV)]));
    // Where no source stands beside the checklist there is nothing to search.
    if maker.around.source.files == 0 { vec![release] } else { vec![scan, release] }
}

/// What can be proved without money.
fn proofs(maker: &mut Maker<'_>, webhooks: &[Item]) -> Vec<Item> {
    let mut items = Vec::new();
    let needs = || Value::list([format!("{}.release", phase::DEPLOY)]);
    if maker.needs_host && !webhooks.is_empty() {
        items.push(Item::new("tls", "tls", "The certificate is good").field("host", "${vars.host}"));
    }
    for webhook in webhooks {
        let (Some(url), Some(secret)) = (webhook.get("url").cloned(), webhook.get("secret_env").cloned()) else {
            continue;
        };
        let probe = Item::new(
            format!("probe_{}", webhook.id),
            "webhook_probe",
            "The handler checks signatures with the right secret",
        );
        let needs = Value::list([format!("{}.{}", phase::WEBHOOK, webhook.id), format!("{}.release", phase::DEPLOY)]);
        items.push(probe.field("needs", needs).field("url", url).field("secret_env", secret));
    }
    if maker.needs_host {
        items.extend(checkouts(maker));
    }
    let product = maker.inventory.products.iter().find_map(|product| maker.reference(&product.id).cloned());
    if let Some((webhook, product)) = webhooks.first().zip(product) {
        let proof = Item::new("delivery", "delivery_proof", "Stripe reaches the endpoint")
            .field("why", "An event that changes nothing goes all the way.")
            .field("needs", needs())
            .field("endpoint", format!("${{{}.{}.id}}", phase::WEBHOOK, webhook.id))
            .field("product", product);
        items.push(proof);
    }
    items
}

/// A checkout that opens, for each sort of prices that are sold.
fn checkouts(maker: &Maker<'_>) -> Vec<Item> {
    let sold: Vec<&Price> =
        maker.inventory.prices.iter().filter(|price| maker.reference(&price.id).is_some()).collect();
    let one_time = |price: &&&Price| price.recurring.is_none();
    let licensed = |price: &&&Price| price.recurring.as_ref().is_some_and(|every| !every.is_metered());
    let sorts = [
        (
            "checkout",
            "subscription",
            "A checkout opens for subscriptions",
            sold.iter().filter(licensed).take(MOST_PROOFS).collect::<Vec<_>>(),
        ),
        (
            "checkout_once",
            "payment",
            "A checkout opens for one-time prices",
            sold.iter().filter(one_time).take(MOST_PROOFS).collect(),
        ),
    ];
    let mut items = Vec::new();
    for (id, mode, title, prices) in sorts {
        let prices: Vec<&String> = prices.into_iter().filter_map(|price| maker.reference(&price.id)).collect();
        if !prices.is_empty() {
            let proof = Item::new(id, "checkout_proof", title)
                .field("why", "Proves key, prices and account together; it is closed again unpaid.")
                .field("needs", Value::list([format!("{}.release", phase::DEPLOY)]))
                .field("checkout", mode)
                .field("success_url", "https://${vars.host}/")
                .field("prices", Value::list(prices));
            items.push(proof);
        }
    }
    items
}

/// Tells ids of the account that are written into the source.
fn hard_coded(maker: &mut Maker<'_>) {
    let mut by_id: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for mention in &maker.around.source.ids {
        by_id.entry(&mention.what).or_default().push(mention.place());
    }
    let inventory = maker.inventory;
    for (id, places) in by_id {
        let told = if inventory.product(id).is_some() {
            Told::new(Sort::Note, format!("product id {id} is written into the code"))
                .propose("the live product gets the same id, so that this works as it is")
        } else if let Some(reference) = maker.reference(id) {
            let shown = reference.clone();
            let variable = maker.variable_in_checklist(id);
            let proposal = match variable {
                Some(variable) => format!("read it from {variable}, which golive writes"),
                None => format!("read it from a variable: add `env` to the item of {shown}"),
            };
            Told::new(Sort::Code, format!("{id} is written into the code"))
                .why("it does not exist in live mode")
                .propose(proposal)
        } else {
            Told::new(Sort::Code, format!("{id} is written into the code, and was not imported"))
                .why("it is archived, of another account, or of a list that was not read")
                .propose("see whether live mode needs it; the code would not find it there")
        };
        maker.told.push(told.at(places));
    }
    if maker.around.source.cut {
        maker.told.push(Told::new(Sort::Note, "more ids and events stand in the source than are listed"));
    }
}

/// What was left out, what could not be read, and what is never carried over.
fn counted(maker: &mut Maker<'_>) {
    let inventory = maker.inventory;
    for gap in &inventory.gaps {
        let what = format!("{} could not be read", gap.section.nouns().1);
        let told = Told::new(Sort::Gap, what).why(gap.problem.message.clone());
        let fix = gap.problem.fix.last().cloned();
        maker.told.push(fix.into_iter().fold(told, Told::propose));
    }
    let mut sum = LeftOut::default();
    let mut archived = Vec::new();
    for (section, left_out) in &inventory.left_out {
        sum.ad_hoc += left_out.ad_hoc;
        sum.foreign += left_out.foreign;
        sum.unreadable += left_out.unreadable;
        if left_out.archived > 0 {
            archived.push(section.counted(left_out.archived));
        }
    }
    if !archived.is_empty() {
        let what = format!("archived, and left out: {}", archived.join(", "));
        maker.told.push(Told::new(Sort::Note, what).propose("they come along with --include-archived"));
    }
    if sum.ad_hoc > 0 {
        let what = format!("{} left out: made for one sale or by a tool, by their looks", objects(sum.ad_hoc));
        let why = "inline prices of checkouts and what `stripe trigger` makes are made again when they are needed; an archived product with nothing but a name looks the same";
        maker.told.push(
            Told::new(Sort::NotCarried, what)
                .why(why)
                .propose("give a price that should stay a lookup key or a nickname"),
        );
    }
    if sum.foreign > 0 {
        let what = format!("{} made by a platform or an application, and left out", objects(sum.foreign));
        maker.not_carried(what, "they are not this account's own", "connect the application in live mode");
    }
    if sum.unreadable > 0 {
        let what = format!("{} of a shape that golive does not know", objects(sum.unreadable));
        maker.decide(what, "Stripe's answer lacks what such an object must have", "look at them in the Dashboard");
    }
    if inventory.count(Section::Webhooks) > 0 {
        maker.not_carried(
            "webhook signing secrets",
            "every endpoint has its own",
            "golive makes the live endpoint and writes its secret to the env file",
        );
    }
    maker.not_carried(
        "customers, subscriptions and payments",
        "those of test mode are not real",
        "they begin anew in live mode",
    );
}

fn objects(count: usize) -> String {
    if count == 1 { "1 object".to_owned() } else { format!("{count} objects") }
}
