//! The demo shop's certificates, and what deliveries trust.
//!
//! One authority for each world, kept in its folder; leaves are issued while the handshake runs, for
//! whatever host is asked, so that every name of a rehearsal has a valid certificate. Deliveries
//! trust that authority and those of `Options::extra_roots`, nothing else.

use anyhow::{Context, Result};
use rcgen::{BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use std::collections::HashMap;
use std::io::Write as _;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// Handshakes may ask for any name; only so many leaves are remembered.
const MOST_LEAVES: usize = 256;

/// As long as the certificates that most shops have.
const LEAF_DAYS: i64 = 90;

/// The authority of one world.
pub struct Authority {
    pub pem: String,
    issuer: Issuer<'static, KeyPair>,
    leaves: Mutex<HashMap<String, Arc<CertifiedKey>>>,
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Authority")
    }
}

impl Authority {
    /// Reads the authority of a folder, or makes one and keeps it there.
    pub fn open(folder: Option<&Path>) -> Result<Self> {
        let paths = folder.map(|f| (f.join("ca.pem"), f.join("ca.key.pem")));
        if let Some((cert, key)) = &paths
            && cert.exists()
        {
            let pem = std::fs::read_to_string(cert).with_context(|| format!("cannot read {}", cert.display()))?;
            let key = std::fs::read_to_string(key).with_context(|| format!("cannot read {}", key.display()))?;
            return Ok(Self::with(pem, KeyPair::from_pem(&key).context("the shop's key is not readable")?));
        }
        let key = KeyPair::generate()?;
        let pem = params()?.self_signed(&key)?.pem();
        if let Some((cert, path)) = &paths {
            // The certificate comes last, and each is there as a whole or not at all.
            write_private(path, &key.serialize_pem())?;
            write_private(cert, &pem)?;
        }
        Ok(Self::with(pem, key))
    }

    fn with(pem: String, key: KeyPair) -> Self {
        let params = params().unwrap_or_default();
        Self { pem, issuer: Issuer::new(params, key), leaves: Mutex::new(HashMap::new()) }
    }

    fn leaf(&self, host: &str) -> Result<Arc<CertifiedKey>> {
        let mut leaves = self.leaves.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(leaf) = leaves.get(host) {
            return Ok(leaf.clone());
        }
        let names = match host {
            "localhost" => vec!["localhost".to_owned(), "127.0.0.1".to_owned()],
            host => vec![host.to_owned()],
        };
        let mut params = CertificateParams::new(names)?;
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, "golive demo shop");
        params.use_authority_key_identifier_extension = true;
        let ((y1, m1, d1), (y2, m2, d2)) = (day(-1), day(LEAF_DAYS));
        params.not_before = rcgen::date_time_ymd(y1, m1, d1);
        params.not_after = rcgen::date_time_ymd(y2, m2, d2);
        let key = KeyPair::generate()?;
        let cert = params.signed_by(&key, &self.issuer)?;
        let der = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let signer = rustls::crypto::ring::sign::any_supported_type(&der)?;
        let leaf = Arc::new(CertifiedKey::new(vec![cert.der().clone()], signer));
        if leaves.len() >= MOST_LEAVES {
            leaves.clear();
        }
        leaves.insert(host.to_owned(), leaf.clone());
        Ok(leaf)
    }
}

/// Year, month and day so far from today.
fn day(from_today: i64) -> (i32, u8, u8) {
    let at = jiff::Timestamp::now().as_second() + from_today * 86_400;
    let date = jiff::Timestamp::from_second(at).unwrap_or_default().to_zoned(jiff::tz::TimeZone::UTC);
    let (month, day) = (date.month().unsigned_abs(), date.day().unsigned_abs());
    (i32::from(date.year()), month, day)
}

fn write_private(path: &Path, text: &str) -> Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

fn params() -> Result<CertificateParams> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, "golive rehearsal authority");
    Ok(params)
}

impl ResolvesServerCert for Authority {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.leaf(hello.server_name().unwrap_or("localhost")).ok()
    }
}

/// The shop's side of a handshake.
pub fn server(authority: Arc<Authority>) -> Result<Arc<ServerConfig>> {
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_cert_resolver(authority);
    Ok(Arc::new(config))
}

/// The deliveries' side of a handshake.
pub fn client(authority: &Authority, extra_roots: &[String]) -> Result<Arc<ClientConfig>> {
    let mut roots = RootCertStore::empty();
    roots.add(
        CertificateDer::from_pem_slice(authority.pem.as_bytes()).context("the shop's certificate is not readable")?,
    )?;
    for pem in extra_roots {
        for cert in CertificateDer::pem_slice_iter(pem.as_bytes()) {
            roots.add(cert.context("a certificate authority is not readable")?)?;
        }
    }
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}
