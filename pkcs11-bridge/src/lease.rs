//! Work on one token, by one process at a time.

use std::{
    fs::{DirBuilder, File},
    io,
    os::unix::fs::DirBuilderExt,
    path::Path,
    time::Duration,
};

use ring::digest;
use rustix::{
    fs::{FlockOperation, Mode, OFlags, flock, open},
    io::Errno,
};

use crate::{
    CertificateEntry, Halves, Inventory, KeyType, KnownAs, ModuleSpec, NewKey, Pin, TokenError,
    TokenInfo, TokenUri, WorkerLauncher,
    client::{Client, Spare},
    message::{Answer, Request},
    sign, spki,
};

/// The right to work on a token, and a fresh worker process that does it.
///
/// There is one lease per token at a time, across all processes of the PC that use the same
/// folder for locks. It ends with [`close`](Self::close), which logs out, or when it is
/// dropped, which kills the worker; the lock is let go once that process is gone.
///
/// Dropping the future of a call before it is done ends the worker, and with it the lease:
/// every later call answers [`TokenError::WorkerCrashed`].
pub struct Lease {
    client: Client,
    token: TokenInfo,
}

impl Lease {
    /// Waits until the token is free, then opens it in a fresh worker process. The wait has no
    /// limit; to give up, drop the future.
    ///
    /// The lock is a file named by the token's serial number in `lock_folder`, which is made if
    /// it isn't there, for this user only.
    ///
    /// # Errors
    /// [`TokenError::TokenNotFound`], [`TokenError::TokenAmbiguous`], those of loading the
    /// module and of its worker, [`TokenError::Lock`].
    pub async fn open(
        launcher: &WorkerLauncher,
        module: &ModuleSpec,
        token: &TokenUri,
        lock_folder: &Path,
    ) -> Result<Self, TokenError> {
        Self::open_with(None, launcher, module, token, lock_folder).await
    }

