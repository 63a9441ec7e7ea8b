//! Which cases there are.

use std::fmt;

use tests::scene::USER;

/// A kind of keys, of those with which curl can log in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    P256,
    Rsa2048,
}

impl Family {
    pub(crate) const ALL: [Self; 2] = [Self::P256, Self::Rsa2048];

    /// Its name for pkcs11-tool.
    pub(crate) fn of_pkcs11_tool(self) -> &'static str {
        match self {
            Self::P256 => "EC:prime256v1",
            Self::Rsa2048 => "rsa:2048",
        }
    }

    /// Its name in a profile.
    pub(crate) fn of_profile(self) -> &'static str {
        match self {
            Self::P256 => "p-256",
            Self::Rsa2048 => "rsa-2048",
        }
    }
}

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flow {
    /// The user's certificate is renewed, used for a login, and the old one retired.
    Renew,
    /// The user acquires one by a one-time code.
    Acquire,
}

impl Flow {
    pub(crate) const ALL: [Self; 2] = [Self::Renew, Self::Acquire];

    /// Whom it is about.
    pub(crate) fn user(self) -> &'static str {
        USER
    }
}

/// Where a fault strikes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// At a call of PKCS#11, counted by its name.
    Call(String, u64),
    /// At a step of the page, counted from 0.
    Step(usize, String),
    /// So many milliseconds after the begin.
    Moment(u32),
}

/// What strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The call fails without having happened.
    FailBefore,
    /// It happens, and fails all the same.
    FailAfter,
    /// The worker crashes before the call.
    CrashBefore,
    /// It crashes after it.
    CrashAfter,
    /// SIGKILL of the worker so many microseconds after the call began.
    KillWithin(u32),
    /// SIGKILL of the agent.
    KillAgent,
    /// SIGKILL of agent and worker.
    KillBoth,
    /// The journal's disk is full from here on.
    FullDisk,
    /// The token is pulled.
    Pull,
    /// The request does not arrive.
    RequestLost,
    /// The answer does not.
    AnswerLost,
    /// SIGKILL of the browser once the request is sent.
    KillBrowser,
    /// SIGKILL of the agent before the request is sent.
    KillAgentBefore,
    /// SIGKILL of the agent once it is sent.
    KillAgentWithin,
    /// SIGKILL of the bank before the request is sent.
    KillBankBefore,
    /// SIGKILL of the bank once it is sent.
    KillBankWithin,
    /// SIGKILL of this one, at a moment that chance gives.
    Kill(Victim),
}

impl Fault {
    /// Those of a call.
    pub(crate) const OF_CALLS: [Self; 8] = [
        Self::FailBefore,
        Self::FailAfter,
        Self::CrashBefore,
        Self::CrashAfter,
        Self::KillAgent,
        Self::KillBoth,
        Self::FullDisk,
        Self::Pull,
    ];

    /// Those of a step.
    pub(crate) const OF_STEPS: [Self; 7] = [
        Self::RequestLost,
        Self::AnswerLost,
        Self::KillBrowser,
        Self::KillAgentBefore,
        Self::KillAgentWithin,
        Self::KillBankBefore,
        Self::KillBankWithin,
    ];

    /// The order for the module, where it is one of a call.
    pub(crate) fn order(self, call: &str, count: u64) -> Option<String> {
        // Each error that cards are known for has its turn.
        let errors = [
            "CKR_DEVICE_ERROR",
            "CKR_GENERAL_ERROR",
            "CKR_DEVICE_REMOVED",
            "CKR_FUNCTION_FAILED",
            "CKR_SESSION_HANDLE_INVALID",
            "CKR_HOST_MEMORY",
        ];
        let turn = usize::try_from(count).unwrap_or_default() % errors.len();
        let what = match self {
            Self::FailBefore => format!("before fail {}", errors[turn]),
            Self::FailAfter => format!("after fail {}", errors[turn]),
            Self::CrashBefore => "before segv".to_owned(),
            Self::CrashAfter => "after kill self".to_owned(),
            Self::KillWithin(time) => format!("before kill later {time}"),
            Self::KillAgent => "before kill parent".to_owned(),
            Self::KillBoth => "after kill both".to_owned(),
            Self::FullDisk => "before fill".to_owned(),
            Self::Pull => "before remove".to_owned(),
            Self::RequestLost
            | Self::AnswerLost
            | Self::KillBrowser
            | Self::KillAgentBefore
            | Self::KillAgentWithin
            | Self::KillBankBefore
            | Self::KillBankWithin
            | Self::Kill(_) => return None,
        };
        Some(format!("{call} {count} {what}"))
    }
}

