//! Opens a page in the operator's browser, when there is one to open it in.
//!
//! Never over SSH and never without a display. The launcher is started through a shell that ends
//! at once, so that it is nobody's child here: the end of a child would interrupt a prompt that
//! is being typed at. The address is handed over as an argument, never spliced into shell text.

use std::process::{Command, Stdio};

/// A browser that can be asked to open pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Browser {
    /// `GOLIVE_BROWSER`, then `BROWSER`; otherwise the desktop's own.
    named: Option<String>,
}

impl Browser {
    /// The browser of this session, if it has one.
    pub fn find(variable: &dyn Fn(&str) -> Option<String>) -> Option<Self> {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        if let Some(named) = set("GOLIVE_BROWSER") {
            return Some(Self { named: Some(named) });
        }
        let remote = ["SSH_TTY", "SSH_CONNECTION", "SSH_CLIENT"].iter().any(|name| set(name).is_some());
        let display = !cfg!(target_os = "linux") || set("DISPLAY").or_else(|| set("WAYLAND_DISPLAY")).is_some();
        (display && !remote).then(|| Self { named: set("BROWSER") })
    }

    /// Asks it to open a page. `false` when that cannot even be tried: a note, not an error.
    pub fn open(&self, page: &str) -> bool {
        if !page.starts_with("https://") && !page.starts_with("http://127.0.0.1") {
            return false;
        }
        let mut words: Vec<std::ffi::OsString> = match &self.named {
            Some(named) => vec![named.into(), page.into()],
            None => match open::commands(page).first() {
                Some(first) => std::iter::once(first.get_program()).chain(first.get_args()).map(Into::into).collect(),
                None => return false,
            },
        };
        let mut launcher = if cfg!(unix) {
            let mut shell = Command::new("sh");
            shell.args(["-c", "\"$@\" >/dev/null 2>&1 </dev/null &", "sh"]);
            shell
        } else {
            Command::new(words.remove(0))
        };
        launcher.args(&words).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        launcher.status().is_ok_and(|status| status.success())
    }
}

#[cfg(test)]
mod tests {
    use super::Browser;

    fn found(variables: &[(&str, &str)]) -> bool {
        let variable =
            |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        Browser::find(&variable).is_some()
    }

    #[test]
    fn no_browser_over_ssh_unless_one_is_named() {
        assert!(found(&[("DISPLAY", ":0")]));
        assert!(!found(&[("DISPLAY", ":0"), ("SSH_TTY", "/dev/pts/1")]));
        assert!(found(&[("SSH_TTY", "/dev/pts/1"), ("GOLIVE_BROWSER", "w3m")]));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn no_browser_without_a_display() {
        assert!(!found(&[]) && !found(&[("DISPLAY", "")]));
        assert!(found(&[("WAYLAND_DISPLAY", "wayland-0")]));
    }

    #[test]
    fn only_web_addresses_are_opened() {
        let browser = Browser { named: Some("true".into()) };
        assert!(!browser.open("file:///etc/passwd") && !browser.open("-x"));
        assert!(browser.open("https://dashboard.stripe.com/apikeys"));
    }
}
