//! The routes of all domains, and the search for the route of a request.

use std::sync::LazyLock;

use http::Method;

use crate::problem::Problem;
use crate::route::{Route, Verb};
use crate::{account, answer, asset, factor};

/// The routes of all domains.
pub(crate) static ROUTES: LazyLock<Routes> = LazyLock::new(Routes::of_all_domains);

/// Routes by path.
pub(crate) struct Routes(matchit::Router<Vec<&'static Route>>);

/// A route, and the percent-encoded id in the path.
pub(crate) struct Matched<'p> {
    pub(crate) route: &'static Route,
    pub(crate) id: &'p str,
}

impl Routes {
    fn of_all_domains() -> Self {
        let mut paths: Vec<(&'static str, Vec<&'static Route>)> = Vec::new();
        for route in all() {
            match paths.iter_mut().find(|(path, _)| *path == route.path) {
                Some((_, routes)) => routes.push(route),
                None => paths.push((route.path, vec![route])),
            }
        }
        let mut router = matchit::Router::new();
        for (path, routes) in paths {
            if let Err(error) = router.insert(path, routes) {
                // A test inserts every route, so no release gets here.
                tracing::error!(path, %error, "a route is left out");
            }
        }
        Self(router)
    }

    /// Finds the route of a path below the prefix. Returns the allowed methods if only the method is wrong.
    pub(crate) fn find<'p>(&self, method: &Method, path: &'p str) -> Result<Matched<'p>, Problem> {
        let matched = self.0.at(path).map_err(|_| Problem::NoSuchPage)?;
        let id = matched.params.iter().next().map_or("", |(_, id)| id);
        let route = matched.value.iter().find(|route| route.method.matches(method));
        let reads = matched.value.iter().any(|route| route.method == Verb::Get);
        route.map(|route| Matched { route, id }).ok_or(Problem::Method(if reads { "GET, HEAD" } else { "POST" }))
    }

    /// Returns the page with the form that posts to a path: the nearest page at the path or above.
    pub(crate) fn page_of(&self, path: &str) -> String {
        let mut page = path;
        loop {
            match self.find(&Method::GET, page) {
                Ok(_) => return page.to_owned(),
                Err(_) => match page.rsplit_once('/') {
                    Some((above, _)) => page = above,
                    None => return "account".to_owned(),
                },
            }
        }
    }
}

/// Returns the routes of all domains.
pub(crate) fn all() -> impl Iterator<Item = &'static Route> {
    account::ROUTES.iter().chain(answer::ROUTES).chain(factor::ROUTES).chain(asset::ROUTES)
}
