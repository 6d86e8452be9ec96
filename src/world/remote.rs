//! A command on another computer, by `ssh`: the text and its values go to `sh -s` on standard input,
//! quoted, never into a command line. Marks in the output tell how far it came, because `ssh` ends
//! with 255 when the connection fails, and a command may end so too.

use std::fmt::Write as _;

use zeroize::Zeroizing;

use super::lend;
use crate::secret::Vault;
use crate::step::CommandSpec;

/// How long a connection may take, in seconds.
const CONNECT: u64 = 10;

/// Words in the output that no command of the operator's writes, made up for one run.
pub(super) struct Marks {
    word: String,
    /// The other computer has begun.
    pub(super) begun: bool,
    /// The command has ended, with this exit code.
    pub(super) ended: Option<i32>,
}

/// What a line of output says.
pub(super) enum Said<'a> {
    /// Something for the operator.
    Text(&'a str),
    /// Everything before was not the command's.
    Begun,
    /// Nothing but a mark.
    Nothing,
}

impl Marks {
    pub(super) fn new() -> Self {
        Self { word: format!("golive-{}", uuid::Uuid::new_v4().simple()), begun: false, ended: None }
    }

    /// Takes the marks out of a line.
    pub(super) fn read<'a>(&mut self, line: &'a str) -> Said<'a> {
        let Some((before, after)) = line.split_once(&self.word) else { return Said::Text(line) };
        let Some(Ok(code)) = after.strip_prefix("-end ").map(|code| code.trim().parse()) else {
            self.begun = true;
            return Said::Begun;
        };
        self.ended = Some(code);
        if before.is_empty() { Said::Nothing } else { Said::Text(before) }
    }
}

/// Whether `ssh` can be given this as a destination: nothing that it would take for an option.
pub(super) fn is_destination(on: &str) -> bool {
    !on.is_empty() && !on.starts_with('-') && !on.contains(|c: char| c.is_whitespace() || c.is_control())
}

/// The arguments of `ssh`.
pub(super) fn arguments(on: &str, timeout: u64) -> Vec<String> {
    let connect = format!("ConnectTimeout={}", timeout.clamp(1, CONNECT));
    let options = ["BatchMode=yes", &connect, "ServerAliveInterval=15", "ServerAliveCountMax=4"];
    let mut arguments = vec!["-T".to_owned()];
    for option in options {
        arguments.extend(["-o".to_owned(), option.to_owned()]);
    }
    arguments.extend(["--".to_owned(), on.to_owned(), "sh -s".to_owned()]);
    arguments
}

/// What the shell over there reads. The command itself finds no input.
pub(super) fn script(command: &CommandSpec, vault: &Vault, marks: &Marks) -> Zeroizing<String> {
    let mut script = Zeroizing::new(String::new());
    let word = &marks.word;
    let _ = writeln!(script, "printf '%s\\n' '{word}-begun'");
    for (name, value) in command.env.iter().chain(&command.private) {
        export(&mut script, name, value);
    }
    for name in &command.secret_env {
        if let Some(secret) = vault.get(&crate::secret::Slot::Env(name.clone())) {
            lend::to_script(&mut script, name, &secret);
        }
    }
    if let Some(dir) = &command.dir {
        let dir = quoted(dir);
        let _ = writeln!(script, "cd -- {dir} || {{ printf '%s %s\\n' '{word}-end' 127; exit 127; }}");
    }
    let _ = writeln!(script, "sh -c {} </dev/null", quoted(&command.run));
    let _ = writeln!(script, "printf '%s %s\\n' '{word}-end' $?");
    script
}

/// Sets a variable, whatever its value holds.
pub(super) fn export(script: &mut Zeroizing<String>, name: &str, value: &str) {
    script.push_str("export ");
    script.push_str(name);
    script.push_str("='");
    // Piece by piece: no other copy of the value is made on the way.
    for (index, piece) in value.split('\'').enumerate() {
        if index > 0 {
            script.push_str("'\\''");
        }
        script.push_str(piece);
    }
    script.push_str("'\n");
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::{Marks, Said, arguments, is_destination, script};
    use crate::secret::{Secret, Slot, Vault};
    use crate::step::CommandSpec;

    #[test]
    fn what_ssh_would_take_for_an_option_is_no_destination() {
        for bad in ["", "-oProxyCommand=touch x", "a b", "host\nother"] {
            assert!(!is_destination(bad), "{bad}");
        }
        for good in ["deploy@shop.example", "shop", "ssh://deploy@shop.example:2222"] {
            assert!(is_destination(good), "{good}");
        }
        assert_eq!(arguments("shop", 3)[4], "ConnectTimeout=3");
        assert_eq!(arguments("shop", 300).last().map(String::as_str), Some("sh -s"));
    }

    #[test]
    fn the_script_says_the_same_here_as_elsewhere() {
        let mut vault = Vault::default();
        vault.put(Slot::Env("TOKEN".into()), Secret::unlisted("it's $(secret) `x`"));
        let marks = Marks::new();
        let run = "cat; printf '%s|%s' \"$TOKEN\" \"$NAME\"; exit 255".to_owned();
        let env = [("NAME".to_owned(), "a'b\nc".to_owned())].into();
        let command = CommandSpec { run, env, secret_env: vec!["TOKEN".into()], ..CommandSpec::default() };
        let text = script(&command, &vault, &marks);
        let mut shell = std::process::Command::new("sh");
        let mut child =
            shell.arg("-s").stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped()).spawn().unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), text.as_bytes()).unwrap();
        let output = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
        let mut marks = marks;
        let mut said = Vec::new();
        for line in output.lines() {
            if let Said::Text(text) = marks.read(line) {
                said.push(text.to_owned());
            }
        }
        assert_eq!(said.join("\n"), "it's $(secret) `x`|a'b\nc");
        assert_eq!((marks.begun, marks.ended), (true, Some(255)));
    }
}
