//! Commands on another computer: a real `sshd` on loopback, with keys made for one test. What never
//! began, what was lost on the way and what ended badly by itself are told apart by name. Where
//! there is no sshd, these tests say so and end.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::stand::{Ran, Stand};
use super::support::skipped;

/// Where Debian and others keep it.
const SSHD: [&str; 3] = ["/usr/sbin/sshd", "/usr/local/sbin/sshd", "/sbin/sshd"];

/// A server that runs as long as the test, and an `ssh` first on the path that knows its way.
struct Server {
    stand: Stand,
    folder: PathBuf,
    child: Child,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn checklist(item: &str) -> String {
    format!(
        "schema = 1\nid = \"far\"\ntitle = \"Far\"\n\n[vars]\nserver = \"far.test\"\n\n[env]\nfile = \".env.production\"\n\n\
         [[phase]]\nid = \"deploy\"\ntitle = \"Deploy\"\n\n[[phase.item]]\nid = \"restart\"\nkind = \"command\"\n\
         title = \"Restart\"\n{item}\n"
    )
}

fn make_key(path: &Path) {
    let mut keygen = Command::new("ssh-keygen");
    let made = keygen.args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(path).status().unwrap();
    assert!(made.success());
}

impl Server {
    /// `None`, with a word about it, where no server can be had.
    fn start(item: &str) -> Option<Self> {
        let Some(sshd) = SSHD.iter().find(|path| Path::new(path).exists()) else {
            skipped("there is no sshd on this computer");
            return None;
        };
        let mut stand = Stand::new(&checklist(item));
        let folder = stand.dir.parent().unwrap().join("ssh");
        fs::create_dir_all(folder.join("bin")).unwrap();
        for key in ["host", "mine", "other"] {
            make_key(&folder.join(key));
        }
        let user = Command::new("id").arg("-un").output().unwrap();
        let user = String::from_utf8(user.stdout).unwrap().trim().to_owned();
        fs::copy(folder.join("mine.pub"), folder.join("authorized")).unwrap();
        fs::set_permissions(folder.join("authorized"), PermissionsExt::from_mode(0o600)).unwrap();
        let config = format!(
            "HostKey {0}/host\nAuthorizedKeysFile {0}/authorized\nStrictModes no\nUsePAM no\nPidFile none\n\
             PasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin yes\nPrintMotd no\n",
            folder.display()
        );
        fs::write(folder.join("sshd_config"), config).unwrap();
        stand.set("PATH", &format!("{}:/usr/bin:/bin", folder.join("bin").display()));
        // As root, sshd wants its folder for the separation of privileges.
        let _ = fs::create_dir_all("/run/sshd");
        let (child, port) = listen(sshd, &folder);
        let host_key = fs::read_to_string(folder.join("host.pub")).unwrap();
        fs::write(folder.join("known"), format!("[127.0.0.1]:{port} {host_key}")).unwrap();
        let server = Self { stand, folder, child };
        server.wrap(&server.options(port, "mine", "known", &user));
        Some(server)
    }

    fn options(&self, port: u16, key: &str, known: &str, user: &str) -> String {
        let folder = self.folder.display();
        format!(
            "-F none -i {folder}/{key} -p {port} -o IdentitiesOnly=yes -o UserKnownHostsFile={folder}/{known} \
             -o GlobalKnownHostsFile=/dev/null -o HostName=127.0.0.1 -o HostKeyAlias=[127.0.0.1]:{port} -l {user}"
        )
    }

    /// Puts an `ssh` first on the path that adds these options.
    fn wrap(&self, options: &str) {
        let path = self.folder.join("bin/ssh");
        fs::write(&path, format!("#!/bin/sh\nexec /usr/bin/ssh {options} \"$@\"\n")).unwrap();
        fs::set_permissions(path, PermissionsExt::from_mode(0o755)).unwrap();
    }

    /// The wrapper with one word of it replaced.
    fn rewrap(&self, from: &str, to: &str) {
        let path = self.folder.join("bin/ssh");
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{text}");
        fs::write(path, text.replace(from, to)).unwrap();
    }