    /// As [`open`](Self::open), by a worker that was started ahead, if it is one for the module
    /// and still there.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn open_with(
        spare: Option<Spare>,
        launcher: &WorkerLauncher,
        module: &ModuleSpec,
        token: &TokenUri,
        lock_folder: &Path,
    ) -> Result<Self, TokenError> {
        let name = match &token.serial {
            Some(serial) => serial.clone(),
            None => name(launcher, module, token).await?,
        };
        let lock = lock(lock_folder, &name).await.map_err(TokenError::Lock)?;
        let ahead = match spare.filter(|spare| spare.is_for(module)) {
            Some(spare) => spare.loaded().await.ok(),
            None => None,
        };
        let mut client = match ahead {
            Some(client) => client,
            None => Client::start(launcher, module).await?,
        };
        // The module is initialised now, under the lock: some remember a token as it was then.
        let mut info = find(&mut client, token).await;
        if matches!(info, Err(TokenError::TokenNotFound)) {
            // SoftHSM2 leaves out a token whose files another program changes while it looks.
            drop(client);
            client = Client::start(launcher, module).await?;
            info = find(&mut client, token).await;
        }
        client.hold(lock);
        let info = info?;
        if lock_name(&info) != name {
            // The token was exchanged while this waited.
            return Err(TokenError::TokenNotFound);
        }
        Ok(Self {
            client,
            token: info,
        })
    }

    /// The token as it was when the lease was opened.
    #[must_use]
    pub fn token(&self) -> &TokenInfo {
        &self.token
    }

    /// The worker's process id, while it runs.
    #[must_use]
    pub fn process_id(&self) -> Option<u32> {
        self.client.process_id()
    }

    /// Logs in. The PIN is given to the token once; a token that wants no login takes any.
    ///
    /// # Errors
    /// [`TokenError::PinIncorrect`], [`TokenError::PinLocked`], [`TokenError::PinLength`],
    /// [`TokenError::PinExpired`], [`TokenError::PinNotSet`], and those of the worker.
    pub async fn login(&mut self, pin: &Pin) -> Result<(), TokenError> {
        self.client.login(pin).await
    }

    /// Logs in with the PIN that the person types on the reader.
    ///
    /// # Errors
    /// As [`login`](Self::login); [`TokenError::NoPinPad`], [`TokenError::Cancelled`].
    pub async fn login_on_reader(&mut self) -> Result<(), TokenError> {
        self.client.done(&Request::LoginOnReader).await
    }

    /// What the token shows now.
    ///
    /// # Errors
    /// [`TokenError::TokenRemoved`], [`TokenError::Module`], and those of the worker.
    pub async fn inventory(&mut self) -> Result<Inventory, TokenError> {
        self.client.inventory().await
    }

    /// The first of these types of keys that the token can make, by its list of mechanisms.
    ///
    /// # Errors
    /// Those of the worker.
    pub async fn first_makeable(
        &mut self,
        wanted: &[KeyType],
    ) -> Result<Option<KeyType>, TokenError> {
        let request = Request::FirstMakeable(wanted.to_vec());
        match self.client.ask(&request).await? {
            Answer::KeyType(None) => Ok(None),
            Answer::KeyType(Some(found)) if wanted.contains(&found) => Ok(Some(found)),
            _ => Err(self.client.nonsense()),
        }
    }

    /// The certificates that the token shows now, by a search for them alone. Whether their keys
    /// are there is unknown.
    ///
    /// # Errors
    /// As [`inventory`](Self::inventory).
    pub async fn certificates(&mut self) -> Result<Vec<CertificateEntry>, TokenError> {
        self.client.certificates().await
    }

    /// Makes a pair inside the token, its private half sensitive and never extractable, and
    /// answers its SubjectPublicKeyInfo as DER. On an error nothing with its id is left, unless
    /// the token or the worker has gone.
    ///
    /// # Errors
    /// [`TokenError::Unsuitable`] where something on the token has the id already,
    /// [`TokenError::KeyTypeUnsupported`], [`TokenError::TemplateRefused`],
    /// [`TokenError::TokenFull`], [`TokenError::WriteProtected`],
    /// [`TokenError::LoginRequired`], [`TokenError::ReadBack`] where the token made something
    /// else, and those of [`inventory`](Self::inventory).
    pub async fn generate(&mut self, key: &NewKey) -> Result<Vec<u8>, TokenError> {
        match self.client.ask(&Request::Generate(key.clone())).await? {
            Answer::Bytes(spki) if KeyType::of(&spki) == Some(key.key_type) => Ok(spki),
            _ => Err(self.client.nonsense()),
        }
    }

    /// Signs a message (at most 1 MiB with the key) by the private key that belongs to the SPKI
    /// (DER): PKCS#1 v1.5 with SHA-256 (RFC 8017 §8.2), or ECDSA as DER (RFC 3279 §2.2.3) with
    /// SHA-256 on P-256 and SHA-384 on P-384. The signature has been verified in software, in
    /// the worker and here.
    ///
    /// # Errors
    /// [`TokenError::KeyNotFound`], [`TokenError::KeyTypeUnsupported`],
    /// [`TokenError::LoginRequired`], [`TokenError::ReadBack`] where the signature doesn't
    /// verify, and those of [`inventory`](Self::inventory).
    pub async fn sign(&mut self, spki: &[u8], message: &[u8]) -> Result<Vec<u8>, TokenError> {
        let request = Request::Sign {
            spki: spki.to_vec(),
            message: message.to_vec(),
        };
        match self.client.ask(&request).await? {
            Answer::Bytes(signature) if sign::verifies(spki, message, &signature) => Ok(signature),
            _ => Err(self.client.nonsense()),
        }
    }

    /// Signs as [`sign`](Self::sign) does, by the key of a certificate (DER) that is on the token
    /// and through which the key is found.
    ///
    /// # Errors
    /// [`TokenError::KeyNotFound`] also where the certificate is not on the token; otherwise as
    /// [`sign`](Self::sign).
    pub async fn sign_by_certificate(
        &mut self,
        certificate: &[u8],
        message: &[u8],
    ) -> Result<Vec<u8>, TokenError> {
        let request = Request::SignByCertificate {
            certificate: certificate.to_vec(),
            message: message.to_vec(),
        };
        let answer = self.client.ask(&request).await?;
        match (answer, spki::of_certificate(certificate)) {
            (Answer::Bytes(signature), Some(spki)) if sign::verifies(spki, message, &signature) => {
                Ok(signature)
            }
            _ => Err(self.client.nonsense()),
        }
    }

    /// Writes a certificate (DER) under the id of its private key, and reads it back byte for
    /// byte. One that is there already is left as it is. The pair is looked for under the id with
    /// which it was made; a token that gave it another is searched for the key.
    ///
    /// # Errors
    /// [`TokenError::Unsuitable`] where it isn't a certificate of the SPKI,
    /// [`TokenError::KeyNotFound`], [`TokenError::TokenFull`], [`TokenError::WriteProtected`],
    /// [`TokenError::TemplateRefused`], [`TokenError::ReadBack`] where the token stored
    /// something else, and those of [`inventory`](Self::inventory).
    pub async fn write_certificate(
        &mut self,
        certificate: &[u8],
        spki: &[u8],
        id: &[u8; 16],
        label: &str,
    ) -> Result<(), TokenError> {
        let request = Request::WriteCertificate {
            certificate: certificate.to_vec(),
            spki: spki.to_vec(),
            id: *id,
            label: label.to_owned(),
        };
        self.client.done(&request).await
    }

    /// Gives both halves of a pair another label, and reads it back. `known` is what they bear so
    /// far, as it was given to them; a token that shows them otherwise is searched for the key.
    ///
    /// # Errors
    /// [`TokenError::KeyNotFound`], [`TokenError::ReadBack`], and those of
    /// [`inventory`](Self::inventory); some tokens can't change a label.
    pub async fn relabel_pair(
        &mut self,
        spki: &[u8],
        known: &KnownAs,
        label: &str,
    ) -> Result<(), TokenError> {
        let request = Request::RelabelPair {
            spki: spki.to_vec(),
            known: known.clone(),
            label: label.to_owned(),
        };
        self.client.done(&request).await
    }

    /// Removes every copy of the certificate whose DER has this SHA-256, and looks that it is
    /// gone. If it was gone already, that is well.
    ///
    /// # Errors
    /// [`TokenError::ReadBack`] where it is still there, [`TokenError::WriteProtected`], and
    /// those of [`inventory`](Self::inventory).
    pub async fn remove_certificate(&mut self, sha256: &[u8; 32]) -> Result<(), TokenError> {
        self.client.done(&Request::RemoveCertificate(*sha256)).await
    }

    /// Removes both halves of a pair, and looks that they are gone. A private key that doesn't
    /// tell its public half is removed only if a signature by it verifies. If the pair was gone
    /// already, that is well.
    ///
    /// # Errors
    /// [`TokenError::LoginRequired`] where private keys can't be seen; otherwise as
    /// [`remove_certificate`](Self::remove_certificate).
    pub async fn remove_pair(&mut self, spki: &[u8]) -> Result<(), TokenError> {
        let request = Request::RemovePair {
            spki: spki.to_vec(),
        };
        self.client.done(&request).await
    }

    /// Removes whatever has this id, whole or half: what an interrupted generation or writing
    /// left under an id of ours.
    ///
    /// # Errors
    /// As [`remove_pair`](Self::remove_pair).
    pub async fn remove_by_id(&mut self, id: &[u8; 16]) -> Result<(), TokenError> {
        self.client.done(&Request::RemoveById(*id)).await
    }

    /// Removes half objects: what an interrupted generation or writing left without any mark.
    ///
    /// # Errors
    /// [`TokenError::Unsuitable`] where there are more or fewer of them; otherwise as
    /// [`remove_pair`](Self::remove_pair).
    pub async fn remove_halves(&mut self, halves: &Halves) -> Result<(), TokenError> {
        self.client
            .done(&Request::RemoveHalves(halves.clone()))
            .await
    }

    /// Logs out and ends the worker. The token is let go once its process is gone, soon after.
    ///
    /// # Errors
    /// Those of the logout, and of the worker, which ends in any case.
    pub async fn close(self) -> Result<(), TokenError> {
        self.client.close().await
    }
}

