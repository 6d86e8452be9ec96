//! Ctrl-C and SIGTERM: the first asks the run to stop after what is on its way, the second stops at
//! once. Either way the terminal is put in order again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::engine::StopFlag;
use crate::ui::guard;

/// What is on its way gets this long, as long as Stripe needs at worst to answer a retry.
const PATIENCE: Duration = Duration::from_secs(10);

/// The signal that came, as an exit code; 0 when none did.
static CAME: AtomicU8 = AtomicU8::new(0);

/// The exit code of the signal that came, if one did.
pub fn came() -> Option<u8> {
    match CAME.load(Ordering::SeqCst) {
        0 => None,
        code => Some(code),
    }
}

/// Watches for signals for the rest of the process.
pub fn watch(runtime: &Runtime, stop: &StopFlag, flags: &[Arc<AtomicBool>]) {
    let stop = stop.clone();
    let flags = flags.to_vec();
    runtime.spawn(async move {
        let (Ok(mut interrupt), Ok(mut terminate), Ok(mut hangup)) =
            (signal(SignalKind::interrupt()), signal(SignalKind::terminate()), signal(SignalKind::hangup()))
        else {
            return;
        };
        let code = tokio::select! {
            _ = interrupt.recv() => 130,
            _ = terminate.recv() => 143,
            _ = hangup.recv() => 143,
        };
        CAME.store(code, Ordering::SeqCst);
        stop.stop();
        for flag in &flags {
            flag.store(true, Ordering::SeqCst);
        }
        let (listed, prompting) = (guard::is_list(), guard::is_prompting());
        if code == 130 && !prompting && !listed {
            guard::notice("\n  Stopping after the request that is on its way. Ctrl-C again stops at once.\n");
        }
        // A list that is left ends the command by itself, in good order.
        let patience = match (listed, prompting) {
            (true, _) if code == 130 => Duration::from_secs(2),
            (_, true) => Duration::from_millis(200),
            (_, false) => PATIENCE,
        };
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            () = tokio::time::sleep(patience) => {}
        }
        guard::restore();
        if prompting || listed {
            // Nothing was on its way, and everything before the question is recorded.
            guard::notice("\n  Paused. Run the same command to continue.\n");
            std::process::exit(i32::from(code));
        }
        guard::notice("\n  Stopped at once. What has no known answer is looked up in Stripe before\n  anything else when you continue: golive wizard\n");
        std::process::exit(i32::from(code));
    });
}

/// A token that is cancelled when the stop flag is set, for what runs inside the runtime.
pub fn token(runtime: &Runtime, stop: &StopFlag) -> CancellationToken {
    let token = CancellationToken::new();
    let (watched, stop) = (token.clone(), stop.clone());
    runtime.spawn(async move {
        while !stop.is_set() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        watched.cancel();
    });
    token
}
