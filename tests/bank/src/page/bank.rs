//! The banking site's pages.

use super::{
    Brand, Language, Page, approval, escape,
    problem::{CertificateProblem, RESTART_STEPS, short},
    row, serial, steps,
    text::{self, Text, bank as words, certificate},
};
use crate::{
    store::{Application, IssuedCertificate, Role, Session, User},
    time,
};

/// What the login page says about the last try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LoginTrouble {
    Wrong,
    Locked { until: i64 },
}

/// ログイン.
pub(crate) fn login(
    language: Language,
    shown: &Result<IssuedCertificate, CertificateProblem>,
    grace_days: i64,
    trouble: Option<LoginTrouble>,
    entered: &str,
) -> String {
    let say = |text: Text| text.say(language);
    let trouble = trouble_box(language, trouble);
    let shown = match shown {
        Ok(good) => format!(
            r#"<p class="shown good">{}</p>"#,
            escape(&words::SHOWN_OWNER.fill(
                language,
                &[
                    ("user", &good.user),
                    ("day", &time::day_text(good.not_after, language))
                ]
            ))
        ),
        Err(CertificateProblem::Missing) if grace_days > 0 => format!(
            r#"<p class="shown bad"><strong>{}</strong><br>{} <a href="/certificate">{}</a></p>"#,
            say(CertificateProblem::Missing.title()),
            words::SHOWN_MAYBE_EXPIRED.fill(language, &[("days", &grace_days.to_string())]),
            say(words::SHOWN_PROBLEM_LINK)
        ),
        Err(problem) => format!(
            r#"<p class="shown bad"><strong>{}</strong><br>{} <a href="/certificate">{}</a></p>"#,
            say(problem.title()),
            say(words::SHOWN_PROBLEM),
            say(words::SHOWN_PROBLEM_LINK)
        ),
    };
    let body = format!(
        r#"<h1>{title}</h1>
{trouble}
<p class="lead">{lead}</p>
<div class="columns">
<form class="card" method="post" action="/login" autocomplete="off">
<p class="field"><label for="id">{id}</label>
<input id="id" name="id" type="text" value="{entered}" required maxlength="64" autocomplete="username" autocapitalize="none" spellcheck="false"></p>
<p class="field"><label for="password">{password}</label>
<input id="password" name="password" type="password" required maxlength="128" autocomplete="current-password" aria-describedby="password-hint">
<small id="password-hint">{hint}</small></p>
<div class="actions"><button class="button" type="submit">{button}</button></div>
</form>
<div class="aside">
<section><h2>{shown_title}</h2>{shown}</section>
<section><h2>{acquire}</h2><p>{acquire_text}</p><p><a class="button secondary" href="/acquisition">{acquire}</a></p></section>
</div>
</div>
<p class="fine">{safety}</p>"#,
        title = say(words::LOGIN_TITLE),
        lead = say(words::LOGIN_LEAD),
        id = say(words::ID),
        entered = escape(entered),
        password = say(words::PASSWORD),
        hint = say(words::PASSWORD_HINT),
        button = say(words::LOGIN),
        shown_title = say(words::SHOWN_CERTIFICATE),
        acquire = say(words::ACQUIRE),
        acquire_text = say(words::ACQUIRE_TEXT),
        safety = say(words::SAFETY),
    );
    page(language, words::LOGIN_TITLE, Some("/"), None, &body)
}

/// 電子証明書取得: who wants one.
pub(crate) fn acquisition(
    language: Language,
    trouble: Option<LoginTrouble>,
    entered: &str,
) -> String {
    let say = |text: Text| text.say(language);
    let body = format!(
        r#"<h1>{title}</h1>
{trouble}
<p class="lead">{lead}</p>
<form class="card" method="post" action="/acquisition" autocomplete="off">
<p class="field"><label for="id">{id}</label>
<input id="id" name="id" type="text" value="{entered}" required maxlength="64" autocomplete="username" autocapitalize="none" spellcheck="false"></p>
<p class="field"><label for="password">{password}</label>
<input id="password" name="password" type="password" required maxlength="128" autocomplete="current-password"></p>
<div class="actions"><button class="button" type="submit">{button}</button><a class="button secondary" href="/">{back}</a></div>
</form>
<p class="fine">{safety}</p>"#,
        title = say(words::ACQUIRE),
        trouble = trouble_box(language, trouble),
        lead = say(words::ACQUIRE_LEAD),
        id = say(words::ID),
        entered = escape(entered),
        password = say(words::PASSWORD),
        button = say(words::ACQUIRE_GO),
        back = say(words::BACK),
        safety = say(words::SAFETY),
    );
    page(language, words::ACQUIRE, Some("/acquisition"), None, &body)
}

