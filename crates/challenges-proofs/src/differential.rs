//! Comparison of stores: random sequences of service operations must give equal results on every store.
//!
//! Services with equal keys, clock, entropy and operations return equal results, including ids and secrets.
//! Observations and stored records are also equal, byte for byte. Any difference comes from the store.
//!
//! [`Differential`] runs sequences, compares all results and the final records, and shrinks a sequence with a
//! difference.
//!
//! Operations never run concurrently; the [conformance suite](challenges_testkit::conformance) covers races.
//!
//! # Examples
//!
//! ```
//! use challenges_memory::MemoryStore;
//! use challenges_proofs::differential::Differential;
//! use challenges_testkit::{Defect, DefectiveStore};
//! use challenges_webauthn::Webauthn;
//!
//! # futures::executor::block_on(async {
//! let differential = Differential::new(|| async { DefectiveStore::sound() })
//!     .service(|builder| builder.webauthn(Webauthn::new()))
//!     .subject("memory", || async { MemoryStore::new() });
//! println!("{}", differential.run(0, 5).await?);
//!
//! let broken = differential.subject("broken", || async { DefectiveStore::new(Defect::ForgetsWrites) });
//! assert!(broken.run(0, 5).await.is_err());
//! # Ok::<(), challenges_proofs::differential::Mismatch>(())
//! # }).unwrap();
//! ```

mod accounts;
mod attempts;
mod challenges;
mod devices;
mod endpoints;
mod enrollments;
mod host;
mod operation;
mod origin;
mod report;
mod strategy;

pub use operation::{AnswerType, Attempted, By, Given, Named, Operation, Pick, Reply, Spec, User};
pub use report::{Difference, Mismatch, Report};

use std::fmt;
use std::future::Future;

use challenges_core::{Builder, Store};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use self::host::Host;
use self::origin::Origin;

/// A comparison of several stores with a reference store.
pub struct Differential {
    reference: Origin,
    subjects: Vec<Origin>,
    service: Service,
    most_operations: usize,
}

pub(crate) type Service = Box<dyn Fn(Builder) -> Builder + Send + Sync>;

impl Differential {
    /// Creates a comparison with a reference store. `open` must return a new, empty store on each call.
    pub fn new<S, F, Fut>(open: F) -> Self
    where
        S: Store,
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = S> + Send + 'static,
    {
        let reference = Origin::new("the reference", open);
        Self { reference, subjects: Vec::new(), service: Box::new(|builder| builder), most_operations: 100 }
    }

    /// Adds a store to compare with the reference, under `name` in reports.
    ///
    /// `open` must return a new, empty store on each call.
    #[must_use]
    pub fn subject<S, F, Fut>(mut self, name: &str, open: F) -> Self
    where
        S: Store,
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = S> + Send + 'static,
    {
        self.subjects.push(Origin::new(name, open));
        self
    }

    /// Configures each service, for example with other limits or with a WebAuthn verifier. Default: without WebAuthn.
    ///
    /// The comparison replaces clock, entropy and observer.
    #[must_use]
    pub fn service(self, configure: impl Fn(Builder) -> Builder + Send + Sync + 'static) -> Self {
        Self { service: Box::new(configure), ..self }
    }

    /// Sets the maximum number of operations in a sequence. Default: 100. The average is two thirds of the maximum.
    #[must_use]
    pub fn most_operations(self, most_operations: usize) -> Self {
        Self { most_operations, ..self }
    }

    /// Runs sequences, each on new stores. Sequence `n` is fully determined by `seed + n`.
    ///
    /// # Errors
    ///
    /// - [`Mismatch::Difference`] when a store differs from the reference
    /// - any other [`Mismatch`] when a comparison is impossible
    pub async fn run(&self, seed: u64, sequences: usize) -> Result<Report, Mismatch> {
        let mut report = Report { subjects: self.subjects.len(), ..Report::default() };
        for seed in (0_u64..).map(|number| seed.wrapping_add(number)).take(sequences) {
            let mut tree =
                strategy::sequences(self.most_operations).new_tree(&mut runner(seed)).map_err(Mismatch::Draw)?;
            match self.compare(seed, &tree.current()).await {
                Ok(compared) => report.add(compared),
                Err(Mismatch::Difference(difference)) => return Err(self.shrink(*difference, &mut tree).await),
                Err(other) => return Err(other),
            }
        }
        Ok(report)
    }

    /// Runs one sequence.
    ///
    /// # Errors
    ///
    /// The same errors as [`run`](Self::run).
    pub async fn compare(&self, seed: u64, operations: &[Operation]) -> Result<Report, Mismatch> {
        let mut reference = Host::start(&self.reference, &self.service, seed).await?;
        let mut subjects = Vec::with_capacity(self.subjects.len());
        for origin in &self.subjects {
            subjects.push(Host::start(origin, &self.service, seed).await?);
        }
        let mut report = Report { sequences: 1, subjects: subjects.len(), ..Report::default() };
        let differs = |store: &Host<'_>, done: usize, expected: String, found: String| {
            let operations = operations.iter().take(done).cloned().collect();
            let store = store.name().to_owned();
            Err(Mismatch::Difference(Box::new(Difference { store, seed, operations, expected, found })))
        };
        for (index, operation) in operations.iter().enumerate() {
            let expected = reference.perform(operation).await?;
            for subject in &mut subjects {
                let found = subject.perform(operation).await?;
                if found != expected {
                    return differs(subject, index + 1, expected.to_string(), found.to_string());
                }
            }
            report.operations += 1;
            report.successes += usize::from(expected.succeeded());
        }
        let expected = reference.records().await?;
        report.records = expected.len();
        report.passed = reference.passed;
        for subject in &subjects {
            let found = subject.records().await?;
            if let Some((expected, found)) = host::first_difference(&expected, &found) {
                return differs(subject, operations.len(), expected, found);
            }
        }
        Ok(report)
    }

    /// Simplifies and removes operations as long as the difference remains.
    async fn shrink(&self, found: Difference, tree: &mut impl ValueTree<Value = Vec<Operation>>) -> Mismatch {
        const TRIES: usize = 1_000;
        let (seed, mut smallest) = (found.seed, found);
        let mut simpler = tree.simplify();
        for _ in 0..TRIES {
            if !simpler {
                break;
            }
            simpler = match self.compare(seed, &tree.current()).await {
                Ok(_) => tree.complicate(),
                Err(Mismatch::Difference(difference)) => {
                    smallest = *difference;
                    tree.simplify()
                }
                Err(other) => return other,
            };
        }
        // The loop above removes operations of one story only together, so remove single operations here.
        for index in (0..smallest.operations.len()).rev() {
            let kept = smallest.operations.iter().enumerate().filter(|(kept, _)| *kept != index);
            let shorter: Vec<_> = kept.map(|(_, operation)| operation.clone()).collect();
            if let Err(Mismatch::Difference(difference)) = self.compare(seed, &shorter).await {
                smallest = *difference;
            }
        }
        Mismatch::Difference(Box::new(smallest))
    }
}

impl fmt::Debug for Differential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.subjects.iter().map(|subject| &subject.name).collect();
        f.debug_struct("Differential").field("subjects", &names).finish_non_exhaustive()
    }
}

fn runner(seed: u64) -> TestRunner {
    let mut bytes = [0; 32];
    for (to, from) in bytes.iter_mut().zip(seed.to_le_bytes()) {
        *to = from;
    }
    TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
}
