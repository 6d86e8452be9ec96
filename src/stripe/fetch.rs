//! Reading from Stripe: one GET, one page after another, and what an effect-free POST answers.
//! Between the transport and everything that looks; turns answers into a value or a [`Miss`].

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use serde::de::DeserializeOwned;
use serde_json::Value;
use stripe_client_core::{RequestBuilder, StripeRequest};

use super::transport::{Answer, Call, Transport};
use super::{answer, error};
use crate::error::{Code, Problem};
use crate::secret::{Secret, Slot, Vault};
use crate::step::{Refusal, Sight};

/// Why an ask brought nothing back.
#[derive(Debug, Clone)]
pub(super) enum Miss {
    /// Stripe answered, and refused.
    Refused(Refusal),
    /// There is no answer to go by.
    Unseen(Problem),
}

impl Miss {
    pub(super) fn sight(&self) -> Sight {
        match self {
            Self::Refused(refusal) => Sight::Refused(refusal.clone()),
            Self::Unseen(problem) => Sight::Unseen(problem.clone()),
        }
    }

    /// Whether Stripe said that there is no such thing. A hint that it exists in the other mode is
    /// more than that, and must reach the operator.
    pub(super) fn is_absence(&self) -> bool {
        match self {
            Self::Refused(refusal) => self.is_missing() && !refusal.message.contains("a similar object"),
            Self::Unseen(_) => false,
        }
    }

    /// Whether there is no such thing in this mode.
    pub(super) fn is_missing(&self) -> bool {
        matches!(self, Self::Refused(refusal) if refusal.code.as_deref() == Some("resource_missing"))
    }

    /// Whether one value of several may have spoilt the request for the others.
    pub(super) fn may_be_one_of_many(&self) -> bool {
        matches!(self, Self::Refused(refusal) if matches!(refusal.status, 400 | 404))
    }
}

/// Reads with the keys of one vault.
pub(super) struct Reader<'a> {
    pub transport: &'a Transport,
    secret: Option<Arc<Secret>>,
    publishable: Option<Arc<Secret>>,
}

static NEVER: AtomicBool = AtomicBool::new(false);

impl<'a> Reader<'a> {
    pub(super) fn new(transport: &'a Transport, vault: &Vault) -> Self {
        let (secret, publishable) = (vault.get(&Slot::SecretKey), vault.get(&Slot::PublishableKey));
        Self { transport, secret, publishable }
    }

    /// The secret key as it may be shown.
    pub(super) fn masked_key(&self) -> String {
        self.secret.as_ref().map(|key| key.masked()).unwrap_or_default()
    }

    /// One GET with the secret key.
    pub(super) async fn get(&self, request: &impl StripeRequest) -> Result<Value, Miss> {
        self.fetch(&request.build(), None).await
    }

    /// One object by its id.
    pub(super) async fn one<T: DeserializeOwned>(&self, request: &impl StripeRequest) -> Result<T, Miss> {
        answer::read(self.get(request).await?).ok_or_else(unreadable)
    }

    /// The objects of at most so many pages, and whether those were all.
    pub(super) async fn list<T: DeserializeOwned>(
        &self,
        request: &impl StripeRequest,
        pages: usize,
    ) -> Result<(Vec<T>, bool), Miss> {
        self.pages(&request.build(), pages).await
    }

    /// The same for a request that is built already.
    pub(super) async fn pages<T: DeserializeOwned>(
        &self,
        built: &RequestBuilder,
        pages: usize,
    ) -> Result<(Vec<T>, bool), Miss> {
        let (mut found, mut after) = (Vec::new(), None);
        for _ in 0..pages {
            let body = self.fetch(built, after.as_deref()).await?;
            let (data, more) = answer::page(body).ok_or_else(unreadable)?;
            after = data.last().and_then(answer::id).map(str::to_owned);
            for element in data {
                found.push(answer::read(element).ok_or_else(unreadable)?);
            }
            if !more || after.is_none() {
                return Ok((found, true));
            }
        }
        Ok((found, false))
    }

    /// A POST that changes nothing, because Stripe refuses it: its answer, whatever it is.
    pub(super) async fn probe(&self, path: &str, body: &str, publishable: bool) -> Result<Answer, Miss> {
        let key = Some(uuid::Uuid::new_v4().to_string());
        let call = Call { method: "POST", path: path.to_owned(), query: None, body: Some(body.to_owned()), key };
        self.call(&call, if publishable { self.publishable.as_deref() } else { self.secret.as_deref() }).await
    }

    /// One GET of a request that is built already, from the object after this id on.
    pub(super) async fn fetch(&self, built: &RequestBuilder, after: Option<&str>) -> Result<Value, Miss> {
        let mut query = built.query.clone().unwrap_or_default();
        if let Some(id) = after {
            let mut whole = form_urlencoded::Serializer::new(query);
            query = whole.append_pair("starting_after", id).finish();
        }
        let path = format!("/v1{}", built.path);
        let call = Call { method: "GET", path, query: Some(query), body: None, key: None };
        let answer = self.call(&call, self.secret.as_deref()).await?;
        if (200..300).contains(&answer.status) { Ok(answer.body) } else { Err(self.miss(&answer)) }
    }

    async fn call(&self, call: &Call, key: Option<&Secret>) -> Result<Answer, Miss> {
        let key = key.ok_or_else(|| Miss::Unseen(no_key()))?;
        let mut answer =
            self.transport.call(call, key, &NEVER).await.map_err(|trouble| Miss::Unseen(trouble.problem))?;
        drop(answer::take_secret(&mut answer.body));
        Ok(answer)
    }

    /// What an answer other than 2xx means: 429 and 5xx are no answer to the question.
    pub(super) fn miss(&self, answer: &Answer) -> Miss {
        let refusal = error::refusal(answer.status, &answer.body, answer.request_id.clone());
        if matches!(answer.status, 429 | 500..) {
            return Miss::Unseen(refusal.problem(Some(&self.masked_key())));
        }
        Miss::Refused(refusal)
    }
}

/// For an answer that is not what was asked for.
pub(super) fn unreadable() -> Miss {
    let problem = Problem::new(Code::Unreadable, "an answer of Stripe's could not be read")
        .why("its shape is not the one that was asked for")
        .fix("see what can be behind it: golive explain GL1103");
    Miss::Unseen(problem)
}

/// For a vault without the key.
pub(super) fn no_key() -> Problem {
    Problem::new(Code::KeyMissing, "no key is at hand")
        .fix("give it when asked, or by file: golive wizard --key-file FILE")
}
