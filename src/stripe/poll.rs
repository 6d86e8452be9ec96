//! Watching an event of our own until every endpoint took it. Thrifty: the pauses grow, because
//! reads are counted (docs.stripe.com/rate-limits, read allocation).

use std::time::Duration;

use stripe_core::event::{ListEvent, RetrieveEvent};
use stripe_types::RangeQueryTs;
use tokio::time::{Instant, sleep};

use super::fetch::{Miss, Reader};
use super::looks::PAGE;
use super::request::is_plain_id;
use super::transport::stopped;
use crate::error::{Code, Problem};
use crate::step::object::Event;

const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// Pages to search for the event: an account that writes more of one type in a minute is rare.
const PAGES: usize = 5;
/// Seconds by which this computer's clock may be ahead of Stripe's.
const SKEW: i64 = 300;

/// The event that the write with this idempotency key caused, as last seen: delivered to
/// everybody, or as it stood when the time was up. `None` when it has not appeared.
pub(super) async fn delivery(
    reader: &Reader<'_>,
    of_type: &str,
    key: &str,
    since: i64,
    wait: u64,
) -> Result<Option<Event>, Miss> {
    let end = Instant::now() + Duration::from_secs(wait.min(3600));
    let mut pause = FIRST_PAUSE;
    let mut seen: Option<Event> = None;
    loop {
        let looked = match &seen {
            Some(event) => retrieve(reader, event).await.map(Some),
            None => find(reader, of_type, key, since).await,
        };
        match looked {
            Ok(found) => seen = found.or(seen),
            // A refusal will not change; trouble may, and what was seen stays seen.
            Err(Miss::Unseen(why)) if may_pass(&why) && (seen.is_some() || Instant::now() + pause < end) => {}
            Err(miss) => return Err(miss),
        }
        let delivered = seen.as_ref().is_some_and(|event| event.pending_webhooks == 0);
        let now = Instant::now();
        if delivered || now >= end {
            return Ok(seen);
        }
        tokio::select! {
            () = sleep(pause.min(end - now)) => {}
            () = reader.transport.until_stopped() => return Err(Miss::Unseen(stopped(1))),
        }
        pause = (pause * 3 / 2).min(LONGEST_PAUSE);
    }
}

fn may_pass(why: &Problem) -> bool {
    matches!(why.code, Code::Unreachable | Code::StripeTrouble | Code::RateLimited | Code::Unreadable)
}

async fn find(reader: &Reader<'_>, of_type: &str, key: &str, since: i64) -> Result<Option<Event>, Miss> {
    let since = reader.transport.at_stripe(since);
    let request = ListEvent::new().type_(of_type).created(RangeQueryTs::gte(since.saturating_sub(SKEW))).limit(PAGE);
    let (events, _) = reader.list::<Event>(&request, PAGES).await?;
    Ok(events
        .into_iter()
        .find(|event| event.request.as_ref().and_then(|request| request.idempotency_key.as_deref()) == Some(key)))
}

async fn retrieve(reader: &Reader<'_>, event: &Event) -> Result<Event, Miss> {
    if is_plain_id(&event.id) { reader.one(&RetrieveEvent::new(&*event.id)).await } else { Ok(event.clone()) }
}