/// How soon a lock that somebody else holds is tried again: soon at first, for a lease that is
/// just ending, then ever later.
const RETRY: (Duration, Duration) = (Duration::from_millis(1), Duration::from_millis(50));

/// The name for the lock of a token whose address has no serial number, which takes a look at
/// the token with a worker of its own.
async fn name(
    launcher: &WorkerLauncher,
    module: &ModuleSpec,
    token: &TokenUri,
) -> Result<String, TokenError> {
    let mut client = Client::start(launcher, module).await?;
    let info = find(&mut client, token).await?;
    client.close().await?;
    Ok(lock_name(&info))
}

async fn find(client: &mut Client, token: &TokenUri) -> Result<TokenInfo, TokenError> {
    match client.ask(&Request::Open(token.clone())).await? {
        Answer::Token(info) if token.matches(&info) => Ok(info),
        _ => Err(client.nonsense()),
    }
}

/// What a token is locked by: its serial number, or its label where it has none.
fn lock_name(token: &TokenInfo) -> String {
    if token.serial.is_empty() {
        token.label.clone()
    } else {
        token.serial.clone()
    }
}

/// Waits for an exclusive lock on the file of this name. The file stays for ever: removing it
/// would let two processes lock two files of one name.
async fn lock(folder: &Path, name: &str) -> io::Result<File> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    // Hashed, since a serial number is whatever the vendor wrote there.
    let hash = digest::digest(&digest::SHA256, name.as_bytes());
    let hex: String = hash
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let flags = OFlags::CREATE | OFlags::RDWR | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let file = open(
        folder.join(format!("token-{hex}.lock")),
        flags,
        Mode::RUSR | Mode::WUSR,
    )?;
    let (mut pause, longest) = RETRY;
    let mut waiting = false;
    loop {
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Ok(file.into()),
            Err(Errno::WOULDBLOCK) => {}
            Err(error) => return Err(error.into()),
        }
        if !waiting {
            tracing::debug!("waiting for another lease on the token");
            waiting = true;
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(longest);
    }
}
