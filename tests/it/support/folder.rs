//! A launch's folder as `kill -9` would leave it: copied at one moment, put back at another.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// A file's bytes and mode, or a folder.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Node {
    File(Vec<u8>, u32),
    Folder,
}

/// Everything below a folder, by its path from there. Locks are left out: a process takes its own with it.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Folder(pub BTreeMap<PathBuf, Node>);

impl Folder {
    pub fn of(root: &Path) -> Self {
        let mut nodes = BTreeMap::new();
        collect(root, root, &mut nodes);
        Self(nodes)
    }

    /// Puts it in the place of whatever stands there.
    pub fn put_back(&self, root: &Path) {
        for entry in fs::read_dir(root).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() { fs::remove_dir_all(path).unwrap() } else { fs::remove_file(path).unwrap() }
        }
        for (path, node) in &self.0 {
            let path = root.join(path);
            match node {
                Node::Folder => fs::create_dir_all(&path).unwrap(),
                Node::File(bytes, mode) => {
                    fs::create_dir_all(path.parent().unwrap()).unwrap();
                    fs::write(&path, bytes).unwrap();
                    fs::set_permissions(&path, fs::Permissions::from_mode(*mode)).unwrap();
                }
            }
        }
    }

    pub fn bytes(&self, path: &Path) -> Option<&[u8]> {
        match self.0.get(path) {
            Some(Node::File(bytes, _)) => Some(bytes),
            _ => None,
        }
    }

    pub fn digest(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.hash(&mut hasher);
        hasher.finish()
    }
}

fn collect(root: &Path, folder: &Path, nodes: &mut BTreeMap<PathBuf, Node>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        let name = path.strip_prefix(root).unwrap().to_owned();
        if path.is_dir() {
            nodes.insert(name, Node::Folder);
            collect(root, &path, nodes);
        } else if path.extension().is_none_or(|extension| extension != "lock") {
            let Ok(bytes) = fs::read(&path) else { continue };
            let mode = fs::metadata(&path).map_or(0o600, |file| file.permissions().mode() & 0o777);
            nodes.insert(name, Node::File(bytes, mode));
        }
    }
}
