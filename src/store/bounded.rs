//! Files that others may have put there: read up to a limit, and never waited for. A pipe or a device
//! in a file's place would hold golive up, or fill its memory. Called by `cli` and `env_file`.

use std::fs::File;
use std::io::{Error, ErrorKind, Read, Result};
use std::os::unix::fs::FileTypeExt;
use std::path::Path;

/// Reads a file of at most so many bytes. A pipe is taken where the operator's shell made one, under
/// `/dev` or `/proc`, and refused wherever a repository could have brought it.
pub fn read(path: &Path, most: u64) -> Result<Vec<u8>> {
    let kind = path.metadata()?.file_type();
    let shells =
        ["/dev/fd/", "/dev/stdin", "/proc/self/fd/"].iter().any(|place| path.to_string_lossy().starts_with(place));
    if (kind.is_fifo() || kind.is_socket() || kind.is_char_device() || kind.is_block_device()) && !shells {
        return Err(Error::new(ErrorKind::InvalidInput, "it is not a file but a pipe or a device"));
    }
    let mut bytes = Vec::new();
    let count = File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    if count as u64 > most {
        return Err(Error::new(ErrorKind::FileTooLarge, format!("it is larger than {} MiB", most >> 20)));
    }
    Ok(bytes)
}

/// The same, as text in UTF-8.
pub fn read_text(path: &Path, most: u64) -> Result<String> {
    String::from_utf8(read(path, most)?).map_err(|error| Error::new(ErrorKind::InvalidData, error.utf8_error()))
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;
    use std::path::Path;

    use super::{read, read_text};

    #[test]
    fn a_file_is_read_up_to_its_limit_and_not_a_byte_further() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, "four").unwrap();
        assert_eq!(read_text(&path, 4).unwrap(), "four");
        assert_eq!(read(&path, 3).unwrap_err().kind(), ErrorKind::FileTooLarge);
        std::fs::write(&path, b"\xff").unwrap();
        assert_eq!(read_text(&path, 4).unwrap_err().kind(), ErrorKind::InvalidData);
        assert_eq!(read(&folder.path().join("b"), 4).unwrap_err().kind(), ErrorKind::NotFound);
    }

    #[test]
    fn a_device_or_a_pipe_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("zero");
        std::os::unix::fs::symlink("/dev/zero", &link).unwrap();
        assert_eq!(read(&link, 4).unwrap_err().kind(), ErrorKind::InvalidInput);
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        if made.is_ok_and(|status| status.success()) {
            assert_eq!(read(&pipe, 4).unwrap_err().kind(), ErrorKind::InvalidInput);
        }
        assert_eq!(read(Path::new("/dev/null"), 4).unwrap_err().kind(), ErrorKind::InvalidInput);
    }
}
