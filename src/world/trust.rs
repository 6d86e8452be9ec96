//! Whom to trust for the operator's hosts: Mozilla's authorities, as Stripe roughly does, and the
//! extra ones of this run. Built once; used by `http` and `tls`.

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::crypto::CryptoProvider;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

use crate::error::{Class, Code, Failure, Problem, Result};

/// Roots, and the verifier and client settings made of them.
pub(super) struct Trust {
    pub(super) roots: Arc<RootCertStore>,
    pub(super) provider: Arc<CryptoProvider>,
    pub(super) verifier: Arc<WebPkiServerVerifier>,
    pub(super) client: Arc<ClientConfig>,
}

impl Trust {
    /// `extra` holds PEM texts, each with at least one certificate.
    pub(super) fn new(extra: &[String]) -> Result<Self> {
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        for text in extra {
            let found: Vec<CertificateDer<'static>> =
                CertificateDer::pem_slice_iter(text.as_bytes()).filter_map(std::result::Result::ok).collect();
            if roots.add_parsable_certificates(found).0 == 0 {
                return Err(no_certificate());
            }
        }
        let roots = Arc::new(roots);
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::clone(&roots), Arc::clone(&provider))
            .build()
            .map_err(internal)?;
        let mut client = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(internal)?
            .with_root_certificates(Arc::clone(&roots))
            .with_no_client_auth();
        client.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { roots, provider, verifier, client: Arc::new(client) })
    }
}

fn no_certificate() -> Failure {
    let problem = Problem::new(Code::Usage, "the extra certificate authorities hold no certificate")
        .why("a PEM file with at least one `BEGIN CERTIFICATE` is wanted")
        .fix("name the right file, or do without: unset SSL_CERT_FILE");
    Failure::new(Class::Usage, problem)
}

fn internal(error: impl Into<anyhow::Error>) -> Failure {
    Failure::new(Class::Unforeseen, Problem::new(Code::Internal, "TLS could not be set up")).because(error)
}

#[cfg(test)]
mod tests {
    use super::Trust;

    #[test]
    fn a_file_without_a_certificate_is_refused() {
        let refused = Trust::new(&["no certificate here".to_owned()]).err().map(|failure| failure.problem.message);
        assert_eq!(refused.as_deref(), Some("the extra certificate authorities hold no certificate"));
    }
}
