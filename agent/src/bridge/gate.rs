//! The gate before HTTP: reads the first head of a connection and lets only those on that the
//! listener's guard lets pass. It never writes.

use std::io::Cursor;

use tokio::{
    io::{AsyncRead, AsyncReadExt},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    time,
};

use super::{Limits, guard::Stranger};
use crate::os::peer::{self, PeerError, User};

/// A connection that passed: what was read of it comes first, then the rest.
pub(crate) type Passed =
    tokio::io::Join<tokio::io::Chain<Cursor<Vec<u8>>, OwnedReadHalf>, OwnedWriteHalf>;

/// Lets a connection pass, or says why not. A connection that doesn't is closed without a byte
/// when it is dropped, which has happened when this returns.
pub(crate) async fn pass(
    mut stream: TcpStream,
    judge: impl Fn(&httparse::Request<'_, '_>) -> Result<(), Stranger>,
    limits: &Limits,
) -> Result<Passed, Stranger> {
    refuse_other_users(&stream)?;
    let read = time::timeout(
        limits.head_time,
        first_head(&mut stream, judge, limits.head),
    )
    .await
    .map_err(|_| Stranger::Slow)??;
    let (rest, writer) = stream.into_split();
    Ok(tokio::io::join(Cursor::new(read).chain(rest), writer))
}

fn refuse_other_users(stream: &TcpStream) -> Result<(), Stranger> {
    let (Ok(local), Ok(peer)) = (stream.local_addr(), stream.peer_addr()) else {
        return Err(Stranger::Slow);
    };
    match peer::of_tcp(local, peer) {
        Ok(owner) if owner == User::own() => Ok(()),
        Ok(_) => Err(Stranger::OtherUser),
        Err(PeerError::Closed) => Err(Stranger::Slow),
        Err(error) => {
            tracing::warn!(%error, "could not tell whose connection it is");
            Err(Stranger::OtherUser)
        }
    }
}

/// Everything read up to and possibly past the first head's end.
async fn first_head(
    stream: &mut (impl AsyncRead + Unpin),
    judge: impl Fn(&httparse::Request<'_, '_>) -> Result<(), Stranger>,
    limit: usize,
) -> Result<Vec<u8>, Stranger> {
    let mut read = Vec::with_capacity(2048.min(limit));
    let end = loop {
        let room = limit - read.len();
        if room == 0 {
            return Err(Stranger::Oversized);
        }
        let searched = read.len().saturating_sub(HEAD_END.len() - 1);
        match (&mut *stream).take(room as u64).read_buf(&mut read).await {
            Ok(0) | Err(_) => return Err(Stranger::Slow),
            Ok(_) => {}
        }
        if let Some(at) = find(&read[searched..], HEAD_END) {
            break searched + at + HEAD_END.len();
        }
    };
    if has_bare_line_feed(&read[..end]) {
        return Err(Stranger::Malformed);
    }
    let mut fields = [httparse::EMPTY_HEADER; MAX_FIELDS];
    let mut head = httparse::Request::new(&mut fields);
    match head.parse(&read) {
        Ok(httparse::Status::Complete(length)) if length == end => {}
        _ => return Err(Stranger::Malformed),
    }
    judge(&head)?;
    Ok(read)
}

/// Header fields in a head. hyper's own bound is 100, so the gate's is what counts at first.
pub(super) const MAX_FIELDS: usize = 64;

const HEAD_END: &[u8] = b"\r\n\r\n";

/// httparse takes them for ends of lines; a browser never sends them.
fn has_bare_line_feed(head: &[u8]) -> bool {
    head.iter()
        .enumerate()
        .any(|(at, byte)| *byte == b'\n' && (at == 0 || head[at - 1] != b'\r'))
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        bridge::{guard::Guard, tests::profiles},
        driver::RefusedOrigins,
    };

    fn by(guard: &Guard) -> impl Fn(&httparse::Request<'_, '_>) -> Result<(), Stranger> {
        |head| guard.judge_raw(head).map(drop)
    }

    /// Every byte of Host and Origin counts: of all heads that differ from a good one in one
    /// byte there, only those pass that mean the same (RFC 9112, section 5).
    #[tokio::test]
    async fn one_wrong_byte_makes_a_stranger() {
        let guard = Guard::new(47110, profiles(), RefusedOrigins::default());
        let head =
            b"GET / HTTP/1.1\r\nHost: 127.0.0.1:47110\r\nOrigin: https://bank.example\r\n\r\n";
        let fields = head.len() - find(&head[..], b"Host").unwrap();
        for at in head.len() - fields..head.len() {
            for byte in 0..=u8::MAX {
                let mut changed = head.to_vec();
                changed[at] = byte;
                let passed = first_head(&mut changed.as_slice(), by(&guard), 1024)
                    .await
                    .is_ok();
                let before_value = head[at] == b' ' && matches!(byte, b' ' | b'\t');
                let in_name = head[..at].iter().rposition(|byte| *byte == b':')
                    < head[..at].iter().rposition(|byte| *byte == b'\n')
                    && byte.eq_ignore_ascii_case(&head[at]);
                let same = byte == head[at] || before_value || in_name;
                assert_eq!(passed, same, "byte {byte} at {at}");
            }
        }
    }

    #[tokio::test]
    async fn a_head_cut_short_never_passes() {
        let guard = Guard::new(47110, profiles(), RefusedOrigins::default());
        let head =
            b"GET / HTTP/1.1\r\nHost: 127.0.0.1:47110\r\nOrigin: https://bank.example\r\n\r\n";
        for length in 0..head.len() {
            let cut = first_head(&mut &head[..length], by(&guard), 1024).await;
            assert_eq!(cut, Err(Stranger::Slow), "{length} bytes");
        }
        assert!(
            first_head(&mut &head[..], by(&guard), head.len())
                .await
                .is_ok()
        );
        let short = first_head(&mut &head[..], by(&guard), head.len() - 1).await;
        assert_eq!(short, Err(Stranger::Oversized));
    }

    #[tokio::test]
    async fn what_follows_the_head_is_kept() {
        let guard = Guard::new(47110, profiles(), RefusedOrigins::default());
        let sent = "PUT / HTTP/1.1\r\nHost: localhost:47110\r\nOrigin: https://bank.example\r\n\
                    Content-Length: 4\r\n\r\nbody";
        let read = first_head(&mut sent.as_bytes(), by(&guard), 1024)
            .await
            .unwrap();
        assert_eq!(read, sent.as_bytes());
    }
}
