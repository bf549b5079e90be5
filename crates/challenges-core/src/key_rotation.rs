//! Key rotation: sealing stored records again under the active key. [`KeyRing`](crate::keyring::KeyRing) has the
//! procedure.

mod cursor;
mod renewal;
mod walk;

pub use crate::reseal_report::ResealReport;

pub(crate) use walk::reseal;
