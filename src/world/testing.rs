//! Tiny loopback servers and certificates for the tests of this folder.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use rcgen::{BasicConstraints, CertificateParams, CustomExtension, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::runtime::{Handle, Runtime};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use super::{Config, World};
use crate::mode::Mode;

/// A request as a server saw it.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) line: String,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: String,
}

/// The answer as raw bytes; `None` leaves the client waiting.
pub(super) type Handler = Arc<dyn Fn(&Seen) -> Option<String> + Send + Sync>;

pub(super) fn answer(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n{headers}\r\n{body}", body.len())
}

/// A server on loopback, and what it was sent.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    pub(super) seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    pub(super) fn start(runtime: &Runtime, tls: Option<ServerConfig>, handler: Handler) -> Self {
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (log, acceptor) = (Arc::clone(&seen), tls.map(|config| TlsAcceptor::from(Arc::new(config))));
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (log, acceptor, handler) = (Arc::clone(&log), acceptor.clone(), Arc::clone(&handler));
                tokio::spawn(async move {
                    match acceptor {
                        None => serve(stream, &log, &handler).await,
                        Some(acceptor) => {
                            if let Ok(stream) = acceptor.accept(stream).await {
                                serve(stream, &log, &handler).await;
                            }
                        }
                    }
                });
            }
        });
        Self { address, seen }
    }

    pub(super) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

async fn serve<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, log: &Mutex<Vec<Seen>>, handler: &Handler) {
    let mut bytes = Vec::new();
    let request = loop {
        let mut chunk = [0; 4096];
        match stream.read(&mut chunk).await {
            Ok(count) if count > 0 => bytes.extend_from_slice(&chunk[..count]),
            _ => return,
        }
        // The first byte of a TLS handshake: somebody takes this server for a TLS one.
        if bytes.first() == Some(&0x16) {
            let _ = stream.write_all(answer("400 Bad Request", "", "").as_bytes()).await;
            return;
        }
        if let Some(request) = parse(&bytes) {
            break request;
        }
    };
    log.lock().unwrap().push(request.clone());
    match handler(&request) {
        Some(answer) => {
            let _ = stream.write_all(answer.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
        None => std::future::pending().await,
    }
}

fn parse(bytes: &[u8]) -> Option<Seen> {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let (head, body) = text.split_once("\r\n\r\n")?;
    let mut lines = head.lines();
    let line = lines.next()?.to_owned();
    let headers: BTreeMap<String, String> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length: usize = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    (body.len() >= length).then(|| Seen { line, headers, body: body.to_owned() })
}

/// A certificate authority with an intermediate, made for one test.
pub(super) struct Authority {
    pub(super) pem: String,
    root: Issuer<'static, KeyPair>,
}

/// What a certificate is made for.
#[derive(Clone, Copy)]
pub(super) struct Leaf<'a> {
    pub(super) name: &'a str,
    pub(super) days: i64,
    pub(super) intermediate_days: i64,
    pub(super) send_intermediate: bool,
    /// Whether it says where its issuer's certificate can be fetched.
    pub(super) issuers_address: bool,
}

impl Leaf<'_> {
    pub(super) const GOOD: Leaf<'static> =
        Leaf { name: "shop.example", days: 41, intermediate_days: 300, send_intermediate: true, issuers_address: true };
}

impl Authority {
    pub(super) fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let params = authority_params("golive test root", 3000);
        let pem = params.self_signed(&key).unwrap().pem();
        Self { pem, root: Issuer::new(params, key) }
    }

    pub(super) fn server(&self, leaf: Leaf<'_>) -> ServerConfig {
        let middle_key = KeyPair::generate().unwrap();
        let middle_params = authority_params("golive test intermediate", leaf.intermediate_days);
        let middle = middle_params.signed_by(&middle_key, &self.root).unwrap();
        let issuer = Issuer::new(middle_params, middle_key);
        let key = KeyPair::generate().unwrap();
        let own = leaf_params(leaf).signed_by(&key, &issuer).unwrap();
        let mut chain = vec![own.der().clone()];
        if leaf.send_intermediate {
            chain.push(middle.der().clone());
        }
        server_config(chain, &key)
    }
}

pub(super) fn self_signed(leaf: Leaf<'_>) -> ServerConfig {
    let key = KeyPair::generate().unwrap();
    let own = leaf_params(leaf).self_signed(&key).unwrap();
    server_config(vec![own.der().clone()], &key)
}

fn server_config(chain: Vec<CertificateDer<'static>>, key: &KeyPair) -> ServerConfig {
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap()
}

fn authority_params(name: &str, days: i64) -> CertificateParams {
    let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    (params.not_before, params.not_after) = (in_days(-400), in_days(days));
    params
}

fn leaf_params(leaf: Leaf<'_>) -> CertificateParams {
    let mut params = CertificateParams::new(vec![leaf.name.to_owned(), format!("www.{}", leaf.name)]).unwrap();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(rcgen::DnType::CommonName, leaf.name);
    (params.not_before, params.not_after) = (in_days(-400), in_days(leaf.days));
    if leaf.issuers_address {
        params.custom_extensions.push(issuers_address());
    }
    params
}

/// Authority information access with one `caIssuers`, as RFC 5280 section 4.2.2.1 writes it.
fn issuers_address() -> CustomExtension {
    let der = b"\x30\x1e\x30\x1c\x06\x08\x2b\x06\x01\x05\x05\x07\x30\x02\x86\x10http://ca.example";
    CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 1], der.to_vec())
}

/// Half a day more than whole days, so that no test depends on the moment it runs at.
fn in_days<T: From<SystemTime>>(days: i64) -> T {
    let half = Duration::from_secs(12 * 60 * 60);
    let span = Duration::from_secs(days.unsigned_abs() * 24 * 60 * 60);
    let now = SystemTime::now() + half;
    T::from(if days < 0 { now - span } else { now + span })
}

/// A runtime, and a world on it in which `shop.example` is at an address.
pub(super) struct Stage {
    pub(super) runtime: Runtime,
    pub(super) cancel: CancellationToken,
    pub(super) dir: tempfile::TempDir,
}

impl Stage {
    pub(super) fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        Self { runtime, cancel: CancellationToken::new(), dir: tempfile::tempdir().unwrap() }
    }

    pub(super) fn world(&self, mode: Mode, shop: SocketAddr, roots: &[&str]) -> World {
        let config = Config {
            resolve: vec![("shop.example".into(), shop)],
            extra_roots: roots.iter().map(|pem| (*pem).to_owned()).collect(),
            mode,
            dir: self.dir.path().to_path_buf(),
            env_file: None,
            default_target: None,
            shop: None,
            cancel: self.cancel.clone(),
        };
        World::new(config, Handle::clone(self.runtime.handle())).unwrap()
    }
}
