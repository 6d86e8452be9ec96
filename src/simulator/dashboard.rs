//! Pages of the Dashboard for what Stripe's API cannot do: saving the customer portal's settings for
//! the first time. Under the paths of the real Dashboard. Called by `wire`.

use super::hosted::small;
use super::world::text;
use super::{Inner, Mode, kinds};
use axum::http::StatusCode;
use axum::response::Response;

/// The mode whose portal settings stand under a path.
pub fn portal_of(path: &str) -> Option<Mode> {
    match path {
        "/settings/billing/portal" => Some(Mode::Live),
        "/test/settings/billing/portal" => Some(Mode::Test),
        _ => None,
    }
}

/// The page, and what its button does.
pub fn portal(inner: &Inner, mode: Mode, posted: bool) -> Response {
    let mut core = inner.core();
    let scope = core.scope(mode);
    if posted && core.in_the_dashboard(&scope, kinds::portal::save).is_err() {
        return small(StatusCode::INTERNAL_SERVER_ERROR, "Dashboard", "<h1>Something went wrong</h1>");
    }
    let mut configurations = core.world.store(&scope).all("billing_portal.configuration");
    let saved = configurations.find(|configuration| configuration["is_default"] == true);
    let state = match saved.and_then(|saved| text(saved, "id")) {
        Some(id) => format!("<p>Saved as {id}.</p>"),
        None => "<p>Nothing is saved yet.</p>".to_owned(),
    };
    let button = "<form method=\"post\"><button type=\"submit\">Save changes</button></form>";
    small(StatusCode::OK, "Dashboard", &format!("<h1>Customer portal, {} mode</h1>{state}{button}", mode.name()))
}
