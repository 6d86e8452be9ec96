//! Certificate facts with rustls alone: a connection that sends nothing brings the chain, and the
//! verifier judges it under chosen clocks. Nothing is fetched, so a missing intermediate is seen,
//! as Stripe sees it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::resolve::timed_out;
use super::trust::Trust;
use super::{Net, resolve};
use crate::error::{Code, Problem};
use crate::step::TlsSight;

const DAY: u64 = 24 * 60 * 60;
/// Longer than any certificate lives.
const CENTURY: u64 = 36_525;

impl Net {
    /// What certificate a host presents, and what is wrong with it.
    pub(super) async fn certificate(&self, host: &str, port: u16) -> Result<TlsSight, Problem> {
        let looked = tokio::time::timeout(self.limit, self.chain(host, port)).await;
        let (version, chain) = looked.unwrap_or_else(|_| Err(timed_out(host, port, self.limit.as_secs())))?;
        let judged = judge(&self.trust, host, &chain, UnixTime::now());
        Ok(TlsSight { version, problem: judged.problem, days_left: judged.days_left, names: judged.names })
    }

    async fn chain(&self, host: &str, port: u16) -> Result<(String, Vec<CertificateDer<'static>>), Problem> {
        let stream = self.resolver.connect(host, port).await?;
        let (stream, chain) = self.shake(host, port, stream).await?;
        let version = match stream.get_ref().1.protocol_version() {
            Some(rustls::ProtocolVersion::TLSv1_2) => "1.2",
            _ => "1.3",
        };
        Ok((version.to_owned(), chain))
    }

    /// A connection over which something may be said: the host presents a good certificate.
    pub(super) async fn protect<S>(&self, host: &str, port: u16, stream: S) -> Result<TlsStream<S>, Problem>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let (stream, chain) = self.shake(host, port, stream).await?;
        let judged = judge(&self.trust, host, &chain, UnixTime::now());
        judged.problem.map_or(Ok(stream), Err)
    }

    /// A handshake that takes every certificate, with the chain that came: nothing may be sent before
    /// that is judged.
    async fn shake<S>(
        &self,
        host: &str,
        port: u16,
        stream: S,
    ) -> Result<(TlsStream<S>, Vec<CertificateDer<'static>>), Problem>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let recorder = Arc::new(Recorder::new(Arc::clone(&self.trust.provider)));
        let config = ClientConfig::builder_with_provider(Arc::clone(&self.trust.provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| no_tls(host, port, &error.to_string()))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::<Recorder>::clone(&recorder))
            .with_no_client_auth();
        let shaken = TlsConnector::from(Arc::new(config)).connect(server_name(host)?, stream).await;
        let stream = shaken.map_err(|error| no_tls(host, port, &error.to_string()))?;
        Ok((stream, recorder.take()))
    }
}

/// A host as TLS names it.
pub(super) fn server_name(host: &str) -> Result<ServerName<'static>, Problem> {
    ServerName::try_from(host.to_owned()).map_err(|_| resolve::unresolved(host, "it is not a valid host name"))
}

/// What is said of a server that cannot shake hands.
pub(super) fn no_tls(host: &str, port: u16, why: &str) -> Problem {
    Problem::new(Code::TlsFailed, format!("`{host}` does not speak TLS 1.2 or 1.3 on port {port}"))
        .why(why.to_owned())
        .fix(format!("look at what answers there: openssl s_client -connect {host}:{port} -servername {host}"))
}

struct Judged {
    problem: Option<Problem>,
    days_left: Option<i64>,
    names: Vec<String>,
}

