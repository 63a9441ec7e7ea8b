//! The certification authority's pages.
//!
//! The renewal is one document with a section for each screen, of which the script shows one:
//! so no text is in the script, and a reload begins with 前処理中 and finds the renewal again.

use super::{
    Brand, Language, Page, approval, escape, row, serial,
    text::{self, Text, ca as words},
};
use crate::{
    store::{Application, IssuedCertificate, Session},
    time,
};

/// What the renewal page knows.
pub(crate) struct Renewal<'a> {
    pub(crate) session: &'a Session,
    pub(crate) current: &'a IssuedCertificate,
    /// What an officer has decided on, if this renewal goes that way.
    pub(crate) application: Option<&'a Application>,
    pub(crate) bank_origin: &'a str,
    pub(crate) first_port: u16,
    pub(crate) port_count: u16,
}

/// 電子証明書更新前処理中, 電子証明書更新開始, and the ways out.
pub(crate) fn renewal(language: Language, renewal: &Renewal<'_>) -> String {
    let body = format!(
        r#"<noscript><div class="callout attention"><p>{no_script}</p></div></noscript>
<div id="renewal" data-certificate="{certificate}" data-application="{application}" data-csrf="{csrf}" data-first-port="{first}" data-port-count="{count}">
{path}
{prepare}
{start}
{work}
{ways_out}
</div>"#,
        no_script = words::NO_SCRIPT.say(language),
        certificate = renewal.session.certificate,
        application = renewal
            .application
            .map_or("", |application| application.status.as_str()),
        csrf = renewal.session.csrf,
        first = renewal.first_port,
        count = renewal.port_count,
        path = path(language, &RENEWING, 0),
        prepare = prepare(language, words::PREPARE_TITLE),
        start = start(language, renewal),
        work = work(language, words::WORK_TITLE, RENEWAL_STEPS, ""),
        ways_out = ways_out(
            language,
            &RENEWING,
            renewal.bank_origin,
            renewal.first_port,
            renewal.port_count
        ),
    );
    page(
        language,
        words::PREPARE_TITLE,
        Some("/renewal"),
        Some("renewal.js"),
        &body,
    )
}

/// What the page of an acquisition knows.
pub(crate) struct Acquisition<'a> {
    pub(crate) session: &'a Session,
    pub(crate) bank_origin: &'a str,
    pub(crate) first_port: u16,
    pub(crate) port_count: u16,
}

/// 電子証明書取得: the same screens, without a certificate to begin with.
pub(crate) fn acquisition(language: Language, acquisition: &Acquisition<'_>) -> String {
    let say = |text: Text| text.say(language);
    let start = format!(
        r#"<section class="card"><h2>{which}</h2><dl class="plain">{who}</dl></section>
<p class="callout note" id="resume" hidden>{resume}</p>
<p>{lead}</p>
<div class="callout attention"><p><strong>{phone}</strong></p></div>
<div class="actions"><button class="button" type="button" id="renew">{acquire}</button></div>"#,
        which = say(words::ACQUIRE_WHICH),
        who = row(
            words::START_WHO,
            language,
            &escape(&acquisition.session.user)
        ),
        resume = say(words::START_RESUME),
        lead = say(words::ACQUIRE_START),
        phone = say(words::ACQUIRE_PHONE),
        acquire = say(words::ACQUIRE),
    );
    let body = format!(
        r#"<noscript><div class="callout attention"><p>{no_script}</p></div></noscript>
<div id="renewal" data-kind="acquire" data-csrf="{csrf}" data-first-port="{first}" data-port-count="{count}">
{path}
{prepare}
{start}
{work}
{ways_out}
</div>"#,
        no_script = words::NO_SCRIPT.say(language),
        csrf = acquisition.session.csrf,
        first = acquisition.first_port,
        count = acquisition.port_count,
        path = path(language, &ACQUIRING, 0),
        prepare = prepare(language, words::ACQUIRE_PREPARE_TITLE),
        start = screen(language, "start", words::ACQUIRE_TITLE, false, &start),
        work = work(
            language,
            words::ACQUIRE_WORK_TITLE,
            ACQUISITION_STEPS,
            REFUSED_CODE
        ),
        ways_out = ways_out(
            language,
            &ACQUIRING,
            acquisition.bank_origin,
            acquisition.first_port,
            acquisition.port_count
        ),
    );
    page(
        language,
        words::ACQUIRE_PREPARE_TITLE,
        Some("/acquisition"),
        Some("renewal.js"),
        &body,
    )
}

