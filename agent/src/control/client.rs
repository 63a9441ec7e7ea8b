//! A command's side of the control socket.

use std::{
    io,
    marker::PhantomData,
    path::{Path, PathBuf},
};

use axum::http::{
    HeaderValue, Method, Request, Response, StatusCode,
    header::{CONTENT_TYPE, HOST},
};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{
    body::{Bytes, Incoming},
    client::conn::http1::{self, SendRequest},
};
use hyper_util::rt::TokioIo;
use protocol::bridge::{
    Agent, BeginRenewal, CertificateAnswer, Outcome, Problem, Progress, RenewalView,
};
use serde::{Serialize, de::DeserializeOwned};
use thiserror::Error;
use tokio::{net::UnixStream, sync::Mutex};

use super::{
    Notices, RenewalList, SocketError,
    calls::{CleanUp, CleanedList, FindingList, LANGUAGE, TERM, TTY},
    socket::{check_length, is_owner},
};
use crate::{
    dashboard::Address,
    driver::{AgentStatus, Cleaned, Finding, Listing, Scope, Terminal},
    watch::WatchView,
};

/// A connection to the agent. It stays open, and a one-shot agent stays with it.
#[derive(Debug)]
pub struct Client {
    socket: PathBuf,
    terminal: Terminal,
    calls: Mutex<SendRequest<Full<Bytes>>>,
}