fn trouble_box(language: Language, trouble: Option<LoginTrouble>) -> String {
    trouble.map_or(String::new(), |trouble| {
        let message = match trouble {
            LoginTrouble::Wrong => words::LOGIN_WRONG.say(language).to_owned(),
            LoginTrouble::Locked { until } => words::LOGIN_LOCKED
                .fill(language, &[("time", &time::moment_text(until, language))]),
        };
        format!(
            r#"<div class="callout attention" role="alert"><p><strong>{}</strong></p><p>{message}</p></div>"#,
            words::LOGIN_WRONG_TITLE.say(language),
        )
    })
}

/// 電子証明書更新通知. `last_day` is the last day for renewing.
pub(crate) fn notice(
    language: Language,
    session: &Session,
    current: &IssuedCertificate,
    last_day: i64,
    now: i64,
) -> String {
    let days = time::days_until(now, current.not_after);
    let lead = match days {
        ..0 => {
            words::NOTICE_EXPIRED.fill(language, &[("day", &time::day_text(last_day, language))])
        }
        0 => words::NOTICE_LAST_DAY.say(language).to_owned(),
        1.. => words::NOTICE_LEAD.say(language).to_owned(),
    };
    let body = format!(
        r#"<h1>{title}</h1>
<div class="callout attention"><p>{lead}</p></div>
<dl class="facts">{today}{expires}{left}</dl>
<p>{how}</p>
<div class="actions">
<a class="button" href="/main">{to_main}</a>
{back}
</div>
<p class="fine">{hint}</p>"#,
        title = words::NOTICE_TITLE.say(language),
        today = row(words::TODAY, language, &time::day_text(now, language)),
        expires = row(
            words::EXPIRES,
            language,
            &time::moment_text(current.not_after, language)
        ),
        left = row(
            words::DAYS_LEFT,
            language,
            &format!("<strong>{}</strong>", days_left(days, language))
        ),
        how = words::NOTICE_HOW.say(language),
        to_main = words::TO_MAIN.say(language),
        back = form("/logout", session, words::BACK, language, "secondary"),
        hint = words::BACK_HINT.say(language),
    );
    page(language, words::NOTICE_TITLE, Some("/notice"), None, &body)
}

/// What the main page knows.
pub(crate) struct Main<'a> {
    pub(crate) session: &'a Session,
    pub(crate) user: &'a User,
    pub(crate) current: &'a IssuedCertificate,
    /// The renewal of it on which an officer of the CA decides.
    pub(crate) application: Option<&'a Application>,
    /// First second in which it may be renewed.
    pub(crate) window_opens: i64,
    /// Last second in which it may be renewed.
    pub(crate) last_day: i64,
    pub(crate) now: i64,
    /// The certificate that the current one replaced, while the agent has not heard of it.
    pub(crate) replaced: Option<&'a str>,
    pub(crate) first_port: u16,
    pub(crate) port_count: u16,
}