    fn wizard(&self, more: &[&str]) -> Ran {
        let all = [&["wizard", "--mode", "live", "--yes", "--allow-commands"], more].concat();
        self.stand.run(&all)
    }
}

/// Starts it on a port that was free a moment ago; another one when somebody was faster.
fn listen(sshd: &str, folder: &Path) -> (Child, u16) {
    for _ in 0..20 {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let log = fs::File::create(folder.join("log")).unwrap();
        let mut command = Command::new(sshd);
        command.arg("-D").arg("-e").arg("-f").arg(folder.join("sshd_config"));
        command.args(["-o", &format!("ListenAddress=127.0.0.1:{port}")]).stdin(Stdio::null()).stderr(log);
        let mut child = command.spawn().unwrap();
        loop {
            let said = fs::read_to_string(folder.join("log")).unwrap();
            if said.contains("Server listening") {
                return (child, port);
            }
            if child.try_wait().unwrap().is_some() {
                assert!(said.contains("Address already in use"), "{said}");
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
    }
    panic!("no port is free");
}

#[test]
fn a_command_runs_over_there_with_its_values_and_secrets_and_nothing_is_spliced() {
    let item = "on = \"${vars.server}\"\nrun = 'echo \"$WHO|$TOKEN|${SSH_CONNECTION%% *}|$(pwd)\"; cat; echo end'\n\
                env = { WHO = \"it's $(me)\" }\nsecret_env = [\"TOKEN\"]\ndir = \"/\"\n\
                expect = { contains = [\"it's $(me)|\", \"|127.0.0.1|/\", \"end\"], lines = 2 }";
    let Some(server) = Server::start(item) else { return };
    server.stand.write(".env.production", "TOKEN=persimmon-lighthouse-12\n");
    let ran = server.wizard(&[]);
    ran.expect(0, &["ssh far.test: echo", "exit 0 in", "end"]);
    let journal = server.stand.read(".golive/far.live.jsonl");
    assert!(!journal.contains("persimmon") && !ran.err.contains("persimmon"), "{}", ran.err);
    assert!(journal.contains("23 characters, hidden"), "the secret was not over there: {journal}");
    assert!(journal.contains("\"on\":\"far.test\"") && !journal.contains("golive-begun"));
}

#[test]
fn the_list_of_commands_names_every_alternative_and_its_computer() {
    let item = "on = \"${vars.server}\"\nchoose = [\n  { name = \"systemd\", title = \"systemd\", run = \"echo systemctl\" },\n  \
                { name = \"compose\", title = \"Docker Compose\", run = \"echo compose\" },\n]";
    let Some(server) = Server::start(item) else { return };
    let open = server.stand.run(&["wizard", "--mode", "live"]);
    open.expect(5, &["deploy.restart.way", "Which one fits?", "systemd, compose"]);
    let way = ["--answer", "deploy.restart.way=compose"];
    let all = [&["wizard", "--mode", "live", "--yes"], &way[..]].concat();
    let refused = server.stand.run(&all);
    refused.expect(4, &["GL0703", "ssh far.test: echo systemctl", "ssh far.test: echo compose"]);
    server.wizard(&way).expect(0, &["exit 0 in"]);
    // The answer is remembered, and the other computer is another consent.
    let again = server.stand.run(&["check", "--mode", "live"]);
    again.expect(0, &[]);
    let elsewhere = ["--answer", "vars.server=other.example"];
    let moved = server.stand.run(&[&["wizard", "--mode", "live", "--yes"], &elsewhere[..]].concat());
    moved.expect(4, &["GL0703", "ssh other.example: echo compose"]);
}

#[test]
fn exit_255_of_a_command_is_its_own_and_a_lost_connection_is_not() {
    let Some(server) = Server::start("on = \"far\"\nrun = \"echo here; exit 255\"\nexpect = { exit = 255 }") else {
        return;
    };
    server.wizard(&[]).expect(0, &["exit 255 in", "here"]);

    let Some(server) = Server::start("on = \"far\"\nrun = \"echo half; kill -9 $PPID\"") else { return };
    server.wizard(&[]).expect(5, &["deploy.restart.outcome", "Did it finish?", "may go on over there"]);
    assert_eq!(server.stand.state_of("deploy.restart"), "todo");
    server.wizard(&["--answer", "deploy.restart.outcome=finished"]).expect(0, &["found it finished"]);
}

#[test]
fn who_is_not_let_in_or_does_not_know_the_host_is_told_so_and_nothing_ran() {
    let item = "on = \"far\"\nrun = \"touch ran-anyway\"\ndir = \"/tmp/nowhere\"";
    let Some(server) = Server::start(item) else { return };
    server.rewrap("/mine ", "/other ");
    server.wizard(&[]).expect(3, &["GL0715", "`far` lets nobody in", "ssh-copy-id far"]);
    server.rewrap("/other ", "/mine ");
    server.rewrap("/known ", "/unknown ");
    server.wizard(&[]).expect(3, &["GL0715", "has a host key that this computer does not know", "ssh far true"]);
    server.rewrap("/unknown ", "/known ");
    // What never began is begun by the next run without a question; a folder that is not there is
    // the command's own end, and that is asked about.
    server.wizard(&[]).expect(5, &["deploy.restart.again", "nowhere", "exit 127"]);
}

#[test]
fn a_service_left_running_over_there_does_not_hold_the_launch_up() {
    let item = "on = \"far\"\nrun = \"sleep 60 & echo started\"\ntimeout = 50\nexpect = { contains = \"started\" }";
    let Some(server) = Server::start(item) else { return };
    let ran = server.wizard(&[]);
    ran.expect(0, &["started"]);
    let journal = server.stand.read(".golive/far.live.jsonl");
    let ended: Vec<serde_json::Value> = journal.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let ended = ended.iter().find(|line| line["event"]["type"] == "command_ended").unwrap();
    assert!(
        ended["event"]["ran"]["exit"] == 0 && ended["event"]["ran"].get("timed_out") == Some(&false.into()),
        "{ended}"
    );
}

#[test]
fn a_rehearsal_goes_nowhere() {
    let stand = Stand::new(&checklist("on = \"far.test\"\nrun = \"touch ran\""));
    let ran = stand.run(&["rehearse", "--yes"]);
    ran.expect(0, &["would run on far.test: touc"]);
}
