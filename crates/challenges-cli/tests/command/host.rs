//! A service on a SQLite file, and the program beside it. Every output is searched for secrets.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;

use async_trait::async_trait;
use challenges_core::approvals::{HttpAction, OneTimeUseAction};
use challenges_core::endpoints::Address;
use challenges_core::outbox::{Courier, Failure, Job, Retry};
use challenges_core::{
    Answer, ChallengeSpec, ChallengeType, Challenges, Description, EndpointId, Error, Grant, KeyRing, Owner, Policy,
    Purpose, Timeout,
};
use challenges_sqlite::SqliteStore;
use rusqlite::Connection;
use serde_json::Value;
use tempfile::TempDir;

/// The result of a run.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

pub(crate) struct Host {
    pub(crate) challenges: Challenges,
    directory: TempDir,
    secrets: Mutex<Vec<String>>,
}

/// A courier whose every attempt fails for good.
#[derive(Debug)]
struct Failing;

#[async_trait]
impl Courier for Failing {
    async fn perform(&self, _: &Job) -> Result<Option<u16>, Failure> {
        Err(Failure::new(Retry::Never, "scripted").with_status(410))
    }
}

pub(crate) fn owner(user: &str) -> Owner {
    Owner::user(user).unwrap()
}

/// Returns the purpose for which devices are trusted.
pub(crate) fn login() -> Purpose {
    Purpose::new("login").unwrap()
}

pub(crate) fn administrator() -> Grant {
    Grant::administrator("tests", "test").unwrap()
}

/// Returns the program without options, input and variables of the developer.
pub(crate) fn program() -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_challenges"));
    for variable in ["STORE", "KEY_FILE", "KEYS", "POSTGRES_URL", "REDIS_URL"] {
        program.env_remove(format!("CHALLENGES_{variable}"));
    }
    program.stdin(Stdio::null());
    program
}

pub(crate) fn output(program: &mut Command) -> Output {
    let output = program.output().unwrap();
    let [stdout, stderr] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    Output { code: output.status.code().unwrap(), stdout, stderr }
}

impl Output {
    /// Returns the JSON, which is all of the standard output.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// Returns the kind and message of the error in the JSON.
    pub(crate) fn error(&self) -> (String, String) {
        let text = |field: &str| self.json()["error"][field].as_str().unwrap().to_owned();
        (text("kind"), text("message"))
    }
}

impl Host {
    /// Starts a service with a key file and a store of its own.
    pub(crate) async fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let keys = KeyRing::open_or_create(directory.path().join("keys")).unwrap();
        let key = keys.to_text().split_once(':').unwrap().1.trim().to_owned();
        let store = SqliteStore::open(directory.path().join("store.db")).unwrap();
        let mut policy = Policy::default();
        policy.code_digits = Some(6);
        policy.trusted_purposes = vec![login()];
        let challenges = Challenges::builder(store, keys).policy(policy).build().await.unwrap();
        Self { challenges, directory, secrets: Mutex::new(vec![key]) }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn store(&self) -> String {
        format!("sqlite:{}", self.path("store.db").display())
    }

    pub(crate) fn key_file(&self) -> String {
        self.path("keys").display().to_string()
    }

    /// Notes a text that no output may contain.
    pub(crate) fn hide(&self, secret: impl Into<String>) {
        self.secrets.lock().unwrap().push(secret.into());
    }

