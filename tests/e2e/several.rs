//! Two banks with profiles on one agent, several IDs on a token, several tokens: each page has its
//! own bank's certificates and no other, and renewals go on side by side.

use std::{collections::BTreeSet, thread};

use protocol::bridge::{Problem, RenewalView, State};
use serde_json::Value;
use tests::{
    Answer, Course, Loopback, Member, Office, Sharing,
    aftermath::refused,
    course::{WILLING, new_serial},
    office::{NAMES, PROFILES},
    pinentry::Asked,
    token,
};

const NONCE: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Two IDs at the first bank and one at the second on one token, one more of the second's on
/// another; an ID of the same name at both.
fn members(office: &Office) -> [Member; 4] {
    [
        office.member(0, 0, "keiri-01", "01"),
        office.member(0, 0, "admin-01", "02"),
        office.member(1, 0, "keiri-01", "03"),
        office.member(1, 1, "soumu-01", "01"),
    ]
}

fn ids<'a>(members: impl IntoIterator<Item = &'a Member>) -> BTreeSet<String> {
    let ids = members.into_iter().map(|member| member.old.sha256.clone());
    ids.collect()
}

fn listed(loopback: &Loopback) -> BTreeSet<String> {
    let list = loopback.certificates().certificates;
    list.into_iter().map(|certificate| certificate.id).collect()
}

#[test]
fn a_page_of_banks_that_share_a_ca_sees_its_own_certificates_only() {
    its_own_only(Sharing::Ca);
}

#[test]
fn a_page_of_banks_whose_cas_have_one_name_sees_its_own_certificates_only() {
    its_own_only(Sharing::Nothing);
}

