//! The table of operations: path, parameters, permission, handler. What is not here does not exist.

use super::kinds::{
    Handler, account, charge, checkout, coupon, customer, event, feature, fraud, invoice, meter, method, payment,
    payment_link, portal, price, product, promotion_code, refund, shipping_rate, subscription, tax, tax_rate, webhook,
};

/// One operation.
pub struct Route {
    pub method: &'static str,
    /// `{}` stands for one path segment, the id.
    pub path: &'static str,
    /// The row of `data/params.json`.
    pub params: &'static str,
    /// What a restricted key needs, as the message names it; the suffix (`_read`) follows the method.
    pub permission: (&'static str, &'static str),
    /// True where a publishable key is enough.
    pub publishable: bool,
    pub handler: Handler,
}

pub const fn route(
    method: &'static str,
    path: &'static str,
    params: &'static str,
    permission: (&'static str, &'static str),
    handler: Handler,
) -> Route {
    Route { method, path, params, permission, publishable: false, handler }
}

const PRODUCT: (&str, &str) = ("Products", "product");
const PRICE: (&str, &str) = ("Prices", "plan");
const WEBHOOK: (&str, &str) = ("Webhook Endpoints", "webhook");
const CHECKOUT: (&str, &str) = ("Checkout Sessions", "checkout_session");
const EVENT: (&str, &str) = ("Events", "event");

/// The tables of all families; a family of its own keeps its table beside its handlers.
static FAMILIES: &[&[Route]] = &[
    ROUTES,
    charge::ROUTES,
    coupon::ROUTES,
    customer::ROUTES,
    feature::ROUTES,
    fraud::ROUTES,
    invoice::ROUTES,
    meter::ROUTES,
    method::ROUTES,
    payment::ROUTES,
    payment_link::ROUTES,
    portal::ROUTES,
    promotion_code::ROUTES,
    refund::ROUTES,
    shipping_rate::ROUTES,
    subscription::ROUTES,
    tax::ROUTES,
    tax_rate::ROUTES,
];

static ROUTES: &[Route] = &[
    route("GET", "/v1/account", "GET one", ("Accounts", "connected_account"), account::retrieve),
    route("GET", "/v1/balance", "GET one", ("Balance", "balance"), account::balance),
    Route { publishable: true, ..route("POST", "/v1/tokens", "POST none", ("Tokens", "token"), account::token) },
    route("POST", "/v1/products", "POST /v1/products", PRODUCT, product::create),
    route("GET", "/v1/products", "GET /v1/products", PRODUCT, product::all),
    route("GET", "/v1/products/{}", "GET one", PRODUCT, product::retrieve),
    route("POST", "/v1/products/{}", "POST /v1/products/{id}", PRODUCT, product::update),
    route("DELETE", "/v1/products/{}", "none", PRODUCT, product::delete),
    route("POST", "/v1/prices", "POST /v1/prices", PRICE, price::create),
    route("GET", "/v1/prices", "GET /v1/prices", PRICE, price::all),
    route("GET", "/v1/prices/{}", "GET one", PRICE, price::retrieve),
    route("POST", "/v1/prices/{}", "POST /v1/prices/{price}", PRICE, price::update),
    route("POST", "/v1/webhook_endpoints", "POST /v1/webhook_endpoints", WEBHOOK, webhook::create),
    route("GET", "/v1/webhook_endpoints", "GET /v1/webhook_endpoints", WEBHOOK, webhook::all),
    route("GET", "/v1/webhook_endpoints/{}", "GET one", WEBHOOK, webhook::retrieve),
    route(
        "POST",
        "/v1/webhook_endpoints/{}",
        "POST /v1/webhook_endpoints/{webhook_endpoint}",
        WEBHOOK,
        webhook::update,
    ),
    route("DELETE", "/v1/webhook_endpoints/{}", "none", WEBHOOK, webhook::delete),
    route("GET", "/v1/events", "GET /v1/events", EVENT, event::all),
    route("GET", "/v1/events/{}", "GET one", EVENT, event::retrieve),
    route("POST", "/v1/checkout/sessions", "POST /v1/checkout/sessions", CHECKOUT, checkout::create),
    route("GET", "/v1/checkout/sessions", "GET /v1/checkout/sessions", CHECKOUT, checkout::all),
    route("GET", "/v1/checkout/sessions/{}", "GET one", CHECKOUT, checkout::retrieve),
    route("POST", "/v1/checkout/sessions/{}", "POST /v1/checkout/sessions/{session}", CHECKOUT, checkout::update),
    route("POST", "/v1/checkout/sessions/{}/expire", "POST none", CHECKOUT, checkout::expire),
    route(
        "GET",
        "/v1/checkout/sessions/{}/line_items",
        "GET /v1/checkout/sessions/{session}/line_items",
        CHECKOUT,
        checkout::items,
    ),
];

/// The operation of a request and the id in its path.
pub fn find<'p>(method: &str, path: &'p str) -> Option<(&'static Route, &'p str)> {
    let routes = FAMILIES.iter().copied().flatten();
    routes.filter(|route| route.method == method).find_map(|route| Some((route, fit(route.path, path)?)))
}

/// The id, or an empty text where the path has none.
fn fit<'p>(pattern: &str, path: &'p str) -> Option<&'p str> {
    let Some((before, after)) = pattern.split_once("{}") else {
        return (pattern == path).then_some("");
    };
    let id = path.strip_prefix(before)?.strip_suffix(after)?;
    (!id.is_empty() && !id.contains('/')).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn paths_find_their_operation_and_id() {
        assert_eq!(find("GET", "/v1/prices/price_1").unwrap().1, "price_1");
        assert_eq!(
            find("POST", "/v1/checkout/sessions/cs_1/expire").unwrap().0.path,
            "/v1/checkout/sessions/{}/expire"
        );
        assert!(find("DELETE", "/v1/prices/price_1").is_none());
        assert!(find("GET", "/v1/prices/").is_none());
    }
}
