//! The HTML of the hosted pages. Everything that comes from an object is escaped here.

use crate::simulator::Mode;
use crate::simulator::card::PRACTICE;
use crate::simulator::money::coded;
use crate::simulator::world::text;
use serde_json::Value;

/// What a checkout page is made of.
pub struct Page<'p> {
    pub shop: &'p str,
    pub mode: Mode,
    pub session: &'p Value,
    pub needs_card: bool,
}

/// What the buyer typed, and what is wrong with it: the field and the text.
#[derive(Default)]
pub struct Form {
    pub email: String,
    pub name: String,
    pub card: String,
    pub expiry: String,
    pub cvc: String,
    pub code: String,
    /// The button beside the promotion code was pressed.
    pub applies: bool,
    pub error: Option<(&'static str, String)>,
}

impl Form {
    pub fn read(body: &[u8]) -> Self {
        let mut form = Self::default();
        for (name, value) in form_urlencoded::parse(body) {
            let value = value.trim().to_owned();
            match &*name {
                "email" => form.email = value,
                "name" => form.name = value,
                "card" => form.card = value,
                "expiry" => form.expiry = value,
                "cvc" => form.cvc = value,
                "code" => form.code = value,
                "apply" => form.applies = true,
                _ => {}
            }
        }
        form
    }

