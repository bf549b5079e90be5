use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use challenges_core::store::StoreError;
use challenges_core::{Challenges, Decision, Error, State};
use rusqlite::Connection;
use tempfile::tempdir;

use super::harness::{Acknowledged, answer, create, error_chain, service, try_service};

const PAGE: usize = 4096;
/// Header sizes of the write-ahead log and of each frame, in bytes.
const LOG_HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
const CHALLENGES: usize = 24;

fn log_of(path: &Path) -> PathBuf {
    path.with_extension("sqlite-wal")
}

/// Creates a service and its challenges, oldest first.
async fn service_with_challenges(path: &Path) -> (Challenges, Vec<Acknowledged>) {
    let challenges = service(path).await;
    let mut acknowledged = Vec::new();
    for _ in 0..CHALLENGES {
        acknowledged.push(create(&challenges).await.unwrap());
    }
    (challenges, acknowledged)
}

/// Answers every challenge with a wrong code, then twice with the right code, and counts the outcomes.
async fn outcomes(path: &Path, acknowledged: &[Acknowledged]) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    let mut count = |what| *counts.entry(what).or_default() += 1;
    let challenges = match try_service(path).await {
        Ok(Ok(challenges)) => challenges,
        Ok(Err(error)) => {
            assert!(!error.to_string().is_empty());
            return BTreeMap::from([("no start", 1)]);
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return BTreeMap::from([("not opened", 1)]);
        }
    };
    for Acknowledged { id, code } in acknowledged {
        assert!(answer(&challenges, *id, "wrong").await.is_err(), "a wrong answer passed");
        let first = answer(&challenges, *id, code.expose()).await;
        let second = answer(&challenges, *id, code.expose()).await;
        assert!(second.is_err() || first.is_err(), "one challenge passed twice");
        match first {
            Ok(Decision::Passed(_)) => count("passed"),
            Ok(Decision::Declined(_)) => panic!("an approval became a decline"),
            Err(Error::Store(StoreError::Corrupt(error))) => {
                assert!(!error.to_string().is_empty());
                count("corrupt");
            }
            Err(error) => {
                assert!(!error_chain(&error).is_empty());
                count("refused");
            }
        }
    }
    counts
}

/// R57: a corrupt page is reported as corruption, and no wrong or repeated answer passes.
#[tokio::test]
async fn corrupt_page_is_reported_and_passes_nothing() {
    let directory = tempdir().unwrap();
    let path = directory.path().join("store.sqlite");
    let (challenges, acknowledged) = service_with_challenges(&path).await;
    drop(challenges);
    let sound = fs::read(&path).unwrap();
    let pages = sound.len() / PAGE;
    assert!(!log_of(&path).exists() && pages > 4, "the log was checkpointed into the file");

    let mut total: BTreeMap<&str, usize> = BTreeMap::new();
    for page in 0..pages {
        // The header of a page, the middle, and the end, where SQLite puts the newest cells.
        for (from, length) in [(0, 12), (PAGE / 2, 200), (PAGE - 400, 400)] {
            let mut damaged = sound.clone();
            for byte in &mut damaged[page * PAGE + from..][..length] {
                *byte ^= 0x5A;
            }
            let copy = directory.path().join("damaged.sqlite");
            let _ = fs::remove_file(log_of(&copy));
            fs::write(&copy, damaged).unwrap();
            for (what, count) in outcomes(&copy, &acknowledged).await {
                *total.entry(what).or_default() += count;
            }
        }
    }
    println!("corrupt pages: {pages} pages, three places each: {total:?}");
    // The damage hit some records and left others readable.
    assert!(["corrupt", "passed"].iter().all(|what| total.contains_key(what)), "{total:?}");

    let copy = directory.path().join("sound.sqlite");
    fs::write(&copy, sound).unwrap();
    assert_eq!(
        outcomes(&copy, &acknowledged).await,
        BTreeMap::from([("passed", CHALLENGES)]),
        "control: undamaged copy"
    );
}

/// R57: a damaged log is replayed up to the damage, and no commit is applied in part.
///
/// Frames have checksums. The first wrong checksum ends the log, as after a power failure.
#[tokio::test]
async fn damaged_log_is_replayed_up_to_the_damage() {
    let directory = tempdir().unwrap();
    let path = directory.path().join("store.sqlite");
    let challenges = service(&path).await;
    // Later commits stay in the log while the service runs.
    Connection::open(&path).unwrap().query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    let mut acknowledged = Vec::new();
    for _ in 0..CHALLENGES {
        acknowledged.push(create(&challenges).await.unwrap());
    }
    let (file, log) = (fs::read(&path).unwrap(), fs::read(log_of(&path)).unwrap());
    let frames = (log.len() - LOG_HEADER) / (FRAME_HEADER + PAGE);
    let mut seen = Vec::new();
    for damaged in 0..=frames {
        let mut log = log.clone();
        if let Some(byte) = log.get_mut(LOG_HEADER + damaged * (FRAME_HEADER + PAGE) + FRAME_HEADER + 100) {
            *byte ^= 0x5A;
        }
        let copy = directory.path().join(format!("damaged-{damaged}.sqlite"));
        fs::write(&copy, &file).unwrap();
        fs::write(log_of(&copy), log).unwrap();
        let challenges = service(&copy).await;
        let mut there = Vec::new();
        for Acknowledged { id, .. } in &acknowledged {
            match challenges.get(*id).await {
                Ok(challenge) => {
                    assert_eq!(challenge.state(), State::Issued);
                    there.push(true);
                }
                Err(Error::NotFound) => there.push(false),
                Err(error) => panic!("{}", error_chain(&error)),
            }
        }
        assert!(
            there.is_sorted_by(|before, after| before >= after),
            "a later commit is present without an earlier one: {there:?}"
        );
        seen.push(there.iter().filter(|there| **there).count());
    }
    println!("damaged log: {frames} frames, challenges left after damage to each: {seen:?}");
    assert!(seen.is_sorted() && seen[0] == 0, "{seen:?}");
    assert_eq!(seen[frames], CHALLENGES, "control: without damage all challenges are present");
}
