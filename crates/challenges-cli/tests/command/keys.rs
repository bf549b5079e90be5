use challenges_core::{ChallengeSpec, ChallengeType, Challenges, KeyRing};
use challenges_sqlite::SqliteStore;
use serde_json::{Value, json};

use crate::host::{Host, administrator, output, owner, program, write_keys};

fn states(json: &Value) -> Vec<(&str, &str)> {
    let keys = json["keys"].as_array().unwrap();
    keys.iter().map(|key| (key["id"].as_str().unwrap(), key["state"].as_str().unwrap())).collect()
}

/// Returns the secrets in a key file.
fn secrets(host: &Host) -> Vec<String> {
    let text = std::fs::read_to_string(host.path("keys")).unwrap();
    text.lines()
        .filter_map(|line| line.split_once(':').map(|(_, key)| key.to_owned()))
        .filter(|key| key.len() == 43)
        .collect()
}

#[test]
fn new_key_file_has_one_active_key() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("keys");
    let created = output(program().args(["keys", "new", "--id", "first", "--json", "--key-file"]).arg(&path));
    assert_eq!((created.code, states(&created.json())), (0, vec![("first", "active")]), "{created:?}");
    assert!(KeyRing::open_or_create(&path).is_ok(), "with mode 0600");
    let dated = output(program().args(["keys", "new", "--json", "--key-file"]).arg(&path));
    let again = output(program().args(["keys", "new", "--json", "--key-file"]).arg(&path));
    assert_eq!((states(&dated.json()).len(), states(&again.json()).len()), (2, 3), "{again:?}");
    let repeated = output(program().args(["keys", "new", "--id", "first", "--json", "--key-file"]).arg(&path));
    assert_eq!((repeated.code, repeated.error().0.as_str()), (2, "usage"));
    let nowhere = output(program().args(["keys", "new", "--json"]).env("CHALLENGES_KEYS", "unused"));
    assert_eq!((nowhere.code, nowhere.error().0.as_str()), (2, "usage"), "never printed");
}

/// R29: a whole rotation by the program, with a service that runs.
#[tokio::test]
async fn key_is_replaced_step_by_step() {
    let host = Host::new().await;
    for _ in 0..4 {
        let _ = host.challenges.totp().create(owner("alice"), &administrator()).await.unwrap();
    }
    let comment = "# of the operator";
    write_keys(&host.path("keys"), &format!("{comment}\n{}", std::fs::read_to_string(host.path("keys")).unwrap()));
    assert_eq!(host.run(&["keys", "new", "--id", "k2"]).code, 0);
    secrets(&host).into_iter().for_each(|secret| host.hide(secret));
    assert_eq!(states(&host.run_json(&["keys", "list"]).json()), [("k1", "active"), ("k2", "accepted")]);
    assert_eq!(host.run_json(&["keys", "retire", "k1"]).error().0, "usage", "the active key");
    assert_eq!(states(&host.run_json(&["keys", "activate", "k2"]).json()), [("k2", "active"), ("k1", "accepted")]);
    assert_eq!(states(&host.run_json(&["keys", "retire", "k1"]).json()), [("k2", "active"), ("k1", "retired")]);
    assert_eq!(host.run_json(&["keys", "retire", "k3"]).code, 4);
    assert_eq!(host.run_json(&["keys", "activate", "k1"]).error().0, "usage", "a retired key may have leaked");
    let needed = host.run_json(&["keys", "remove", "k1", "--yes"]);
    assert_eq!((needed.code, needed.error().0.as_str()), (1, "problem"), "{needed:?}");
    let before = host.run_json(&["keys", "list"]).json();
    assert_eq!((&before["keys"][0]["opens_store"], &before["keys"][1]["opens_store"]), (&json!(false), &json!(true)));

    let first = host.run_json(&["keys", "reseal", "--page", "2", "--pages", "1"]);
    assert_eq!((first.code, &first.json()["done"], &first.json()["looked_at"]), (1, &json!(false), &json!(2)));
    let next = first.json()["next"].as_str().unwrap().to_owned();
    assert!(first.stderr.contains(&format!("--after {next}")), "{first:?}");
    let rest = host.run_json(&["keys", "reseal", "--page", "2", "--pause", "0", "--after", &next]);
    assert_eq!((rest.code, &rest.json()["done"], &rest.json()["next"]), (0, &json!(true), &json!(null)), "{rest:?}");

    assert_eq!(host.run(&["keys", "remove", "k1"]).code, 5, "not confirmed");
    assert_eq!(states(&host.run_json(&["keys", "remove", "k1", "--yes"]).json()), [("k2", "active")]);
    let text = std::fs::read_to_string(host.path("keys")).unwrap();
    assert!(text.starts_with(comment) && text.contains("*k2:") && !text.contains("k1:"), "{text}");
    assert_eq!(host.run(&["doctor"]).code, 0);
    let keys = KeyRing::open_or_create(host.path("keys")).unwrap();
    let store = SqliteStore::open(host.path("store.db")).unwrap();
    let challenges = Challenges::builder(store, keys).expect_existing().build().await.unwrap();
    assert_eq!(challenges.totp().list(&owner("alice"), None, 10).await.unwrap().len(), 4);
}