/// Why a call brought no result.
#[derive(Debug, Error)]
pub enum ClientError {
    /// Nobody listens on the control socket.
    #[error("no agent runs")]
    NotRunning,
    /// The socket's path cannot be one.
    #[error(transparent)]
    Socket(#[from] SocketError),
    /// The socket is there and cannot be used.
    #[error("could not connect to {}", path.display())]
    Connect {
        /// The socket.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another user listens on it.
    #[error("another user listens on {}", path.display())]
    OtherUser {
        /// The socket.
        path: PathBuf,
    },
    /// The agent went away in mid-call.
    #[error("the agent ended the connection")]
    Ended(#[source] hyper::Error),
    /// The agent refused, in the terminal's language.
    #[error("{}", .0.title)]
    Refused(Box<Problem>),
    /// The agent's answer is not this version's.
    #[error("the agent's answer to {call} is not understood (status {status})")]
    NotUnderstood {
        /// Method and path.
        call: String,
        /// The HTTP status.
        status: u16,
        /// What is wrong with it.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl Client {
    /// Connects to the agent that runs.
    ///
    /// # Errors
    /// [`ClientError::NotRunning`] if there is none.
    pub async fn connect(socket: &Path, terminal: Terminal) -> Result<Self, ClientError> {
        Ok(Self {
            calls: Mutex::new(open(socket).await?),
            socket: socket.to_owned(),
            terminal,
        })
    }

    /// Who answers.
    ///
    /// # Errors
    /// [`ClientError`], as for every call.
    pub async fn agent(&self) -> Result<Agent, ClientError> {
        self.get("/v1/agent").await
    }

    /// How the agent is.
    ///
    /// # Errors
    /// [`ClientError`], as for every call.
    pub async fn status(&self) -> Result<AgentStatus, ClientError> {
        self.get("/control/v1/status").await
    }

    /// The certificates of every bank, and how each module was found.
    ///
    /// # Errors
    /// [`ClientError`], as for every call.
    pub async fn certificates(&self) -> Result<Listing, ClientError> {
        self.get("/control/v1/certificates").await
    }

    /// The renewals of every bank.
    ///
    /// # Errors
    /// [`ClientError`], as for every call.
    pub async fn renewals(&self) -> Result<Vec<RenewalView>, ClientError> {
        let list: RenewalList = self.get("/control/v1/renewals").await?;
        Ok(list.renewals)
    }

    /// What could be cleared up, as far as it can be seen without a login.
    ///
    /// # Errors
    /// [`ClientError`], as for every call.
    pub async fn findings(&self, scope: Scope) -> Result<Vec<Finding>, ClientError> {
        let word = match scope {
            Scope::Retire => "retire",
            Scope::Recover => "recover",
            Scope::All => "all",
        };
        let path = format!("/control/v1/findings?scope={word}");
        let list: FindingList = self.get(&path).await?;
        Ok(list.findings)
    }

    /// Clears up what the person agrees to in the agent's dialogs; answers what became of each.
    ///
    /// # Errors
    /// [`ClientError`], as for every call.
    pub async fn clean_up(
        &self,
        scope: Scope,
        token: Option<&str>,
    ) -> Result<Vec<Cleaned>, ClientError> {
        let token = token.map(str::to_owned);
        let request = body(&CleanUp { scope, token });
        let path = "/control/v1/clean-up";
        let call = self.call(Method::POST, path, request).await?;
        let list: CleanedList = call.result().await?;
        Ok(list.results)
    }

    /// Where the dashboard is, for one browser and half a minute.
    ///
    /// # Errors
    /// [`ClientError`], as for every call.
    pub async fn dashboard(&self) -> Result<Address, ClientError> {
        let path = "/control/v1/dashboard";
        self.call(Method::POST, path, None).await?.result().await
    }

    /// Begins a renewal (true), or finds it again (false).
    ///
    /// # Errors
    /// [`ClientError`], as for every call.
    pub async fn begin(&self, request: &BeginRenewal) -> Result<(RenewalView, bool), ClientError> {
        let call = self
            .call(Method::POST, "/v1/renewals", body(request))
            .await?;
        let new = call.response.status() == StatusCode::CREATED;
        Ok((call.result().await?, new))
    }

    /// Where a renewal stands.
    ///
    /// # Errors
    /// [`ClientError`], as for every call.
    pub async fn view(&self, id: &str) -> Result<RenewalView, ClientError> {
        self.get(&format!("/v1/renewals/{id}")).await
    }

    /// Hands the CA's answer over.
    ///
    /// # Errors
    /// [`ClientError`], as for every call.
    pub async fn deliver(
        &self,
        id: &str,
        answer: &CertificateAnswer,
    ) -> Result<RenewalView, ClientError> {
        let path = format!("/v1/renewals/{id}/certificate");
        let call = self.call(Method::PUT, &path, body(answer)).await?;
        call.result().await
    }

    /// Passes the bank's word on.
    ///
    /// # Errors
    /// [`ClientError`], as for every call.
    pub async fn outcome(&self, id: &str, outcome: &Outcome) -> Result<RenewalView, ClientError> {
        let path = format!("/v1/renewals/{id}/outcome");
        let call = self.call(Method::POST, &path, body(outcome)).await?;
        call.result().await
    }

    /// Ends a renewal.
    ///
    /// # Errors
    /// [`ClientError`], as for every call.
    pub async fn cancel(&self, id: &str) -> Result<RenewalView, ClientError> {
        let path = format!("/v1/renewals/{id}");
        self.call(Method::DELETE, &path, None).await?.result().await
    }

    /// Follows a renewal's progress after the revision `after`, on a connection of its own, so
    /// that other calls can be made meanwhile.
    ///
    /// # Errors
    /// [`ClientError`], as for every call.
    pub async fn events(&self, id: &str, after: u64) -> Result<Events<Progress>, ClientError> {
        let path = format!("/v1/renewals/{id}/events?after={after}");
        self.follow(&path).await
    }

    /// Follows what the watch knows, on a connection of its own.
    ///
    /// # Errors
    /// [`ClientError`], as for every call; a one-shot agent has no watch.
    pub async fn watch(&self) -> Result<Events<WatchView>, ClientError> {
        self.follow("/control/v1/watch").await
    }

    /// Has notices appear on the desktop, or not.
    ///
    /// # Errors
    /// [`ClientError`], as for every call.
    pub async fn set_notices(&self, notices: Notices) -> Result<(), ClientError> {
        let path = "/control/v1/watch/notices";
        let call = self.call(Method::POST, path, body(&notices)).await?;
        call.accepted().await.map(drop)
    }

    /// Has the watch look at every token.
    ///
    /// # Errors
    /// [`ClientError`], as for every call.
    pub async fn look(&self) -> Result<(), ClientError> {
        let call = self.call(Method::POST, "/control/v1/watch/look", None);
        call.await?.accepted().await.map(drop)
    }

    async fn follow<T>(&self, path: &str) -> Result<Events<T>, ClientError> {
        let mut connection = open(&self.socket).await?;
        let call = self
            .call_on(&mut connection, Method::GET, path, None)
            .await?
            .accepted()
            .await?;
        Ok(Events {
            call,
            read: Vec::new(),
            lines: PhantomData,
        })
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        self.call(Method::GET, path, None).await?.result().await
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
    ) -> Result<Call, ClientError> {
        let mut connection = self.calls.lock().await;
        self.call_on(&mut connection, method, path, body).await
    }

    async fn call_on(
        &self,
        connection: &mut SendRequest<Full<Bytes>>,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
    ) -> Result<Call, ClientError> {
        let name = format!("{method} {path}");
        let mut request = Request::new(Full::from(Vec::new()));
        *request.method_mut() = method;
        *request.uri_mut() = path.parse().map_err(|error| ClientError::NotUnderstood {
            call: name.clone(),
            status: 0,
            source: Box::<axum::http::uri::InvalidUri>::new(error),
        })?;
        let fields = request.headers_mut();
        fields.insert(HOST, HeaderValue::from_static("koshin"));
        if body.is_some() {
            fields.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        let Terminal {
            tty,
            term,
            language,
        } = &self.terminal;
        for (field, value) in [(TTY, tty), (TERM, term), (LANGUAGE, language)] {
            // What cannot stand in a field is no device, type or locale either.
            if let Some(Ok(value)) = value.as_deref().map(HeaderValue::from_str) {
                fields.insert(field, value);
            }
        }
        *request.body_mut() = Full::from(body.unwrap_or_default());
        connection.ready().await.map_err(ClientError::Ended)?;
        let response = connection
            .send_request(request)
            .await
            .map_err(ClientError::Ended)?;
        Ok(Call { name, response })
    }
}

/// What the agent tells, as it comes: lines of JSON.
#[derive(Debug)]
pub struct Events<T> {
    call: Call,
    /// What came and is no whole line yet.
    read: Vec<u8>,
    lines: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> Events<T> {
    /// The next change, or nothing when the stream has ended: with the renewal, with the agent,
    /// or because it lasted too long.
    ///
    /// # Errors
    /// [`ClientError`]
    pub async fn next(&mut self) -> Result<Option<T>, ClientError> {
        loop {
            while let Some(end) = self.read.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.read.drain(..=end).collect();
                if line != b"\n" {
                    return self.call.parse(&line).map(Some);
                }
            }
            match self.call.response.body_mut().frame().await {
                None => return Ok(None),
                Some(Err(error)) => return Err(ClientError::Ended(error)),
                Some(Ok(frame)) => {
                    self.read
                        .extend_from_slice(frame.data_ref().map_or(&[], |data| data));
                }
            }
        }
    }
}

/// A call that was answered.
#[derive(Debug)]
struct Call {
    name: String,
    response: Response<Incoming>,
}

impl Call {
    async fn result<T: DeserializeOwned>(self) -> Result<T, ClientError> {
        let mut call = self.accepted().await?;
        let body = call.body().await?;
        call.parse(&body)
    }

    /// Itself, if the agent didn't refuse.
    async fn accepted(mut self) -> Result<Self, ClientError> {
        if self.response.status().is_success() {
            return Ok(self);
        }
        let body = self.body().await?;
        Err(ClientError::Refused(Box::new(self.parse(&body)?)))
    }

    async fn body(&mut self) -> Result<Bytes, ClientError> {
        match Limited::new(self.response.body_mut(), LARGEST_ANSWER)
            .collect()
            .await
        {
            Ok(body) => Ok(body.to_bytes()),
            Err(error) => Err(match error.downcast::<hyper::Error>() {
                Ok(error) => ClientError::Ended(*error),
                Err(too_large) => self.not_understood(too_large),
            }),
        }
    }

    fn parse<T: DeserializeOwned>(&self, body: &[u8]) -> Result<T, ClientError> {
        serde_json::from_slice(body).map_err(|error| self.not_understood(error.into()))
    }

    fn not_understood(&self, source: Box<dyn std::error::Error + Send + Sync>) -> ClientError {
        ClientError::NotUnderstood {
            call: self.name.clone(),
            status: self.response.status().as_u16(),
            source,
        }
    }
}

/// Bytes of an answer: room for thousands of certificates.
const LARGEST_ANSWER: usize = 16 * 1024 * 1024;

async fn open(socket: &Path) -> Result<SendRequest<Full<Bytes>>, ClientError> {
    check_length(socket)?;
    let stream = UnixStream::connect(socket)
        .await
        .map_err(|source| match source.kind() {
            // The last is what an agent leaves that ended before it took the connection.
            io::ErrorKind::NotFound
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset => ClientError::NotRunning,
            _ => ClientError::Connect {
                path: socket.to_owned(),
                source,
            },
        })?;
    if !is_owner(&stream) {
        return Err(ClientError::OtherUser {
            path: socket.to_owned(),
        });
    }
    let (sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(ClientError::Ended)?;
    // Ends when the sender is dropped or the agent goes; the calls tell the error.
    tokio::spawn(connection);
    Ok(sender)
}

fn body(message: &impl Serialize) -> Option<Vec<u8>> {
    let body =
        serde_json::to_vec(message).expect("a message has string keys and no fallible field");
    Some(body)
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::UnixListener,
    };

    use super::*;

    const CHUNKED: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

    /// An agent that answers the second connection, the one for events, with these bytes.
    async fn events_of(answer: &str) -> Result<Vec<u64>, ClientError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("control.sock");
        let listener = UnixListener::bind(&path).unwrap();
        let answer = answer.to_owned();
        let agent = tokio::spawn(async move {
            let _calls = listener.accept().await.unwrap();
            let (mut events, _) = listener.accept().await.unwrap();
            let mut request = [0; 1024];
            let length = events.read(&mut request).await.unwrap();
            events.write_all(answer.as_bytes()).await.unwrap();
            String::from_utf8_lossy(&request[..length]).into_owned()
        });
        let client = Client::connect(&path, Terminal::default()).await?;
        let mut events = client.events("0123", 3).await?;
        let mut revisions = Vec::new();
        while let Some(progress) = events.next().await? {
            revisions.push(progress.revision);
        }
        let request = agent.await.unwrap();
        assert!(request.starts_with("GET /v1/renewals/0123/events?after=3 HTTP/1.1"));
        Ok(revisions)
    }

    #[tokio::test]
    async fn progress_comes_line_by_line_whatever_its_pieces() {
        let pieces = [
            "\n",
            "{\"revision\":4,\"state\":\"",
            "consent\",\"at\":\"2026-11-22T00:00:00Z\"}\n{\"revisi",
            "on\":5,\"state\":\"key-ready\",\"at\":\"2026-11-22T00:00:01Z\"}\n\n\n",
            "",
        ];
        let chunks = pieces.map(|piece| format!("{:x}\r\n{piece}\r\n", piece.len()));
        let revisions = events_of(&format!("{CHUNKED}{}", chunks.concat())).await;
        assert_eq!(revisions.unwrap(), [4, 5]);
    }

    #[tokio::test]
    async fn a_stream_that_breaks_is_not_one_that_ended() {
        let broken = events_of(&format!("{CHUNKED}1\r\n\n\r\n")).await;
        let error = broken.unwrap_err();
        assert!(matches!(error, ClientError::Ended(_)), "{error}");
    }

    #[tokio::test]
    async fn an_answer_that_is_no_agent_s_is_not_understood() {
        for answer in [
            "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno",
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nno\n",
        ] {
            let error = events_of(answer).await.unwrap_err();
            assert!(
                matches!(error, ClientError::NotUnderstood { .. }),
                "{error}"
            );
        }
    }
}