    /// The text beside a field, if it is the one at fault.
    fn wrong(&self, field: &str) -> Option<&str> {
        self.error.as_ref().filter(|(at, _)| *at == field).map(|(_, text)| text.as_str())
    }
}

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;margin:0;background:#f6f8fa;color:#1a1f36}\
main{max-width:28rem;margin:2rem auto;padding:1.5rem;background:#fff;border:1px solid #d8dee4;border-radius:.5rem}\
h1{font-size:1.1rem;margin:0 0 .25rem}.total{font-size:2rem;font-weight:600;margin:.25rem 0 1rem}\
table{width:100%;border-collapse:collapse}td{padding:.25rem 0}td+td{text-align:right}\
label{display:block;margin-top:.75rem;font-weight:600}input{box-sizing:border-box;width:100%;padding:.5rem;font:inherit;\
border:1px solid #8792a2;border-radius:.25rem}.error{color:#b3093c;margin:.25rem 0}.note{background:#fff8e1;padding:.5rem;\
border-radius:.25rem;font-size:.9rem}button{font:inherit;margin-top:1rem;padding:.6rem 1rem;border:0;border-radius:.25rem;\
background:#1a1f36;color:#fff;cursor:pointer}.pay{width:100%}";

/// A whole page; `body` is markup, the title is not.
pub fn document(title: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{}</title><style>{STYLE}</style></head><body><main>{body}</main></body></html>\n",
        escape(title)
    )
}

/// A page that only says something.
pub fn notice(title: &str, said: &str) -> String {
    document(title, &format!("<h1>{}</h1><p>{}</p>", escape(title), escape(said)))
}

/// The page of an open session.
pub fn checkout(page: &Page<'_>, form: &Form) -> String {
    let session = page.session;
    let currency = text(session, "currency").unwrap_or("usd");
    let amount = |value: &Value| coded(value.as_i64().unwrap_or(0), currency);
    let back = text(session, "cancel_url")
        .map_or(String::new(), |url| format!("<p><a href=\"{}\">Back to {}</a></p>", escape(url), escape(page.shop)));
    let body = format!(
        "<h1>{shop}</h1><p class=\"total\">{total}</p>{trial}<table>{rows}</table>{note}{code}\
         <form method=\"post\">{fields}<button class=\"pay\" type=\"submit\">{button}</button></form>{back}",
        shop = escape(page.shop),
        total = amount(&session["amount_total"]),
        trial = trial(session),
        rows = rows(session, currency),
        note = note(page),
        code = promotion(session, form),
        fields = fields(page, form),
        button = button(page),
    );
    document(&format!("Checkout: {}", page.shop), &body)
}

fn rows(session: &Value, currency: &str) -> String {
    let amount = |value: &Value| coded(value.as_i64().unwrap_or(0), currency);
    let row = |item: &Value| {
        let recurring = &item["price"]["recurring"];
        let every = match (text(recurring, "interval"), recurring["interval_count"].as_i64()) {
            (Some(interval), Some(1) | None) => format!(" per {interval}"),
            (Some(interval), Some(count)) => format!(" every {count} {interval}s"),
            _ => String::new(),
        };
        let name = escape(text(item, "description").unwrap_or_default());
        let quantity = item["quantity"].as_i64().unwrap_or(1);
        format!("<tr><td>{quantity} × {name}{every}</td><td>{}</td></tr>", amount(&item["amount_subtotal"]))
    };
    let rows: String = session["_line_items"]["data"].as_array().into_iter().flatten().map(row).collect();
    let discount = match session["total_details"]["amount_discount"].as_i64() {
        Some(off) if off > 0 => format!("<tr><td>Discount</td><td>{}</td></tr>", coded(-off, currency)),
        _ => String::new(),
    };
    let total = amount(&session["amount_total"]);
    format!("{rows}{discount}<tr><td><strong>Total due today</strong></td><td>{total}</td></tr>")
}

fn trial(session: &Value) -> String {
    match session["_subscription_data"]["trial_period_days"].as_i64() {
        Some(1) => "<p>1 day free</p>".to_owned(),
        Some(days) if days > 0 => format!("<p>{days} days free</p>"),
        _ => String::new(),
    }
}

/// That nothing here is real, and which numbers do something.
fn note(page: &Page<'_>) -> String {
    let cards = match page.mode {
        _ if !page.needs_card => String::new(),
        Mode::Test => " Test mode: 4242 4242 4242 4242 pays, 4000 0000 0000 0002 is declined.".to_owned(),
        Mode::Live => {
            format!(" Live mode: test cards are declined. Do not type a card of yours; {} pays.", grouped(PRACTICE))
        }
    };
    format!("<p class=\"note\"><strong>Simulated.</strong> This is golive's simulator: no money moves.{cards}</p>")
}

/// Four digits at a time.
fn grouped(number: &str) -> String {
    let digits: Vec<char> = number.chars().collect();
    digits.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

fn button(page: &Page<'_>) -> &'static str {
    if page.session["mode"] == "setup" {
        return "Save";
    }
    let trial = page.session["_subscription_data"]["trial_period_days"].as_i64().unwrap_or(0) > 0;
    match (page.session["mode"] == "subscription", trial) {
        (true, true) => "Start trial",
        (true, false) => "Subscribe",
        _ if page.session["amount_total"] == 0 => "Complete order",
        _ => "Pay",
    }
}

fn promotion(session: &Value, form: &Form) -> String {
    if session["allow_promotion_codes"] != true {
        return String::new();
    }
    let applied = session["discounts"].as_array().is_some_and(|discounts| !discounts.is_empty());
    if applied {
        return "<p>Promotion code applied.</p>".to_owned();
    }
    let input = field("code", "Promotion code", "text", "", "off", false, form);
    format!("<form method=\"post\">{input}<button type=\"submit\" name=\"apply\" value=\"1\">Apply</button></form>")
}

fn fields(page: &Page<'_>, form: &Form) -> String {
    let mut out = field("email", "Email", "email", &form.email, "email", true, form);
    if page.needs_card {
        out += &field("card", "Card number", "text", &form.card, "cc-number", true, form);
        out += &field("expiry", "Expiration (MM / YY)", "text", &form.expiry, "cc-exp", true, form);
        out += &field("cvc", "CVC", "text", "", "cc-csc", true, form);
        out += &field("name", "Cardholder name", "text", &form.name, "cc-name", false, form);
    }
    out
}

fn field(name: &'static str, label: &str, kind: &str, value: &str, fill: &str, required: bool, form: &Form) -> String {
    let required = if required { " required" } else { "" };
    let (state, told) = match form.wrong(name) {
        Some(wrong) => (
            format!(" aria-invalid=\"true\" aria-describedby=\"{name}-error\""),
            format!("<p class=\"error\" id=\"{name}-error\" role=\"alert\">{}</p>", escape(wrong)),
        ),
        None => (String::new(), String::new()),
    };
    format!(
        "<label for=\"{name}\">{label}</label>\
         <input id=\"{name}\" name=\"{name}\" type=\"{kind}\" value=\"{}\" autocomplete=\"{fill}\"{required}{state}>{told}",
        escape(value)
    )
}

/// The receipt of a charge.
pub fn receipt(charge: &Value) -> String {
    let currency = text(charge, "currency").unwrap_or("usd");
    let card = &charge["payment_method_details"]["card"];
    let refunded = charge["amount_refunded"].as_i64().unwrap_or(0);
    let back = if refunded > 0 { format!("<p>Refunded: {}</p>", coded(refunded, currency)) } else { String::new() };
    let body = format!(
        "<h1>Receipt</h1><p class=\"total\">{}</p><p>{} ending {}</p>{back}\
         <p class=\"note\"><strong>Simulated.</strong> No money moved.</p>",
        coded(charge["amount"].as_i64().unwrap_or(0), currency),
        escape(text(card, "brand").unwrap_or_default()),
        escape(text(card, "last4").unwrap_or_default()),
    );
    document("Receipt", &body)
}

/// Text as markup.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::{Form, escape, grouped};

    #[test]
    fn names_cannot_carry_markup() {
        assert_eq!(escape("<b>\"&"), "&lt;b&gt;&quot;&amp;");
    }

    #[test]
    fn a_form_is_read_as_it_was_typed() {
        let form = Form::read(b"email=+a%40b.example+&card=4242+4242&code=X&apply=1");
        assert_eq!((form.email.as_str(), form.card.as_str(), form.applies), ("a@b.example", "4242 4242", true));
        assert_eq!(grouped("4821000000000009"), "4821 0000 0000 0009");
    }
}