/// R29: a key that seals records is not removed, though another key seals the salt.
#[tokio::test]
async fn key_of_records_is_not_removed() {
    let host = Host::new().await;
    for id in ["k2", "k3"] {
        host.run(&["keys", "new", "--id", id]);
        host.run(&["keys", "activate", id]);
        let keys = KeyRing::open_or_create(host.path("keys")).unwrap();
        let store = SqliteStore::open(host.path("store.db")).unwrap();
        let challenges = Challenges::builder(store, keys).expect_existing().build().await.unwrap();
        let _ = challenges.totp().create(owner("alice"), &administrator()).await.unwrap();
    }
    let needed = host.run_json(&["keys", "remove", "k2", "--yes"]);
    assert_eq!((needed.code, needed.error().0.as_str()), (1, "problem"), "{needed:?}");
    assert_eq!(host.run_json(&["keys", "list"]).json()["keys"].as_array().unwrap().len(), 3);
    assert_eq!(host.run(&["keys", "reseal"]).code, 0);
    assert_eq!(states(&host.run_json(&["keys", "remove", "k2", "--yes"]).json()).len(), 2, "control");
}

#[tokio::test]
async fn walk_names_what_still_needs_a_key() {
    let host = Host::new().await;
    let spec = ChallengeSpec::new(ChallengeType::Code).unwrap();
    let _ = host.challenges.create(owner("alice"), spec).await.unwrap();
    host.run(&["keys", "new", "--id", "k2"]);
    host.run(&["keys", "activate", "k2"]);
    let walk = host.run_json(&["keys", "reseal"]);
    assert_eq!((walk.code, &walk.json()["done"]), (1, &json!(false)), "{walk:?}");
    assert!(walk.json()["still_under"]["k1"].as_str().unwrap().ends_with('Z'), "{walk:?}");
    assert_eq!(host.run_json(&["keys", "reseal", "--after", "nonsense"]).code, 2);
    assert_eq!(host.run_json(&["keys", "reseal", "--page", "0"]).code, 2);
}

#[cfg(unix)]
#[tokio::test]
async fn changed_file_keeps_mode_and_link() {
    use std::os::unix::fs::PermissionsExt as _;

    let host = Host::new().await;
    std::os::unix::fs::symlink(host.path("keys"), host.path("link")).unwrap();
    let edited = output(program().args(["keys", "new", "--key-file"]).arg(host.path("link")));
    assert_eq!(edited.code, 0, "{edited:?}");
    assert!(host.path("link").is_symlink());
    assert_eq!(std::fs::metadata(host.path("keys")).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(secrets(&host).len(), 2);
    assert_eq!(
        std::fs::read_dir(host.path(""))
            .unwrap()
            .filter(|file| { file.as_ref().unwrap().file_name().to_string_lossy().starts_with(".tmp") })
            .count(),
        0,
        "no temporary file stays"
    );
}
