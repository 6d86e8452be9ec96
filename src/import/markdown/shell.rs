//! Code for a shell as commands that golive can run when it is allowed to, with what the text says they
//! should answer. What cannot run as it stands (a placeholder, an editor, a log that never ends) is for
//! a person.

use super::words::{any, title};

/// A stretch of a block that belongs together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Command {
    /// What its comments say.
    pub comments: Vec<String>,
    /// The text for `sh -c`.
    pub run: Vec<String>,
    /// The folder it starts in.
    pub dir: Option<String>,
    /// What its output must contain, and must not.
    pub contains: Vec<String>,
    pub not_contains: Vec<String>,
    /// What it is expected to answer, as it reads.
    pub expected: Vec<String>,
    /// Which of the lines it was made of, from the first of the block.
    pub lines: Vec<usize>,
}

const PROGRAMS: &[&str] = &[
    "$",
    "sudo",
    "cd",
    "cp",
    "mv",
    "git",
    "curl",
    "wget",
    "docker",
    "docker-compose",
    "npm",
    "npx",
    "yarn",
    "pnpm",
    "python",
    "python3",
    "pip",
    "php",
    "composer",
    "bundle",
    "rails",
    "rake",
    "ruby",
    "ssh",
    "scp",
    "systemctl",
    "service",
    "psql",
    "mysql",
    "mysqldump",
    "pg_dump",
    "sqlite3",
    "kubectl",
    "helm",
    "heroku",
    "fly",
    "flyctl",
    "vercel",
    "railway",
    "aws",
    "gcloud",
    "stripe",
    "tail",
    "grep",
    "cat",
    "echo",
    "export",
    "make",
    "cargo",
    "go",
    "node",
    "alembic",
    "redis-cli",
    "pkill",
    "openssl",
    "rsync",
    "tar",
    "ls",
    "mkdir",
    "chmod",
    "brew",
    "apt",
    "apt-get",
    "supervisorctl",
    "pm2",
    "nginx",
    "certbot",
    "dig",
    "nc",
    "terraform",
    "ansible-playbook",
    "flask",
    "gunicorn",
    "./deploy.sh",
];

/// Whether a block of code is for a shell.
pub fn is_shell(language: &str, text: &str) -> bool {
    match language {
        "bash" | "sh" | "shell" | "zsh" | "console" | "terminal" | "shell-session" | "powershell" | "cmd" => true,
        "" | "text" | "indented" | "plaintext" => {
            let mut words = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
            words
                .next()
                .and_then(|line| line.split_whitespace().next())
                .is_some_and(|word| PROGRAMS.contains(&word) || word.starts_with("./"))
        }
        _ => false,
    }
}

/// The commands of a block: what blank lines part, each with the comments above and below it.
pub fn commands(text: &str) -> Vec<Command> {
    let mut reader = Reader::default();
    for (index, line) in text.lines().enumerate() {
        let bare = line.trim();
        if bare.is_empty() {
            reader.blank();
            continue;
        }
        if bare.starts_with('#') {
            reader.comment(line, bare.trim_start_matches('#').trim());
        } else if reader.expecting {
            reader.now.expected.push(bare.to_owned());
        } else {
            reader.command(line, bare.strip_prefix("$ ").unwrap_or(bare));
        }
        reader.now.lines.push(index);
    }
    let Reader { mut out, now, .. } = reader;
    out.extend(Some(now).filter(|now| !now.lines.is_empty()));
    out
}

#[derive(Default)]
struct Reader {
    out: Vec<Command>,
    now: Command,
    dir: Option<String>,
    /// Whether what follows is an answer.
    expecting: bool,
    /// Whether the last line only went to another folder.
    moved: bool,
}

impl Reader {
    fn next(&mut self) {
        self.out.push(std::mem::take(&mut self.now));
    }

    fn blank(&mut self) {
        if !self.now.run.is_empty() && !self.expecting {
            self.next();
        } else if self.moved {
            // What was said of the folder is not said of what is done there.
            self.now.comments.clear();
        }
        self.moved = false;
    }

