//! Parses any text as a row of another system, and imports the row.
//!
//! `Debug` shows no seed. A dry run stores nothing and tells the result of the import. A second import finds the factor of
//! the first, and another user cannot import the credential.
#![no_main]

use challenges_core::import::Row;
use challenges_core::{Challenges, KeyRing, Owner};
use challenges_memory::MemoryStore;
use challenges_testkit::administrator;
use challenges_webauthn::Webauthn;
use futures::executor::block_on;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(row) = text.parse::<Row>() else { return };
    let shown = format!("{row:?}");
    let is_seed = shown == "Row(Totp([redacted]))";
    assert!(is_seed || shown.starts_with("Row(Webauthn("));
    block_on(async {
        let keys = KeyRing::generate().expect("random bytes");
        let builder = Challenges::builder(MemoryStore::new(), keys).webauthn(Webauthn::new());
        let challenges = builder.build().await.expect("a service");
        let (alice, bob) = (Owner::user("alice").expect("a name"), Owner::user("bob").expect("a name"));
        let (grant, account) = (administrator(), challenges.account(&alice));
        let tried = account.import_dry_run(&row).await;
        assert!(!account.status().await.expect("a status").has_factor(), "a dry run stores nothing");
        let Ok(imported) = account.import(&grant, &row).await else {
            assert!(tried.is_err(), "the dry run accepts the row");
            return;
        };
        assert!(imported.is_new && tried.is_ok_and(|tried| tried.is_new && tried.enrollment.is_none()));
        assert!(account.status().await.expect("a status").has_factor());
        let again = account.import(&grant, &row).await.expect("the factor of the first import");
        assert_eq!((again.is_new, again.enrollment), (false, imported.enrollment));
        assert_eq!(challenges.account(&bob).import(&grant, &row).await.is_ok(), is_seed);
    });
});
