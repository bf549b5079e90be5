use serde_json::json;

use crate::host::{Host, owner};

#[tokio::test]
async fn dead_letters_are_listed_without_secrets() {
    let host = Host::new().await;
    let id = host.dead_letter("alice").await;
    let output = host.run_json(&["outbox", "list"]);
    assert_eq!(output.code, 0, "{output:?}");
    let entry = &output.json()["entries"][0];
    assert_eq!((&entry["id"], &entry["user"], &entry["status"]), (&json!(id), &json!("alice"), &json!(410)));
    assert_eq!(entry["task"], json!({ "kind": "act", "index": 0, "method": "POST", "host": "api.example" }));
    assert_eq!(entry["challenge"].as_str().unwrap().len(), 18, "the public part of the id");
    assert!(host.run(&["outbox", "list"]).stdout.contains("host=api.example"));
    assert_eq!(host.run_json(&["outbox", "list", "--user", "bob"]).json()["entries"], json!([]));
    assert_eq!(host.run_json(&["outbox", "list", "--waiting"]).json()["entries"], json!([]));
}

#[tokio::test]
async fn list_continues_after_an_entry() {
    let host = Host::new().await;
    for _ in 0..3 {
        host.dead_letter("alice").await;
    }
    let first = host.run_json(&["outbox", "list", "--limit", "2"]).json();
    assert_eq!(first["entries"].as_array().unwrap().len(), 2);
    let after = first["next"].as_str().unwrap();
    let rest = host.run_json(&["outbox", "list", "--limit", "2", "--after", after]).json();
    assert_eq!((rest["entries"].as_array().unwrap().len(), &rest["next"]), (1, &json!(null)));
    assert_ne!(rest["entries"][0]["id"], first["entries"][1]["id"]);
    assert_eq!(host.run_json(&["outbox", "list", "--limit", "0"]).code, 2);
}

#[tokio::test]
async fn retried_letter_waits_again() {
    let host = Host::new().await;
    let id = host.dead_letter("alice").await;
    let refused = host.run_json(&["outbox", "retry", &id]);
    assert_eq!((refused.code, refused.error().0.as_str()), (5, "unconfirmed"));
    let output = host.run_json(&["outbox", "retry", "--yes", &id]);
    assert_eq!((output.code, output.json()), (0, json!({ "retried": [id], "failed": [] })));
    assert_eq!(host.run_json(&["outbox", "list", "--waiting"]).json()["entries"][0]["id"], id.as_str());
    assert!(host.challenges.outbox().dead_letters(None, None, 10).await.unwrap().is_empty());
    assert_eq!(host.run_json(&["outbox", "retry", "--yes", &id]).code, 4, "no dead letter any more");
}

#[tokio::test]
async fn discarding_needs_a_confirmation() {
    let host = Host::new().await;
    let letters = [host.dead_letter("alice").await, host.dead_letter("alice").await];
    let refused = host.run_json(&["outbox", "discard", &letters[0]]);
    assert_eq!((refused.code, refused.error().0.as_str()), (5, "unconfirmed"));
    assert_eq!(host.challenges.outbox().dead_letters(None, None, 10).await.unwrap().len(), 2);

    let unknown = "0".repeat(40);
    let output = host.run_json(&["outbox", "discard", "--yes", &letters[0], &unknown, &letters[1]]);
    assert_eq!((output.code, &output.json()["discarded"]), (4, &json!(letters)), "{output:?}");
    assert_eq!(output.json()["failed"][0]["id"], unknown.as_str());
    assert!(host.challenges.outbox().dead_letters(Some(&owner("alice")), None, 10).await.unwrap().is_empty());
    assert_eq!(host.run_json(&["outbox", "discard", "--yes", "not-an-id"]).code, 2);
}
