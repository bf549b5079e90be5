use std::collections::BTreeMap;
use std::time::Duration;

use challenges_core::observer::{MetricsObserver, TracingObserver};
use challenges_core::{Answer, Challenge, ChallengeSpec, ChallengeType, Challenges, Error, KeyRing, Owner, Timestamp};
use challenges_memory::MemoryStore;
use challenges_testkit::{Counting, FakeClock, Yielding};
use metrics_util::debugging::{DebugValue, DebuggingRecorder, Snapshotter};
use tokio::task::JoinSet;

use crate::capture::Log;

const CHALLENGES: usize = 8;
const TASKS: usize = 64;

/// Returns whether an event ends an answer. Each answer ends in exactly one such event.
fn ends_an_answer(event: &str, reason: &str) -> bool {
    match event {
        "challenge_moved" => ["passed", "declined", "wrong"].contains(&reason),
        event => ["answer_refused", "answer_undecided"].contains(&event),
    }
}

/// Returns the counters by event and reason, and the seconds of the histogram.
fn read_metrics(snapshotter: &Snapshotter) -> (BTreeMap<(String, String), u64>, Vec<f64>) {
    let (mut events, mut seconds) = (BTreeMap::new(), Vec::new());
    for (key, _, _, value) in snapshotter.snapshot().into_vec() {
        let label = |name: &str| {
            let found = key.key().labels().find(|label| label.key() == name);
            found.map(|label| label.value().to_owned()).unwrap_or_default()
        };
        match (key.key().name(), value) {
            ("challenges_events_total", DebugValue::Counter(count)) => {
                *events.entry((label("event"), label("reason"))).or_default() += count;
            }
            ("challenges_answer_seconds", DebugValue::Histogram(values)) => {
                seconds.extend(values.into_iter().map(|value| value.into_inner()));
            }
            other => panic!("undocumented metric: {other:?}"),
        }
    }
    (events, seconds)
}

/// Counts the lines of the log with events that end an answer.
fn count_logged(log: &str) -> usize {
    let field = |line: &str, name: &str| {
        let rest = line.split_once(&format!(" {name}=\""));
        rest.and_then(|(_, rest)| rest.split_once('"')).map(|(value, _)| value.to_owned()).unwrap_or_default()
    };
    log.lines().filter(|line| ends_an_answer(&field(line, "event"), &field(line, "reason"))).count()
}

async fn create(challenges: &Challenges, user: &str) -> (Challenge, String) {
    let spec = ChallengeSpec::new(ChallengeType::Code).unwrap();
    let created = challenges.create(Owner::user(user).unwrap(), spec).await.unwrap();
    (created.challenge, created.code.unwrap().expose().to_owned())
}

/// R43, R1: every answer is observed once: right, wrong, of a type not offered, or to a deleted challenge.
///
/// The store yields between reads and writes, so the answers race on a single thread too.
#[tokio::test]
async fn log_and_metrics_count_every_racing_answer() {
    let (log, recorder) = (Log::default(), DebuggingRecorder::new());
    let snapshotter = recorder.snapshotter();
    recorder.install().unwrap();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(log.clone()).finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();

    let store = Counting::new(Yielding::new(MemoryStore::new()));
    let clock = FakeClock::at(Timestamp::from_seconds(1_700_000_000));
    let builder = Challenges::builder(store.clone(), KeyRing::generate().unwrap()).clock(clock.clone());
    let challenges = builder.observer((MetricsObserver::new(), TracingObserver::new())).build().await.unwrap();
    let mut created = Vec::new();
    for number in 0..CHALLENGES {
        created.push(create(&challenges, &format!("user-{number}")).await);
    }
    let (gone, _) = create(&challenges, "gone").await;
    challenges.delete(gone.id()).await.unwrap();
    clock.advance(Duration::from_millis(2_500));

    let mut tasks = JoinSet::new();
    for task in 0..TASKS {
        for (challenge, code) in created.iter().chain([&(gone.clone(), String::new())]) {
            let (challenges, id, code) = (challenges.clone(), challenge.id(), code.clone());
            tasks.spawn(async move {
                let answer = match task % 4 {
                    0 => Answer::allow(id, ChallengeType::Code, code),
                    1 => Answer::decline(id, ChallengeType::Code, code),
                    2 => Answer::allow(id, ChallengeType::Code, format!("wrong {task}")),
                    _ => Answer::allow(id, ChallengeType::Totp, "000000"),
                };
                let result = challenges.answer(answer).await;
                assert!(matches!(result, Ok(_) | Err(Error::AnswerRefused | Error::NotFound | Error::Contended)));
                result.is_ok()
            });
        }
    }
    let accepted = tasks.join_all().await.into_iter().filter(|accepted| *accepted).count();
    assert_eq!(accepted, CHALLENGES, "one answer per challenge is accepted");
    assert!(store.counts().conflict > 0, "control: the answers race");

    let answers = TASKS * (CHALLENGES + 1);
    let (events, seconds) = read_metrics(&snapshotter);
    let ends = events.iter().filter(|((event, reason), _)| ends_an_answer(event, reason));
    assert_eq!(ends.map(|(_, count)| usize::try_from(*count).unwrap()).sum::<usize>(), answers);
    assert_eq!(events[&("answer_undecided".into(), "not_found".into())], TASKS as u64);
    assert_eq!(seconds, [2.5; CHALLENGES]);
    let text = log.text();
    assert_eq!(count_logged(&text), answers);

    // Control: a missing line changes the count.
    let one = text.lines().position(|line| count_logged(line) == 1).unwrap();
    let rest: Vec<_> = text.lines().enumerate().filter(|(number, _)| *number != one).map(|(_, line)| line).collect();
    assert_eq!(count_logged(&rest.join("\n")), answers - 1);

    // The log holds the prefix of the id, and neither the id nor the code.
    for (challenge, code) in &created {
        let id = challenge.id();
        assert!(text.contains(&id.prefix()) && !text.contains(&id.to_string()) && !text.contains(code.as_str()));
        assert!(id.to_string().starts_with(&id.prefix()) && id.prefix().len() == 18);
    }
    assert!(text.contains("user=\"user-0\""));
}
