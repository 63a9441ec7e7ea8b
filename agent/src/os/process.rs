//! What a process that holds a PIN does to keep its memory to itself.

use std::io;

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};

/// From now on no core dump has this process's memory, and no other process of the same user
/// can attach to it or read its memory (root still can).
///
/// Programs started later do not inherit the second part: each protects itself.
///
/// # Errors
///
/// When the system refuses; the caller decides whether to go on.
pub fn keep_memory_private() -> io::Result<()> {
    setrlimit(
        Resource::Core,
        Rlimit {
            current: Some(0),
            maximum: Some(0),
        },
    )?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_no_core_dumps_and_no_onlookers() {
        const APART: &str = "KOSHIN_TEST_APART";
        if std::env::var_os(APART).is_none() {
            // In a process of its own: other tests look at the memory of this one.
            let program = std::env::current_exe().unwrap();
            let name = "os::process::tests::there_are_no_core_dumps_and_no_onlookers";
            let apart = std::process::Command::new(program)
                .args(["--exact", name])
                .env(APART, "1")
                .output()
                .unwrap();
            let told = String::from_utf8_lossy(&apart.stdout);
            assert!(told.contains("1 passed"), "{told}");
            return;
        }
        keep_memory_private().unwrap();
        assert_eq!(
            rustix::process::dumpable_behavior().unwrap(),
            DumpableBehavior::NotDumpable
        );
        assert_eq!(
            rustix::process::getrlimit(Resource::Core),
            Rlimit {
                current: Some(0),
                maximum: Some(0)
            }
        );
    }
}