/// メイン.
pub(crate) fn main(language: Language, main: &Main<'_>) -> String {
    let say = |text: Text| text.say(language);
    let (session, user, current) = (main.session, main.user, main.current);
    let name = match language {
        Language::Japanese => &user.name_ja,
        Language::English => &user.name_en,
    };
    let role = match user.role {
        Role::Administrator => words::ROLE_ADMINISTRATOR,
        Role::User => words::ROLE_USER,
    };
    let last = session.previous_login.map_or_else(
        || say(words::FIRST_LOGIN).to_owned(),
        |last| time::moment_text(last, language),
    );
    let due = main.now >= main.window_opens;
    let banner = if due {
        banner(language, main)
    } else {
        String::new()
    };
    let not_yet = if due {
        String::new()
    } else {
        let day = time::day_text(main.window_opens, language);
        format!(
            r#"<p class="fine">{}</p>"#,
            words::RENEW_NOT_YET.fill(language, &[("day", &day)])
        )
    };
    let body = format!(
        r#"<div class="top"><div><h1 class="greeting">{greeting}</h1>
<p class="role">{role} <b>{id}</b></p></div>{logout}</div>
{banner}
{clean}
<dl class="facts two">{this}{last}</dl>
<section class="card"><h2>{certificate}</h2>
<dl class="plain">{serial}{expires}</dl>{not_yet}</section>
{services}"#,
        greeting = escape(&words::GREETING.fill(language, &[("name", name)])),
        role = say(role),
        id = escape(&user.id),
        logout = form("/logout", session, text::LOGOUT, language, "quiet"),
        clean = clean_up(language, main),
        this = row(
            words::THIS_LOGIN,
            language,
            &time::moment_text(session.began, language)
        ),
        last = row(words::LAST_LOGIN, language, &last),
        certificate = say(words::CERTIFICATE),
        serial = row(words::SERIAL, language, &serial(&current.serial)),
        expires = row(
            words::EXPIRES,
            language,
            &time::moment_text(current.not_after, language)
        ),
        services = if main.has_expired() {
            String::new()
        } else {
            services(language)
        },
    );
    let script = main.replaced.map(|_| "first-login.js");
    page(language, words::MAIN_TITLE, Some("/main"), script, &body)
}

impl Main<'_> {
    /// Past its last second a certificate serves for its renewal and nothing else.
    fn has_expired(&self) -> bool {
        self.now > self.current.not_after
    }
}

fn services(language: Language) -> String {
    let say = |text: Text| text.say(language);
    format!(
        r#"<section><h2>{}</h2>
<ul class="tiles"><li>{}</li><li>{}</li><li>{}</li></ul>
<p class="fine">{}</p></section>"#,
        say(words::SERVICES),
        say(words::SERVICE_BALANCE),
        say(words::SERVICE_TRANSFER),
        say(words::SERVICE_PAYROLL),
        say(words::SERVICES_DEMO),
    )
}

fn banner(language: Language, main: &Main<'_>) -> String {
    let by =
        |text: Text, instant| text.fill(language, &[("day", &time::day_text(instant, language))]);
    let (class, title, text, button) = match main.application {
        Some(application) => approval::banner(
            language,
            application,
            main.current,
            (main.last_day, main.now),
        ),
        None if main.has_expired() => (
            "attention",
            words::BANNER_EXPIRED_TITLE,
            by(words::BANNER_EXPIRED, main.last_day),
            words::RENEW,
        ),
        None => (
            "attention",
            words::BANNER_TITLE,
            by(words::BANNER, main.current.not_after),
            words::RENEW,
        ),
    };
    format!(
        r#"<section class="callout {class} banner"><div><h2>{title}</h2><p>{text}</p></div>{renew}</section>"#,
        title = title.say(language),
        renew = form("/renewal", main.session, button, language, ""),
    )
}

/// The panel from which the agent hears of the first login with a renewed certificate.
fn clean_up(language: Language, main: &Main<'_>) -> String {
    let Some(replaced) = main.replaced else {
        return String::new();
    };
    format!(
        r#"<section class="callout good" id="first-login" aria-live="polite" data-certificate="{replaced}" data-csrf="{csrf}" data-first-port="{first}" data-port-count="{count}">
<h2>{title}</h2>
<div data-when="ask"><p>{ask}</p><p><button class="button secondary" type="button" id="tell">{button}</button></p></div>
<p data-when="wait" hidden>{wait}</p>
<p data-when="done" hidden>{done}</p>
<p data-when="unreachable" hidden>{unreachable}</p>
</section>"#,
        csrf = main.session.csrf,
        first = main.first_port,
        count = main.port_count,
        title = words::CLEAN_TITLE.say(language),
        ask = words::CLEAN_ASK.say(language),
        button = words::CLEAN_BUTTON.say(language),
        wait = words::CLEAN_WAIT.say(language),
        done = words::CLEAN_DONE.say(language),
        unreachable = words::CLEAN_UNREACHABLE.say(language),
    )
}

