//! Keys, each kind in a file of its own that only its owner can read.

use std::error::Error;
use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use challenges_core::{KeyRing, Secret};
use challenges_delivery::VapidKey;
use zeroize::Zeroizing;

use crate::error::StartError;

/// What a key file can hold.
pub(crate) trait Keys: Sized {
    /// What stands above it in the file.
    const NOTE: &str;

    fn generate() -> Result<Self, StartError>;
    fn to_text(&self) -> Zeroizing<String>;
    fn parse(text: &str) -> Result<Self, Box<dyn Error + Send + Sync>>;
}

impl Keys for KeyRing {
    const NOTE: &str = "# Keys of the challenges demo. Keep them secret, and keep them: what is stored needs them.\n";

    fn generate() -> Result<Self, StartError> {
        Ok(Self::generate()?)
    }

    fn to_text(&self) -> Zeroizing<String> {
        self.to_text()
    }

    fn parse(text: &str) -> Result<Self, Box<dyn Error + Send + Sync>> {
        Ok(text.parse()?)
    }
}

impl Keys for VapidKey {
    const NOTE: &str =
        "# The key by which push services know the demo. Keep it secret, and keep it: browsers subscribed to it.\n";

    fn generate() -> Result<Self, StartError> {
        Ok(Self::generate()?)
    }

    fn to_text(&self) -> Zeroizing<String> {
        self.to_text()
    }

    fn parse(text: &str) -> Result<Self, Box<dyn Error + Send + Sync>> {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        Ok(Zeroizing::new(lines.collect::<String>()).parse()?)
    }
}

/// The keys of a file; a file with a new key when there is none.
///
/// # Errors
///
/// A [`StartError`] when it cannot be read or created, when other users can read it, or when it holds something else.
pub(crate) fn open_or_create<K: Keys>(path: &Path) -> Result<K, StartError> {
    match fs::File::open(path) {
        Ok(file) => read(path, file),
        Err(source) if source.kind() == io::ErrorKind::NotFound => create(path),
        Err(source) => Err(StartError::KeyFileRead { path: path.into(), source }),
    }
}

fn read<K: Keys>(path: &Path, mut file: fs::File) -> Result<K, StartError> {
    let unreadable = |source| StartError::KeyFileRead { path: path.into(), source };
    let metadata = file.metadata().map_err(unreadable)?;
    if !metadata.is_file() {
        // Before its mode is looked at: nobody is to be told to chmod a directory.
        return Err(StartError::KeyFileKind(path.into()));
    }
    refuse_others(path, &metadata)?;
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(unreadable)?;
    let text = Secret::from(text);
    K::parse(text.expose()).map_err(|source| StartError::KeyFileText { path: path.into(), source })
}

/// Writes a complete file beside its place and then moves it there, so that no crash leaves half a key, and no second
/// demo that starts at the same time has its key replaced.
fn create<K: Keys>(path: &Path) -> Result<K, StartError> {
    let keys = K::generate()?;
    match place(path, &keys) {
        Ok(()) => Ok(keys),
        Err(source) if source.kind() == io::ErrorKind::AlreadyExists => {
            let file = fs::File::open(path).map_err(|source| StartError::KeyFileRead { path: path.into(), source })?;
            read(path, file)
        }
        Err(source) => Err(StartError::KeyFileCreate { path: path.into(), source }),
    }
}

fn place<K: Keys>(path: &Path, keys: &K) -> io::Result<()> {
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    // Mode 0600 is how temporary files are created.
    let mut file = tempfile::Builder::new().prefix(".challenges-key").tempfile_in(directory)?;
    file.write_all(K::NOTE.as_bytes())?;
    file.write_all(keys.to_text().as_bytes())?;
    file.as_file().sync_all()?;
    file.persist_noclobber(path)?;
    #[cfg(unix)]
    fs::File::open(directory)?.sync_all()?;
    Ok(())
}

#[cfg(unix)]
fn refuse_others(path: &Path, metadata: &fs::Metadata) -> Result<(), StartError> {
    use std::os::unix::fs::PermissionsExt as _;

    let mode = metadata.permissions().mode() & 0o7777;
    if mode & 0o077 == 0 { Ok(()) } else { Err(StartError::KeyFileMode { path: path.into(), mode }) }
}

#[cfg(not(unix))]
fn refuse_others(_: &Path, _: &fs::Metadata) -> Result<(), StartError> {
    Ok(())
}

#[cfg(test)]
mod tests;
