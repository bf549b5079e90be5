//! The file of the VAPID key, readable by its owner only. The key ring has [`challenges_core::KeyRing::open_or_create`].

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use challenges_core::Secret;
use challenges_delivery::VapidKey;
use zeroize::Zeroizing;

use crate::error::StartError;

/// The comment at the top of the file.
const NOTE: &str =
    "# VAPID key of the challenges demo. Keep this file secret, and do not lose it: push subscriptions depend on it.\n";

/// Reads the key of a file, or creates the file with a new key.
///
/// # Errors
///
/// Returns a [`StartError`] if the file cannot be read or created, is accessible to other users, or is malformed.
pub(crate) fn open_or_create(path: &Path) -> Result<VapidKey, StartError> {
    match fs::File::open(path) {
        Ok(file) => read(path, file),
        Err(source) if source.kind() == io::ErrorKind::NotFound => create(path),
        Err(source) => Err(StartError::KeyFileRead { path: path.into(), source }),
    }
}

fn read(path: &Path, mut file: fs::File) -> Result<VapidKey, StartError> {
    let unreadable = |source| StartError::KeyFileRead { path: path.into(), source };
    let metadata = file.metadata().map_err(unreadable)?;
    if !metadata.is_file() {
        // Checked before the mode, because the advice to chmod would be wrong for a directory.
        return Err(StartError::KeyFileKind(path.into()));
    }
    refuse_others(path, &metadata)?;
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(unreadable)?;
    let text = Secret::from(text);
    let lines = text.expose().lines().filter(|line| !line.starts_with('#'));
    let key = Zeroizing::new(lines.collect::<String>());
    key.parse().map_err(|source| StartError::KeyFileText { path: path.into(), source })
}

/// Creates the file atomically: a crash leaves no partial file, and of two demos that start at the same time, the second
/// uses the key of the first.
fn create(path: &Path) -> Result<VapidKey, StartError> {
    let key = VapidKey::generate()?;
    match place(path, &key) {
        Ok(()) => Ok(key),
        Err(source) if source.kind() == io::ErrorKind::AlreadyExists => {
            let file = fs::File::open(path).map_err(|source| StartError::KeyFileRead { path: path.into(), source })?;
            read(path, file)
        }
        Err(source) => Err(StartError::KeyFileCreate { path: path.into(), source }),
    }
}

fn place(path: &Path, key: &VapidKey) -> io::Result<()> {
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    // `tempfile` creates files with mode 0600.
    let mut file = tempfile::Builder::new().prefix(".challenges-key").tempfile_in(directory)?;
    file.write_all(NOTE.as_bytes())?;
    file.write_all(key.to_text().as_bytes())?;
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
