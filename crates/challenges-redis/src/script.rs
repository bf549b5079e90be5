use std::sync::LazyLock;

use redis::Cmd;

/// A script and the hash that the server knows it by.
#[derive(Debug)]
pub(crate) struct Script {
    source: &'static str,
    hash: String,
}

pub(crate) static COMMIT: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("lua/commit.lua")));
pub(crate) static LIST: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("lua/list.lua")));
pub(crate) static LOAD: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("lua/load.lua")));
pub(crate) static PURGE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("lua/purge.lua")));

/// Room for a batch of two records of usual size.
const ARGUMENTS: usize = 16;
const BYTES: usize = 2_048;

impl Script {
    fn new(source: &'static str) -> Self {
        Self { source, hash: redis::Script::new(source).get_hash().to_owned() }
    }

    /// Runs it on a server that knows it.
    pub(crate) fn by_hash(&self) -> Cmd {
        let mut command = Cmd::with_capacity(ARGUMENTS, BYTES);
        command.arg("EVALSHA").arg(&self.hash);
        command
    }

    /// Runs it on a server that does not know it yet, and from then on does.
    pub(crate) fn by_source(&self) -> Cmd {
        let mut command = redis::cmd("EVAL");
        command.arg(self.source);
        command
    }
}
