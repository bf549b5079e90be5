//! Moving in from another system: the authenticator apps keep working, and nobody has to enroll again.
//!
//! ```sh
//! cargo run -p challenges --example import
//! ```

use anyhow::Context as _;
use challenges::import::Row;
use challenges::memory::MemoryStore;
use challenges::{Answer, ChallengeSpec, ChallengeType, Challenges, Grant, KeyRing, Owner, Secret};
use challenges_testkit::Authenticator;
use serde_json::json;

/// The table of the old system: users, and keys in base32.
const OLD: [(&str, &str); 3] =
    [("alice", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"), ("bob", "JBSWY3DPEHPK3PXP"), ("carol", "JBSWY3DP")];

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let challenges = Challenges::builder(MemoryStore::new(), KeyRing::generate()?).build().await?;
    // The grant of an operator: every row is observed with this name and reason.
    let grant = Grant::administrator("import", "moving in, change 4711")?;

    for (user, secret) in OLD {
        let owner = Owner::user(user)?;
        let row: Row = match json!({ "totp": { "secret": secret } }).try_into() {
            Ok(row) => row,
            Err(error) => {
                println!("{user}: {error}");
                continue;
            }
        };
        // A dry run first shows what would happen. A row can be imported again without effect.
        assert!(challenges.account(&owner).import_dry_run(&row).await?.is_new);
        let imported = challenges.account(&owner).import(&grant, &row).await?;
        assert!(!challenges.account(&owner).import(&grant, &row).await?.is_new);
        println!("{user}: imported{}", if imported.is_weak { ", to be enrolled anew: the key is short" } else { "" });
    }

    // The app on alice's phone shows the same codes as before.
    let (alice, app) = (Owner::user("alice")?, Authenticator::new(OLD[0].1).context("no key")?);
    let id = challenges.create(alice.clone(), ChallengeSpec::new(ChallengeType::Totp)?).await?.challenge.id();
    let typed = Secret::from_typed(&app.code(challenges.now()));
    let passed = challenges.answer(Answer::allow(id, ChallengeType::Totp, typed).by_owner(&alice)).await?.passed();
    println!("{} passed with the old app", passed.context("declined")?.owner().user_id());
    Ok(())
}