/// 電子証明書発行 発行完了.
pub(crate) fn done(language: Language, issued: &IssuedCertificate) -> String {
    let wording = if issued.is_acquired() {
        &ACQUIRING
    } else {
        &RENEWING
    };
    let say = |text: Text| text.say(language);
    let body = format!(
        r#"{path}
<h1>{title}</h1>
<div class="callout good"><p class="big">{done}</p><p>{lead}</p></div>
<section class="card"><h2>{info}</h2>
<dl class="plain">{owner}{number}{from}{until}</dl></section>
<ul class="points"><li>{next}</li><li>{year}</li><li>{pc}</li></ul>
<div class="callout attention"><p><strong>{close}</strong></p></div>
<div class="actions"><button class="button" type="button" id="close">{close_button}</button></div>
<p class="fine" id="close-hint" hidden role="status">{close_hint}</p>"#,
        path = path(language, wording, 3),
        title = say(words::DONE_TITLE),
        done = say(words::DONE),
        lead = say(words::DONE_LEAD),
        info = say(words::DONE_INFO),
        owner = row(words::DONE_OWNER, language, &escape(&issued.user)),
        number = row(words::DONE_SERIAL, language, &serial(&issued.serial)),
        from = row(
            words::DONE_FROM,
            language,
            &time::moment_text(issued.not_before, language)
        ),
        until = row(
            words::DONE_UNTIL,
            language,
            &time::moment_text(issued.not_after, language)
        ),
        next = say(words::DONE_NEXT),
        year = say(words::DONE_YEAR),
        pc = say(words::DONE_PC),
        close = say(words::DONE_CLOSE),
        close_button = say(words::DONE_CLOSE_BUTTON),
        close_hint = say(words::DONE_CLOSE_HINT),
    );
    let script = Some("done.js");
    page(
        language,
        words::DONE_TITLE,
        Some("/renewal/done"),
        script,
        &body,
    )
}

/// What a renewal and an acquisition say differently on the same screens.
struct Wording {
    step: Text,
    unreachable: Text,
    declined_title: Text,
    declined: Text,
    failed_title: Text,
    failed: Text,
    /// After something was issued and revoked.
    revoked: Text,
    /// After a decision of the person's, when nothing was.
    nothing_issued: Option<Text>,
}

const RENEWING: Wording = Wording {
    step: words::STEP_RENEW,
    unreachable: words::UNREACHABLE,
    declined_title: words::DECLINED_TITLE,
    declined: words::DECLINED,
    failed_title: words::FAILED_TITLE,
    failed: words::FAILED,
    revoked: words::DECLINED_REVOKED,
    nothing_issued: None,
};

const ACQUIRING: Wording = Wording {
    step: words::STEP_ACQUIRE,
    unreachable: words::ACQUIRE_UNREACHABLE,
    declined_title: words::ACQUIRE_DECLINED_TITLE,
    declined: words::ACQUIRE_DECLINED,
    failed_title: words::ACQUIRE_FAILED_TITLE,
    failed: words::ACQUIRE_FAILED,
    revoked: words::ACQUIRE_REVOKED,
    nothing_issued: Some(words::ACQUIRE_CODE_STILL),
};

/// The four steps at the top, with the current one marked.
fn path(language: Language, wording: &Wording, current: usize) -> String {
    let items: String = [
        words::STEP_PREPARE,
        words::STEP_START,
        wording.step,
        words::STEP_DONE,
    ]
    .iter()
    .enumerate()
    .map(|(index, step)| {
        let mark = if index == current {
            r#" aria-current="step""#
        } else {
            ""
        };
        format!("<li{mark}>{}</li>", step.say(language))
    })
    .collect();
    format!(
        r#"<ol class="path" aria-label="{}">{items}</ol>"#,
        words::STEPS.say(language)
    )
}

fn prepare(language: Language, title: Text) -> String {
    let say = |text: Text| text.say(language);
    let body = format!(
        r#"<p class="lead busy" role="status">{lead}</p>
<ul class="points"><li>{keep}</li><li>{ask}</li><li>{limit}</li></ul>
<div class="callout attention" id="permission" role="alert" hidden><p><strong>{waiting}</strong></p></div>"#,
        lead = say(words::PREPARE),
        keep = say(words::PREPARE_KEEP),
        ask = say(words::PREPARE_ASK),
        limit = say(words::PREPARE_LIMIT),
        waiting = say(words::PREPARE_WAITING),
    );
    screen(language, "prepare", title, true, &body)
}

fn start(language: Language, renewal: &Renewal<'_>) -> String {
    let say = |text: Text| text.say(language);
    let current = renewal.current;
    let body = format!(
        r#"{verdict}
<p class="callout note" id="resume" hidden>{resume}</p>
<section class="card"><h2>{which}</h2><dl class="plain">{who}{number}{until}</dl></section>
<p>{lead}</p>
<div class="actions"><button class="button" type="button" id="renew">{renew}</button></div>"#,
        verdict = approval::verdict(language, renewal.application),
        resume = say(words::START_RESUME),
        which = say(words::START_WHICH),
        who = row(words::START_WHO, language, &escape(&current.user)),
        number = row(words::DONE_SERIAL, language, &serial(&current.serial)),
        until = row(
            words::DONE_UNTIL,
            language,
            &time::moment_text(current.not_after, language)
        ),
        lead = say(words::START),
        renew = say(words::RENEW),
    );
    screen(language, "start", words::START_TITLE, false, &body)
}

