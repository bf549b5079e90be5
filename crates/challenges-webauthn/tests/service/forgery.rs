//! A database writer who puts a public key of their own into an enrollment.

use challenges_core::keyring::SealError;
use challenges_core::store::{Kind, Record, Stored};
use challenges_core::{Error, Store as _};
use challenges_testkit::webauthn::SecurityKey;
use serde_json::Value;

use crate::harness::{Host, passed, refused};
use crate::tagging::{content, json, replace, rewrite};

async fn enrollments(host: &Host) -> Vec<Stored> {
    host.store.list(Kind::WebauthnEnrollment, None, None, 9).await.unwrap()
}

/// Finds the public key in a stored enrollment.
fn public_key(value: &mut Value) -> Option<&mut Value> {
    let Value::Object(fields) = value else { return None };
    if fields.contains_key("public_key") {
        return fields.get_mut("public_key");
    }
    fields.values_mut().find_map(public_key)
}

/// R61: a replaced public key passes nothing. Control: with a right tag, the key of the writer passes as the owner.
#[tokio::test]
async fn replaced_public_key_passes_nothing() {
    let host = Host::new().await;
    let (mut alices, mut writers) = (SecurityKey::new(1), SecurityKey::new(2));
    let enrollment = host.enroll("alice", &mut alices).await;
    host.enroll("mallory", &mut writers).await;
    let mut all = enrollments(&host).await;
    let at = all.iter().position(|stored| json(&stored.record)["owner"]["user"] == "alice").unwrap();
    let stored = all.swap_remove(at);
    let mut forged = json(&stored.record);
    *public_key(&mut forged).unwrap() = public_key(&mut json(&all[0].record)).unwrap().clone();
    let forged = serde_json::to_vec(&forged).unwrap();
    let mut evil = alices.clone();
    evil.private_key = writers.private_key.clone();
    assert!(refused(host.pass("alice", enrollment, &mut evil).await), "control: the key of another passes nothing");

    let challenge = host.challenge("alice", &[enrollment]).await;
    let assertion = host.assertion(challenge, &mut evil).await;
    let tag = &stored.record.body[content(&stored.record.body).len()..];
    let record = Record { body: [&forged, tag].concat().into(), ..stored.record.clone() };
    replace(&*host.store, Some(stored.version), record, stored.version).await;
    let answer = host.answer(challenge, &assertion).await;
    assert!(matches!(answer, Err(Error::Seal(SealError::ForgedRecord))), "{answer:?}");

    rewrite(&*host.store, &stored, forged, [1; 16]).await;
    assert!(passed(host.answer(challenge, &assertion).await), "control: the edit takes effect with a right tag");
}
