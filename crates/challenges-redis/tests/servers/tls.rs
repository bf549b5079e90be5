//! TLS, with trusted and untrusted certificates.

use std::path::Path;
use std::process::Command;

use challenges_proofs::redis::RedisServer;
use challenges_proofs::servers::Port;
use challenges_redis::{OpenError, RedisStore};

use challenges_proofs::ledger::{Outcomes, append, key};

const URL: &str = "CHALLENGES_REDIS_TLS_URL";

/// Creates a certificate authority and a certificate for localhost.
const CERTIFICATES: &str = r"
set -e
new='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'
openssl req -x509 $new -days 2 -subj /CN=authority -keyout authority.key -out authority.pem
openssl req $new -subj /CN=localhost -keyout server.key -out server.csr
echo subjectAltName=DNS:localhost > names
openssl x509 -req -in server.csr -CA authority.pem -CAkey authority.key -CAcreateserial -days 2 -extfile names -out server.pem
";

fn certificates(directory: &Path) {
    let made = Command::new("sh").args(["-c", CERTIFICATES]).current_dir(directory).output().unwrap();
    assert!(made.status.success(), "install openssl: {}", String::from_utf8_lossy(&made.stderr));
}

/// Opens `url` in a child process, because `SSL_CERT_FILE` is read once per process. Returns the output.
fn opened_with(authorities: &Path, url: &str) -> String {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "tls::child_opens", "--nocapture"]).env("SSL_CERT_FILE", authorities).env(URL, url);
    child.env_remove("SSL_CERT_DIR");
    String::from_utf8(child.output().unwrap().stdout).unwrap()
}

#[test]
fn untrusted_or_mismatched_certificate_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    certificates(directory.path());
    let port = Port::take().unwrap();
    let path = |name: &str| directory.path().join(name).to_string_lossy().into_owned();
    let options = [
        ["--tls-port", &port.number().to_string()],
        ["--tls-cert-file", &path("server.pem")],
        ["--tls-key-file", &path("server.key")],
        ["--tls-ca-cert-file", &path("authority.pem")],
        ["--tls-auth-clients", "no"],
    ];
    let _server = RedisServer::start(&options.concat()).unwrap();
    let url = format!("rediss://localhost:{}", port.number());
    let trusted = opened_with(&directory.path().join("authority.pem"), &url);
    assert!(trusted.contains("appended: 1"), "{trusted}");
    let other = tempfile::tempdir().unwrap();
    certificates(other.path());
    let untrusted = opened_with(&other.path().join("authority.pem"), &url);
    assert!(untrusted.contains("refused"), "{untrusted}");
    let unnamed = opened_with(&directory.path().join("authority.pem"), &url.replace("localhost", "127.0.0.1"));
    assert!(unnamed.contains("refused"), "{unnamed}");
}

#[tokio::test]
async fn child_opens() {
    let Ok(url) = std::env::var(URL) else { return };
    match RedisStore::open(&url).await {
        Ok(store) => {
            let mut outcomes = Outcomes::default();
            append(&store, key(1, 1), &mut outcomes).await;
            println!("appended: {}", outcomes.applied.len());
        }
        Err(error @ (OpenError::Unreachable(_) | OpenError::Redis(_))) => println!("refused: {error:?}"),
        Err(error) => println!("{error:?}"),
    }
}
