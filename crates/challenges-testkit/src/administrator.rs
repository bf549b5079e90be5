use challenges_core::Grant;

/// Returns the grant of an administrator, for tests that change factors of users.
///
/// # Examples
///
/// ```
/// use challenges_core::{Challenges, Owner};
/// use challenges_testkit::{DefectiveStore, administrator, key_ring};
///
/// # futures::executor::block_on(async {
/// let challenges = Challenges::builder(DefectiveStore::sound(), key_ring()).build().await?;
/// let alice = Owner::user("alice")?;
/// let (enrollment, key) = challenges.totp().create(alice, &administrator()).await?;
/// # let _ = (enrollment, key);
/// # Ok::<(), challenges_core::Error>(())
/// # }).unwrap();
/// ```
#[must_use]
pub fn administrator() -> Grant {
    match Grant::administrator("tests", "test") {
        Ok(grant) => grant,
        Err(_) => unreachable!("the literals are well-formed"),
    }
}