fn judge(trust: &Trust, host: &str, chain: &[CertificateDer<'static>], now: UnixTime) -> Judged {
    let Some((leaf, rest)) = chain.split_first() else {
        let problem = Problem::new(Code::TlsFailed, format!("`{host}` presents no certificate"));
        return Judged { problem: Some(problem), days_left: None, names: Vec::new() };
    };
    let names = names_of(leaf);
    let verify = |at: UnixTime| -> Result<(), CertificateError> {
        let name = ServerName::try_from(host.to_owned()).map_err(|_| CertificateError::NotValidForName)?;
        certificate_error(trust.verifier.verify_server_cert(leaf, rest, &name, &[], at).map(|_| ()))
    };
    let found = verify(now).err();
    let days_left = match &found {
        None => Some(days_until_it_fails(&verify, now)),
        Some(CertificateError::ExpiredContext { not_after, .. }) => Some(days_between(now, *not_after)),
        Some(_) => end_of_leaf(trust, leaf, rest, now),
    };
    let problem = found.map(|error| explain(trust, host, &error, chain, &names, days_left));
    Judged { problem, days_left, names }
}

/// Other errors than those of the certificate do not come from here.
fn certificate_error(result: Result<(), rustls::Error>) -> Result<(), CertificateError> {
    result.map_err(|error| match error {
        rustls::Error::InvalidCertificate(error) => error,
        _ => CertificateError::BadEncoding,
    })
}

/// Whole days for which the chain stays good, whichever of its certificates ends first.
fn days_until_it_fails(verify: &dyn Fn(UnixTime) -> Result<(), CertificateError>, now: UnixTime) -> i64 {
    let (mut good, mut bad) = (0, CENTURY);
    while bad - good > 1 {
        let middle = good + (bad - good) / 2;
        if verify(later(now, middle)).is_ok() { good = middle } else { bad = middle }
    }
    i64::try_from(good).unwrap_or(i64::MAX)
}

/// Days until the server's own certificate ends, when its chain cannot be judged: its dates are
/// judged before its issuer.
fn end_of_leaf(trust: &Trust, leaf: &CertificateDer<'_>, rest: &[CertificateDer<'_>], now: UnixTime) -> Option<i64> {
    match signed_by(&trust.roots, trust, leaf, rest, later(now, CENTURY)) {
        Err(CertificateError::ExpiredContext { not_after, .. }) => Some(days_between(now, not_after)),
        _ => None,
    }
}

fn signed_by(
    roots: &RootCertStore,
    trust: &Trust,
    leaf: &CertificateDer<'_>,
    rest: &[CertificateDer<'_>],
    at: UnixTime,
) -> Result<(), CertificateError> {
    let leaf = ParsedCertificate::try_from(leaf).map_err(|_| CertificateError::BadEncoding)?;
    let algorithms = trust.provider.signature_verification_algorithms.all;
    certificate_error(verify_server_cert_signed_by_trust_anchor(&leaf, roots, rest, at, algorithms))
}

fn later(now: UnixTime, days: u64) -> UnixTime {
    UnixTime::since_unix_epoch(Duration::from_secs(now.as_secs().saturating_add(days * DAY)))
}

fn days_between(now: UnixTime, then: UnixTime) -> i64 {
    let seconds = i128::from(then.as_secs()) - i128::from(now.as_secs());
    i64::try_from(seconds.div_euclid(i128::from(DAY))).unwrap_or(i64::MAX)
}

fn names_of(leaf: &CertificateDer<'_>) -> Vec<String> {
    // A name reserved by RFC 2606, so the refusal lists those that are there.
    let (Ok(leaf), Ok(nobody)) = (ParsedCertificate::try_from(leaf), ServerName::try_from("golive.invalid")) else {
        return Vec::new();
    };
    match certificate_error(verify_server_name(&leaf, &nobody)) {
        Err(CertificateError::NotValidForNameContext { presented, .. }) => {
            presented.iter().map(|name| bare(name)).collect()
        }
        _ => Vec::new(),
    }
}

/// `DnsName("shop.example")` as `shop.example`.
fn bare(name: &str) -> String {
    name.split('"').nth(1).unwrap_or(name).to_owned()
}

fn explain(
    trust: &Trust,
    host: &str,
    error: &CertificateError,
    chain: &[CertificateDer<'static>],
    names: &[String],
    days_left: Option<i64>,
) -> Problem {
    let look = format!("openssl s_client -connect {host}:443 -servername {host} -showcerts");
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            let ago = days_left.map_or_else(String::new, |days| match -days {
                ..=1 => " less than a day ago".to_owned(),
                days => format!(" {days} days ago"),
            });
            Problem::new(Code::TlsFailed, format!("a certificate of `{host}` expired{ago}"))
                .fix("renew it and reload the web server: certbot renew")
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            Problem::new(Code::TlsFailed, format!("the certificate of `{host}` is not valid yet"))
                .why("or the clock of this computer is behind")
                .fix("look at both clocks: date -u")
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            let found = if names.is_empty() { "no name".to_owned() } else { names.join(", ") };
            Problem::new(Code::TlsFailed, format!("the certificate of `{host}` is for another name"))
                .found_wanted(found, host)
                .fix(format!("have one issued for this name too: certbot --expand -d {host}"))
        }
        CertificateError::UnknownIssuer => unknown_issuer(trust, host, chain).fix(format!("look at it: {look}")),
        other => Problem::new(Code::TlsFailed, format!("the certificate of `{host}` is not good"))
            .why(other.to_string())
            .fix(format!("look at it: {look}")),
    }
}

