// Generated from protocol/openapi.json: npm run types

/** Who answers: `GET /v1/agent`. */
export type Agent = {
  /** The API versions that it speaks, e.g. `["v1"]`. */
  api: Array<string>;
  /** What it can do. */
  capabilities: Array<Capability>;
  /** Always `koshin`. */
  product: string;
  /** The program's version, e.g. `0.1.0`. */
  version: string;
};

/** Begin a renewal or an acquisition, or find it again: `POST /v1/renewals`. */
export type BeginRenewal = {
  /** In a renewal, the certificate of this login: its id as in `Certificate.id`. */
  certificate?: CertificateId;
  /** What is asked for. */
  kind: Kind;
  /** The bank's nonce for the old key's proof, or for the request of an acquisition. */
  nonce: Nonce;
  /**
   * The bank's signature over this request (JWS compact serialisation), where the profile
   * demands one.
   */
  request?: string;
  /**
   * In an acquisition, the subject that the certificate will have: base64 of the DER of a
   * `Name` (RFC 5280). The dialogs show it, and the request copies it.
   */
  subject?: string;
  /**
   * In an acquisition, its subject alternative names, if any: base64 of the DER of the whole
   * `Extension`.
   */
  subject_alt_name?: string;
};

/** Something that an agent can do, and an older one may not. */
export type Capability = 'renew' | 'acquire' | 'signed-requests';

/** A certificate on a token. */
export type Certificate = {
  /** Whole days left by the calendar of the bank (Japan): 0 on the last day, negative after it. */
  days_left: number;
  /** SHA-256 of the whole DER, 64 lower-case hexadecimal digits. */
  id: CertificateId;
  /** The issuer as RFC 4514 text. */
  issuer: string;
  /** Its private key, as far as it can be seen without a login. */
  key: CurrentKey;
  /** The subject's common name, or the whole subject where it has none. */
  name: string;
  /** End of validity (the last second that is valid), RFC 3339 in UTC. */
  not_after: string;
  /** Start of validity, RFC 3339 in UTC. */
  not_before: string;
  /**
   * The renewal in progress for it: its id, if any. The certificate that a renewal brought does
   * not lead to it; the old one does, as long as it is on the token.
   */
  renewal: string | null;
  /** The serial number, lower-case hexadecimal without separators. */
  serial: string;
  /** Where the certificate stands in its life. */
  status: Status;
  /** The subject as RFC 4514 text. */
  subject: string;
  /** The token that holds it. */
  token: TokenSummary;
};

/** The CA's answer: `PUT /v1/renewals/{id}/certificate`. */
export type CertificateAnswer = {
  /** PEM, base64 of DER, or base64 of a certs-only CMS (RFC 5652, 8551), chain in any order. */
  certificate: string;
} | {
  /** The CA answers later. */
  pending: PendingAnswer;
} | {
  /**
   * The one-time code of an acquisition was wrong: the person is asked for it again, and the
   * same key signs another request.
   */
  wrong_code: WrongCodeAnswer;
};

/** Names a certificate by the SHA-256 of its whole DER: 64 lower-case hexadecimal digits. */
export type CertificateId = string;

/** The certificates of the caller's bank: `GET /v1/certificates`. */
export type CertificateList = {
  /** Those whose issuer the caller's profile names, nearest expiry first. */
  certificates: Array<Certificate>;
};

/** A nonce for a request that the bank signs: `POST /v1/challenges`. */
export type Challenge = {
  /** When it ends, RFC 3339 in UTC. */
  expires: string;
  /** 32 bytes, base64url without padding; single use. */
  nonce: Nonce;
};

/** The private key of a certificate. */
export type CurrentKey = {
  /** Whether the token has it. */
  status: KeyStatus;
  /** E.g. `rsa-2048` or `p-256`; `other` for what Koshin does not renew. */
  type: string;
};

/** The new certificate in a `RenewalView`. */
export type DeliveredCertificate = {
  /** SHA-256 of the whole DER, 64 lower-case hexadecimal digits. */
  id: CertificateId;
  /** End of validity, RFC 3339 in UTC. */
  not_after: string;
  /** Start of validity, RFC 3339 in UTC. */
  not_before: string;
  /** The serial number, lower-case hexadecimal without separators. */
  serial: string;
  /** The subject as RFC 4514 text. */
  subject: string;
};