fn its_own_only(sharing: Sharing) {
    let office = Office::new(sharing, 2);
    let members = members(&office);
    for (bank, open) in office.banks.iter().enumerate() {
        let (own, others): (Vec<_>, Vec<_>) =
            members.iter().partition(|member| member.bank == bank);
        for origin in [&open.bank_origin, &open.ca_origin] {
            let page = Loopback::new(office.agent.port, origin);
            assert_eq!(listed(&page), ids(own.iter().copied()), "{origin}");
            // Another bank's certificate is refused as one that is nowhere.
            let nowhere = unknown(&page, &"ab".repeat(32));
            for other in &others {
                assert_eq!(unknown(&page, &other.old.sha256), nowhere);
            }
        }
    }
    assert!(office.home.person.asked().is_empty());
    // The owner of the PC sees all of them.
    let list: Value = serde_json::from_str(&office.home.run(&["list", "--json"]).text()).unwrap();
    let all = list["certificates"].as_array().unwrap();
    let all: BTreeSet<_> = all
        .iter()
        .map(|certificate| certificate["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(all, ids(&members));
}

/// The problem of a certificate that the page may not see, without its reference number.
#[track_caller]
fn unknown(page: &Loopback, id: &str) -> Problem {
    let problem = refused(page, "certificate-not-found", |page| page.begin(id, NONCE));
    Problem {
        reference: String::new(),
        ..problem
    }
}

#[test]
fn each_dialog_names_its_own_bank() {
    let office = Office::new(Sharing::Ca, 1);
    let members = [
        office.member(0, 0, "keiri-01", "01"),
        office.member(1, 0, "keiri-01", "02"),
    ];
    for member in &members {
        let before = office.home.person.asked().len();
        office.renew(member);
        let asked = office.home.person.asked().split_off(before);
        assert_eq!(asked.len(), WILLING.len());
        names_only(member.bank, &asked, &office.banks[member.bank].ca_origin);
    }
}

/// Dialogs name this bank and its site, and nothing of the other one's.
#[track_caller]
fn names_only(bank: usize, asked: &[Asked], origin: &str) {
    for dialog in asked {
        let text = format!("{} {}", dialog.title, dialog.description);
        assert!(text.contains(NAMES[bank]), "{text}");
        assert!(!text.contains(NAMES[1 - bank]), "{text}");
    }
    assert!(asked[0].description.contains(origin), "{asked:?}");
}

#[test]
fn a_ca_site_of_two_banks_sees_both_and_each_renewal_is_its_own_banks() {
    let office = Office::new(Sharing::CaSite, 1);
    let members = [
        office.member(0, 0, "keiri-01", "01"),
        office.member(1, 0, "keiri-01", "02"),
    ];
    assert_eq!(office.banks[0].ca_origin, office.banks[1].ca_origin);
    assert_eq!(listed(&office.loopback(0)), ids(&members));
    for member in &members {
        let bank = Loopback::new(office.agent.port, &office.banks[member.bank].bank_origin);
        assert_eq!(listed(&bank), ids([member]));
        let before = office.home.person.asked().len();
        office.renew(member);
        let asked = office.home.person.asked().split_off(before);
        names_only(member.bank, &asked, &office.banks[member.bank].ca_origin);
    }
    for (bank, member) in office.banks.iter().zip(&members) {
        let issued = bank.certificates_of(member.id).unwrap();
        assert_eq!(issued.len(), 2);
        assert_eq!(issued[0].replaces.as_ref(), Some(&member.old.sha256));
    }
}

#[test]
fn renewals_on_two_tokens_are_done_at_the_same_time() {
    let office = Office::new(Sharing::Ca, 2);
    let members = [
        office.member(0, 0, "keiri-01", "01"),
        office.member(1, 1, "soumu-01", "01"),
    ];
    let visits = members.each_ref().map(|member| office.visit(member));
    let making = [0, 1].map(|token| office.hold(token, "C_GenerateKeyPair"));
    office.person_is_willing(2);
    let courses: Vec<_> = members
        .iter()
        .zip(&visits)
        .map(|(member, visit)| office.begin(visit, member))
        .collect();
    // Both tokens are within the call before either goes on.
    let both = making.each_ref().map(|call| call.has_come());
    for course in &courses {
        let state = course.loopback.view(&course.id).state;
        assert_eq!(state, State::KeyIntent);
    }
    drop(both);
    finish_at_once(&courses);
}

#[test]
fn renewals_on_one_token_take_turns_and_all_succeed() {
    let office = Office::new(Sharing::Ca, 1);
    let members = [
        office.member(0, 0, "keiri-01", "01"),
        office.member(0, 0, "admin-01", "02"),
        office.member(1, 0, "keiri-01", "03"),
    ];
    let visits = members.each_ref().map(|member| office.visit(member));
    let making = office.hold(0, "C_GenerateKeyPair");
    office.faults[0].trace();
    office.person_is_willing(3);
    let courses: Vec<_> = members
        .iter()
        .zip(&visits)
        .map(|(member, visit)| office.begin(visit, member))
        .collect();
    // One of them has the token; the others wait for it, and nobody's turn is cut short.
    let first = making.has_come();
    drop(first);
    for course in &courses {
        let _request = course.request();
    }
    finish_at_once(&courses);

    // Each lease is a process. Between the key and the certificate of one renewal, others had
    // theirs: a lease is held for the token's work only, and never is one within another.
    let calls = office.faults[0].traced();
    let leases = turns(&calls, "C_Login");
    let makers = turns(&calls, "C_GenerateKeyPair");
    let writers = turns(&calls, "C_CreateObject");
    assert_eq!((makers.len(), writers.len()), (3, 3), "{calls:?}");
    let place = |process: &u32| leases.iter().position(|lease| lease == process).unwrap();
    assert!(makers.iter().map(place).max() < writers.iter().map(place).min());
    for lease in &leases {
        let own = calls.iter().filter(|(process, _, _)| process == lease);
        let from_login = own.skip_while(|(_, call, _)| call != "C_Login").count();
        let at = calls
            .iter()
            .position(|(process, call, _)| process == lease && call == "C_Login");
        let during = calls[at.unwrap()..]
            .iter()
            // A worker for the next lease may be loaded ahead; it asks the module for nothing more.
            .filter(|(process, call, _)| leases.contains(process) && call != "C_GetFunctionList")
            .take(from_login);
        for (process, call, _) in during {
            assert_eq!(process, lease, "{call} within another's lease");
        }
    }
}

/// The processes that made a call, in the order in which they first did.
fn turns(calls: &[(u32, String, u64)], name: &str) -> Vec<u32> {
    let mut processes = Vec::new();
    for (process, call, _) in calls {
        if call == name && !processes.contains(process) {
            processes.push(*process);
        }
    }
    processes
}

/// Delivers all answers at once, and waits until each is installed and proven.
fn finish_at_once(courses: &[Course<'_>]) {
    let done: Vec<RenewalView> = thread::scope(|scope| {
        let running: Vec<_> = courses
            .iter()
            .map(|course| scope.spawn(|| course.finish()))
            .collect();
        running
            .into_iter()
            .map(|course| course.join().unwrap())
            .collect()
    });
    let serials: BTreeSet<_> = done.iter().map(new_serial).collect();
    assert_eq!(serials.len(), courses.len());
}

#[test]
fn a_no_at_one_bank_leaves_the_other_banks_renewal_alone() {
    let office = Office::new(Sharing::Ca, 1);
    let going_on = office.member(0, 0, "keiri-01", "01");
    let declining = office.member(1, 0, "keiri-01", "02");
    let visits = [office.visit(&going_on), office.visit(&declining)];
    office.home.person.answers(&WILLING[..2]);
    let course = office.begin(&visits[0], &going_on);
    let before = course.request();
    office.home.person.answers(&[Answer::No]);
    let other = office.begin(&visits[1], &declining);
    assert_eq!(other.problem(), "consent-declined");
    assert_eq!(course.request().csr, before.csr);
    office
        .home
        .person
        .answers(&[Answer::Pin(token::PIN), Answer::Yes]);
    course.finish();
    // Neither bank's page hears of the other's renewal.
    refused(&office.loopback(1), "renewal-not-found", |page| {
        page.call("GET", &format!("/v1/renewals/{}", course.id))
            .send()
    });
    office.renew(&declining);
}

#[test]
fn a_profile_that_claims_another_banks_site_or_ca_does_not_count() {
    let mut office = Office::new(Sharing::Ca, 1);
    let members = [
        office.member(0, 0, "keiri-01", "01"),
        office.member(1, 0, "keiri-01", "02"),
    ];
    let second = office.home.path("etc/koshin/profiles/betsuno.toml");
    let sound = std::fs::read_to_string(&second).unwrap();
    let site = |office: &Office, bank: usize| office.banks[bank].bank_origin.clone();
    let unit = format!("OU={}", office.banks[1].unit().unwrap());
    for (broken, finding) in [
        (
            sound.replace(&site(&office, 1), &site(&office, 0)),
            "origin-taken",
        ),
        (
            sound.replace(&format!("subject = [\"{unit}\"]\n"), ""),
            "subject-not-distinct",
        ),
    ] {
        assert_ne!(broken, sound);
        // By file name the claimed one is read first.
        office.home.install_profile("zzz", &broken);
        std::fs::remove_file(&second).unwrap();
        office.agent.kill();
        office.agent = tests::Agent::start(&office.home);
        let log = office.agent.log();
        assert!(log.contains(finding), "{log}");
        assert_eq!(listed(&office.loopback(0)), ids([&members[0]]));
        let reply = office.loopback(1).begin(&members[1].old.sha256, NONCE);
        assert_eq!(
            (reply.status, reply.exit),
            (0, 52),
            "a stranger hears nothing"
        );
        std::fs::remove_file(office.home.path("etc/koshin/profiles/zzz.toml")).unwrap();
        office.home.install_profile(PROFILES[1], &sound);
    }
}
