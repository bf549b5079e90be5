use std::error::Error;
use std::path::PathBuf;

use challenges_core::keyring::SealError;
use challenges_core::{BuildError, EntropyError, Invalid};

/// Why a demo does not start, and what to do about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// There is no such kind of store.
    #[error(
        "no such store; supported are sqlite:PATH, memory, redis://HOST, rediss://HOST, unix:///PATH, \
         redis+cluster://HOST,HOST and redis+sentinel://HOST,HOST/NAME"
    )]
    UnsupportedStore,
    /// The public URL cannot be the base of links.
    #[error("expected http://HOST[:PORT] or https://HOST[:PORT], with a path if need be, but no query or fragment")]
    PublicUrl,
    /// The token cannot stand in an Authorization header.
    #[error("a token is letters, digits and any of -._~+/=")]
    Token,
    /// The key file cannot be read.
    #[error(
        "cannot read the key file {}; it must be a text file that this user may read: have it so, or name another with \
         --key-file or --vapid-file", path.display()
    )]
    KeyFileRead {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The key file cannot be created.
    #[error(
        "cannot create the key file {}; make its directory and let this user write there, or name another with --key-file \
         or --vapid-file", path.display()
    )]
    KeyFileCreate {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Others can read the keys.
    #[error("the key file {0} is open to other users (mode {mode:04o}); run: chmod 600 {0}", path.display())]
    KeyFileMode {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The key file holds something else.
    #[error(
        "the key file {} does not hold what it should; restore it, or name one that is not there yet to have it made",
        path.display()
    )]
    KeyFileText {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<dyn Error + Send + Sync>,
    },
    /// There is something else than a file.
    #[error("{} is not a file; name the key file itself", .0.display())]
    KeyFileKind(PathBuf),
    /// The store was written with other keys.
    #[error("the keys in {} are not those of the store; name theirs with --key-file, or another --store", path.display())]
    OtherKeys {
        /// The key file.
        path: PathBuf,
        /// Why.
        source: SealError,
    },
    /// The database cannot be opened.
    #[error("cannot open the store sqlite:{}", path.display())]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// Why.
        source: challenges_sqlite::OpenError,
    },
    /// The Redis servers cannot be used.
    #[error("cannot open the store on Redis")]
    Redis(#[source] challenges_redis::OpenError),
    /// The service refuses to start.
    #[error(transparent)]
    Service(#[from] BuildError),
    /// The public URL gives no origin or address that challenges take.
    #[error("the public URL cannot be used")]
    Address(#[from] Invalid),
    /// The public URL gives no origin for passkeys.
    #[error("the public URL cannot be used for passkeys")]
    Webauthn(#[from] challenges_webauthn::WebauthnError),
    /// The API refuses to start.
    #[error("the API cannot be set up")]
    Api(#[from] challenges_http::ApiError),
    /// Nothing can be sent or done as the flags say.
    #[error(
        "messages and actions cannot be set up; for a gateway on this machine or network add --allow-private-network"
    )]
    Outbound(#[from] challenges_delivery::DeliveryError),
    /// No random bytes could be had.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
}

/// An error and what caused it, in one line.
#[must_use]
pub fn chain(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(error.source(), |&cause| cause.source());
    causes.fold(error.to_string(), |line, cause| format!("{line}: {cause}"))
}
