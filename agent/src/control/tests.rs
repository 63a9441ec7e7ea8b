//! Real sockets, real processes.

use std::{
    ffi::OsString,
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
};

use protocol::bridge::{BeginRenewal, ProblemCode, Target};
use tempfile::TempDir;
use tokio::{process::Command, task::JoinHandle};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{
    AgentLock, Client, ClientError, Launch, LaunchError, Socket, SocketError, connect_or_spawn,
    serve,
};
use crate::{
    bridge::Activity,
    clock::SystemClock,
    config::{Config, Flags, Folders},
    dashboard::Dashboard,
    driver::Terminal,
    testing::as_another_user,
};

/// An agent's control socket in a folder of its own.
struct Running {
    folder: TempDir,
    socket: PathBuf,
    shutdown: Option<DropGuard>,
    serving: JoinHandle<()>,
}

impl Running {
    async fn start() -> Self {
        Self::start_in(tempfile::tempdir().unwrap()).await
    }

    async fn start_in(folder: TempDir) -> Self {
        let lock = AgentLock::take(folder.path()).unwrap();
        let path = folder.path().join("koshin/control.sock");
        let socket = Socket::bind(&path, &lock).unwrap();
        let shutdown = CancellationToken::new();
        let renewals = crate::bridge::tests::renewals(folder.path()).await;
        let home = folder.path().to_owned();
        let folders = Folders::find(|name| (name == "HOME").then(|| home.clone().into())).unwrap();
        let dashboard = Dashboard::new(
            renewals.clone(),
            Config::defaults(folders, Flags::default()),
            Arc::new(SystemClock),
            Activity::new(),
            shutdown.clone(),
        );
        let serving = serve(
            socket,
            renewals,
            dashboard,
            None,
            Activity::new(),
            shutdown.clone(),
        );
        Self {
            folder,
            socket: path,
            shutdown: Some(shutdown.drop_guard()),
            serving: tokio::spawn(async move {
                let _lock = lock;
                serving.await;
            }),
        }
    }
}

#[tokio::test]
async fn a_command_gets_results_and_problems() {
    let agent = Running::start().await;
    let client = Client::connect(&agent.socket, japanese()).await.unwrap();
    assert_eq!(
        client.status().await.unwrap().version,
        env!("CARGO_PKG_VERSION")
    );
    assert!(client.certificates().await.unwrap().certificates.is_empty());
    assert!(client.renewals().await.unwrap().is_empty());

    let begin = BeginRenewal {
        target: Target::Renew([0xab; 32].into()),
        nonce: "A".repeat(22).parse().unwrap(),
        request: None,
    };
    let problem = refused(client.begin(&begin).await);
    assert_eq!(problem.code, ProblemCode::ModuleMissing);

    let id = "0123456789abcdef0123456789abcdef";
    for problem in [
        refused(client.view(id).await),
        refused(client.cancel(id).await),
        refused(client.events(id, 0).await),
        refused(client.view("nonsense").await),
    ] {
        assert_eq!(problem.code, ProblemCode::RenewalNotFound);
    }
}

#[tokio::test]
async fn a_problem_is_in_the_terminal_s_language() {
    let agent = Running::start().await;
    let mut titles = Vec::new();
    for language in ["ja_JP.UTF-8", "en_US.UTF-8"] {
        let terminal = Terminal {
            language: Some(language.into()),
            ..Terminal::default()
        };
        let client = Client::connect(&agent.socket, terminal).await.unwrap();
        titles.push(refused(client.view("nonsense").await).title);
    }
    assert_ne!(titles[0], titles[1]);
}

#[tokio::test]
async fn an_agent_that_ended_is_told_from_one_that_never_ran() {
    let mut agent = Running::start().await;
    let client = Client::connect(&agent.socket, japanese()).await.unwrap();
    drop(agent.shutdown.take());
    agent.serving.await.unwrap();
    let error = client.status().await.unwrap_err();
    assert!(matches!(error, ClientError::Ended(_)), "{error}");
    let error = Client::connect(&agent.socket, japanese())
        .await
        .unwrap_err();
    assert!(matches!(error, ClientError::NotRunning), "{error}");
}

#[tokio::test]
async fn another_user_is_refused_even_past_the_folder() {
    let agent = Running::start().await;
    let owner = ask(Command::new("perl"), &agent.socket).await;
    assert!(owner.starts_with("connected\nHTTP/1.1 200"), "{owner}");

    let stranger = || Command::from(as_another_user("perl"));
    assert_eq!(ask(stranger(), &agent.socket).await, "");

    for path in [
        agent.folder.path(),
        agent.socket.parent().unwrap(),
        &agent.socket,
    ] {
        fs::set_permissions(path, Permissions::from_mode(0o777)).unwrap();
    }
    assert_eq!(ask(stranger(), &agent.socket).await, "connected\n");
}

