//! A timing leak test: does the time of a comparison depend on how much of a guess is right?
//!
//! Usage: `cargo run --release -p challenges-benches --bin timing [SAMPLES]`.
//!
//! Two classes of guesses are measured in random order and compared by Welch's t, with and without the slowest
//! measurements, as in *dudect* (Reparaz, Balasch, Verbauwhede 2017). A leak is likely if |t| exceeds 4.5. A control, a
//! comparison that stops at the first difference, runs first. If the control is not detected, the run is inconclusive.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod statistics;

use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use challenges_core::entropy::{Entropy as _, OsEntropy};
use challenges_core::{
    Answer, ChallengeSpec, ChallengeType, Challenges, Factor, KeyRing, Owner, Purpose, Secret, Timestamp,
};
use challenges_memory::MemoryStore;
use challenges_testkit::{Authenticator, FakeClock, administrator};
use futures::executor::block_on;

const LIKELY: f64 = 4.5;
const DIGITS: &str = "0123456789";
const SECRET: &str = "0aB1cD2eF3gH4iJ5kL6mN7";
/// Guesses per class. Both classes use equal pools, so that memory placement does not differ.
const POOL: usize = 64;

fn main() -> ExitCode {
    let samples = std::env::args().nth(1).map_or(1_000_000, |text| text.parse().expect("a number of samples"));
    println!("{:<52} {:>10} {:>10} {:>10} {:>8}", "", "samples", "one, ns", "other, ns", "t");
    let control = t_of("control: stops at the first difference", samples, naive());
    let service = Service::new();
    let noticed = [
        t_of("step-up token: changed at the start or the end", samples, service.token()),
        t_of("code, through the service: start or end", samples, service.code()),
        t_of("TOTP code, through the service: start or end", samples, service.totp()),
    ];
    if control.is_nan() || control.abs() < 10.0 {
        println!("the control was not detected: the run is inconclusive");
        return ExitCode::FAILURE;
    }
    let likely = noticed.iter().filter(|t| t.abs() > LIKELY).count();
    println!("{likely} of {} exceed {LIKELY}; the control reaches {:.0}", noticed.len(), control.abs());
    ExitCode::SUCCESS
}

/// Measures guesses of both classes in random order, and returns Welch's t.
fn t_of(name: &str, samples: usize, mut guess: impl FnMut(bool, usize) -> Duration) -> f64 {
    let mut random = vec![0; samples];
    OsEntropy.fill(&mut random).unwrap();
    for number in 0..samples / 20 {
        guess(number.is_multiple_of(2), number % POOL);
    }
    let measured: Vec<(bool, f64)> = (0..)
        .zip(random)
        .map(|(number, random)| {
            let one = random.is_multiple_of(2);
            (one, guess(one, number % POOL).as_nanos() as f64)
        })
        .collect();
    let [one, other] = [true, false].map(|class| statistics::median(&measured, class));
    let t = statistics::t(&measured);
    println!("{name:<52} {samples:>10} {one:>10.0} {other:>10.0} {t:>8.1}");
    t
}

fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    black_box(work());
    start.elapsed()
}

/// Returns guesses with one wrong character, at the start and at the end.
fn wrong(secret: &str) -> [Vec<String>; 2] {
    [0, secret.len() - 1].map(|at| {
        let right = secret.as_bytes()[at] as char;
        let others: Vec<char> = DIGITS.chars().filter(|other| *other != right).collect();
        let guess = |number: usize| {
            let mut guess = secret.to_owned();
            guess.replace_range(at..=at, &others[number % others.len()].to_string());
            guess
        };
        (0..POOL).map(guess).collect()
    })
}

fn naive() -> impl FnMut(bool, usize) -> Duration {
    let guesses = wrong(SECRET);
    move |one, number| {
        let guess = &guesses[usize::from(one)][number];
        let stored = black_box(SECRET);
        timed(|| stored.bytes().zip(guess.bytes()).all(|(stored, guess)| black_box(stored) == black_box(guess)))
    }
}

/// A service on a memory store with a fake clock.
struct Service {
    challenges: Challenges,
    clock: FakeClock,
    alice: Owner,
}

impl Service {
    fn new() -> Self {
        let clock = FakeClock::at(Timestamp::from_seconds(1_700_000_000));
        let builder = Challenges::builder(MemoryStore::new(), KeyRing::generate().unwrap());
        let challenges = block_on(builder.clock(clock.clone()).build()).unwrap();
        Self { challenges, clock, alice: Owner::user("alice").unwrap() }
    }

    fn token(&self) -> impl FnMut(bool, usize) -> Duration {
        let purpose = Purpose::new("transfer").unwrap();
        let spec = ChallengeSpec::new(ChallengeType::Code).unwrap().with_purpose(purpose.clone());
        let created = block_on(self.challenges.create(self.alice.clone(), spec)).unwrap();
        let answer = Answer::allow(created.challenge.id(), ChallengeType::Code, created.code.unwrap().expose());
        let passed = block_on(self.challenges.answer(answer)).unwrap().passed().unwrap();
        let text = self.challenges.step_up().grant(&passed).unwrap().expose().to_owned();
        // Changes the sealed part only: after the key name, and before the last characters, whose bits are partly unused.
        let (name, sealed) = text.split_once('.').unwrap();
        let (inner, last) = sealed.split_at(sealed.len() - 2);
        let tokens = wrong(inner).map(|guesses| {
            guesses.into_iter().map(|inner| Secret::from(format!("{name}.{inner}{last}"))).collect::<Vec<_>>()
        });
        move |one, number| {
            let token = &tokens[usize::from(one)][number];
            timed(|| self.challenges.step_up().verify(token, &self.alice, &purpose, Duration::from_secs(60)).is_ok())
        }
    }

    /// Measures a wrong answer to a new challenge.
    fn answer(&self, kind: ChallengeType, guess: impl FnOnce(Option<&str>) -> String) -> Duration {
        let spec = ChallengeSpec::new(kind).unwrap();
        let created = block_on(self.challenges.create(self.alice.clone(), spec)).unwrap();
        let id = created.challenge.id();
        let answer = Answer::allow(id, kind, guess(created.code.as_ref().map(|code| code.expose())));
        let time = timed(|| block_on(self.challenges.answer(answer)).is_ok());
        block_on(self.challenges.delete(id)).unwrap();
        time
    }

    fn code(&self) -> impl FnMut(bool, usize) -> Duration {
        move |one, number| {
            let guess = |code: Option<&str>| wrong(code.unwrap())[usize::from(one)][number].clone();
            self.answer(ChallengeType::Code, guess)
        }
    }

    fn totp(&self) -> impl FnMut(bool, usize) -> Duration {
        let (enrollment, key) = block_on(self.challenges.totp().create(self.alice.clone(), &administrator())).unwrap();
        let app = Authenticator::new(key.to_base32().expose()).unwrap();
        let code = app.code(self.challenges.now());
        block_on(self.challenges.totp().confirm(&self.alice, &administrator(), enrollment.id(), &code.into())).unwrap();
        let now = self.clock.advance(Duration::from_secs(90));
        let guesses = wrong(&app.code(now));
        move |one, number| {
            let time = self.answer(ChallengeType::Totp, |_| guesses[usize::from(one)][number].clone());
            block_on(self.challenges.account(&self.alice).reset_factor(&administrator(), Factor::Totp)).unwrap();
            time
        }
    }
}
