//! How long a worker may take, by what it was asked for.

use std::time::Duration;

use crate::message::Request;

/// The name of a request in errors and logs, and its limit, where one that does one thing has
/// `ordinary`.
pub(crate) fn describe(request: &Request, ordinary: Duration) -> (&'static str, Duration) {
    match request {
        Request::Load(_) => ("the loading of the module", ordinary),
        Request::List | Request::Tokens | Request::Inventory | Request::Certificates => {
            ("a listing", of_listing(ordinary))
        }
        Request::Open(_) => ("the opening of the token", ordinary),
        Request::FirstMakeable(_) => ("the list of mechanisms", ordinary),
        Request::LoginOnReader => ("a login on the reader", PIN_PAD),
        Request::Generate(_) => ("the generation of a key", ordinary * GENERATION),
        Request::Sign { .. } | Request::SignByCertificate { .. } => ("a signature", ordinary),
        Request::WriteCertificate { .. } => ("the writing of a certificate", ordinary),
        Request::RelabelPair { .. } => ("the labelling of a pair of keys", ordinary),
        Request::RemoveCertificate(_) => ("the removal of a certificate", ordinary),
        Request::RemovePair { .. } => ("the removal of a pair of keys", ordinary),
        Request::RemoveById(_) | Request::RemoveHalves(_) => ("the removal of objects", ordinary),
        Request::Close => ("the end", ordinary),
    }
}

/// The limit between two parts of a listing.
pub(crate) fn of_listing(ordinary: Duration) -> Duration {
    ordinary * LISTING
}

/// The part of an inventory that comes in one piece takes many calls: so many times the limit of
/// an operation that does one thing.
const LISTING: u32 = 2;
/// Making a pair: RSA with 4096 bits takes a card this long.
const GENERATION: u32 = 8;
/// The limit of a login on the reader's pad, where a person types.
const PIN_PAD: Duration = Duration::from_secs(120);