/// Connects with this perl, and asks.
async fn ask(mut perl: Command, socket: &Path) -> String {
    let script = r#"
        use IO::Socket::UNIX;
        $SIG{PIPE} = "IGNORE";
        my $agent = IO::Socket::UNIX->new(Peer => $ARGV[0]) or exit 0;
        print "connected\n";
        print $agent "GET /control/v1/status HTTP/1.1\r\nHost: koshin\r\nConnection: close\r\n\r\n";
        $agent->flush;
        print while <$agent>;
    "#;
    let output = perl
        .args(["-e", script])
        .arg(socket)
        .stdin(Stdio::null())
        .output()
        .await
        .expect("perl (Debian: perl-base) is installed");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn a_path_too_long_for_a_socket_is_told_to_the_command_too() {
    let error = Client::connect(Path::new(&format!("/{}", "x".repeat(107))), japanese())
        .await
        .unwrap_err();
    assert!(
        matches!(error, ClientError::Socket(SocketError::PathTooLong { .. })),
        "{error}"
    );
}

#[tokio::test]
async fn the_agent_that_runs_is_used() {
    let agent = Running::start().await;
    let launch = shell("echo must not be started >&2; exit 1");
    let client = connect_or_spawn(&agent.socket, agent.folder.path(), &launch, japanese()).await;
    client.unwrap().status().await.unwrap();
}

#[tokio::test]
async fn a_started_agent_is_used_once_it_says_that_it_is_ready() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    for fifo in ["started", "go"] {
        let made = Command::new("mkfifo").arg(path(fifo)).status().await;
        assert!(made.unwrap().success());
    }
    // What it writes before, a warning perhaps, is no failure.
    let launch = shell(&format!(
        "echo warning >&2; echo > '{}'; read word < '{}'; echo 'koshin: ready' >&2",
        path("started").display(),
        path("go").display()
    ));
    let socket = path("koshin/control.sock");
    let state = folder.path().to_owned();
    let command = {
        let (socket, state) = (socket.clone(), state.clone());
        tokio::spawn(async move { connect_or_spawn(&socket, &state, &launch, japanese()).await })
    };
    tokio::fs::read(path("started")).await.unwrap();
    let go = path("go");
    let agent = Running::start_in(folder).await;
    tokio::fs::write(go, "go\n").await.unwrap();
    command.await.unwrap().unwrap().status().await.unwrap();
    drop(agent);
}

#[tokio::test]
async fn why_an_agent_did_not_start_reaches_the_command() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("control.sock");
    let failing = |script: &str| {
        let (launch, socket, state) = (shell(script), socket.clone(), folder.path().to_owned());
        async move {
            connect_or_spawn(&socket, &state, &launch, japanese())
                .await
                .unwrap_err()
        }
    };
    let spoken = failing("echo 'error: no room' >&2; echo 'hint: make some' >&2; exit 2").await;
    let LaunchError::Ended { message, status } = spoken else {
        panic!("{spoken}");
    };
    assert_eq!(message, "error: no room\nhint: make some");
    assert_eq!(status, Some(2));

    let silent = failing("exit 3").await;
    assert!(silent.to_string().contains("exit status: 3"), "{silent}");
    let killed = failing("kill -9 $$").await;
    assert!(killed.to_string().contains("signal: 9"), "{killed}");
}

#[tokio::test]
async fn a_program_that_is_not_there_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let launch = Launch {
        program: folder.path().join("koshin"),
        arguments: Vec::new(),
    };
    let socket = folder.path().join("control.sock");
    let error = connect_or_spawn(&socket, folder.path(), &launch, japanese())
        .await
        .unwrap_err();
    assert!(matches!(error, LaunchError::Spawn { .. }), "{error}");
}

fn japanese() -> Terminal {
    Terminal {
        tty: Some("/dev/pts/0".into()),
        term: Some("xterm".into()),
        language: Some("ja_JP.UTF-8".into()),
    }
}

fn shell(script: &str) -> Launch {
    Launch {
        program: "/bin/sh".into(),
        arguments: vec![OsString::from("-c"), script.into()],
    }
}

fn refused<T>(result: Result<T, ClientError>) -> protocol::bridge::Problem {
    match result {
        Err(ClientError::Refused(problem)) => *problem,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("not refused"),
    }
}