/// The page for a login that is still made with the old certificate after a renewal.
pub(crate) fn old_certificate(
    language: Language,
    session: &Session,
    current: &IssuedCertificate,
    delivered: i64,
) -> String {
    let lead = certificate::OLD.fill(
        language,
        &[
            ("user", &current.user),
            ("serial", &short(&current.serial)),
            ("delivered", &time::moment_text(delivered, language)),
        ],
    );
    let body = format!(
        r#"<h1>{title}</h1>
<div class="callout attention"><p>{lead}</p></div>
<h2>{next}</h2>
{steps}
<div class="actions">{logout}<a class="button secondary" href="/main">{go_on}</a></div>"#,
        title = certificate::OLD_TITLE.say(language),
        lead = escape(&lead),
        next = text::WHAT_TO_DO.say(language),
        steps = steps(language, RESTART_STEPS, &[]),
        logout = form("/logout", session, text::LOGOUT, language, ""),
        go_on = certificate::OLD_CONTINUE.say(language),
    );
    let path = Some("/old-certificate");
    page(language, certificate::OLD_TITLE, path, None, &body)
}

/// The page from which a certificate that has ended fetches its successor.
pub(crate) fn redelivery(
    language: Language,
    session: &Session,
    current: &IssuedCertificate,
) -> String {
    let values = [
        ("user", current.user.as_str()),
        ("serial", &short(&current.serial)),
    ];
    let body = format!(
        r#"<h1>{title}</h1>
<div class="callout attention"><p>{lead}</p></div>
<div class="actions">{logout}{fetch}</div>"#,
        title = certificate::FETCH_TITLE.say(language),
        lead = escape(&certificate::FETCH.fill(language, &values)),
        logout = form("/logout", session, text::LOGOUT, language, ""),
        fetch = form("/renewal", session, certificate::FETCH_GO, language, ""),
    );
    let path = Some("/redelivery");
    page(language, certificate::FETCH_TITLE, path, None, &body)
}

/// The page that says that the presented certificate is in order.
pub(crate) fn good_certificate(language: Language, good: &IssuedCertificate) -> String {
    let lead = certificate::GOOD.fill(
        language,
        &[
            ("user", &good.user),
            ("serial", &short(&good.serial)),
            ("day", &time::day_text(good.not_after, language)),
        ],
    );
    let body = format!(
        r#"<h1>{title}</h1>
<div class="callout good"><p>{lead}</p></div>
<div class="actions"><a class="button" href="/">{login}</a></div>"#,
        title = certificate::GOOD_TITLE.say(language),
        lead = escape(&lead),
        login = text::LOGIN_AGAIN.say(language),
    );
    let path = Some("/certificate");
    page(language, certificate::GOOD_TITLE, path, None, &body)
}

/// Carries the customer to the CA's site: a form that sends itself.
pub(crate) fn handover(
    language: Language,
    ca_origin: &str,
    ticket: &str,
    acquires: bool,
) -> String {
    let lead = if acquires {
        words::HANDOVER_ACQUIRE
    } else {
        words::HANDOVER
    };
    let body = format!(
        r#"<h1>{title}</h1>
<p class="lead">{lead}</p>
<form id="handover" method="post" action="{ca_origin}/handover">
<input type="hidden" name="ticket" value="{ticket}">
<input type="hidden" name="lang" value="{tag}">
<div class="actions"><button class="button" type="submit">{button}</button></div>
</form>"#,
        title = words::HANDOVER_TITLE.say(language),
        lead = lead.fill(language, &[("ca", text::CA.say(language))]),
        tag = language.tag(),
        button = words::HANDOVER_BUTTON.say(language),
    );
    let script = Some("handover.js");
    page(language, words::HANDOVER_TITLE, None, script, &body)
}

fn days_left(days: i64, language: Language) -> String {
    match days {
        ..0 => words::DAYS_OVER.say(language).to_owned(),
        0 => words::DAYS_LEFT_TODAY.say(language).to_owned(),
        1 => words::DAYS_LEFT_ONE.say(language).to_owned(),
        _ => words::DAYS_LEFT_VALUE.fill(language, &[("days", &days.to_string())]),
    }
}

fn form(action: &str, session: &Session, label: Text, language: Language, class: &str) -> String {
    format!(
        r#"<form method="post" action="{action}"><input type="hidden" name="csrf" value="{}"><button class="button {class}" type="submit">{}</button></form>"#,
        session.csrf,
        label.say(language)
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
        brand: Brand::Bank,
        language,
        title: title.say(language),
        script,
        path,
        body,
    }
    .html()
}
