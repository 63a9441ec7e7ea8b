//! The two listening sockets: TLS by rustls, HTTP/1.1 by hyper.
//!
//! The bank's socket asks for a client certificate and takes any, or none: whoever has the wrong
//! one shall read why on a page, which a refused handshake can't show. So the handshake proves
//! only that the other side holds the key; chain, validity, revocation and owner are looked at
//! by [`crate::site`] for each request.

use std::{fmt, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Extension, Router};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use rustls::{
    DigitallySignedStruct, DistinguishedName, Error, ServerConfig, SignatureScheme,
    client::danger::HandshakeSignatureValid,
    crypto::{CryptoProvider, WebPkiSupportedAlgorithms, ring as provider},
    server::{
        NoServerSessionStorage,
        danger::{ClientCertVerified, ClientCertVerifier},
    },
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, UnixTime};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_rustls::TlsAcceptor;
use tracing::debug;

use crate::{
    BankError,
    ca::{Authorities, Blueprint, Issuer, Key, Usage, host_names, name},
    time::DAY,
};

/// How long a handshake may take: Firefox holds it open while the person chooses a certificate
/// and types the PIN.
const HANDSHAKE_LIMIT: Duration = Duration::from_mins(5);

/// The certificate that the other side of a connection proved to hold.
#[derive(Clone, Debug, Default)]
pub(crate) struct PeerCertificate(pub(crate) Option<Arc<[u8]>>);

/// The TLS set-up of the banking site.
pub(crate) fn bank_config(
    authorities: &Authorities,
    host: &str,
    now: i64,
) -> Result<ServerConfig, BankError> {
    let verifier = AnyCertificate {
        names: [&authorities.user_issuing, &authorities.user_root]
            .map(|issuer| DistinguishedName::from(issuer.subject().to_vec()))
            .to_vec(),
        algorithms: provider::default_provider().signature_verification_algorithms,
    };
    let builder = builder()?.with_client_cert_verifier(Arc::new(verifier));
    let (chain, key) = server_certificate(&authorities.server_root, host, now)?;
    let mut config = builder.with_single_cert(chain, key)?;
    // A resumed session would bring along the certificate of an earlier handshake.
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(config)
}

/// The TLS set-up of the CA's site.
pub(crate) fn ca_config(
    authorities: &Authorities,
    host: &str,
    now: i64,
) -> Result<ServerConfig, BankError> {
    let (chain, key) = server_certificate(&authorities.server_root, host, now)?;
    Ok(builder()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?)
}

/// A listening socket, open but not yet served.
pub(crate) struct Listening {
    listener: TcpListener,
    address: SocketAddr,
}

impl Listening {
    pub(crate) async fn open(address: SocketAddr) -> Result<Self, BankError> {
        let listen = |source| BankError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        Ok(Self { listener, address })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until the task is aborted; its connections end with it.
    pub(crate) fn serve(self, config: ServerConfig, router: Router) -> JoinHandle<()> {
        let acceptor = TlsAcceptor::from(Arc::new(config));
        tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            loop {
                tokio::select! {
                    accepted = self.listener.accept() => match accepted {
                        Ok((stream, _)) => {
                            connections.spawn(serve(acceptor.clone(), stream, router.clone()));
                        }
                        Err(error) => debug!(%error, "a connection was not accepted"),
                    },
                    Some(_) = connections.join_next() => {}
                }
            }
        })
    }
}

async fn serve(acceptor: TlsAcceptor, stream: tokio::net::TcpStream, router: Router) {
    let handshake = tokio::time::timeout(HANDSHAKE_LIMIT, acceptor.accept(stream));
    let stream = match handshake.await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return debug!(%error, "a handshake failed"),
        Err(_) => return debug!("a handshake took too long"),
    };
    let certificate = stream
        .get_ref()
        .1
        .peer_certificates()
        .and_then(<[_]>::first)
        .map(|certificate| Arc::from(certificate.as_ref()));
    let service = TowerToHyperService::new(router.layer(Extension(PeerCertificate(certificate))));
    let served = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(60))
        .serve_connection(TokioIo::new(stream), service);
    if let Err(error) = served.await {
        debug!(%error, "a connection ended badly");
    }
}

fn builder() -> Result<rustls::ConfigBuilder<ServerConfig, rustls::WantsVerifier>, BankError> {
    let provider: Arc<CryptoProvider> = Arc::new(provider::default_provider());
    Ok(ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?)
}

/// A server's certificate is made at each start, so that a state folder serves under any name.
fn server_certificate(
    issuer: &Issuer,
    host: &str,
    now: i64,
) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), BankError> {
    let key = Key::generate()?;
    let leaf = issuer.issue(&Blueprint {
        subject: name("Mihon Demo", None, host)?,
        san: Some(host_names(&[host])?),
        spki: key.spki().to_vec(),
        not_before: now - DAY,
        not_after: now + 300 * DAY,
        usage: Usage::Server,
    })?;
    let chain = vec![
        CertificateDer::from(leaf),
        CertificateDer::from(issuer.certificate().to_vec()),
    ];
    let key = PrivatePkcs8KeyDer::from(key.pkcs8().to_vec());
    Ok((chain, PrivateKeyDer::from(key)))
}

/// Asks for a certificate by naming the customers' CA; checks nothing but the handshake's
/// signature.
struct AnyCertificate {
    names: Vec<DistinguishedName>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl fmt::Debug for AnyCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AnyCertificate")
    }
}

impl ClientCertVerifier for AnyCertificate {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &self.names
    }

    fn verify_client_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        rustls::crypto::verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        rustls::crypto::verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
