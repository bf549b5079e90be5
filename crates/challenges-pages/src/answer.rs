//! The pages on which links are answered.

use crate::route::Route;

/// The routes of this domain.
pub(crate) const ROUTES: &[Route] = &[];