/// Three different mistakes look the same to a verifier; the chain tells them apart.
fn unknown_issuer(trust: &Trust, host: &str, chain: &[CertificateDer<'static>]) -> Problem {
    let leaf = chain.first();
    if leaf.is_some_and(|leaf| signs_itself(trust, leaf)) {
        return Problem::new(Code::TlsFailed, format!("the certificate of `{host}` is self-signed"))
            .why("Stripe and browsers accept only certificates of public authorities")
            .fix(format!("have one issued: certbot -d {host}"));
    }
    if chain.len() == 1 && leaf.is_some_and(names_its_issuers_address) {
        return Problem::new(Code::TlsFailed, format!("`{host}` sends its certificate without the intermediate one"))
            .why("it sends 1 certificate, and names the address where the one above it can be had")
            .why("browsers often fetch the missing one in silence; Stripe does not")
            .fix("serve the full chain, in nginx: ssl_certificate /etc/letsencrypt/live/NAME/fullchain.pem;");
    }
    Problem::new(Code::TlsFailed, format!("the certificate of `{host}` comes from an unknown issuer"))
        .why(match chain.len() {
            1 => "it sends 1 certificate, which no public authority signed".to_owned(),
            several => format!("it sends {several} certificates, and none leads to a public authority"),
        })
        .fix(format!("have one issued by a public authority: certbot -d {host}"))
}

/// Whether a certificate says where its issuer's can be fetched (`caIssuers`, RFC 5280 section 4.2.2.1),
/// as those of public authorities do and those of somebody's own seldom.
fn names_its_issuers_address(leaf: &CertificateDer<'_>) -> bool {
    // The object identifier 1.3.6.1.5.5.7.48.2 in DER.
    const CA_ISSUERS: &[u8] = &[0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x02];
    leaf.windows(CA_ISSUERS.len()).any(|bytes| bytes == CA_ISSUERS)
}

/// Whether a certificate is its own issuer: taken as a root, it leads to itself.
fn signs_itself(trust: &Trust, leaf: &CertificateDer<'static>) -> bool {
    let mut itself = RootCertStore::empty();
    let taken = itself.add(leaf.clone()).is_ok();
    let judged = signed_by(&itself, trust, leaf, &[], UnixTime::now());
    taken && !matches!(judged, Err(CertificateError::UnknownIssuer | CertificateError::BadEncoding))
}

/// Accepts every certificate and keeps it. Only for connections that send nothing.
#[derive(Debug)]
struct Recorder {
    chain: Mutex<Vec<CertificateDer<'static>>>,
    provider: Arc<CryptoProvider>,
}

impl Recorder {
    fn new(provider: Arc<CryptoProvider>) -> Self {
        Self { chain: Mutex::default(), provider }
    }

    fn take(&self) -> Vec<CertificateDer<'static>> {
        std::mem::take(&mut self.chain.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl ServerCertVerifier for Recorder {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        rest: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let mut chain = self.chain.lock().unwrap_or_else(PoisonError::into_inner);
        *chain = std::iter::once(leaf).chain(rest).map(|each| each.clone().into_owned()).collect();
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
