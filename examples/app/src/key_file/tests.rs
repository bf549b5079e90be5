#![allow(clippy::unwrap_used)]

use std::fs;

use super::{create, open_or_create};
use crate::StartError;

#[test]
fn missing_file_is_created_and_reused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("keys");
    let created = open_or_create(&path).unwrap();
    let read = open_or_create(&path).unwrap();
    assert_eq!(*created.to_text(), *read.to_text());
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1, "no temporary file is left");
}

#[test]
fn key_ring_is_no_vapid_key() {
    let directory = tempfile::tempdir().unwrap();
    let ring = directory.path().join("ring");
    challenges_core::KeyRing::open_or_create(&ring).unwrap();
    assert!(matches!(open_or_create(&ring), Err(StartError::KeyFileText { .. })));
}

#[test]
fn second_creator_uses_the_first_key() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("keys");
    let first = create(&path).unwrap();
    let second = create(&path).unwrap();
    assert_eq!(*first.to_text(), *second.to_text());
}

#[cfg(unix)]
#[test]
fn file_accessible_to_others_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;

    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("keys");
    open_or_create(&path).unwrap();
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o600);

    for mode in [0o640, 0o604, 0o660, 0o644] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let error = open_or_create(&path).unwrap_err();
        assert!(matches!(error, StartError::KeyFileMode { mode: told, .. } if told == mode));
        assert!(error.to_string().contains("chmod 600"), "{error}");
    }
    fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
    assert!(open_or_create(&path).is_ok());
}

#[test]
fn malformed_file_is_refused_and_kept() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("keys");
    let created = open_or_create(&path).unwrap();
    // Truncated, as after a crash during a plain write.
    let half: String = created.to_text().chars().take(20).collect();
    fs::write(&path, &half).unwrap();
    assert!(matches!(open_or_create(&path), Err(StartError::KeyFileText { .. })));
    assert_eq!(fs::read_to_string(&path).unwrap(), half);
}

#[test]
fn missing_directory_is_reported() {
    let directory = tempfile::tempdir().unwrap();
    let error = open_or_create(&directory.path().join("missing").join("keys")).unwrap_err();
    assert!(matches!(error, StartError::KeyFileCreate { .. }));
}

#[test]
fn directory_is_reported_as_no_file() {
    let directory = tempfile::tempdir().unwrap();
    let error = open_or_create(directory.path()).unwrap_err();
    assert!(matches!(error, StartError::KeyFileKind(_)), "{error}");
}
