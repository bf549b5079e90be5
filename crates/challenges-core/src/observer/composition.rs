use std::sync::Arc;

use super::{Observation, Observer};

/// Ignores every event.
impl Observer for () {
    fn observe(&self, _: &Observation<'_>) {}
}

impl<O: Observer + ?Sized> Observer for Arc<O> {
    fn observe(&self, observation: &Observation<'_>) {
        (**self).observe(observation);
    }
}

impl<O: Observer + ?Sized> Observer for Box<O> {
    fn observe(&self, observation: &Observation<'_>) {
        (**self).observe(observation);
    }
}

/// Calls the observer, if any.
impl<O: Observer> Observer for Option<O> {
    fn observe(&self, observation: &Observation<'_>) {
        self.iter().for_each(|observer| observer.observe(observation));
    }
}

/// Calls each observer in turn.
impl<O: Observer> Observer for Vec<O> {
    fn observe(&self, observation: &Observation<'_>) {
        self.iter().for_each(|observer| observer.observe(observation));
    }
}

/// Calls both observers in turn. Tuples nest: `(a, (b, c))`.
impl<A: Observer, B: Observer> Observer for (A, B) {
    fn observe(&self, observation: &Observation<'_>) {
        self.0.observe(observation);
        self.1.observe(observation);
    }
}

/// Calls the three observers in turn.
impl<A: Observer, B: Observer, C: Observer> Observer for (A, B, C) {
    fn observe(&self, observation: &Observation<'_>) {
        self.0.observe(observation);
        self.1.observe(observation);
        self.2.observe(observation);
    }
}