    fn comment(&mut self, line: &str, comment: &str) {
        let goes_on = comment.starts_with(['-', '✓', '✅', '✗']) || line.starts_with("#  ");
        if expectation(comment, &mut self.now) {
            self.expecting = comment.ends_with(':');
        } else if self.expecting && !self.now.expected.is_empty() && goes_on {
            self.now.expected.push(comment.to_owned());
        } else {
            if !self.now.run.is_empty() {
                self.next();
            }
            self.expecting = false;
            self.now.comments.push(comment.to_owned());
        }
    }

    fn command(&mut self, line: &str, bare: &str) {
        if let Some(to) = bare.strip_prefix("cd ").filter(|to| !to.contains(['&', ';', '|', ' ', '<', '$'])) {
            self.dir = Some(to.to_owned());
            self.moved = self.now.run.is_empty();
            return;
        }
        let (command, comment) = match bare.split_once("  # ") {
            Some((command, comment)) => (command.trim_end(), Some(comment)),
            None => (line.trim_end().strip_prefix("$ ").unwrap_or(line.trim_end()), None),
        };
        self.now.run.push(command.to_owned());
        self.now.dir.clone_from(&self.dir);
        if let Some(comment) = comment.filter(|comment| !expectation(comment, &mut self.now)) {
            self.now.comments.push(comment.to_owned());
        }
    }
}

/// Whether a comment says what a command answers; takes it down if it does.
fn expectation(comment: &str, command: &mut Command) -> bool {
    let lower = comment.to_lowercase();
    let words = [
        "should output",
        "should show",
        "should return",
        "should print",
        "should be",
        "should start",
        "look for",
        "expected",
        "expect:",
        "returns:",
        "ausgabe",
        "erwartet",
        "saída esperada",
        "salida esperada",
        "deve mostrar",
        "debe mostrar",
    ];
    if !any(&lower, &words) || command.run.is_empty() {
        return false;
    }
    let value = comment.split_once(':').map(|(_, value)| value.trim()).unwrap_or_default();
    let (said, aside) = value.split_once(" (").unwrap_or((value, ""));
    let quoted = said.split('"').nth(1).or_else(|| said.split('\'').nth(1));
    let literal = quoted.unwrap_or(said).trim_end_matches("...").trim_end_matches('…').trim();
    let words = literal.split_whitespace().count();
    let is_literal =
        quoted.is_some() || (words == 1 && literal.len() > 3 && literal.contains(|c: char| !c.is_ascii_lowercase()));
    if !value.is_empty() && is_literal && !lower.contains("response") {
        command.contains.push(literal.to_owned());
        if let Some(not) = aside.strip_prefix("NOT ").map(|not| not.trim_end_matches(')').trim()) {
            command.not_contains.push(not.to_owned());
        }
    }
    command.expected.push(comment.to_owned());
    true
}

impl Command {
    /// Why it cannot be run as it stands.
    pub fn for_a_person(&self) -> Option<&'static str> {
        let text = self.run.join("\n");
        let lower = text.to_lowercase();
        if placeholder(&text) {
            Some("it has a placeholder to fill in")
        } else if self.run.iter().any(|line| line.trim_start().starts_with(">>>"))
            || any(
                &lower,
                &[
                    "manage.py shell",
                    "manage.py dbshell",
                    "rails console",
                    " -it ",
                    "nano ",
                    "vim ",
                    "vi ",
                    "stripe login",
                ],
            )
        {
            Some("it needs somebody at the keyboard")
        } else if any(&lower, &["tail -f", "logs -f", "--follow", "stripe listen", "watch "])
            || self.run.iter().any(|line| line.trim_end().ends_with(" &"))
        {
            Some("it does not end by itself")
        } else if self.run.iter().any(|line| line.starts_with("ssh ") && line.split_whitespace().count() == 2) {
            Some("what follows is done on the server")
        } else if !self.run.first().is_some_and(|line| starts_like_a_command(line)) {
            Some("it is not certain that this is a command")
        } else {
            None
        }
    }

    /// Whether all it does is look.
    pub fn only_looks(&self) -> bool {
        const LOOKS: &[&str] = &[
            "grep",
            "cat",
            "ls",
            "tail",
            "head",
            "echo",
            "curl",
            "docker ps",
            "ps",
            "git status",
            "git log",
            "systemctl status",
            "dig",
            "openssl s_client",
            "python manage.py showmigrations",
            "alembic current",
        ];
        let looks = |line: &String| {
            let line = line.trim();
            LOOKS.iter().any(|known| line == *known || line.starts_with(&format!("{known} ")))
                && !line.contains(['>', ';'])
                && !any(line, &["-X ", "--data", " -d ", "&&", "$("])
                && line.split('|').skip(1).all(|part| any(part.trim(), &["grep", "tail", "head", "wc", "sort", "jq"]))
        };
        self.run.iter().all(looks)
    }

    /// The text for `sh -c`, which ends at the first line that fails.
    pub fn script(&self) -> String {
        let begun = self.run.iter().filter(|line| !line.starts_with([' ', '\t'])).count();
        let text = self.run.join("\n");
        if begun > 1 { format!("set -e\n{text}") } else { text }
    }

    /// Its comments as a title.
    pub fn title(&self) -> Option<String> {
        self.comments.iter().map(|comment| title(comment)).find(|title| !title.is_empty() && !title.starts_with("OR"))
    }
}

