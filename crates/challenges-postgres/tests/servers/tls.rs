//! TLS, with trusted and untrusted certificates.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

use challenges_postgres::{OpenError, PostgresStore};
use challenges_proofs::ledger::{Outcomes, append, key};
use challenges_proofs::postgres::PostgresServer;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};

const URL: &str = "CHALLENGES_POSTGRES_TLS_URL";

/// A certificate authority, with a certificate for localhost.
struct Authority {
    root: String,
    certificate: String,
    key: String,
}

impl Authority {
    fn generate() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root = params.self_signed(&key).unwrap().pem();
        let issuer = Issuer::new(params, key);
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &issuer).unwrap().pem();
        Self { root, certificate, key: key.serialize_pem() }
    }
}

/// Writes a file that belongs to the user of the server, and that nobody else can read.
fn write(server: &PostgresServer, name: &str, content: &str) -> PathBuf {
    let file = server.directory().join(name);
    std::fs::write(&file, content).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    let user = server.directory().metadata().unwrap();
    chown(&file, Some(user.uid()), Some(user.gid())).unwrap();
    file
}

/// Opens `url` in a child process, because `SSL_CERT_FILE` is for a whole process. Returns the output.
fn opened_with(authorities: &Path, url: &str) -> String {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "tls::child_opens", "--nocapture"]).env("SSL_CERT_FILE", authorities).env(URL, url);
    child.env_remove("SSL_CERT_DIR");
    String::from_utf8(child.output().unwrap().stdout).unwrap()
}

#[test]
fn untrusted_or_mismatched_certificate_is_refused() {
    let (authority, other) = (Authority::generate(), Authority::generate());
    let mut server = PostgresServer::start(&[]).unwrap();
    let [certificate, key] = [("server.pem", &authority.certificate), ("server.key", &authority.key)]
        .map(|(name, content)| write(&server, name, content).to_string_lossy().into_owned());
    write(&server, "data/pg_hba.conf", "local all all trust\nhostssl all all 127.0.0.1/32 trust\n");
    let options = ["ssl=on".to_owned(), format!("ssl_cert_file={certificate}"), format!("ssl_key_file={key}")];
    server.set_options(&options.each_ref().map(String::as_str));
    server.restart().unwrap();

    let files = tempfile::tempdir().unwrap();
    let [trusted, untrusted] =
        [("trusted.pem", &authority.root), ("untrusted.pem", &other.root)].map(|(name, root)| {
            let file = files.path().join(name);
            std::fs::write(&file, root).unwrap();
            file
        });
    let url = |host: &str, mode: &str| format!("postgres://postgres@{host}:{}/postgres?sslmode={mode}", server.port());
    for mode in ["prefer", "require", "verify-full"] {
        let opened = opened_with(&trusted, &url("localhost", mode));
        assert!(opened.contains("appended: 1"), "{mode}: {opened}");
        let opened = opened_with(&untrusted, &url("localhost", mode));
        assert!(opened.contains("refused"), "another authority, {mode}: {opened}");
        let opened = opened_with(&trusted, &url("127.0.0.1", mode));
        assert!(opened.contains("refused"), "another name, {mode}: {opened}");
    }
    let opened = opened_with(&trusted, &url("localhost", "disable"));
    assert!(opened.contains("refused"), "control: the server takes connections with TLS only: {opened}");
}

#[tokio::test]
async fn child_opens() {
    let Ok(url) = std::env::var(URL) else { return };
    match PostgresStore::connect(&url).await {
        Ok(store) => {
            let mut outcomes = Outcomes::default();
            append(&store, key(1, 1), &mut outcomes).await;
            println!("appended: {}", outcomes.applied.len());
        }
        Err(error @ OpenError::Unreachable(_)) => println!("refused: {error:?}"),
        Err(error) => println!("{error:?}"),
    }
}
