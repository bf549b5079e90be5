//! The users: a SQLite table with Argon2 hashes of passwords. Stands for the users of your application.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use argon2::Argon2;
use argon2::password_hash::{PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString, rand_core::OsRng};
use rusqlite::{Connection, OptionalExtension as _};
use tokio::task::spawn_blocking;

use crate::error::Failed;

/// The users. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Users(Arc<Mutex<Connection>>);

impl Users {
    pub(crate) fn open(file: &Path) -> rusqlite::Result<Self> {
        let table = "CREATE TABLE IF NOT EXISTS users (name TEXT PRIMARY KEY, password TEXT, is_support INTEGER, language TEXT)";
        let database = Connection::open(file)?;
        database.execute_batch(table)?;
        Ok(Self(Arc::new(Mutex::new(database))))
    }

    /// Adds a user, or returns `false` for a taken name. The first user works for support.
    pub async fn add(&self, name: &str, password: String) -> Result<bool, Failed> {
        let hash = spawn_blocking(move || hash(&password)).await??;
        let statement =
            "INSERT OR IGNORE INTO users (name, password, is_support) SELECT ?1, ?2, NOT EXISTS (SELECT 1 FROM users)";
        Ok(self.database().execute(statement, (name, hash))? == 1)
    }

    /// Returns the stored hash of a right password. An unknown name takes as long as a wrong password.
    pub async fn verify(&self, name: &str, typed: String) -> Result<Option<String>, Failed> {
        let stored = self.credentials(name)?;
        let compare = move || match stored {
            Some(stored) => {
                let right = Argon2::default().verify_password(typed.as_bytes(), &PasswordHash::new(&stored)?);
                Ok(right.is_ok().then_some(stored))
            }
            None => hash(&typed).map(|_| None),
        };
        Ok(spawn_blocking(compare).await??)
    }

    /// Returns the stored hash of the password. A login that began before the hash changed makes no session.
    pub fn credentials(&self, name: &str) -> Result<Option<String>, Failed> {
        let query = "SELECT password FROM users WHERE name = ?1";
        Ok(self.database().query_row(query, [name], |row| row.get(0)).optional()?)
    }

    /// Returns whether the user works for support.
    pub fn is_support(&self, name: &str) -> Result<bool, Failed> {
        let query = "SELECT is_support FROM users WHERE name = ?1";
        Ok(self.database().query_row(query, [name], |row| row.get(0)).optional()?.unwrap_or(false))
    }

    /// Keeps the language of the user, as a tag such as `de`.
    pub fn set_language(&self, name: &str, language: &str) -> Result<(), Failed> {
        self.database().execute("UPDATE users SET language = ?2 WHERE name = ?1", (name, language))?;
        Ok(())
    }

    /// Returns the language of the user for messages, which are also sent while the user is away.
    pub fn language(&self, name: &str) -> Result<Option<String>, Failed> {
        let query = "SELECT language FROM users WHERE name = ?1";
        Ok(self.database().query_row(query, [name], |row| row.get(0)).optional()?.flatten())
    }

    fn database(&self) -> MutexGuard<'_, Connection> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn hash(password: &str) -> Result<String, argon2::password_hash::Error> {
    let salt = SaltString::generate(&mut OsRng);
    Ok(Argon2::default().hash_password(password.as_bytes(), &salt)?.to_string())
}
