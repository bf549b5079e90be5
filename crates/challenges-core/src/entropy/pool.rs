use std::cell::RefCell;
use std::io;

use zeroize::Zeroizing;

use super::Entropy;

/// The bytes of a draw: enough for an id, the nonce of a sealed value, a code and a version.
const DRAW: usize = 96;

thread_local! {
    /// The bytes for the decision in progress on this thread.
    static POOL: RefCell<Option<Pool>> = const { RefCell::new(None) };
}

struct Pool {
    bytes: Zeroizing<[u8; DRAW]>,
    used: usize,
}

/// Runs a decision, and serves the random bytes from as few draws as possible.
///
/// A draw is a system call. The unused bytes of the decision are dropped with the pool, so that a later fork of the
/// process, or a later copy of the machine, repeats none.
pub(crate) fn in_one_draw<T>(decide: impl FnOnce() -> T) -> T {
    struct End;

    impl Drop for End {
        fn drop(&mut self) {
            POOL.set(None);
        }
    }

    let _end = End;
    POOL.set(Some(Pool { bytes: Zeroizing::new([0; DRAW]), used: DRAW }));
    decide()
}

/// A source that draws once for a decision. Outside of [`in_one_draw`], each request is a draw.
#[derive(Debug)]
pub(crate) struct Pooled(pub(crate) Box<dyn Entropy>);

impl Entropy for Pooled {
    fn fill(&self, bytes: &mut [u8]) -> io::Result<()> {
        POOL.with_borrow_mut(|pool| match pool {
            Some(pool) => pool.fill(&*self.0, bytes),
            None => self.0.fill(bytes),
        })
    }
}

impl Pool {
    fn fill(&mut self, source: &dyn Entropy, bytes: &mut [u8]) -> io::Result<()> {
        if bytes.len() > DRAW {
            return source.fill(bytes);
        }
        if bytes.len() > DRAW - self.used {
            // After a failure, no byte of the earlier draw is left to serve.
            self.used = DRAW;
            source.fill(self.bytes.as_mut_slice())?;
            self.used = 0;
        }
        let (_, rest) = self.bytes.split_at(self.used);
        for (to, from) in bytes.iter_mut().zip(rest) {
            *to = *from;
        }
        self.used += bytes.len();
        Ok(())
    }
}
