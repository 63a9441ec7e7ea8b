//! Waiting for the smart-card service to appear, without asking for it again and again.

use std::{
    env, io,
    mem::MaybeUninit,
    os::fd::OwnedFd,
    path::{Path, PathBuf},
    time::Duration,
};

use rustix::{
    event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll},
    fs::inotify::{self, CreateFlags, WatchFlags},
    io::Errno,
};

/// Where pcsc-lite's service listens, unless this environment variable says otherwise.
const SOCKET: &str = "/run/pcscd/pcscd.comm";
const SOCKET_VARIABLE: &str = "PCSCLITE_CSOCK_NAME";

/// Wakes a thread that waits at a [`Door`].
pub(super) struct Bell(OwnedFd);

impl Bell {
    pub(super) fn new() -> io::Result<Self> {
        let flags = EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK;
        Ok(Self(eventfd(0, flags)?))
    }

    pub(super) fn ring(&self) {
        // It fails only when it has been rung 2^64 times without an answer.
        let _ = rustix::io::write(&self.0, &1_u64.to_ne_bytes());
    }

    /// Blocks until it rings, or this time is up; says whether it rang.
    pub(super) fn wait(&self, longest: Duration) -> bool {
        let longest = Timespec::try_from(longest).ok();
        let mut alone = [PollFd::new(&self.0, PollFlags::IN)];
        let woken = poll(&mut alone, longest.as_ref());
        self.silence();
        woken.is_ok_and(|rang| rang > 0)
    }

    fn silence(&self) {
        let _ = rustix::io::read(&self.0, &mut [0_u8; 8]);
    }
}

/// The place where the service's socket appears.
pub(super) struct Door {
    notices: OwnedFd,
    socket: PathBuf,
}

impl Door {
    pub(super) fn new() -> io::Result<Self> {
        let flags = CreateFlags::CLOEXEC | CreateFlags::NONBLOCK;
        let socket = env::var_os(SOCKET_VARIABLE).unwrap_or_else(|| SOCKET.into());
        Ok(Self {
            notices: inotify::init(flags)?,
            socket: socket.into(),
        })
    }

    /// Notes from now on what is made in the socket's folder, or, while that is not there, in
    /// the nearest one above it.
    pub(super) fn arm(&self) {
        let folders = self.socket.ancestors().skip(1);
        let made = WatchFlags::CREATE | WatchFlags::MOVED_TO | WatchFlags::ONLYDIR;
        for folder in folders.filter(|folder| *folder != Path::new("")) {
            if inotify::add_watch(&self.notices, folder, made).is_ok() {
                break;
            }
        }
        self.forget();
    }

    /// Whether there is a socket, behind which a service may be starting.
    pub(super) fn is_there(&self) -> bool {
        self.socket.exists()
    }

    /// Blocks until something was made there since [`Door::arm`], the bell rings, or the time is
    /// up.
    pub(super) fn wait(&self, bell: &Bell, longest: Option<Duration>) {
        let longest = longest.and_then(|longest| Timespec::try_from(longest).ok());
        let mut both = [
            PollFd::new(&self.notices, PollFlags::IN),
            PollFd::new(&bell.0, PollFlags::IN),
        ];
        while poll(&mut both, longest.as_ref()) == Err(Errno::INTR) {}
        bell.silence();
    }

    fn forget(&self) {
        let mut room = [MaybeUninit::uninit(); 1024];
        let mut reader = inotify::Reader::new(&self.notices, &mut room);
        while reader.next().is_ok() {}
    }
}
