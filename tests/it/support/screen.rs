//! The binary in a real pseudo-terminal, with a person's eyes and fingers: waits for what is on the
//! screen, types, and looks at what the terminal is left like.

use std::fs::File;
use std::io::{Read as _, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtyPair, PtySize, native_pty_system};
use rustix::termios::{LocalModes, tcgetattr};

/// Nothing is waited for longer. A test that meets this has failed.
const PATIENCE: Duration = Duration::from_secs(30);
/// High enough that nothing scrolls away.
const ROWS: u16 = 400;

/// Ctrl-C, as a key.
pub const CTRL_C: &str = "\u{3}";
/// Ctrl-D.
pub const CTRL_D: &str = "\u{4}";
/// Esc.
pub const ESC: &str = "\u{1b}";
/// Arrow down.
pub const DOWN: &str = "\u{1b}[B";
/// Enter.
pub const ENTER: &str = "\r";

/// A terminal with a golive in it.
pub struct Screen {
    pair: PtyPair,
    child: Box<dyn Child + Send + Sync>,
    keyboard: Box<dyn Write + Send>,
    seen: Arc<Mutex<Seen>>,
    tty: PathBuf,
}

struct Seen {
    terminal: vt100::Parser,
    bytes: Vec<u8>,
}

/// How a golive is started in a terminal.
pub struct Start<'a> {
    pub dir: &'a Path,
    pub home: &'a Path,
    pub line: &'a str,
    pub columns: u16,
    pub variables: Vec<(String, String)>,
}

impl Start<'_> {
    /// Starts it.
    pub fn begin(self) -> Screen {
        let size = PtySize { rows: ROWS, cols: self.columns, ..PtySize::default() };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_golive"));
        command.env_clear();
        command.cwd(self.dir);
        command.args(self.line.split_whitespace());
        let own = [
            ("PATH", "/usr/local/bin:/usr/bin:/bin"),
            ("LANG", "C.UTF-8"),
            ("TERM", "xterm-256color"),
            ("USER", "anna"),
        ];
        for (name, value) in own {
            command.env(name, value);
        }
        command.env("HOME", self.home);
        for (name, value) in &self.variables {
            command.env(name, value);
        }
        let tty = pair.master.tty_name().unwrap();
        let child = pair.slave.spawn_command(command).unwrap();
        let keyboard = pair.master.take_writer().unwrap();
        let seen = Arc::new(Mutex::new(Seen {
            terminal: vt100::Parser::new(size_of(ROWS), size_of(self.columns), 0),
            bytes: Vec::new(),
        }));
        watch(pair.master.as_ref(), Arc::clone(&seen));
        Screen { pair, child, keyboard, seen, tty }
    }
}

fn size_of(number: u16) -> std::num::NonZeroU16 {
    number.try_into().unwrap()
}

fn watch(master: &dyn MasterPty, seen: Arc<Mutex<Seen>>) {
    let mut reader = master.try_clone_reader().unwrap();
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(count @ 1..) = reader.read(&mut buffer) {
            let mut seen = seen.lock().unwrap();
            seen.terminal.process(&buffer[..count]);
            seen.bytes.extend_from_slice(&buffer[..count]);
        }
    });
}

impl Screen {
    /// Everything that stands on the screen.
    pub fn text(&self) -> String {
        let seen = self.seen.lock().unwrap();
        let screen = seen.terminal.screen();
        let rows: Vec<String> = screen.rows(0, screen.size().1.into()).map(|row| row.trim_end().to_owned()).collect();
        rows.join("\n").trim_end().to_owned()
    }

    /// Everything that was ever written, whether it was removed again or not.
    pub fn ever(&self) -> String {
        String::from_utf8_lossy(&self.seen.lock().unwrap().bytes).into_owned()
    }

    /// Waits until something is true of the screen.
    #[track_caller]
    pub fn until(&self, what: &str, holds: impl Fn(&str) -> bool) {
        let began = Instant::now();
        loop {
            let text = self.text();
            self.is_tidy(&text);
            if holds(&text) {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "never seen: {what}\n{text}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits for words.
    #[track_caller]
    pub fn shows(&self, words: &str) {
        self.until(words, |text| text.contains(words));
    }

    /// Waits for a question that stands below some words, and types.
    #[track_caller]
    pub fn answer(&mut self, below: &str, question: &str, keys: &str) {
        let asked = |text: &str| text.rfind(below).is_some_and(|at| text[at..].contains(&format!("? {question}")));
        self.until(&format!("{question} (below {below})"), asked);
        self.keys(keys);
    }

    /// Types, or pastes.
    pub fn keys(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
        self.keyboard.flush().unwrap();
    }

    /// The window becomes narrower or wider.
    pub fn resize(&self, columns: u16) {
        self.pair.master.resize(PtySize { rows: ROWS, cols: columns, ..PtySize::default() }).unwrap();
        self.seen.lock().unwrap().terminal.screen_mut().set_size(size_of(ROWS), size_of(columns));
    }

    /// Dies as in a power cut.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits until it has died as in a power cut.
    #[track_caller]
    pub fn dies(&mut self) {
        let began = Instant::now();
        while self.child.try_wait().unwrap().is_none() {
            assert!(began.elapsed() < PATIENCE, "it lives on\n{}", self.text());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits for the end, demands its exit code, and that the terminal is as it was before.
    #[track_caller]
    pub fn exits(&mut self, code: u32) {
        let began = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(began.elapsed() < PATIENCE, "it never ends\n{}", self.text());
            std::thread::sleep(Duration::from_millis(10));
        };
        assert_eq!(status.exit_code(), code, "\n{}", self.text());
        assert!(self.echoes(), "typing is not echoed any more\n{}", self.text());
        self.until("the cursor", |_| !self.hides_cursor());
    }

    /// Whether the terminal echoes what is typed, and takes Ctrl-C as a signal.
    pub fn echoes(&self) -> bool {
        let modes = tcgetattr(File::open(&self.tty).unwrap()).unwrap().local_modes;
        modes.contains(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG)
    }

    fn hides_cursor(&self) -> bool {
        self.seen.lock().unwrap().terminal.screen().hide_cursor()
    }

    /// What may never be seen, whatever else happens: a line that had to be broken by the terminal,
    /// or a secret that was stopped only at the last moment.
    #[track_caller]
    fn is_tidy(&self, text: &str) {
        let seen = self.seen.lock().unwrap();
        let screen = seen.terminal.screen();
        // What moves fills its row with blanks, and the terminal's own ^C comes behind it.
        let full = |row: u16| {
            screen
                .rows(0, screen.size().1.into())
                .nth(row.into())
                .is_some_and(|row| row.trim_end().chars().count() > 50)
        };
        let broken = (0..ROWS).find(|row| screen.row_wrapped(*row) && full(*row));
        assert!(broken.is_none(), "row {broken:?} is wider than the terminal\n{text}");
        assert!(!text.contains("[secret removed]"), "a secret got as far as the scrubber\n{text}");
        assert!(!text.contains("panicked at"), "golive panicked\n{text}");
    }
}