/// A case.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    /// The place of its stage in the list of stages.
    pub(crate) stage: usize,
    /// A name by which it can be run again.
    pub(crate) name: String,
    /// Where.
    pub(crate) place: Place,
    /// What.
    pub(crate) fault: Fault,
}

/// How much of the plan is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// A minute's worth.
    Part,
    /// Every fault at each call that changes something, and one, in turn, at each that reads.
    Whole,
    /// Every fault at each call.
    Full,
}

/// What a run without a fault took.
pub(crate) struct Recorded {
    /// The calls of PKCS#11, each with its count among those of its name.
    pub(crate) calls: Vec<(String, u64)>,
    /// The steps of the page.
    pub(crate) steps: Vec<&'static str>,
    /// How long it took, in milliseconds.
    pub(crate) time: u64,
}

/// Calls after which something is different, on the token or in a session.
const CHANGING: [&str; 8] = [
    "C_Login",
    "C_Logout",
    "C_GenerateKeyPair",
    "C_CreateObject",
    "C_SetAttributeValue",
    "C_DestroyObject",
    "C_Sign",
    "C_Initialize",
];

/// Those that write on the token: a kill in the middle leaves half of it.
const WRITING: [&str; 4] = [
    "C_GenerateKeyPair",
    "C_CreateObject",
    "C_SetAttributeValue",
    "C_DestroyObject",
];

/// The cases of a stage.
pub(crate) fn cases(
    stage: usize,
    (family, flow): (Family, Flow),
    recorded: &Recorded,
    extent: Extent,
) -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |place: Place, fault: Fault| {
        let name = format!("{family:?}/{flow:?}/{place}/{fault:?}");
        cases.push(Case {
            stage,
            name,
            place,
            fault,
        });
    };
    for (turn, (call, count)) in recorded.calls.iter().enumerate() {
        let place = || Place::Call(call.clone(), *count);
        let changes = CHANGING.contains(&&call[..]);
        let writes = WRITING.contains(&&call[..]);
        let in_turn = Fault::OF_CALLS[turn % Fault::OF_CALLS.len()];
        match extent {
            Extent::Part if writes => add(place(), in_turn),
            Extent::Part => {}
            Extent::Whole if !changes => add(place(), in_turn),
            Extent::Whole | Extent::Full => {
                for fault in Fault::OF_CALLS {
                    add(place(), fault);
                }
            }
        }
        if writes && extent != Extent::Part {
            for time in moments(family, call) {
                add(place(), Fault::KillWithin(time));
            }
        }
    }
    for (turn, step) in recorded.steps.iter().enumerate() {
        let place = || Place::Step(turn, step.replace(' ', "-"));
        if extent == Extent::Part {
            add(place(), Fault::OF_STEPS[turn % Fault::OF_STEPS.len()]);
        } else {
            for fault in Fault::OF_STEPS {
                add(place(), fault);
            }
        }
    }
    cases
}

/// Moments within a writing call, in microseconds.
fn moments(family: Family, call: &str) -> [u32; 6] {
    match (call, family) {
        ("C_GenerateKeyPair", Family::Rsa2048) => {
            [30_000, 70_000, 100_000, 150_000, 200_000, 300_000]
        }
        ("C_GenerateKeyPair", Family::P256) => [500, 1_500, 3_000, 5_000, 7_000, 9_000],
        _ => [50, 150, 300, 500, 800, 1_200],
    }
}

/// Which process is killed at a moment that chance gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Victim {
    Agent,
    Worker,
    Bank,
}

/// So many cases in which a process is killed at a moment that chance gives. The same seed gives
/// the same cases.
pub(crate) fn chances(stages: &[(Family, Flow, u64)], seed: u64, count: usize) -> Vec<Case> {
    let mut state = seed;
    // SplitMix64: nothing here needs more than numbers that look alike and come again.
    let mut next = |below: u64| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % below
    };
    (0..count)
        .map(|number| {
            let stage = usize::try_from(next(stages.len() as u64)).expect("few stages");
            let (family, flow, time) = stages[stage];
            let victim = [Victim::Agent, Victim::Agent, Victim::Worker, Victim::Bank]
                [usize::try_from(next(4)).expect("less than four")];
            let moment = u32::try_from(next(time)).unwrap_or_default();
            let place = Place::Moment(moment);
            let fault = Fault::Kill(victim);
            let name = format!("{family:?}/{flow:?}/chance-{seed}-{number}/{moment}ms/{victim:?}");
            Case {
                stage,
                name,
                place,
                fault,
            }
        })
        .collect()
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(name, count) => write!(formatter, "{name}-{count}"),
            Self::Step(number, name) => write!(formatter, "{number:02}-{name}"),
            Self::Moment(time) => write!(formatter, "{time}ms"),
        }
    }
}
