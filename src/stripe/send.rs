//! Writes, side by side: each journaled request with its key, and what came of it. The rules of
//! what may be called done, refused or unknown stand in [`outcome`] and nowhere else.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};

use super::fetch::no_key;
use super::transport::{Answer, Call, Transport, Trouble};
use super::{answer, error};
use crate::engine::port::{Outcome, Receipt, Sending};
use crate::error::{Code, Problem, Result};
use crate::secret::{Secret, Slot, Vault};

/// Sends all, and hands over what came of each as it comes, with all that is there. When `each`
/// fails, nothing new is started, what is in flight is awaited and handed over, and the first
/// failure is returned.
pub(super) async fn send(
    transport: &Transport,
    sendings: &[Sending],
    vault: &Vault,
    each: &mut dyn FnMut(Vec<(usize, Outcome)>) -> Result<()>,
) -> Result<()> {
    let key = vault.get(&Slot::SecretKey);
    let hold = AtomicBool::new(false);
    let mut running: FuturesUnordered<_> = sendings
        .iter()
        .enumerate()
        .map(|(index, sending)| one(transport, sending, key.clone(), &hold).map(move |outcome| (index, outcome)))
        .collect();
    let mut result = Ok(());
    while let Some(first) = running.next().await {
        let mut batch = vec![first];
        while let Some(Some(more)) = running.next().now_or_never() {
            batch.push(more);
        }
        let recorded = each(batch);
        if recorded.is_err() {
            hold.store(true, Ordering::Relaxed);
            result = result.and(recorded);
        }
    }
    result
}

async fn one(transport: &Transport, sending: &Sending, key: Option<Arc<Secret>>, hold: &AtomicBool) -> Outcome {
    let Some(key) = key else { return Outcome::NotSent(no_key()) };
    let request = &sending.request;
    let method = match request.method.as_str() {
        "POST" => "POST",
        "DELETE" => "DELETE",
        other => {
            let problem = Problem::new(Code::Internal, format!("`{other}` is no method of a write"))
                .fix("report it with what is printed here: golive explain GL1299");
            return Outcome::NotSent(problem);
        }
    };
    let call = Call {
        method,
        path: request.path.clone(),
        query: None,
        body: Some(request.body.clone()),
        key: Some(sending.key.clone()),
    };
    outcome(transport.call(&call, &key, hold).await, &key.masked())
}

/// What came of a write, from its last answer or the lack of one.
fn outcome(answered: Result<Answer, Trouble>, masked_key: &str) -> Outcome {
    let mut answer = match answered {
        Ok(answer) => answer,
        Err(Trouble { problem, sent: false }) => return Outcome::NotSent(problem),
        Err(Trouble { problem, sent: true }) => return Outcome::Unknown(problem),
    };
    if (200..300).contains(&answer.status) {
        let secret = answer::take_secret(&mut answer.body);
        let Some(id) = answer::id(&answer.body) else {
            let problem = Problem::new(Code::Unreadable, "an answer of Stripe's could not be read")
                .why(format!("HTTP {}, and no id in it", answer.status))
                .fix("run the same command again, which looks first: golive wizard")
                .request(answer.request_id);
            return Outcome::Unknown(problem);
        };
        let object = id.to_owned();
        return Outcome::Done(Receipt { object, secret, request_id: answer.request_id, replayed: answer.replayed });
    }
    let refusal = error::refusal(answer.status, &answer.body, answer.request_id.clone());
    let in_use = answer.status == 409 && refusal.code.as_deref() == Some("idempotency_key_in_use");
    // Stripe looks at the key before it looks up what was saved, so that a key that was rolled
    // after a lost try says nothing about that try.
    let says_nothing = answer.doubtful && matches!(answer.status, 401 | 403);
    match answer.status {
        500.. if answer.replayed => Outcome::SavedError(refusal),
        _ if in_use => {
            let problem = Problem::new(Code::OutcomeUnknown, "Stripe is still working on the same request")
                .why(format!("Stripe says: {}", refusal.message))
                .fix("wait a moment, then run the same command again: golive wizard")
                .request(refusal.request_id);
            Outcome::Unknown(problem)
        }
        429 | 500.. => Outcome::Unknown(refusal.problem(Some(masked_key))),
        _ if says_nothing => Outcome::Unknown(refusal.problem(Some(masked_key))),
        _ => Outcome::Refused(refusal),
    }
}
