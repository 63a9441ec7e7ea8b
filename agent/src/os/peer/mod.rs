//! Whose process is at the other end of a connection.

mod sock_diag;

use std::{
    fmt, io,
    net::{SocketAddr, SocketAddrV4},
    os::fd::AsFd,
};

use thiserror::Error;

/// A user of this PC (on Linux a uid).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct User(u32);

impl User {
    /// The user whose rights this process has.
    #[must_use]
    pub fn own() -> Self {
        Self(rustix::process::geteuid().as_raw())
    }
}

impl fmt::Display for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "uid {}", self.0)
    }
}

/// Why the other end's owner is not known. Whoever asked must treat it as a stranger.
#[derive(Debug, Error)]
pub enum PeerError {
    /// The addresses are not those of an IPv4 loopback connection.
    #[error("{0} is not an IPv4 loopback address")]
    NotLoopback(SocketAddr),
    /// No process has the other end open any more.
    #[error("the other end of the connection is closed")]
    Closed,
    /// The kernel could not be asked.
    #[error("could not ask the kernel for the socket's owner")]
    Ask(#[source] io::Error),
    /// The kernel's answer is not what its interface promises.
    #[error("the kernel's answer about the socket has an unknown form")]
    Answer,
}

/// The owner of the client's end of an accepted TCP connection over IPv4 loopback.
///
/// `local` and `peer` are the accepted stream's own view (`local_addr`, `peer_addr`). Ask once,
/// right after accepting: once the client has closed its socket, nobody owns it any more.
///
/// # Errors
///
/// [`PeerError`]; never a guess.
pub fn of_tcp(local: SocketAddr, peer: SocketAddr) -> Result<User, PeerError> {
    let server = loopback(local)?;
    let client = loopback(peer)?;
    sock_diag::owner(client, server).map(User)
}

/// The user who connected to, or listens at, the other end of a Unix socket.
///
/// # Errors
///
/// When the kernel does not tell (`SO_PEERCRED`).
pub fn of_unix(stream: &impl AsFd) -> io::Result<User> {
    let credentials = rustix::net::sockopt::socket_peercred(stream)?;
    Ok(User(credentials.uid.as_raw()))
}

fn loopback(address: SocketAddr) -> Result<SocketAddrV4, PeerError> {
    match address {
        SocketAddr::V4(v4) if v4.ip().is_loopback() => Ok(v4),
        SocketAddr::V4(_) | SocketAddr::V6(_) => Err(PeerError::NotLoopback(address)),
    }
}

#[cfg(test)]
mod tests {
    use std::{
        net::{Ipv6Addr, Shutdown, TcpListener, TcpStream},
        os::unix::net::UnixStream,
    };

    use super::*;
    use crate::testing::as_another_user;

    fn accepted(listener: &TcpListener) -> (TcpStream, Result<User, PeerError>) {
        let (stream, peer) = listener.accept().unwrap();
        let owner = of_tcp(stream.local_addr().unwrap(), peer);
        (stream, owner)
    }

    #[test]
    fn a_connection_of_our_own_is_ours() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let _client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        assert_eq!(accepted(&listener).1.unwrap(), User::own());
    }

    #[test]
    fn a_client_that_uses_an_ipv6_socket_for_ipv4_is_found_too() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let mapped = Ipv6Addr::from([0, 0, 0, 0, 0, 0xffff, 0x7f00, 1]);
        let _client = TcpStream::connect((mapped, port)).unwrap();
        assert_eq!(accepted(&listener).1.unwrap(), User::own());
    }

    #[test]
    fn a_closed_connection_belongs_to_nobody() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        drop(client);
        assert!(matches!(accepted(&listener).1, Err(PeerError::Closed)));
    }

    #[test]
    fn a_half_closed_connection_belongs_to_nobody() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        client.shutdown(Shutdown::Write).unwrap();
        assert!(matches!(accepted(&listener).1, Err(PeerError::Closed)));
    }

    #[test]
    fn a_listener_on_the_clients_port_is_not_taken_for_the_client() {
        // The kernel's exact lookup falls back to a listener when the connection is gone.
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let answer = of_tcp(server.local_addr().unwrap(), listener.local_addr().unwrap());
        assert!(matches!(answer, Err(PeerError::Closed)));
    }

    #[test]
    fn anything_but_ipv4_loopback_is_refused() {
        let local = "127.0.0.1:47110".parse().unwrap();
        for stranger in ["192.0.2.1:5000", "[::1]:5000"] {
            let peer = stranger.parse().unwrap();
            assert!(matches!(
                of_tcp(local, peer),
                Err(PeerError::NotLoopback(_))
            ));
        }
    }

    #[test]
    fn another_users_connection_is_theirs() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let mut client = as_another_user("bash")
            .arg("-c")
            .arg(format!("exec 3<>/dev/tcp/127.0.0.1/{port}; read -r _ <&3"))
            .spawn()
            .unwrap();
        let (stream, owner) = accepted(&listener);
        drop(stream);
        client.wait().unwrap();
        assert_ne!(owner.unwrap(), User::own());
    }

    #[test]
    fn a_unix_socket_tells_its_peer() {
        let (here, _there) = UnixStream::pair().unwrap();
        assert_eq!(of_unix(&here).unwrap(), User::own());
    }
}
