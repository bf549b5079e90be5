use std::sync::Arc;

use super::{Observation, Observer};

/// Nobody.
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

/// The observer, where there is one.
impl<O: Observer> Observer for Option<O> {
    fn observe(&self, observation: &Observation<'_>) {
        self.iter().for_each(|observer| observer.observe(observation));
    }
}

/// Each of them in turn.
impl<O: Observer> Observer for Vec<O> {
    fn observe(&self, observation: &Observation<'_>) {
        self.iter().for_each(|observer| observer.observe(observation));
    }
}

/// One after the other. Tuples nest: `(a, (b, c))`.
impl<A: Observer, B: Observer> Observer for (A, B) {
    fn observe(&self, observation: &Observation<'_>) {
        self.0.observe(observation);
        self.1.observe(observation);
    }
}

/// One after the other.
impl<A: Observer, B: Observer, C: Observer> Observer for (A, B, C) {
    fn observe(&self, observation: &Observation<'_>) {
        self.0.observe(observation);
        self.1.observe(observation);
        self.2.observe(observation);
    }
}
