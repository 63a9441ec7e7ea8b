//! The owner of one TCP socket, from the kernel's socket diagnostics (sock_diag(7)).
//!
//! One exact question for one 4-tuple costs microseconds however many sockets there are, where
//! reading /proc/net/tcp takes longer with each of them and says uid 0 for closed ones.

use std::net::{Ipv4Addr, SocketAddrV4};

use rustix::{
    io::Errno,
    net::{
        AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType,
        netlink::{SOCK_DIAG, SocketAddrNetlink},
        recv, sendto, socket_with,
    },
};

use super::PeerError;

/// The uid that owns the socket bound to `own` and connected to `other`.
pub(super) fn owner(own: SocketAddrV4, other: SocketAddrV4) -> Result<u32, PeerError> {
    let socket = socket_with(
        AddressFamily::NETLINK,
        SocketType::DGRAM,
        SocketFlags::CLOEXEC,
        Some(SOCK_DIAG),
    )
    .map_err(ask)?;
    let kernel = SocketAddrNetlink::new(0, 0);
    sendto(&socket, &question(own, other), SendFlags::empty(), &kernel).map_err(ask)?;
    // The kernel answers a question before the call that asked returns, so nothing is waited for.
    let mut answer = [0_u8; 1024];
    let (length, _) = recv(&socket, &mut answer, RecvFlags::DONTWAIT).map_err(ask)?;
    read(answer.get(..length).ok_or(PeerError::Answer)?, own, other)
}

fn ask(error: Errno) -> PeerError {
    PeerError::Ask(error.into())
}

// From linux/netlink.h, linux/sock_diag.h and linux/inet_diag.h.
const SOCK_DIAG_BY_FAMILY: u16 = 20;
const NLMSG_ERROR: u16 = 2;
const NLM_F_REQUEST: u16 = 1;
const AF_INET: u8 = 2;
const AF_INET6: u8 = 10;
const IPPROTO_TCP: u8 = 6;
const TCP_ESTABLISHED: u8 = 1;
const ANY_COOKIE: [u8; 8] = [0xff; 8];
const HEADER: usize = 16;
/// Header and `inet_diag_req_v2`.
const QUESTION: usize = HEADER + 56;
/// `inet_diag_msg`.
const MESSAGE: usize = 72;

fn question(own: SocketAddrV4, other: SocketAddrV4) -> Vec<u8> {
    let length = u32::try_from(QUESTION).expect("a small constant");
    let mut bytes = Vec::with_capacity(QUESTION);
    bytes.extend(length.to_ne_bytes());
    bytes.extend(SOCK_DIAG_BY_FAMILY.to_ne_bytes());
    bytes.extend(NLM_F_REQUEST.to_ne_bytes());
    bytes.extend([0; 8]); // sequence, port
    bytes.extend([AF_INET, IPPROTO_TCP, 0, 0]);
    bytes.extend(u32::MAX.to_ne_bytes()); // any state: the answer's is checked
    bytes.extend(own.port().to_be_bytes());
    bytes.extend(other.port().to_be_bytes());
    for address in [own.ip(), other.ip()] {
        bytes.extend(address.octets());
        bytes.extend([0; 12]);
    }
    bytes.extend([0; 4]); // any interface
    bytes.extend(ANY_COOKIE);
    bytes
}

fn read(answer: &[u8], own: SocketAddrV4, other: SocketAddrV4) -> Result<u32, PeerError> {
    let kind = u16::from_ne_bytes(array(answer, 4)?);
    if kind == NLMSG_ERROR {
        let code = i32::from_ne_bytes(array(answer, HEADER)?);
        let error = Errno::from_raw_os_error(code.checked_neg().ok_or(PeerError::Answer)?);
        return Err(if error == Errno::NOENT {
            PeerError::Closed
        } else {
            ask(error)
        });
    }
    if kind != SOCK_DIAG_BY_FAMILY {
        return Err(PeerError::Answer);
    }
    let message = answer
        .get(HEADER..HEADER + MESSAGE)
        .ok_or(PeerError::Answer)?;
    let [family, state]: [u8; 2] = array(message, 0)?;
    let found_own = SocketAddrV4::new(
        address(family, array(message, 8)?)?,
        u16::from_be_bytes(array(message, 4)?),
    );
    let found_other = SocketAddrV4::new(
        address(family, array(message, 24)?)?,
        u16::from_be_bytes(array(message, 6)?),
    );
    let uid = u32::from_ne_bytes(array(message, 64)?);
    let inode = u32::from_ne_bytes(array(message, 68)?);
    // Without an inode no process holds the socket; in another state, or with other addresses,
    // it is a leftover or the listener that the kernel falls back to.
    if state != TCP_ESTABLISHED || inode == 0 || (found_own, found_other) != (own, other) {
        return Err(PeerError::Closed);
    }
    Ok(uid)
}

/// An address of the answer: IPv4, or IPv4 as an IPv6 socket sees it.
fn address(family: u8, bytes: [u8; 16]) -> Result<Ipv4Addr, PeerError> {
    match family {
        AF_INET => Ok(Ipv4Addr::from(array(&bytes, 0)?)),
        AF_INET6 => std::net::Ipv6Addr::from(bytes)
            .to_ipv4_mapped()
            .ok_or(PeerError::Closed),
        _ => Err(PeerError::Answer),
    }
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> Result<[u8; N], PeerError> {
    bytes
        .get(at..at + N)
        .and_then(|found| found.try_into().ok())
        .ok_or(PeerError::Answer)
}
