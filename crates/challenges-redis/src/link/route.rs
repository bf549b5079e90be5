/// The destination of a command.
#[derive(Clone, Debug, Default)]
pub(crate) enum Route {
    /// The owner of the command's keys.
    #[default]
    Owner,
    /// The cluster node that the keys migrate to.
    Asking { host: String, port: u16 },
}
