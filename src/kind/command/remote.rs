//! Commands on other computers: what may stand in `on`, and ssh's own words in the operator's.

use super::expect::last_lines;
use crate::error::{Code, Problem};
use crate::kind::Complaint;
use crate::kind::text::{complaint, excerpt, is_open};
use crate::step::Ran;

/// The other computer, if it is another one: empty, or `local`, is this one.
pub(in crate::kind) fn place(on: Option<&str>) -> Option<String> {
    on.map(str::trim).filter(|on| !on.is_empty() && *on != "local").map(str::to_owned)
}

/// What is wrong with a destination.
pub(in crate::kind) fn on_complaint(on: Option<&str>) -> Option<Complaint> {
    let on = place(on)?;
    if is_open(&on) {
        let message = format!("`{on}` is not known before the launch begins");
        let help = "name the server, or a variable: on = \"deploy@${vars.server}\"";
        return Some(complaint("on", Code::BadReference, message, help));
    }
    let bad = on.starts_with('-') || on.contains(|c: char| c.is_whitespace() || c.is_control());
    bad.then(|| {
        let message = format!("`{on}` is nothing that ssh can be given");
        complaint("on", Code::BadValue, message, "write user and host, or a name of ~/.ssh/config: on = \"deploy@shop.example\"")
    })
}

/// ssh's complaints, what they mean, and what to do about them; HOST stands for the computer.
const MEANINGS: [(&str, &str, &str); 8] = [
    ("REMOTE HOST IDENTIFICATION HAS CHANGED", "shows another host key than before", "find out why before going on: ssh HOST true"),
    ("Host key verification failed", "has a host key that this computer does not know", "look at the key and accept it once: ssh HOST true"),
    ("Permission denied", "lets nobody in with the keys of this computer", "hand your key over, or load it: ssh-copy-id HOST   or   ssh-add"),
    ("Could not resolve hostname", "has no address under this name", "correct the name in the checklist, or look: ssh -G HOST"),
    ("Connection refused", "refuses connections by ssh", "start its ssh server, or correct the port: ssh -v HOST true"),
    ("timed out", "does not answer by ssh", "look at its firewall and the network: ssh -v HOST true"),
    ("No such file or directory", "cannot be reached: ssh is not installed here", "install it: apt install openssh-client"),
    ("is nothing that ssh can be given", "is not a destination for ssh", "write user and host: on = \"deploy@shop.example\""),
];

/// The problem of a command that was never begun. `run` begins with `ssh HOST: `.
pub(super) fn not_started(ran: &Ran, run: &str) -> Problem {
    let host = run.strip_prefix("ssh ").and_then(|rest| rest.split_once(": ")).map_or("the server", |(host, _)| host);
    let meaning = MEANINGS.iter().find(|(words, ..)| ran.output.contains(words));
    let (message, fix) = match meaning {
        Some((_, message, fix)) => (*message, (*fix).to_owned()),
        None if ran.timed_out => ("does not answer by ssh", "look at the network: ssh -v HOST true".to_owned()),
        None => ("cannot be reached by ssh", "see what it says: ssh -v HOST true".to_owned()),
    };
    let mut problem = Problem::new(Code::RemoteUnreachable, format!("`{host}` {message}"))
        .why(format!("nothing was run: {}", excerpt(run, 100)));
    for line in last_lines(&ran.output) {
        problem = problem.why(line);
    }
    problem.fix(fix.replace("HOST", host))
}
