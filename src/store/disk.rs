//! The disk: every durable effect on the state folder, the env file and what golive saves.
//!
//! A file is on disk when it and its name in the folder are synced; each function here says which of
//! the two it does. Nothing else in golive writes a file that must outlive a power cut: a test reads
//! the sources for it, and another cuts the power after each effect.

use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::crash::{Effect, effect};

/// The folder that a path stands in.
pub fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes a folder and those above it that are missing, for the owner alone. On disk when this returns,
/// also when an earlier golive made it and did not get that far.
pub fn make_folder(path: &Path, what: &str) -> io::Result<()> {
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    let above = folder_of(path);
    if !path.is_dir() {
        if !above.is_dir() {
            make_folder(above, what)?;
        }
        match DirBuilder::new().mode(0o700).create(path) {
            Ok(()) => effect(what, &Effect::Made(path)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    if path == Path::new(".") { Ok(()) } else { sync_folder(above, what) }
}

/// A file to be written at its end; made, if it is not there. Not yet on disk.
pub fn open_at_end(path: &Path, what: &str) -> io::Result<File> {
    let made = !path.exists();
    let file = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path)?;
    if made {
        effect(what, &Effect::Created(path));
    }
    Ok(file)
}

/// More bytes at its end. Not yet on disk.
pub fn write(mut file: &File, path: &Path, bytes: &[u8], what: &str) -> io::Result<()> {
    file.write_all(bytes)?;
    effect(what, &Effect::Written(path, bytes));
    Ok(())
}

/// Shortens it. Not yet on disk.
pub fn cut(file: &File, path: &Path, length: u64, what: &str) -> io::Result<()> {
    file.set_len(length)?;
    effect(what, &Effect::Cut(path, length));
    Ok(())
}

/// What it holds is on disk, its owner and mode too. Its name may not be.
pub fn sync(file: &File, path: &Path, what: &str) -> io::Result<()> {
    file.sync_all()?;
    effect(what, &Effect::Synced(path));
    Ok(())
}

/// What it holds is on disk. For a file that is written line by line.
pub fn sync_data(file: &File, path: &Path, what: &str) -> io::Result<()> {
    file.sync_data()?;
    effect(what, &Effect::Synced(path));
    Ok(())
}

/// Takes a file away. Not yet on disk.
pub fn remove(path: &Path, what: &str) -> io::Result<()> {
    std::fs::remove_file(path)?;
    effect(what, &Effect::Removed(path));
    Ok(())
}

/// Which names a folder has is on disk: new, renamed and removed ones.
pub fn sync_folder(folder: &Path, what: &str) -> io::Result<()> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    File::open(folder).and_then(|handle| handle.sync_all())?;
    effect(what, &Effect::FolderSynced(folder));
    Ok(())
}

/// Whatever an earlier golive, or an editor, did to a file is on disk from now on.
pub fn settle(path: &Path, what: &str) -> io::Result<()> {
    sync(&File::open(path)?, path, what)?;
    sync_folder(folder_of(path), what)
}

/// Who may read a file that is put in a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    /// Its owner alone.
    Owner,
    /// Whoever the umask lets, as every file that an editor makes; a file that is there keeps its mode.
    Umask,
}

/// A file that is written beside another one, to take its place at once.
pub struct Beside<'a> {
    file: NamedTempFile,
    target: &'a Path,
    what: &'a str,
}

impl<'a> Beside<'a> {
    /// A new file in the target's folder, for the owner alone. Gone again, unless it takes the place.
    pub fn new(target: &'a Path, prefix: &str, what: &'a str) -> io::Result<Self> {
        Self::with(target, prefix, Readers::Owner, what)
    }

    fn with(target: &'a Path, prefix: &str, readers: Readers, what: &'a str) -> io::Result<Self> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(prefix);
        let shared = readers == Readers::Umask;
        if shared {
            builder.permissions(Permissions::from_mode(0o666));
        }
        let file = builder.tempfile_in(folder_of(target))?;
        if let Some(there) = std::fs::metadata(target).ok().filter(|_| shared) {
            file.as_file().set_permissions(there.permissions())?;
        }
        effect(what, &Effect::Created(file.path()));
        Ok(Self { file, target, what })
    }

    /// Where it is.
    pub fn path(&self) -> PathBuf {
        self.file.path().to_owned()
    }

    /// The file.
    pub fn file(&self) -> &File {
        self.file.as_file()
    }

    /// All that it holds, on disk when this returns.
    pub fn fill(&self, bytes: &[u8]) -> io::Result<()> {
        write(self.file(), self.file.path(), bytes, self.what)?;
        sync(self.file(), self.file.path(), self.what)
    }

    /// Takes the target's place. Not yet on disk: the folder is to be synced.
    pub fn take_place(self) -> io::Result<()> {
        let from = self.path();
        self.file.persist(self.target).map_err(|error| error.error)?;
        effect(self.what, &Effect::Renamed(&from, self.target));
        Ok(())
    }
}

/// Puts a whole file where nothing may be yet; `false`: something is, and stays as it is.
pub fn place(target: &Path, bytes: &[u8], readers: Readers, what: &str) -> io::Result<bool> {
    sweep(folder_of(target), what);
    let beside = Beside::with(target, &own_prefix(), readers, what)?;
    beside.fill(bytes)?;
    let from = beside.path();
    match beside.file.persist_noclobber(target) {
        Ok(_) => effect(what, &Effect::Renamed(&from, target)),
        Err(error) if error.error.kind() == ErrorKind::AlreadyExists => {
            drop(error.file);
            effect(what, &Effect::Removed(&from));
            return Ok(false);
        }
        Err(error) => return Err(error.error),
    }
    sync_folder(folder_of(target), what)?;
    Ok(true)
}

/// Puts a whole file in a place at once; on disk when this returns.
pub fn replace(target: &Path, bytes: &[u8], readers: Readers, what: &str) -> io::Result<()> {
    sweep(folder_of(target), what);
    let beside = Beside::with(target, &own_prefix(), readers, what)?;
    beside.fill(bytes)?;
    beside.take_place()?;
    sync_folder(folder_of(target), what)
}

/// How files beside their place are called before they take it; the process is in the name.
const BESIDE: &str = ".golive-";

fn own_prefix() -> String {
    format!("{BESIDE}{}-", std::process::id())
}

/// Takes away what golives that were killed left beside their places. One that runs keeps its own.
fn sweep(folder: &Path, what: &str) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let owner = name.to_str().and_then(|name| name.strip_prefix(BESIDE)?.split_once('-')?.0.parse::<i32>().ok());
        let gone = owner
            .and_then(rustix::process::Pid::from_raw)
            .is_some_and(|pid| rustix::process::test_kill_process(pid) == Err(rustix::io::Errno::SRCH));
        if gone {
            let _ = remove(&entry.path(), what);
        }
    }
}
