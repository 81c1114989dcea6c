//! Who acted on what, for whom: what a path remembers, and the truth is made of.

/// Which way a name is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resolver {
    /// The one that the device is set to: the user's own path.
    System,
    /// A public resolver over plain UDP.
    Udp,
    /// A public resolver over HTTPS.
    Doh,
}

/// Who acted, by its number in the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cause {
    Censor(usize),
    Trouble(usize),
}

/// Somebody acted on something that the probe did for a site.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Touch {
    pub site: usize,
    pub cause: Cause,
    /// Whether a user would have gone the same way; the extra lookups and handshakes of a probe are off that path.
    pub users_way: bool,
}

/// For whom an operation is done.
#[derive(Clone, Copy, Debug)]
pub(crate) struct For {
    pub site: usize,
    pub users_way: bool,
}