/** Whether a token has the private key of a certificate. */
export type KeyStatus = 'present' | 'unknown' | 'absent';

/** What is asked for. */
export type Kind = 'renew' | 'acquire';

/**
 * Random bytes that may be used once: 16 to 64 bytes, base64url without padding
 * (RFC 4648, section 5).
 */
export type Nonce = string;

/** The bank's word about a renewal. An object, so that a later version can say more. */
export type Outcome = {
  /** What the bank saw or did. */
  outcome: OutcomeWord;
};

/** What the bank saw or did. */
export type OutcomeWord = 'first-login' | 'old-revoked';

/** The CA answers later. */
export type PendingAnswer = {
  /** Seconds until the page or the CLI may ask the CA again. */
  retry_after: number;
};

/** A problem document (RFC 9457, section 3) with Koshin's members `code`, `remedy` and `reference`. */
export type Problem = {
  /** The stable code. */
  code: ProblemCode;
  /** Why, in the reader's language, where there is more to say than the title does. */
  detail?: string;
  /** The number that also stands in dialogs and in the log: 8 digits of Crockford's base 32. */
  reference: string;
  /** What the person can do about it, in the reader's language. */
  remedy: string;
  /** The HTTP status. */
  status: number;
  /** What went wrong, in the reader's language. */
  title: string;
  /** `urn:koshin:problem:CODE`. */
  type: string;
};

/**
 * The stable codes of problem documents, each with its HTTP status. Some only stand in a renewal's `problem`.
 *
 * - `bad-request` (400): The body or a parameter is not what the API defines.
 * - `not-found` (404): No such path.
 * - `method-not-allowed` (405): The path has other methods.
 * - `unsupported-media-type` (415): The body is not `application/json`.
 * - `body-too-large` (413): The body has more than 64 KiB.
 * - `too-many` (429): Too many requests or renewals at once.
 * - `certificate-not-found` (404): No token holds that certificate, or it is not of the caller's bank.
 * - `renewal-not-found` (404): No such renewal, or it belongs to another bank.
 * - `wrong-state` (409): The renewal's state does not allow that call.
 * - `too-early` (409): The renewal window has not opened.
 * - `too-late` (409): The certificate has expired past the bank's grace.
 * - `key-missing` (409): The token does not show the certificate's private key.
 * - `key-type-unsupported` (409): The token or the bank has no key type in common.
 * - `request-signature-invalid` (403): The bank's signature over the request is missing or wrong.
 * - `consent-declined` (403): The person said no to making a key.
 * - `install-declined` (403): The person said no to installing the certificate.
 * - `prompt-cancelled` (403): The person closed the dialog.
 * - `prompt-timed-out` (408): Nobody answered the dialog in time.
 * - `prompt-unavailable` (503): No dialog can be shown: no pinentry, or no display.
 * - `cancelled` (409): The page or another program ended the renewal.
 * - `interrupted` (409): The PC or the agent stopped while a key was being made.
 * - `expired` (410): The renewal's time was up.
 * - `pin-incorrect` (403): The token refused the PIN.
 * - `pin-locked` (403): The token has locked the PIN.
 * - `pin-expired` (403): The PIN has expired, or was never set.
 * - `pin-unknown` (403): The person does not know the PIN.
 * - `code-refused` (403): The bank refused the one-time code; the person is asked for it again.
 * - `token-not-found` (404): The token is not there.
 * - `token-ambiguous` (409): Two tokens have the same label and serial number.
 * - `token-full` (507): The token has no room, or refuses to write.
 * - `token-maybe-full` (502): The token failed to store something; it may be full.
 * - `module-failed` (502): The token's module failed, crashed or did not answer in time.
 * - `module-missing` (503): No module is configured, or its file cannot be loaded.
 * - `certificate-unreadable` (422): The CA's answer has no certificate in a form that Koshin reads.
 * - `certificate-key-mismatch` (422): The certificate is for another key.
 * - `certificate-subject-mismatch` (422): The certificate is for another subject.
 * - `certificate-untrusted` (422): The certificate is not from the bank's CA.
 * - `certificate-expired` (422): The certificate has expired already.
 * - `certificate-not-yet-valid` (422): The certificate's validity has not begun.
 * - `certificate-not-later` (422): The certificate ends no later than the old one.
 * - `certificate-wrong-usage` (422): The certificate is not for client authentication.
 * - `proof-failed` (502): The certificate that was written cannot be used.
 * - `new-certificate-gone` (409): The new certificate is not on the token any more, so the old one stays.
 * - `journal-set-aside` (409): The journal was damaged and set aside; a person must look before anything goes on.
 * - `journal-unavailable` (503): The journal cannot be read or written.
 * - `internal` (500): A fault of the agent's own.
 */