fn starts_like_a_command(line: &str) -> bool {
    let word = line.split_whitespace().next().unwrap_or_default();
    PROGRAMS.contains(&word)
        || word.starts_with("./")
        || word.starts_with('/')
        || (word.starts_with(|c: char| c.is_ascii_lowercase())
            && word.bytes().all(|byte| {
                byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_' | b'.' | b'/')
            }))
}

/// Whether a text has something to fill in: `<commit-hash>`, `your_name`, `user@your-server`.
fn placeholder(text: &str) -> bool {
    let angled = text.split('<').skip(1).any(|rest| {
        rest.split_once('>').is_some_and(|(inside, _)| {
            !inside.is_empty()
                && inside.len() < 40
                && inside.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ' '))
        })
    });
    let lower = text.to_lowercase();
    // A reference of golive's own shape would be spliced into the text.
    let referring = text.split("${").skip(1).any(|rest| rest.split('}').next().is_some_and(|name| name.contains('.')));
    angled || referring || any(&lower, &["your-", "your_", "xxxx", "/path/to/", "deine", "seu-", "tu-"])
}

#[cfg(test)]
mod tests {
    use super::{commands, is_shell};

    #[test]
    fn a_block_comes_apart_where_its_blank_lines_are() {
        let found = commands(
            "# Back up\ncp a.db b.db\n\ncd /srv/app\n# Verify\ngrep KEY .env\n# Should show: KEY=sk_live_... (NOT sk_test_)\n\ntail -f app.log",
        );
        assert_eq!(found.len(), 3);
        assert_eq!((found[0].title().as_deref(), found[0].script().as_str()), (Some("Back up"), "cp a.db b.db"));
        assert_eq!(
            (found[1].contains.as_slice(), found[1].not_contains.as_slice()),
            (&["KEY=sk_live_".to_owned()][..], &["sk_test_".to_owned()][..])
        );
        assert_eq!(found[1].dir.as_deref(), Some("/srv/app"));
        assert!(found[1].only_looks() && !found[0].only_looks());
        assert_eq!(found[2].for_a_person(), Some("it does not end by itself"));
    }

    #[test]
    fn what_needs_a_person_says_why() {
        for (text, why) in [
            ("git revert <commit-hash>", "it has a placeholder to fill in"),
            ("python manage.py shell\n>>> x", "it needs somebody at the keyboard"),
            ("INFO Subscription created", "it is not certain that this is a command"),
        ] {
            assert_eq!(commands(text)[0].for_a_person(), Some(why), "{text}");
        }
        assert!(is_shell("", "git pull") && !is_shell("", "Some words") && !is_shell("json", "{}"));
    }

    #[test]
    fn an_expected_answer_is_no_command() {
        let found = commands("curl https://a.test/\n\n# Expected response:\n{\n  \"a\": 1\n}");
        assert_eq!(found.len(), 2);
        assert!(found[0].expected.is_empty());
    }
}
