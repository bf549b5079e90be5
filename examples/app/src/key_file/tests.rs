#![allow(clippy::unwrap_used)]

use std::fs;

use challenges_core::KeyRing;
use challenges_delivery::VapidKey;

use super::{create, open_or_create};
use crate::StartError;

#[test]
fn missing_file_is_created_and_reused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("keys");
    let created: KeyRing = open_or_create(&path).unwrap();
    let read: KeyRing = open_or_create(&path).unwrap();
    assert_eq!(*created.to_text(), *read.to_text());
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1, "no temporary file is left");
}

#[test]
fn key_kinds_are_not_confused() {
    let directory = tempfile::tempdir().unwrap();
    let [ring, vapid] = ["ring", "vapid"].map(|name| directory.path().join(name));
    open_or_create::<KeyRing>(&ring).unwrap();
    let created: VapidKey = open_or_create(&vapid).unwrap();
    assert_eq!(open_or_create::<VapidKey>(&vapid).unwrap().public_key(), created.public_key());
    assert!(matches!(open_or_create::<VapidKey>(&ring), Err(StartError::KeyFileText { .. })));
    assert!(matches!(open_or_create::<KeyRing>(&vapid), Err(StartError::KeyFileText { .. })));
}

#[test]
fn second_creator_uses_the_first_keys() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("keys");
    let first: KeyRing = create(&path).unwrap();
    let second: KeyRing = create(&path).unwrap();
    assert_eq!(*first.to_text(), *second.to_text());
}

#[cfg(unix)]
#[test]
fn file_accessible_to_others_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;

    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("keys");
    open_or_create::<KeyRing>(&path).unwrap();
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o600);

    for mode in [0o640, 0o604, 0o660, 0o644] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let error = open_or_create::<KeyRing>(&path).unwrap_err();
        assert!(matches!(error, StartError::KeyFileMode { mode: told, .. } if told == mode));
        assert!(error.to_string().contains("chmod 600"), "{error}");
    }
    fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
    assert!(open_or_create::<KeyRing>(&path).is_ok());
}

#[test]
fn malformed_file_is_refused_and_kept() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("keys");
    let created: KeyRing = open_or_create(&path).unwrap();
    // Truncated, as after a crash during a plain write.
    let half: String = created.to_text().chars().take(20).collect();
    fs::write(&path, &half).unwrap();
    assert!(matches!(open_or_create::<KeyRing>(&path), Err(StartError::KeyFileText { .. })));
    assert_eq!(fs::read_to_string(&path).unwrap(), half);
}

#[test]
fn missing_directory_is_reported() {
    let directory = tempfile::tempdir().unwrap();
    let error = open_or_create::<KeyRing>(&directory.path().join("missing").join("keys")).unwrap_err();
    assert!(matches!(error, StartError::KeyFileCreate { .. }));
}

#[test]
fn directory_is_reported_as_no_file() {
    let directory = tempfile::tempdir().unwrap();
    let error = open_or_create::<KeyRing>(directory.path()).unwrap_err();
    assert!(matches!(error, StartError::KeyFileKind(_)), "{error}");
}
