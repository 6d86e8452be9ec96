//! A login in front of a page: what looks like a missing text or a wrong status is then a page that
//! nobody sees without a password. Asked only when the answer is not as expected.

use super::Spec;
use super::expect::{is_redirect, location};
use crate::error::{Code, Problem};
use crate::step::HttpSight;

/// Parts of a path that lead to a login.
const PATHS: [&str; 8] = ["login", "signin", "sign-in", "sign_in", "log-in", "sso", "oauth", "auth"];

/// The problem of a page behind a login, if it is behind one.
pub(super) fn wall(spec: &Spec, seen: &HttpSight) -> Option<Problem> {
    let url = &spec.url;
    let (found, why) = match seen.status {
        status if is_redirect(status) => {
            let to = location(url, seen).filter(|to| leads_to_login(to))?;
            (format!("{status} to {to}"), "it sends everybody to a login".to_owned())
        }
        401 | 407 => ("401".to_owned(), refused(spec, seen)),
        200..=299 | 403 if has_form(&seen.body) => {
            (format!("{} with a login form", seen.status), "it shows a login instead of the page".to_owned())
        }
        _ => return None,
    };
    let problem = Problem::new(Code::LoginWall, format!("`{url}` is behind a login"))
        .found_wanted(found, "the page itself")
        .why(why);
    Some(match &spec.bearer {
        Some(name) => problem.fix(format!("look whether {name} is still valid, and of this environment")),
        None => problem
            .fix("let the page be seen without one, or send a token: bearer = \"APP_TOKEN\"")
            .fix(format!("look at it: curl -sSi {url}")),
    })
}

fn leads_to_login(url: &str) -> bool {
    let path = url.split_once("://").map_or(url, |(_, rest)| rest).split(['?', '#']).next().unwrap_or_default();
    path.to_ascii_lowercase().split(['/', '.']).any(|part| PATHS.contains(&part))
}

fn refused(spec: &Spec, seen: &HttpSight) -> String {
    let scheme = seen.headers.get("www-authenticate").and_then(|value| value.split_whitespace().next());
    match (&spec.bearer, scheme) {
        (Some(name), _) => format!("it does not accept the token of {name}"),
        (None, Some(scheme)) => format!("it asks for a login ({scheme})"),
        (None, None) => "it asks for a login".to_owned(),
    }
}

fn has_form(body: &str) -> bool {
    let body = body.to_ascii_lowercase();
    body.contains("type=\"password\"") || body.contains("type='password'") || body.contains("type=password")
}
