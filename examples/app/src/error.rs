use std::error::Error;
use std::path::PathBuf;

use challenges_core::Invalid;
use challenges_core::keyring::SealError;

/// Any error.
pub type Failed = Box<dyn Error + Send + Sync>;

/// The error of a demo that cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// `--store` is malformed.
    #[error(
        "unknown store; use sqlite:PATH, memory, postgres://HOST/DATABASE, redis://HOST, rediss://HOST, unix:///PATH, \
         redis+cluster://HOST,HOST or redis+sentinel://HOST,HOST/NAME"
    )]
    UnsupportedStore,
    /// `--public-url` is malformed.
    #[error("expected http://HOST[:PORT] or https://HOST[:PORT], optionally with a path, without query and fragment")]
    PublicUrl,
    /// `--token` has characters that are not allowed in a bearer token.
    #[error("a token must have only letters, digits and -._~+/=")]
    Token,
    /// The file of the key ring cannot be used.
    #[error("set the file of the key ring with --key-file")]
    KeyRing(#[source] std::io::Error),
    /// The file of the VAPID key is unreadable.
    #[error(
        "cannot read the key file {}; make it readable for this user, or set another file with --vapid-file", path.display()
    )]
    KeyFileRead {
        /// The path of the file.
        path: PathBuf,
        /// The I/O error.
        source: std::io::Error,
    },
    /// The file of the VAPID key cannot be created.
    #[error(
        "cannot create the key file {}; make its directory writable for this user, or set another file \
         with --vapid-file", path.display()
    )]
    KeyFileCreate {
        /// The path of the file.
        path: PathBuf,
        /// The I/O error.
        source: std::io::Error,
    },
    /// The file of the VAPID key is readable for other users.
    #[error("the key file {0} is accessible to other users (mode {mode:04o}); run: chmod 600 {0}", path.display())]
    KeyFileMode {
        /// The path of the file.
        path: PathBuf,
        /// The permission bits of the file.
        mode: u32,
    },
    /// The file of the VAPID key is malformed.
    #[error(
        "the key file {} is malformed; restore it from a backup, or set the path of a new file to create",
        path.display()
    )]
    KeyFileText {
        /// The path of the file.
        path: PathBuf,
        /// The parse error.
        source: challenges_delivery::DeliveryError,
    },
    /// The path of the key file names a directory or another kind of file.
    #[error("{} is not a regular file; set the path of the key file", .0.display())]
    KeyFileKind(PathBuf),
    /// The store belongs to other keys.
    #[error("the keys in {} do not match the store; set the key file of the store with --key-file, or another --store", path.display())]
    OtherKeys {
        /// The path of the key file.
        path: PathBuf,
        /// The error of decrypting a record with these keys.
        source: SealError,
    },
    /// The store is empty, although `--expect-existing` is set.
    #[error(
        "the store is empty, and in an empty store nobody has a factor; check --store, or restore a backup; \
         for a first start leave out --expect-existing"
    )]
    EmptyStore,
    /// The SQLite file cannot be opened.
    #[error("cannot open the store sqlite:{}", path.display())]
    Sqlite {
        /// The path of the file.
        path: PathBuf,
        /// The error of the store.
        source: challenges_sqlite::OpenError,
    },
    /// The PostgreSQL store cannot be opened.
    #[error("cannot open the PostgreSQL store")]
    Postgres(#[source] challenges_postgres::OpenError),
    /// The Redis store cannot be opened.
    #[error("cannot open the Redis store")]
    Redis(#[source] challenges_redis::OpenError),
    /// The file of the users cannot be opened.
    #[error("cannot open the users in {}; set a SQLite file with --users", path.display())]
    Users {
        /// The path of the file.
        path: PathBuf,
        /// The error of SQLite.
        source: rusqlite::Error,
    },
    /// A text of the demo is wrong.
    #[error("cannot read the texts")]
    Texts(#[from] challenges_pages::CatalogueError),
    /// The pages cannot be built.
    #[error("cannot set up the pages")]
    Bank(#[source] Failed),
    /// The service cannot be built.
    #[error(transparent)]
    Service(#[from] challenges_core::Error),
    /// The public URL is not a valid origin or response URI.
    #[error("--public-url cannot be used for challenges")]
    Address(#[from] Invalid),
    /// The public URL is not a valid WebAuthn origin.
    #[error("--public-url cannot be used for passkeys")]
    Webauthn(#[from] challenges_webauthn::WebauthnError),
    /// The API cannot be built.
    #[error("cannot set up the API")]
    Api(#[from] challenges_http::ApiError),
    /// The flags for messages and actions are invalid.
    #[error(
        "cannot set up messages and actions; for a gateway on this machine or network, add --allow-private-network"
    )]
    Outbound(#[from] challenges_delivery::DeliveryError),
    /// The system provides no random bytes.
    #[error("the system provides no random bytes")]
    Entropy(#[source] std::io::Error),
}

/// Formats an error and its sources in one line.
#[must_use]
pub fn chain(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(error.source(), |&cause| cause.source());
    causes.fold(error.to_string(), |line, cause| format!("{line}: {cause}"))
}
