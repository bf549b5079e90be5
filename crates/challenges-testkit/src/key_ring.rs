use challenges_core::KeyRing;

/// Returns a fixed key ring for tests: a service that uses this ring opens the records of any other that does.
///
/// The key is public. Never use the ring outside tests.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
///
/// use challenges_core::Challenges;
/// use challenges_testkit::{DefectiveStore, FakeClock, key_ring};
///
/// # futures::executor::block_on(async {
/// let store = Arc::new(DefectiveStore::sound());
/// let challenges = Challenges::builder(store, key_ring()).clock(FakeClock::default()).build().await?;
/// # let _ = challenges;
/// # Ok::<(), challenges_core::Error>(())
/// # }).unwrap();
/// ```
#[must_use]
pub fn key_ring() -> KeyRing {
    match "*k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8".parse() {
        Ok(ring) => ring,
        Err(_) => unreachable!("the literal is a valid key ring"),
    }
}
