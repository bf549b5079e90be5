use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;
use std::str::FromStr as _;

use challenges_core::{Invalid, KeyRing};
use tempfile::NamedTempFile;
use zeroize::Zeroizing;

use crate::error::Error;

/// The keys of a ring with their states, to list and to change.
pub(crate) struct Entries(Vec<Entry>);

/// A key as a line of the text of a ring.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) id: String,
    pub(crate) state: KeyState,
    /// The key in base64url.
    key: Zeroizing<String>,
}

/// The state of a key; see [`KeyRing`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyState {
    Active,
    Accepted,
    Retired,
}

impl Entries {
    pub(crate) fn of(ring: &KeyRing) -> Self {
        let entry = |line: &str| {
            let (state, line) = match line.strip_prefix('*') {
                Some(rest) => (KeyState::Active, rest),
                None => line.strip_prefix('~').map_or((KeyState::Accepted, line), |rest| (KeyState::Retired, rest)),
            };
            let (id, key) = line.split_once(':')?;
            Some(Entry { id: id.to_owned(), state, key: Zeroizing::new(key.to_owned()) })
        };
        Self(ring.to_text().lines().filter_map(entry).collect())
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.0.iter()
    }

    pub(crate) fn contains(&self, id: &str) -> bool {
        self.0.iter().any(|entry| entry.id == id)
    }

    /// Adds the key of a new ring as accepted.
    pub(crate) fn add(&mut self, ring: &KeyRing) {
        self.0.extend(Self::of(ring).0.into_iter().map(|entry| Entry { state: KeyState::Accepted, ..entry }));
    }

    /// Makes a key active, and the active key accepted.
    pub(crate) fn activate(&mut self, id: &str) -> Result<(), Error> {
        if !self.contains(id) {
            return Err(Error::NoKey);
        }
        if self.0.iter().any(|entry| entry.id == id && entry.state == KeyState::Retired) {
            return Err(Error::RetiredKey);
        }
        for entry in &mut self.0 {
            if entry.id == id {
                entry.state = KeyState::Active;
            } else if entry.state == KeyState::Active {
                entry.state = KeyState::Accepted;
            }
        }
        // As in the text of a ring.
        self.0.sort_by_key(|entry| entry.state != KeyState::Active);
        Ok(())
    }

    /// Retires a key other than the active one.
    pub(crate) fn retire(&mut self, id: &str) -> Result<(), Error> {
        match self.0.iter_mut().find(|entry| entry.id == id) {
            None => Err(Error::NoKey),
            Some(entry) if entry.state == KeyState::Active => Err(Error::ActiveKey),
            Some(entry) => {
                entry.state = KeyState::Retired;
                Ok(())
            }
        }
    }

    /// Removes a key other than the active one.
    pub(crate) fn remove(&mut self, id: &str) -> Result<(), Error> {
        self.retire(id)?;
        self.0.retain(|entry| entry.id != id);
        Ok(())
    }

    pub(crate) fn ring(&self) -> Result<KeyRing, Invalid> {
        KeyRing::from_str(&self.text())
    }

    /// Returns the ring of the active key alone.
    pub(crate) fn active(&self) -> Result<KeyRing, Invalid> {
        KeyRing::from_str(&self.text_of(|state| state == KeyState::Active))
    }

    fn text(&self) -> Zeroizing<String> {
        self.text_of(|_| true)
    }

    /// Returns the text of the ring with the keys in some states. The capacity is for all, so that no growing text leaves
    /// copies of keys in memory.
    fn text_of(&self, includes: impl Fn(KeyState) -> bool) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(80 * self.0.len()));
        for Entry { id, state, key } in self.0.iter().filter(|entry| includes(entry.state)) {
            for part in [state.mark(), id, ":", key, "\n"] {
                text.push_str(part);
            }
        }
        text
    }

    /// Replaces a key file atomically, or creates the file. A replaced file keeps its owner and the lines that start
    /// with `#`.
    pub(crate) fn write(&self, path: &Path) -> Result<(), Error> {
        self.ring()?;
        self.replace(path).map_err(|source| Error::KeyFile { path: path.to_owned(), source })
    }

    fn replace(&self, path: &Path) -> io::Result<()> {
        if !path.exists() {
            return put(path, "", &self.text(), None);
        }
        // The file behind a symbolic link.
        let path = path.canonicalize()?;
        let old = Zeroizing::new(fs::read_to_string(&path)?);
        let comments: String = old.lines().filter(|line| line.starts_with('#')).flat_map(|line| [line, "\n"]).collect();
        put(&path, &comments, &self.text(), Some(&fs::metadata(&path)?))
    }
}

impl Entry {
    /// Returns a ring of this key alone.
    pub(crate) fn alone(&self) -> Result<KeyRing, Invalid> {
        Entries(vec![Self { state: KeyState::Active, ..self.clone() }]).ring()
    }
}

impl KeyState {
    const fn mark(self) -> &'static str {
        match self {
            Self::Active => "*",
            Self::Accepted => "",
            Self::Retired => "~",
        }
    }

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Accepted => "accepted",
            Self::Retired => "retired",
        }
    }
}

/// Generates a ring of a single key.
pub(crate) fn generate(id: &str) -> Result<KeyRing, Error> {
    Ok(KeyRing::generate_as(id)?)
}

/// Writes a temporary file with mode 0600 beside `path`, and moves it there. `old` is the file to replace.
fn put(path: &Path, comments: &str, keys: &str, old: Option<&fs::Metadata>) -> io::Result<()> {
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut file = NamedTempFile::new_in(directory)?;
    file.write_all(comments.as_bytes())?;
    file.write_all(keys.as_bytes())?;
    if let Some(old) = old {
        keep_owner(file.as_file(), old)?;
    }
    file.as_file().sync_all()?;
    match old {
        Some(_) => file.persist(path)?,
        None => file.persist_noclobber(path)?,
    };
    // Without this, a crash of the machine could lose the name of the file.
    #[cfg(unix)]
    File::open(directory)?.sync_all()?;
    Ok(())
}

/// Gives the new file to the owner of the old file, so that the service can read the file after any user ran this
/// program.
#[cfg(unix)]
fn keep_owner(file: &File, old: &fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, fchown};

    let new = file.metadata()?;
    if (new.uid(), new.gid()) == (old.uid(), old.gid()) {
        return Ok(());
    }
    fchown(file, Some(old.uid()), Some(old.gid()))
}

#[cfg(not(unix))]
fn keep_owner(_: &File, _: &fs::Metadata) -> io::Result<()> {
    Ok(())
}