/// A step of the work: its name, and what the list says.
type WorkStep = (&'static str, Text, Text);

const PIN_STEP: WorkStep = ("pin", words::WORK_PIN, words::WORK_PIN_HINT);
const KEY_STEP: WorkStep = ("key", words::WORK_KEY, words::WORK_KEY_HINT);
const ISSUE_STEP: WorkStep = ("issue", words::WORK_ISSUE, words::WORK_ISSUE_HINT);
const INSTALL_STEP: WorkStep = ("install", words::WORK_INSTALL, words::WORK_INSTALL_HINT);

const RENEWAL_STEPS: &[WorkStep] = &[
    ("consent", words::WORK_CONSENT, words::WORK_CONSENT_HINT),
    PIN_STEP,
    KEY_STEP,
    ISSUE_STEP,
    INSTALL_STEP,
];

/// What the CA says of a code that it refused.
const REFUSED_CODE: &str =
    r#"<div class="callout attention" id="refused-code" role="alert" hidden><p></p></div>"#;

const ACQUISITION_STEPS: &[WorkStep] = &[
    ("consent", words::ACQUIRE_CONSENT, words::WORK_CONSENT_HINT),
    ("code", words::ACQUIRE_CODE, words::ACQUIRE_CODE_HINT),
    PIN_STEP,
    KEY_STEP,
    ISSUE_STEP,
    INSTALL_STEP,
];

fn work(language: Language, title: Text, steps: &[WorkStep], refused: &str) -> String {
    let say = |text: Text| text.say(language);
    let steps: String = steps
    .iter()
    .map(|(name, title, hint)| {
        format!(
            r#"<li data-step="{name}"><b>{}</b> <span class="state" data-is="done">{}</span><span class="state" data-is="current">{}</span><p>{}</p></li>"#,
            say(*title),
            say(words::STATE_DONE),
            say(words::STATE_CURRENT),
            say(*hint)
        )
    })
    .collect();
    let waiting: String = [
        ("card", words::WORK_WAITING_CARD),
        ("clock", words::WORK_WAITING_CLOCK),
        ("bank", words::WORK_WAITING_BANK),
        ("person", words::WORK_WAITING_PERSON),
    ]
    .iter()
    .map(|(name, text)| {
        format!(
            r#"<p class="callout note" data-waiting="{name}" hidden>{}</p>"#,
            say(*text)
        )
    })
    .collect();
    let body = format!(
        r#"<p class="lead">{lead}</p>
<div role="status">{refused}{waiting}</div>
<ol class="progress" aria-live="polite">{steps}</ol>
<p class="fine">{dialog}</p>"#,
        lead = say(words::WORK),
        dialog = say(words::START_DIALOG),
    );
    screen(language, "work", title, false, &body)
}

fn ways_out(
    language: Language,
    wording: &Wording,
    bank_origin: &str,
    first_port: u16,
    port_count: u16,
) -> String {
    let say = |text: Text| text.say(language);
    let bank = escape(bank_origin);
    let last = first_port + (port_count - 1);
    let ports = format!("{first_port}–{last}");
    let back = format!(
        r#"<a class="button secondary" href="{bank}/main">{}</a>"#,
        say(words::LATER)
    );
    let retry = format!(
        r#"<div class="actions"><button class="button" type="button" data-do="prepare">{}</button>{back}</div>"#,
        say(words::TRY_AGAIN)
    );
    let again = format!(
        r#"<div class="actions"><button class="button" type="button" data-do="prepare">{}</button>{back}</div>"#,
        say(words::START_AGAIN)
    );
    let causes: String = [
        (
            "not-running",
            words::UNREACHABLE_NOT_RUNNING,
            words::UNREACHABLE_NOT_RUNNING_STEP,
        ),
        (
            "card",
            words::UNREACHABLE_CARD,
            words::UNREACHABLE_CARD_STEP,
        ),
        (
            "other-user",
            words::UNREACHABLE_OTHER_USER,
            words::UNREACHABLE_OTHER_USER_STEP,
        ),
        (
            "blocked",
            words::UNREACHABLE_BLOCKED,
            words::UNREACHABLE_BLOCKED_STEP,
        ),
    ]
    .iter()
    .map(|(name, cause, step)| {
        format!(
            "<div data-cause=\"{name}\"><dt>{}</dt><dd>{}</dd></div>",
            say(*cause),
            step.fill(language, &[("ports", &ports)])
        )
    })
    .collect();
    let denied: String = [
        words::DENIED_STEP_1,
        words::DENIED_STEP_2,
        words::DENIED_STEP_3,
        words::DENIED_STEP_4,
    ]
    .iter()
    .map(|step| format!("<li>{}</li>", say(*step)))
    .collect();
    let attention = |text: Text| {
        format!(
            r#"<div class="callout attention"><p>{}</p></div>"#,
            say(text)
        )
    };
    [
        screen(
            language,
            "not-reachable",
            words::UNREACHABLE_TITLE,
            false,
            &format!(
                r#"<div class="callout attention"><p data-lead="nobody">{}</p><p data-lead="elsewhere" hidden>{}</p></div><h2>{}</h2><dl class="causes">{causes}</dl>{retry}"#,
                say(wording.unreachable),
                say(words::ELSEWHERE),
                say(text::WHAT_TO_DO)
            ),
        ),
        screen(
            language,
            "denied",
            words::DENIED_TITLE,
            false,
            &format!(
                r#"{}<h2>{}</h2><ol class="steps">{denied}</ol>{retry}"#,
                attention(words::DENIED),
                say(text::WHAT_TO_DO)
            ),
        ),
        screen(
            language,
            "permission-pending",
            words::PROMPT_TITLE,
            false,
            &format!("{}{retry}", attention(words::PROMPT)),
        ),
        screen(
            language,
            "version-mismatch",
            words::VERSION_TITLE,
            false,
            &format!("{}{retry}", attention(words::VERSION)),
        ),
        screen(
            language,
            "declined",
            wording.declined_title,
            false,
            &format!(
                r#"<div class="callout note"><p>{}</p><p data-revoked="yes" hidden>{}</p>{}</div>{again}"#,
                say(wording.declined),
                say(wording.revoked),
                wording.nothing_issued.map_or_else(String::new, |text| format!(
                    r#"<p data-revoked="no" hidden>{}</p>"#,
                    say(text)
                ))
            ),
        ),
        screen(language, "failed", wording.failed_title, false, &failed(language, wording, &again)),
        screen(
            language,
            "receipt",
            words::RECEIPT_TITLE,
            false,
            &format!(
                r#"{}<div class="actions"><button class="button" type="button" data-do="work">{}</button></div>"#,
                attention(words::RECEIPT_LATE),
                say(words::TRY_AGAIN)
            ),
        ),
        screen(
            language,
            "session",
            text::TIMED_OUT_TITLE,
            false,
            &format!(
                r#"{}<div class="actions"><a class="button" href="{bank}/">{}</a></div>"#,
                attention(words::SESSION_OVER),
                say(words::TO_BANK)
            ),
        ),
    ]
    .concat()
}

/// Reason and remedy come from the agent or the CA; the rest is here.
fn failed(language: Language, wording: &Wording, again: &str) -> String {
    let say = |text: Text| text.say(language);
    format!(
        r#"<div class="callout attention" role="alert">
<p data-reason="given"></p>
<p data-reason="unknown" hidden>{unknown}</p>
<p data-reason="lost" hidden>{lost}</p>
<p data-reason="network" hidden>{network}</p>
</div>
<section data-remedy hidden><h2>{remedy}</h2><p></p></section>
<p{only_then}>{safe}</p>
<p data-revoked="yes" hidden>{revoked}</p>
<p class="fine" data-reference hidden>{reference} <code></code></p>
{again}"#,
        unknown = say(words::FAILED_UNKNOWN),
        lost = say(words::FAILED_LOST),
        network = say(words::FAILED_NETWORK),
        remedy = say(words::FAILED_REMEDY),
        // An acquisition's code is good again only if nothing was issued for it.
        only_then = if wording.nothing_issued.is_some() {
            r#" data-revoked="no""#
        } else {
            ""
        },
        safe = say(wording.failed),
        revoked = say(wording.revoked),
        reference = say(words::FAILED_REFERENCE),
    )
}

/// One screen of the renewal's document.
fn screen(language: Language, name: &str, title: Text, shown: bool, body: &str) -> String {
    format!(
        r#"<section class="screen" data-screen="{name}"{hidden}><h1 tabindex="-1">{title}</h1>
{body}
</section>"#,
        hidden = if shown { "" } else { " hidden" },
        title = title.say(language),
    )
}

fn page(
    language: Language,
    title: Text,
    path: Option<&str>,
    script: Option<&'static str>,
    body: &str,
) -> String {
    Page {
        brand: Brand::Ca,
        language,
        title: title.say(language),
        script,
        path,
        body,
    }
    .html()
}
