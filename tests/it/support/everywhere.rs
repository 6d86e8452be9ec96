//! Killed everywhere: a command is stopped at every crash point it reaches, what `kill -9` would leave there
//! is copied, and from each copy the launch goes on to its end.
//!
//! The points are numbered while the command runs, so a new one is found by itself. A copy that equals
//! another is gone on from once. A process that is stopped leaves on the disk what one that is killed
//! leaves; the second kill on the way is a real one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use golive::simulator::{Control, Moment};
use golive::state::State;

use super::disk::Disk;
use super::figures;
use super::folder::Folder;
use super::step::stepped;
use super::{Golive, Output};

/// A command and the launch it is about.
pub struct Scene<'a> {
    /// What is tried, for messages.
    pub name: &'a str,
    /// The launch's folder, and the home.
    pub dir: &'a Path,
    pub home: &'a Path,
    /// Its journal, from the folder.
    pub journal: &'a str,
    /// Stripe, unless it is in the folder.
    pub control: Option<&'a Control>,
    /// The command, as it is first called and as it is called again.
    pub command: &'a dyn Fn() -> Golive,
    /// Goes on to the end and demands that everything is as if nothing had happened.
    pub finish: &'a dyn Fn(&str),
}

/// A moment of a run, as `kill -9` would leave it.
struct Copy {
    at: String,
    folder: Folder,
    disk: Disk,
    /// How many requests Stripe had got.
    requests: usize,
    moment: Option<Moment>,
}

/// What a run went through.
struct Recorded {
    points: usize,
    /// By the point's number; equal ones are there once.
    copies: Vec<Copy>,
    output: Output,
}

impl Scene<'_> {
    fn record(&self, mut disk: Disk) -> Recorded {
        let mut copies: BTreeMap<(u64, usize), Copy> = BTreeMap::new();
        let mut points = 0;
        let output = stepped((self.command)(), self.home, &mut |stop| {
            points += 1;
            disk.apply_told(&stop.effect);
            let at = format!("{}: point {}, {}", self.name, stop.number, stop.name);
            let folder = Folder::of(self.dir);
            disk.agrees(&folder, &at);
            self.nothing_is_recorded_too_early(&disk, &stop.effect, &at);
            self.is_readable(&folder, &at);
            let requests = self.control.map_or(0, |control| control.requests().len());
            copies.entry((folder.digest(), requests)).or_insert_with(|| Copy {
                at,
                folder,
                disk: disk.clone(),
                requests,
                moment: self.control.map(Control::moment),
            });
        });
        let rest = disk.unsafe_paths();
        assert!(rest.is_empty(), "{}: it ended and a power cut could take {rest:?}\n{output}", self.name);
        Recorded { points, copies: copies.into_values().collect(), output }
    }

    /// What a line of the journal says happened is on disk before the line is written.
    #[track_caller]
    fn nothing_is_recorded_too_early(&self, disk: &Disk, effect: &serde_json::Value, at: &str) {
        let told = Path::new(effect["path"].as_str().unwrap_or_default());
        if effect["did"] != "written" || told.file_name() != Path::new(self.journal).file_name() {
            return;
        }
        let text = String::from_utf8(hex::decode(effect["hex"].as_str().unwrap()).unwrap()).unwrap();
        let says = |word: &str| text.contains(&format!("\"type\":\"{word}\""));
        if says("env_written") || says("env_restored") || says("applied") {
            let mut rest = disk.unsafe_paths();
            rest.remove(Path::new(self.journal));
            assert!(rest.is_empty(), "{at}: recorded, and a power cut could take {rest:?}");
        }
    }

    /// A reader, at any moment, sees a whole state.
    #[track_caller]
    fn is_readable(&self, folder: &Folder, at: &str) {
        let Some(bytes) = folder.bytes(Path::new(self.journal)) else { return };
        let copy = self.home.join("journal.jsonl");
        std::fs::write(&copy, bytes).unwrap();
        let read = golive::store::read(&copy).unwrap_or_else(|failure| panic!("{at}: {failure:?}"));
        let _ = State::of(&read.lines);
        std::fs::remove_file(copy).unwrap();
    }

    fn go_back(&self, folder: &Folder, moment: Option<&Moment>) {
        folder.put_back(self.dir);
        if let (Some(control), Some(moment)) = (self.control, moment) {
            control.return_to(moment);
        }
    }

    /// Kills at every point: once, and a second time on the way to the end.
    pub fn is_killed_everywhere(&self, some: usize) {
        let Recorded { points, copies, output } = self.record(Disk::of(self.dir));
        (self.finish)(&format!("{}: undisturbed\n{output}", self.name));
        let chosen = figures::sample(copies.len(), some);
        let mut again = 0;
        for at in &chosen {
            let Copy { at: how, folder, moment, .. } = &copies[*at];
            self.go_back(folder, moment.as_ref());
            (self.finish)(&format!("killed at {how}"));
            if figures::full() || at % 3 == 0 {
                let second = 1 + at * 7 % 23;
                self.go_back(folder, moment.as_ref());
                let _ = (self.command)().crash_at(second).run();
                (self.finish)(&format!("killed at {how}, and again at point {second} from there"));
                again += 1;
            }
        }
        figures::add("kill.points", points);
        figures::add("kill.resumed", chosen.len());
        figures::add("kill.twice", again);
        self.tell(&format!("{points} points, {} states, {} gone on from, {again} twice", copies.len(), chosen.len()));
    }

    /// Cuts the power at every effect: goes on from every state that the disk may then be in.
    pub fn loses_power_everywhere(&self, some: usize) {
        let Recorded { copies, .. } = self.record(Disk::of(self.dir));
        let mut states: BTreeMap<(u64, usize), (String, Folder, Option<Moment>)> = BTreeMap::new();
        let mut possible = 0;
        for copy in &copies {
            for folder in copy.disk.possible(&copy.folder) {
                possible += 1;
                self.is_readable(&folder, &copy.at);
                states
                    .entry((folder.digest(), copy.requests))
                    .or_insert_with(|| (copy.at.clone(), folder, copy.moment.clone()));
            }
        }
        let states: Vec<_> = states.into_values().collect();
        let chosen = figures::sample(states.len(), some);
        for at in &chosen {
            let (how, folder, moment) = &states[*at];
            self.go_back(folder, moment.as_ref());
            (self.finish)(&format!("power cut at {how}"));
        }
        figures::add("power.states", possible);
        figures::add("power.resumed", chosen.len());
        self.tell(&format!("{possible} disk states, {} different, {} gone on from", states.len(), chosen.len()));
    }

    /// Kills where something was not on disk yet, and demands of the next run that it is when it ends,
    /// and before anything is recorded that rests on it.
    pub fn what_a_killed_run_left_is_made_durable(&self, some: usize) {
        let Recorded { copies, .. } = self.record(Disk::of(self.dir));
        let open: Vec<_> = copies.iter().filter(|copy| !copy.disk.unsafe_paths().is_empty()).collect();
        for at in figures::sample(open.len(), some) {
            let Copy { at: how, folder, disk, moment, .. } = open[at];
            self.go_back(folder, moment.as_ref());
            let again = Scene { name: &format!("after a kill at {how}"), ..*self };
            let _ = again.record(disk.clone());
            (self.finish)(again.name);
        }
    }

    #[expect(clippy::print_stdout, reason = "a count that nobody sees proves nothing")]
    fn tell(&self, counts: &str) {
        println!("{}: {counts}", self.name);
    }
}

