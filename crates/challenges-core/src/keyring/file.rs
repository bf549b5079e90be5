use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use zeroize::Zeroizing;

use super::KeyRing;
use crate::entropy::{self, OsEntropy};
use crate::error::Invalid;

/// The comment at the top of a new file.
const NOTE: &str =
    "# Keys of challenges. Keep this file secret, and do not lose it: the store is useless without it.\n";

/// The error of a key file or variable that cannot be used. No message shows a key.
#[derive(Debug, thiserror::Error)]
enum Unusable {
    #[error("cannot read the key file {}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error(
        "cannot create the key file {}; the directory must exist, and the service must be able to write there", path.display()
    )]
    Create { path: PathBuf, source: io::Error },
    #[error("the key file {} is not a file", .0.display())]
    Kind(PathBuf),
    #[error("the key file {} can be accessed by other users (mode {mode:o}); run chmod 600 on it", path.display())]
    Mode { path: PathBuf, mode: u32 },
    #[error(
        "the key file {} is empty; restore it from a backup. If no service has started with it yet, delete it", .0.display()
    )]
    Empty(PathBuf),
    #[error("the key file {} holds no key ring; restore it from a backup", path.display())]
    Text { path: PathBuf, source: Invalid },
    #[error("the environment variable {0} is not set; set it to the text of a key ring")]
    Unset(String),
    #[error("the environment variable {0} is empty; set it to the text of a key ring")]
    EmptyVariable(String),
    #[error("the environment variable {0} is not UTF-8; set it to the text of a key ring")]
    Encoding(String),
    #[error("the environment variable {name} holds no key ring; set it to the text of a key ring")]
    Variable { name: String, source: Invalid },
}

impl KeyRing {
    /// Reads the ring from a file, or creates the file with a [generated](Self::generate) ring.
    ///
    /// The file holds the text of the ring ([`to_text`](Self::to_text)). A new file has mode 0600 and is created
    /// atomically: a crash leaves no partial file, and several processes that start at the same time all use the same
    /// ring. The file system needs hard links. The call blocks on the file system.
    ///
    /// Back the file up, apart from the database. If the file is lost, this call creates a file with **other** keys,
    /// and a service with these keys refuses to start on the existing store with
    /// [`Error::OtherKeys`](crate::Error::OtherKeys). Put the backup in place of the new file.
    ///
    /// # Errors
    ///
    /// | kind | reason |
    /// |---|---|
    /// | [`PermissionDenied`](io::ErrorKind::PermissionDenied) | on Unix, group or others can access the file; run `chmod 600` |
    /// | [`InvalidData`](io::ErrorKind::InvalidData) | the file is empty, incomplete or malformed, or not a file; the file stays as it is |
    /// | any other | the file cannot be read or created |
    pub fn open_or_create(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref();
        match File::open(path) {
            Ok(file) => read(path, file),
            Err(source) if source.kind() == io::ErrorKind::NotFound => create(path),
            Err(source) => Err(unreadable(path, source)),
        }
    }

    /// Reads the ring from an environment variable, in any form that [`str::parse`] reads.
    ///
    /// # Errors
    ///
    /// - [`NotFound`](io::ErrorKind::NotFound) when the variable is not set.
    /// - [`InvalidData`](io::ErrorKind::InvalidData) when the variable is empty or malformed. The message does not show
    ///   the value.
    pub fn from_env(name: &str) -> io::Result<Self> {
        let Some(value) = std::env::var_os(name) else {
            return Err(io::Error::new(io::ErrorKind::NotFound, Unusable::Unset(name.to_owned())));
        };
        let invalid = |error| io::Error::new(io::ErrorKind::InvalidData, error);
        let text = value.into_string().map_err(|_| invalid(Unusable::Encoding(name.to_owned())))?;
        let text = Zeroizing::new(text);
        if text.trim().is_empty() {
            return Err(invalid(Unusable::EmptyVariable(name.to_owned())));
        }
        text.parse().map_err(|source| invalid(Unusable::Variable { name: name.to_owned(), source }))
    }
}

fn read(path: &Path, mut file: File) -> io::Result<KeyRing> {
    let invalid = |error| io::Error::new(io::ErrorKind::InvalidData, error);
    let metadata = file.metadata().map_err(|source| unreadable(path, source))?;
    if !metadata.is_file() {
        // Checked before the mode, because the advice to chmod would be wrong for a directory.
        return Err(invalid(Unusable::Kind(path.into())));
    }
    refuse_others(path, &metadata)?;
    let mut text = Zeroizing::new(String::new());
    file.read_to_string(&mut text).map_err(|source| unreadable(path, source))?;
    if text.trim().is_empty() {
        return Err(invalid(Unusable::Empty(path.into())));
    }
    text.parse().map_err(|source| invalid(Unusable::Text { path: path.into(), source }))
}

/// Creates the file, or reads the file that another process created first.
fn create(path: &Path) -> io::Result<KeyRing> {
    let ring = KeyRing::generate()?;
    match place(path, &ring) {
        Ok(()) => Ok(ring),
        Err(source) if source.kind() == io::ErrorKind::AlreadyExists => {
            read(path, File::open(path).map_err(|source| unreadable(path, source))?)
        }
        Err(source) => {
            let kind = source.kind();
            Err(io::Error::new(kind, Unusable::Create { path: path.into(), source }))
        }
    }
}

/// Writes a temporary file in the same directory, and links the file to `path`. A link never replaces a file, unlike a
/// rename.
fn place(path: &Path, ring: &KeyRing) -> io::Result<()> {
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let random: [u8; 16] = entropy::bytes(&OsEntropy)?;
    let temporary = directory.join(format!(".challenges-keys-{}", BASE64_URL_SAFE_NO_PAD.encode(random)));
    let linked = write(&temporary, ring).and_then(|()| fs::hard_link(&temporary, path));
    // The file may not exist. A file left behind is harmless.
    let _ = fs::remove_file(&temporary);
    linked?;
    // Without this, a crash of the machine could lose the name of the file.
    #[cfg(unix)]
    File::open(directory)?.sync_all()?;
    Ok(())
}

fn write(path: &Path, ring: &KeyRing) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(NOTE.as_bytes())?;
    file.write_all(ring.to_text().as_bytes())?;
    file.sync_all()
}

fn unreadable(path: &Path, source: io::Error) -> io::Error {
    let kind = source.kind();
    io::Error::new(kind, Unusable::Read { path: path.into(), source })
}

#[cfg(unix)]
fn refuse_others(path: &Path, metadata: &fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;

    let mode = metadata.permissions().mode() & 0o7777;
    if mode & 0o077 == 0 {
        return Ok(());
    }
    Err(io::Error::new(io::ErrorKind::PermissionDenied, Unusable::Mode { path: path.into(), mode }))
}

#[cfg(not(unix))]
fn refuse_others(_: &Path, _: &fs::Metadata) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests;
