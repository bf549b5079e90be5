#![allow(clippy::unwrap_used)]

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Barrier;

use super::{KeyRing, create};
use crate::entropy::{self, OsEntropy};

/// A directory of its own, removed at the end.
struct Directory(PathBuf);

impl Directory {
    fn new() -> Self {
        let random: [u8; 8] = entropy::bytes(&OsEntropy).unwrap();
        let path = std::env::temp_dir().join(format!("challenges-{}", u64::from_le_bytes(random)));
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn file(&self) -> PathBuf {
        self.0.join("keys")
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn text(path: &Path) -> String {
    KeyRing::open_or_create(path).unwrap().to_text().to_string()
}

#[test]
fn missing_file_is_created_and_reused() {
    let directory = Directory::new();
    let created = text(&directory.file());
    assert_eq!(text(&directory.file()), created);
    assert!(fs::read_to_string(directory.file()).unwrap().ends_with(&created));
    assert_eq!(fs::read_dir(&directory.0).unwrap().count(), 1, "no temporary file is left");
}

/// Each of many threads sees no file at first, and all get the ring of the one that was first.
#[test]
fn concurrent_first_starts_give_one_ring() {
    let directory = Directory::new();
    let path = directory.file();
    let start = Barrier::new(32);
    let rings: Vec<_> = std::thread::scope(|scope| {
        let open = || {
            start.wait();
            create(&path).unwrap().to_text().to_string()
        };
        let threads: Vec<_> = (0..32).map(|_| scope.spawn(open)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(rings.iter().all(|ring| *ring == rings[0]));
    assert_eq!(text(&path), rings[0]);
    assert_eq!(fs::read_dir(&directory.0).unwrap().count(), 1, "no temporary file is left");
    assert_ne!(*KeyRing::generate().unwrap().to_text(), rings[0], "control: each thread generated another ring");
}

#[cfg(unix)]
#[test]
fn file_accessible_to_others_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;

    let directory = Directory::new();
    let path = directory.file();
    text(&path);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
    for mode in [0o640, 0o604, 0o660, 0o644, 0o610, 0o601] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let error = KeyRing::open_or_create(&path).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::PermissionDenied);
        let message = error.to_string();
        assert!(message.contains("chmod 600") && message.contains(&format!("{mode:o}")), "{message}");
    }
    for mode in [0o400, 0o600] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        assert!(KeyRing::open_or_create(&path).is_ok(), "control");
    }
}

/// A cut or emptied file is refused and kept: new keys would make the store useless.
#[test]
fn damaged_file_is_refused_and_kept() {
    let directory = Directory::new();
    let path = directory.file();
    let ring = text(&path);
    let whole = fs::read_to_string(&path).unwrap();
    let note = whole.len() - ring.len();
    let cuts = [0, note, note + 2, note + 20, whole.len() - 10];
    for cut in cuts.map(|cut| whole[..cut].to_owned()).into_iter().chain([" \n".to_owned()]) {
        fs::write(&path, &cut).unwrap();
        let error = KeyRing::open_or_create(&path).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidData, "{} bytes", cut.len());
        assert!(!format!("{error:?} {error}").contains(&ring[4..20]), "the error shows the key");
        assert_eq!(fs::read_to_string(&path).unwrap(), cut);
    }
    fs::write(&path, &whole).unwrap();
    assert_eq!(text(&path), ring, "control: the whole file is read");
}

#[test]
fn unusable_paths_are_reported() {
    let directory = Directory::new();
    let error = KeyRing::open_or_create(directory.0.join("missing").join("keys")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.to_string().contains("cannot create"), "{error}");
    let error = KeyRing::open_or_create(&directory.0).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidData);
    assert!(error.to_string().contains("not a file"), "{error}");
}

/// `PATH` stands for a set but malformed variable: setting variables is unsafe in tests that run in parallel.
#[test]
fn unset_and_malformed_variables_are_refused() {
    let unset = KeyRing::from_env("CHALLENGES_NO_SUCH_VARIABLE").unwrap_err();
    assert_eq!(unset.kind(), ErrorKind::NotFound);
    assert!(unset.to_string().contains("CHALLENGES_NO_SUCH_VARIABLE is not set"), "{unset}");
    let malformed = KeyRing::from_env("PATH").unwrap_err();
    assert_eq!(malformed.kind(), ErrorKind::InvalidData);
    let value = std::env::var("PATH").unwrap();
    assert!(!format!("{malformed:?} {malformed}").contains(&value), "{malformed}");
}
