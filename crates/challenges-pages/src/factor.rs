//! The second-factor page, for logins and step-up.

use crate::route::Route;

/// The routes of this domain.
pub(crate) const ROUTES: &[Route] = &[];
