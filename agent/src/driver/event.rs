//! Events as the trail names them.

use protocol::renewal::{Done, Event, Page, Reply};

/// An event as the trail names it.
pub(super) fn name(event: &Event) -> &'static str {
    match event {
        Event::Person(Reply::Yes) => "person-agreed",
        Event::Person(Reply::No) => "person-declined",
        Event::Done(Done::TokenChosen { .. }) => "token-chosen",
        Event::Done(Done::CodeEntered) => "code-entered",
        Event::Done(Done::LoggedIn(_)) => "token-opened",
        Event::Done(Done::KeyMade(_)) => "key-made",
        Event::Done(Done::Signed(_)) => "request-signed",
        Event::Done(Done::Noted) => "noted",
        Event::Done(Done::Accepted(_)) => "certificate-accepted",
        Event::Done(Done::Refused(_)) => "certificate-refused",
        Event::Done(Done::NotYetValid(_)) => "certificate-not-yet-valid",
        Event::Done(Done::Written) => "certificate-written",
        Event::Done(Done::Used(_)) => "new-key-proven",
        Event::Done(Done::OldRemoved { .. }) => "old-certificate-removed",
        Event::Done(Done::Discarded) => "leftovers-removed",
        Event::Trouble(trouble) => trouble.code.as_str(),
        Event::Page(Page::Fetched) => "request-fetched",
        Event::Page(Page::Answer(_)) => "answer-received",
        Event::Page(Page::Later(_)) => "answer-pending",
        Event::Page(Page::WrongCode { .. }) => "code-refused",
        Event::Page(Page::Resume) => "resumed",
        Event::Page(Page::FreshNonce) => "proof-demanded-anew",
        Event::Page(Page::Cancel) => "cancelled",
        Event::OldMayGo => "old-certificate-may-go",
        Event::WaitOver => "wait-over",
        Event::TimeUp => "time-up",
        Event::Restarted => "agent-restarted",
    }
}
