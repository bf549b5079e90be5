#![allow(clippy::unwrap_used)]

use std::collections::HashSet;

use challenges_core::approvals::{HttpAction, OneTimeUseAction};
use challenges_core::outbox::DueEntry;
use challenges_core::{Answer, Challenges, KeyRing, Owner, Timeout};
use challenges_memory::MemoryStore;

use super::super::hosts::{Host, Hosts};
use super::{MAX_PARKED, Queue};

const KEYS: &str = "*k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
const PER_OWNER: usize = 4;
const ENTRIES: usize = 64;

/// Returns entries of one user.
async fn due() -> Vec<DueEntry> {
    let challenges = Challenges::builder(MemoryStore::new(), KEYS.parse::<KeyRing>().unwrap()).build().await.unwrap();
    for _ in 0..ENTRIES / 16 {
        let actor = Owner::in_tenant("org", "ann").unwrap();
        let mut wanted = OneTimeUseAction::new(vec![actor], Timeout::from_seconds(600).unwrap());
        wanted.approved_actions = vec![HttpAction::new("POST", "https://hung.example/").unwrap(); 16];
        let created = challenges.actions().create(Owner::user("ann").unwrap(), wanted).await.unwrap();
        let secret = created.links.first().unwrap().approve.expose();
        let answer = Answer::approve_action(created.challenge.id(), secret);
        assert!(challenges.answer(answer).await.unwrap().passed().is_some());
    }
    challenges.outbox().due(ENTRIES).await.unwrap()
}

/// R62: a bounded number of an owner's entries is tried at a host at the limit, and each is started in the end.
#[tokio::test]
async fn entries_without_slot_are_bounded() {
    let mut queue = Queue::new(PER_OWNER);
    assert_eq!(queue.add(due().await), ENTRIES);
    let mut tried = 0;
    while let Some(admitted) = queue.next() {
        queue.wait_for(Host::SmsGateway, admitted);
        tried += 1;
    }
    assert_eq!(tried, MAX_PARKED + PER_OWNER);
    assert!(queue.has_waiting());

    let hosts = Hosts::new(PER_OWNER + 2);
    let mut started = HashSet::new();
    loop {
        queue.release(&hosts);
        let mut running = Vec::new();
        while let Some(admitted) = queue.next() {
            running.push(admitted);
        }
        assert!(running.len() <= PER_OWNER, "{} attempts of an owner", running.len());
        if running.is_empty() {
            break;
        }
        for admitted in running {
            started.insert(admitted.entry.id());
            queue.finish(admitted.entry.id(), admitted.owner.as_ref());
        }
    }
    assert_eq!((started.len(), queue.len()), (ENTRIES, 0));
    assert!(!queue.has_waiting() && queue.owners.is_empty());
}
