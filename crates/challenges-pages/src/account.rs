//! The pages on which users manage their factors.

use crate::route::Route;

/// The routes of this domain.
pub(crate) const ROUTES: &[Route] = &[];
