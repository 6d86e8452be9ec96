//! A file system that forgets: fed with the effects that a run told of, it knows every state that a power
//! cut could leave on the disk.
//!
//! As little is promised as POSIX promises. What was written and not synced may be there, or not, or in
//! part, or be zeros. A new, renamed or removed name may be there or not, each for itself and in any order,
//! until its folder is synced. A rename itself is whole or did not happen.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use serde_json::Value;

use super::folder::{Folder, Node};

/// A file's bytes: those on disk, and what was done since.
#[derive(Clone, Default)]
struct Inode {
    durable: Vec<u8>,
    pending: Vec<Data>,
}

#[derive(Clone)]
enum Data {
    Written(Vec<u8>),
    Cut(usize),
}

impl Inode {
    fn after(&self, count: usize) -> Vec<u8> {
        let mut bytes = self.durable.clone();
        for data in &self.pending[..count] {
            match data {
                Data::Written(more) => bytes.extend(more),
                Data::Cut(length) => bytes.truncate(*length),
            }
        }
        bytes
    }

    /// What a power cut may leave of it.
    fn possible(&self) -> Vec<Vec<u8>> {
        let mut found = Vec::new();
        for count in 0..=self.pending.len() {
            found.push(self.after(count));
            if let Some(Data::Written(more)) = self.pending.get(count) {
                let before = self.after(count);
                found.push([&before[..], &more[..more.len() / 2]].concat());
                found.push([&before[..], &vec![0; more.len()]].concat());
            }
        }
        found
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Entry {
    File(usize),
    Folder,
}

/// A change of names that is not on disk yet.
#[derive(Clone)]
enum Naming {
    Made(PathBuf, Entry),
    Renamed(PathBuf, PathBuf, Entry),
    Removed(PathBuf),
}

impl Naming {
    fn apply(&self, names: &mut BTreeMap<PathBuf, Entry>) {
        match self {
            Self::Made(path, entry) => drop(names.insert(path.clone(), *entry)),
            Self::Renamed(from, to, entry) => {
                names.remove(from);
                names.insert(to.clone(), *entry);
            }
            Self::Removed(path) => drop(names.remove(path)),
        }
    }

    fn folder(&self) -> &Path {
        let (Self::Made(path, _) | Self::Renamed(_, path, _) | Self::Removed(path)) = self;
        path.parent().unwrap()
    }
}

/// The disk below one folder.
#[derive(Clone)]
pub struct Disk {
    root: PathBuf,
    inodes: Vec<Inode>,
    live: BTreeMap<PathBuf, Entry>,
    durable: BTreeMap<PathBuf, Entry>,
    pending: Vec<Naming>,
    /// Every path that an effect was about.
    touched: BTreeSet<PathBuf>,
}

impl Disk {
    /// A disk that has all that is there.
    pub fn of(root: &Path) -> Self {
        let mut disk = Self {
            root: root.to_owned(),
            inodes: Vec::new(),
            live: BTreeMap::new(),
            durable: BTreeMap::new(),
            pending: Vec::new(),
            touched: BTreeSet::new(),
        };
        for (path, node) in Folder::of(root).0 {
            let entry = match node {
                Node::Folder => Entry::Folder,
                Node::File(bytes, _) => disk.inode(bytes),
            };
            disk.live.insert(path, entry);
        }
        disk.durable = disk.live.clone();
        disk
    }

    fn inode(&mut self, durable: Vec<u8>) -> Entry {
        self.inodes.push(Inode { durable, pending: Vec::new() });
        Entry::File(self.inodes.len() - 1)
    }

    /// The path from the root; `None` for one that is not below it.
    fn place(&self, value: &Value) -> Option<PathBuf> {
        let path = Path::new(value.as_str()?);
        let path = if path.is_absolute() { path.strip_prefix(&self.root).ok()? } else { path };
        Some(path.components().filter(|part| *part != Component::CurDir).collect())
    }

    fn file(&mut self, path: &Path) -> &mut Inode {
        let Some(Entry::File(index)) = self.live.get(path) else { panic!("{} is not there", path.display()) };
        &mut self.inodes[*index]
    }

    /// What a run told of.
    pub fn apply(&mut self, effect: &Value) {
        let Some(path) = self.place(&effect["path"]).filter(|path| !is_others(path)) else { return };
        self.touched.insert(path.clone());
        match effect["did"].as_str().unwrap() {
            "created" => {
                let entry = self.inode(Vec::new());
                self.name(Naming::Made(path, entry));
            }
            "made" => self.name(Naming::Made(path, Entry::Folder)),
            "written" => {
                let bytes = hex::decode(effect["hex"].as_str().unwrap()).unwrap();
                self.file(&path).pending.push(Data::Written(bytes));
            }
            "cut" => {
                let length = usize::try_from(effect["length"].as_u64().unwrap()).unwrap();
                self.file(&path).pending.push(Data::Cut(length));
            }
            "synced" => {
                let inode = self.file(&path);
                inode.durable = inode.after(inode.pending.len());
                inode.pending.clear();
            }
            "renamed" => {
                let from = self.place(&effect["from"]).unwrap();
                self.touched.insert(from.clone());
                let entry = self.live[&from];
                self.name(Naming::Renamed(from, path, entry));
            }
            "removed" => self.name(Naming::Removed(path)),
            "folder_synced" => {
                let (done, left) = self.pending.drain(..).partition(|naming| naming.folder() == path);
                let done: Vec<Naming> = done;
                self.pending = left;
                for naming in done {
                    naming.apply(&mut self.durable);
                }
            }
            other => panic!("{other} is no effect"),
        }
    }

    fn name(&mut self, naming: Naming) {
        naming.apply(&mut self.live);
        self.pending.push(naming);
    }

    /// The paths that a power cut could take something of.
    pub fn unsafe_paths(&self) -> BTreeSet<PathBuf> {
        let names = self.pending.iter().map(|naming| {
            let (Naming::Made(path, _) | Naming::Renamed(_, path, _) | Naming::Removed(path)) = naming;
            path.clone()
        });
        let data = self.live.iter().filter_map(|(path, entry)| match entry {
            Entry::File(index) if !self.inodes[*index].pending.is_empty() => Some(path.clone()),
            _ => None,
        });
        names.chain(data).collect()
    }

    /// Demands that the folder holds what the effects say: nothing was written past them.
    #[track_caller]
    pub fn agrees(&self, real: &Folder, at: &str) {
        for (path, node) in &real.0 {
            if is_others(path) {
                continue;
            }
            match (self.live.get(path), node) {
                (Some(Entry::Folder), Node::Folder) => {}
                (Some(Entry::File(index)), Node::File(bytes, _)) => {
                    let inode = &self.inodes[*index];
                    assert!(
                        inode.after(inode.pending.len()) == *bytes,
                        "{at}: {} holds something else",
                        path.display()
                    );
                }
                _ => panic!("{at}: no effect told of {}", path.display()),
            }
        }
        for path in self.live.keys().filter(|path| !is_others(path)) {
            assert!(real.0.contains_key(path), "{at}: {} is not there", path.display());
        }
    }

    /// Every state that a power cut could leave now, in the folder as it was copied. What golive did not
    /// write stays as it is.
    pub fn possible(&self, real: &Folder) -> Vec<Folder> {
        let mut found: Vec<Folder> = Vec::new();
        for chosen in choices(self.pending.len()) {
            let mut names = self.durable.clone();
            for (naming, _) in self.pending.iter().zip(&chosen).filter(|(_, chosen)| **chosen) {
                naming.apply(&mut names);
            }
            // Without the folder above there is nothing below.
            let there = names.clone();
            names.retain(|path, _| {
                let above = path.ancestors().skip(1).filter(|above| !above.as_os_str().is_empty());
                above.into_iter().all(|above| there.contains_key(above))
            });
            for folder in self.filled(&names, real) {
                if !found.contains(&folder) {
                    found.push(folder);
                }
            }
        }
        found
    }

    /// The names with each content that their files may have: one file at a time is in doubt.
    fn filled(&self, names: &BTreeMap<PathBuf, Entry>, real: &Folder) -> Vec<Folder> {
        let mut base = Folder::default();
        for (path, node) in &real.0 {
            if !self.touched.contains(path) && !self.live.contains_key(path) {
                base.0.insert(path.clone(), node.clone());
            }
        }
        let mut doubtful = Vec::new();
        for (path, entry) in names {
            let node = match entry {
                Entry::Folder => Node::Folder,
                Entry::File(index) => {
                    let inode = &self.inodes[*index];
                    if !inode.pending.is_empty() {
                        doubtful.push((path.clone(), inode));
                    }
                    let mode = match real.0.get(path) {
                        Some(Node::File(_, mode)) => *mode,
                        _ => 0o600,
                    };
                    Node::File(inode.durable.clone(), mode)
                }
            };
            base.0.insert(path.clone(), node);
        }
        let mut found = vec![base.clone()];
        for (path, inode) in doubtful {
            for bytes in inode.possible() {
                let mut folder = base.clone();
                folder.0.insert(path.clone(), Node::File(bytes, 0o600));
                found.push(folder);
            }
        }
        found
    }
}

/// What golive does not write for good: what the checklist's commands write, the simulator's world, and the
/// copy of a rehearsal on which its rollback is tried, which is made anew when it is not whole.
fn is_others(path: &Path) -> bool {
    const OTHERS: [&str; 5] = ["commands.log", "rollback.log", "golive.toml", ".golive/rehearsal", ".golive/drills"];
    let drill = path.file_name().is_some_and(|name| name.to_string_lossy().contains(".drill-"));
    drill || OTHERS.iter().any(|name| path.starts_with(name))
}

/// Which of so many changes made it: all combinations of a few; of many, none, all, each alone, all but
/// each.
fn choices(count: usize) -> Vec<Vec<bool>> {
    if count <= 5 {
        return (0..1_usize << count).map(|bits| (0..count).map(|at| bits >> at & 1 == 1).collect()).collect();
    }
    let mut found = vec![vec![false; count], vec![true; count]];
    for at in 0..count {
        found.push((0..count).map(|other| other == at).collect());
        found.push((0..count).map(|other| other != at).collect());
    }
    found
}

#[test]
fn what_is_not_synced_may_be_gone_torn_or_without_a_name() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("old"), "old").unwrap();
    let mut disk = Disk::of(folder.path());
    let told = |did: &str, path: &str| serde_json::json!({ "did": did, "path": path, "hex": "6162", "from": "new" });
    disk.apply(&told("created", "new"));
    disk.apply(&told("written", "new"));
    let seen = |disk: &Disk| -> BTreeSet<Vec<(String, Vec<u8>)>> {
        let states = disk.possible(&Folder::of(folder.path()));
        let files = |folder: &Folder| {
            let files = folder.0.keys().map(|path| (path.display().to_string(), folder.bytes(path).unwrap().to_vec()));
            files.collect()
        };
        states.iter().map(files).collect()
    };
    let old = ("old".to_owned(), b"old".to_vec());
    let with = |bytes: &[u8]| vec![("new".to_owned(), bytes.to_vec()), old.clone()];
    let wanted = [vec![old.clone()], with(b""), with(b"a"), with(b"ab"), with(b"\0\0")];
    assert_eq!(seen(&disk), wanted.into_iter().collect());
    disk.apply(&told("synced", "new"));
    disk.apply(&told("renamed", "old"));
    let swapped = vec![("old".to_owned(), b"ab".to_vec())];
    assert_eq!(seen(&disk), [vec![old.clone()], with(b"ab"), swapped.clone()].into_iter().collect());
    disk.apply(&told("folder_synced", "."));
    assert_eq!(seen(&disk), [swapped].into_iter().collect());
    assert!(disk.unsafe_paths().is_empty());
}