impl Disk {
    fn apply_told(&mut self, effect: &serde_json::Value) {
        if effect.is_object() {
            self.apply(effect);
        }
    }
}

/// What is compared of a rehearsal's end: how each item stands, what is in the world, what is in the env
/// file, what was answered.
#[derive(Debug, PartialEq, Eq)]
pub struct End {
    items: BTreeMap<String, String>,
    objects: BTreeMap<String, usize>,
    variables: BTreeMap<String, usize>,
    asked: Vec<String>,
}

impl End {
    pub fn of(dir: &Path, home: &Path, checklist: &str) -> Self {
        let status = Golive::new(dir, home).args(&format!("status --mode rehearse --checklist {checklist} --json"));
        let status: serde_json::Value = serde_json::from_str(&status.run().exits(0).stdout).unwrap();
        let items = status["phases"].as_array().unwrap().iter().flat_map(|phase| phase["items"].as_array().unwrap());
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        let rehearsal = dir.join(".golive/rehearsal").join(checklist);
        let read = |path: PathBuf| std::fs::read_to_string(path).unwrap_or_default();
        let journal = read(dir.join(format!(".golive/{checklist}.rehearse.jsonl")));
        let mut variables = BTreeMap::new();
        for file in super::files(&rehearsal).into_iter().filter(|path| !path.starts_with(rehearsal.join("stripe"))) {
            for (name, _) in read(file).lines().filter_map(|line| line.split_once('=')) {
                *variables.entry(name.to_owned()).or_default() += 1;
            }
        }
        let events = journal
            .lines()
            .filter_map(|line| Some(serde_json::from_str::<serde_json::Value>(line).ok()?["event"].take()));
        let asked = events.filter(|event| event["type"] == "answered" || event["type"] == "attested");
        // A secret is nowhere but in the env file: one that was given and had not got there is asked for again.
        let mut secrets = std::collections::BTreeSet::new();
        let asked = asked.filter(|event| {
            event["answer"] != "given" || secrets.insert((event["item"].to_string(), event["question"].to_string()))
        });
        let mut asked: Vec<String> = asked.map(|event| format!("{} {}", event["item"], event["question"])).collect();
        asked.sort();
        Self {
            items: items.map(|item| (text(&item["id"]), text(&item["state"]))).collect(),
            objects: objects(&read(rehearsal.join("stripe/world.jsonl"))),
            variables,
            asked,
        }
    }
}

/// How many objects of each kind a world has. Not counted: what tells of something else or was told to the
/// shop, and the checkouts of a proof, which a repeated proof opens and expires again; none may be open.
fn objects(world: &str) -> BTreeMap<String, usize> {
    const UNCOUNTED: [&str; 3] = ["event", "shop.event", "checkout.session"];
    let mut there: BTreeMap<(String, String), String> = BTreeMap::new();
    for entry in world.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()) {
        for value in entry["put"].as_array().into_iter().flatten() {
            let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
            there.insert((text("object"), text("id")), text("status"));
        }
        for gone in entry["delete"].as_array().into_iter().flatten() {
            let text = |at: usize| gone[at].as_str().unwrap_or_default().to_owned();
            there.remove(&(text(0), text(1)));
        }
    }
    let mut counts = BTreeMap::new();
    for ((kind, _), status) in there {
        if kind == "checkout.session" && status == "open" {
            *counts.entry("open checkout".to_owned()).or_default() += 1;
        }
        if !UNCOUNTED.contains(&kind.as_str()) {
            *counts.entry(kind).or_default() += 1;
        }
    }
    counts
}