    /// Runs the program on the store and keys of the service.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        let mut program = program();
        program.args(arguments).args(["--store", &self.store(), "--key-file", &self.key_file()]);
        self.checked(&mut program)
    }

    /// Runs the program for JSON on the store and keys of the service.
    pub(crate) fn run_json(&self, arguments: &[&str]) -> Output {
        self.run(&[arguments, &["--json"]].concat())
    }

    /// Runs a program, and searches the output for secrets.
    pub(crate) fn checked(&self, program: &mut Command) -> Output {
        let output = output(program);
        for secret in &*self.secrets.lock().unwrap() {
            assert!(!output.stdout.contains(secret) && !output.stderr.contains(secret), "{secret}: {output:?}");
        }
        output
    }

    /// Decides an action whose HTTP request fails for good, and returns the id of the dead letter.
    pub(crate) async fn dead_letter(&self, user: &str) -> String {
        self.decide(user).await;
        assert!(self.challenges.outbox().dispatch(&Failing, 10).await.unwrap().dead > 0);
        let letters = self.challenges.outbox().dead_letters(Some(&owner(user)), None, 500).await.unwrap();
        letters.last().unwrap().as_ref().unwrap().id.to_string()
    }

    /// Decides an action with an HTTP request.
    pub(crate) async fn decide(&self, user: &str) {
        let mut action = OneTimeUseAction::new(vec![owner(user)], Timeout::from_seconds(600).unwrap());
        let request = HttpAction::new("POST", "https://api.example/canary-path?token=canary-query").unwrap();
        action.approved_actions = vec![request.with_body("canary-body").unwrap()];
        for canary in ["canary-path", "canary-query", "canary-body"] {
            self.hide(canary);
        }
        let created = self.challenges.actions().create(owner(user), action).await.unwrap();
        let secret = created.links[0].approve.expose();
        self.hide(secret);
        self.hide(created.challenge.id().to_string());
        let answer = Answer::approve_action(created.challenge.id(), secret);
        assert!(self.challenges.answer(answer).await.unwrap().passed().is_some());
    }

    /// Gives six wrong codes in challenges of their own, which delays the factor.
    pub(crate) async fn lock(&self, user: &str) {
        for _ in 0..6 {
            let created = self.challenges.create(owner(user), ChallengeSpec::new(ChallengeType::Code).unwrap()).await;
            let created = created.unwrap();
            let code = created.code.unwrap();
            let (first, rest) = code.expose().split_at(1);
            let wrong = format!("{}{rest}", if first == "0" { "1" } else { "0" });
            let answer = Answer::allow(created.challenge.id(), ChallengeType::Code, wrong);
            assert!(matches!(self.challenges.answer(answer).await, Err(Error::AnswerRefused)));
        }
    }

    /// Passes a challenge for the login, and trusts the browser.
    pub(crate) async fn trust_device(&self, user: &str) {
        let spec = ChallengeSpec::new(ChallengeType::Code).unwrap().with_purpose(login());
        let created = self.challenges.create(owner(user), spec).await.unwrap();
        let code = created.code.unwrap();
        let answer = Answer::allow(created.challenge.id(), ChallengeType::Code, code.expose());
        let passed = self.challenges.answer(answer).await.unwrap().passed().unwrap();
        let label = Description::new("Firefox").unwrap();
        let (_, cookie) = self.challenges.devices().trust(&passed, label).await.unwrap();
        self.hide(cookie.expose());
    }

    /// Makes each statement fail that `condition` describes, such as `DELETE ON records WHEN OLD.kind = 7`. Returns the
    /// connection that mends the store by `DROP TRIGGER fault`.
    pub(crate) fn break_store(&self, condition: &str) -> Connection {
        let connection = Connection::open(self.path("store.db")).unwrap();
        let trigger = format!("CREATE TRIGGER fault BEFORE {condition} BEGIN SELECT RAISE(ABORT, 'scripted'); END");
        connection.execute_batch(&trigger).unwrap();
        connection
    }

    /// Registers a confirmed phone number.
    pub(crate) async fn register_phone(&self, user: &str, number: &str) -> EndpointId {
        self.hide(number);
        let address = Address::Phone(number.parse().unwrap());
        self.challenges.endpoints().register_confirmed(owner(user), &administrator(), address).await.unwrap().id()
    }
}

/// Returns the check of a name in the JSON of `doctor`.
pub(crate) fn check<'a>(json: &'a Value, name: &str) -> &'a Value {
    json["checks"].as_array().unwrap().iter().find(|check| check["name"] == name).unwrap()
}

/// Writes a key file with mode 0600.
pub(crate) fn write_keys(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
    #[cfg(unix)]
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
}
