//! A sign of life for work that takes longer than a moment, on a terminal only.

use std::{future::Future, io::Write, pin::pin, time::Duration};

use tokio::time::{self, MissedTickBehavior};

/// How long work goes on before anything shows.
pub(super) const PATIENCE: Duration = Duration::from_millis(400);

/// How long each picture stays.
const FRAME: Duration = Duration::from_millis(120);

const FRAMES: [char; 4] = ['|', '/', '-', '\\'];

/// Shows `text` with the seconds that have passed while `work` goes on, from `after` on, and
/// takes it away at the end.
pub(super) async fn during<T>(
    mut terminal: impl Write,
    text: &str,
    after: Duration,
    work: impl Future<Output = T>,
) -> T {
    let mut work = pin!(work);
    let begun = time::Instant::now();
    let mut ticks = time::interval_at(begun + after, FRAME);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut shown = 0;
    loop {
        tokio::select! {
            // Work that is done shows nothing more.
            biased;
            done = &mut work => {
                if shown > 0 {
                    let _ = write!(terminal, "\r\u{1b}[K");
                    let _ = terminal.flush();
                }
                return done;
            }
            _ = ticks.tick() => {
                let frame = FRAMES[shown % FRAMES.len()];
                let seconds = begun.elapsed().as_secs();
                let _ = write!(terminal, "\r{frame} {text} {seconds} s\u{1b}[K");
                let _ = terminal.flush();
                shown += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, io, rc::Rc};

    use tokio::sync::Notify;

    use super::*;

    /// A terminal that lets the work end once it has shown something twice.
    #[derive(Clone, Default)]
    struct Screen {
        text: Rc<RefCell<String>>,
        shown: Rc<Notify>,
    }

    impl Write for Screen {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.text
                .borrow_mut()
                .push_str(&String::from_utf8_lossy(bytes));
            if self.text.borrow().matches(" 0 s").count() == 2 {
                self.shown.notify_one();
            }
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn long_work_shows_that_it_goes_on_and_leaves_nothing() {
        let screen = Screen::default();
        let shown = Rc::clone(&screen.shown);
        let done = during(screen.clone(), "looking", Duration::ZERO, async {
            shown.notified().await;
            7
        });
        assert_eq!(done.await, 7);
        assert_eq!(
            *screen.text.borrow(),
            "\r| looking 0 s\u{1b}[K\r/ looking 0 s\u{1b}[K\r\u{1b}[K"
        );
    }

    #[tokio::test]
    async fn short_work_shows_nothing() {
        let screen = Screen::default();
        during(screen.clone(), "looking", PATIENCE, async {}).await;
        assert_eq!(*screen.text.borrow(), "");
    }
}
