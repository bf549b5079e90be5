use std::sync::LazyLock;

use redis::Cmd;

/// A Lua script and its SHA-1 hash.
#[derive(Debug)]
pub(crate) struct Script {
    source: &'static str,
    hash: String,
}

pub(crate) static COMMIT: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("lua/commit.lua")));
pub(crate) static LIST: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("lua/list.lua")));
pub(crate) static LOAD: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("lua/load.lua")));
pub(crate) static PURGE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("lua/purge.lua")));
pub(crate) static TIDY: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("lua/tidy.lua")));

/// Initial capacity of a command, enough for a batch of two typical records.
const ARGUMENTS: usize = 16;
const BYTES: usize = 2_048;

impl Script {
    fn new(source: &'static str) -> Self {
        Self { source, hash: redis::Script::new(source).get_hash().to_owned() }
    }

    /// Returns a command that runs the cached script by hash.
    pub(crate) fn by_hash(&self) -> Cmd {
        let mut command = Cmd::with_capacity(ARGUMENTS, BYTES);
        command.arg("EVALSHA").arg(&self.hash);
        command
    }

    /// Returns a command that runs the script from source, after which the server caches it.
    pub(crate) fn by_source(&self) -> Cmd {
        let mut command = redis::cmd("EVAL");
        command.arg(self.source);
        command
    }
}