export type ProblemCode = 'bad-request' | 'not-found' | 'method-not-allowed' | 'unsupported-media-type' | 'body-too-large' | 'too-many' | 'certificate-not-found' | 'renewal-not-found' | 'wrong-state' | 'too-early' | 'too-late' | 'key-missing' | 'key-type-unsupported' | 'request-signature-invalid' | 'consent-declined' | 'install-declined' | 'prompt-cancelled' | 'prompt-timed-out' | 'prompt-unavailable' | 'cancelled' | 'interrupted' | 'expired' | 'pin-incorrect' | 'pin-locked' | 'pin-expired' | 'pin-unknown' | 'code-refused' | 'token-not-found' | 'token-ambiguous' | 'token-full' | 'token-maybe-full' | 'module-failed' | 'module-missing' | 'certificate-unreadable' | 'certificate-key-mismatch' | 'certificate-subject-mismatch' | 'certificate-untrusted' | 'certificate-expired' | 'certificate-not-yet-valid' | 'certificate-not-later' | 'certificate-wrong-usage' | 'proof-failed' | 'new-certificate-gone' | 'journal-set-aside' | 'journal-unavailable' | 'internal';

/** A line of `GET /v1/renewals/{id}/events`: newline-delimited JSON, one object a line. */
export type Progress = {
  /** When, RFC 3339 in UTC. */
  at: string;
  /** The revision; pass the last one seen as `after`. */
  revision: number;
  /** Where the renewal stood then. */
  state: State;
};

/** A renewal as a page sees it. */
export type RenewalView = {
  /** The certificate that is renewed: its id as in `Certificate::id`. An acquisition has none. */
  certificate?: CertificateId;
  /** When it began, RFC 3339 in UTC. */
  created: string;
  /** The certification request (RFC 2986): base64 of the DER, once there. */
  csr?: string;
  /** Its id: 32 lower-case hexadecimal digits. */
  id: string;
  /** What is asked for. */
  kind: Kind;
  /** Whom an acquired certificate will name: the subject's common name, or the whole subject. */
  name?: string;
  /** The new certificate, once it is verified. */
  new_certificate?: DeliveredCertificate;
  /**
   * Why it ended without a certificate, why it waits, or why the last answer, or the one-time
   * code, was refused.
   */
  problem?: Problem;
  /**
   * The old key's proof (CMS SignedData, RFC 5652): base64 of the DER, once there. An
   * acquisition has none: its request has the value made by the one-time code.
   */
  proof?: string;
  /** What the new key signed once it was proven (CMS SignedData): base64 of the DER. */
  receipt?: string;
  /** Counts every change; the number of the newest `Progress`. */
  revision: number;
  /** Where it stands. */
  state: State;
  /** What it waits for, in the state `State::Waiting`. */
  waiting?: WaitReason;
};

/** Where a renewal stands. */
export type State = 'consent' | 'choose-token' | 'enter-code' | 'authenticate' | 'key-intent' | 'key-ready' | 'request-ready' | 'awaiting-certificate' | 'received' | 'verified' | 'consent-to-install' | 'install-intent' | 'unproven' | 'proven' | 'grace' | 'retired' | 'waiting' | 'cancelled' | 'failed' | 'expired';

/** Where a certificate stands in its life. */
export type Status = 'not-yet-valid' | 'valid' | 'due' | 'urgent' | 'expired' | 'past-grace';

/** A token, as a page may see it. */
export type TokenSummary = {
  /** The token's label, without padding. */
  label: string;
  /** The manufacturer, without padding. */
  manufacturer: string;
  /** The token's serial number, without padding. */
  serial: string;
};

/** What a renewal in `State::Waiting` waits for. */
export type WaitReason = 'card' | 'clock' | 'bank' | 'person';

/** The one-time code of an acquisition was wrong. */
export type WrongCodeAnswer = {
  /** The nonce for the next request, where it is another one. */
  nonce?: Nonce;
  /** How many more wrong codes the bank takes before it locks the code. The person reads it. */
  tries_left?: number;
};
