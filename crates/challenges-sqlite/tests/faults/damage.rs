use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use challenges_core::store::StoreError;
use challenges_core::{Answered, Challenges, Error, State};
use rusqlite::Connection;
use tempfile::tempdir;

use super::harness::{Acknowledged, answer, create, service, told, try_service};

const PAGE: usize = 4096;
/// Of the log, and of each of its frames beside the page.
const LOG_HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
const CHALLENGES: usize = 24;

fn log_of(path: &Path) -> PathBuf {
    path.with_extension("sqlite-wal")
}

/// A service with challenges that were acknowledged one after another, oldest first.
async fn filled(path: &Path) -> (Challenges, Vec<Acknowledged>) {
    let challenges = service(path).await;
    let mut acknowledged = Vec::new();
    for _ in 0..CHALLENGES {
        acknowledged.push(create(&challenges).await.unwrap());
    }
    (challenges, acknowledged)
}

/// What came of answering all of them wrongly, then rightly, then rightly again: how often which way.
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
            Ok(Answered::Passed(_)) => count("passed"),
            Ok(Answered::Declined(_)) => panic!("an approval became a decline"),
            Err(Error::Store(StoreError::Corrupt(error))) => {
                assert!(!error.to_string().is_empty());
                count("corrupt");
            }
            Err(error) => {
                assert!(!told(&error).is_empty());
                count("refused");
            }
        }
    }
    counts
}

#[tokio::test]
async fn r57_a_damaged_page_is_an_error_that_says_so_and_passes_nothing() {
    let directory = tempdir().unwrap();
    let path = directory.path().join("store.sqlite");
    let (challenges, acknowledged) = filled(&path).await;
    drop(challenges);
    let sound = fs::read(&path).unwrap();
    let pages = sound.len() / PAGE;
    assert!(!log_of(&path).exists() && pages > 4, "the log was moved into the file");

    let mut total: BTreeMap<&str, usize> = BTreeMap::new();
    for page in 0..pages {
        // The header of a page, its middle, and its end, where SQLite puts the newest cells.
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
    println!("r57 damaged pages: {pages} pages, three places each: {total:?}");
    // It was damage to what matters, and not to that alone.
    assert!(["corrupt", "passed"].iter().all(|what| total.contains_key(what)), "{total:?}");

    let copy = directory.path().join("sound.sqlite");
    fs::write(&copy, sound).unwrap();
    assert_eq!(outcomes(&copy, &acknowledged).await, BTreeMap::from([("passed", CHALLENGES)]), "the control");
}

/// A frame of the log has a checksum, and the first that is wrong ends the log, as after a loss of power.
#[tokio::test]
async fn r57_a_damaged_log_is_read_up_to_the_damage_and_no_half_of_a_commit() {
    let directory = tempdir().unwrap();
    let path = directory.path().join("store.sqlite");
    let challenges = service(&path).await;
    // From here on everything is in the log, and stays there while the service runs.
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
            match challenges.challenge(*id).await {
                Ok(challenge) => {
                    assert_eq!(challenge.state(), State::Issued);
                    there.push(true);
                }
                Err(Error::NotFound) => there.push(false),
                Err(error) => panic!("{}", told(&error)),
            }
        }
        assert!(
            there.is_sorted_by(|before, after| before >= after),
            "a later commit without an earlier one: {there:?}"
        );
        seen.push(there.iter().filter(|there| **there).count());
    }
    println!("r57 damaged log: {frames} frames, challenges left after damage to each: {seen:?}");
    assert!(seen.is_sorted() && seen[0] == 0, "{seen:?}");
    assert_eq!(seen[frames], CHALLENGES, "the control: without damage everything is there");
}
