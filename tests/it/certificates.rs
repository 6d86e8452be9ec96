//! Certificates that are wrong, through the binary: `tls` and `http` items name the cause, each by a name
//! of its own, and nothing is sent over such a connection.

use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use super::mail::{Certificate, certify};
use super::stand::Stand;

const CHECKLIST: &str = r#"schema = 1
id = "tls"
title = "TLS"

[[phase]]
id = "after"
title = "After"

[[phase.item]]
id = "certificate"
kind = "tls"
title = "The certificate is good"
host = "mail.example"

[[phase.item]]
id = "page"
kind = "http"
title = "The page answers"
url = "https://mail.example/"
expect = { status = 200 }
"#;

/// A server that shakes hands, and counts the bytes that it is sent afterwards.
fn serve(folder: &Path) -> (u16, Arc<AtomicUsize>) {
    let chain = CertificateDer::pem_file_iter(folder.join("mail.pem")).unwrap().map(Result::unwrap).collect();
    let key = PrivateKeyDer::from_pem_file(folder.join("mail.key")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = Arc::new(config.with_no_client_auth().with_single_cert(chain, key).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let told = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&told);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut shaken = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut wire = rustls::Stream::new(&mut shaken, &mut stream);
            let mut bytes = [0; 1024];
            let read = std::io::Read::read(&mut wire, &mut bytes).unwrap_or(0);
            count.fetch_add(read, Ordering::SeqCst);
        }
    });
    (port, told)
}

#[test]
fn each_bad_certificate_is_called_by_its_name_and_nothing_is_sent() {
    let cases = [
        (Certificate::Expired, true, "a certificate of `mail.example` expired", "certbot renew"),
        (
            Certificate::For("other.example"),
            true,
            "the certificate of `mail.example` is for another name",
            "other.example",
        ),
        (Certificate::SelfSigned, false, "the certificate of `mail.example` is self-signed", "public authorities"),
        (
            Certificate::Alone,
            false,
            "`mail.example` sends its certificate without the intermediate one",
            "fullchain.pem",
        ),
        (Certificate::Private, false, "the certificate of `mail.example` comes from an unknown issuer", "public"),
        (
            Certificate::For("mail.example"),
            false,
            "the certificate of `mail.example` comes from an unknown issuer",
            "public",
        ),
    ];
    for (certificate, known, message, words) in cases {
        let mut stand = Stand::new(CHECKLIST);
        let folder = stand.dir.parent().unwrap().to_owned();
        certify(&folder, certificate);
        let (port, told) = serve(&folder);
        stand.set("GOLIVE_RESOLVE", &format!("mail.example=127.0.0.1:{port}"));
        let authority = folder.join("ca.pem").display().to_string();
        stand.set("SSL_CERT_FILE", if known { &authority } else { "" });
        let ran = stand.run(&["wizard", "--mode", "live", "--yes"]);
        ran.expect(3, &["GL0713", message, words]);
        let said: Vec<&str> = ran.err.split_whitespace().collect();
        assert!(said.join(" ").matches(message).count() >= 2, "the page's item says it too: {}", ran.err);
        assert_eq!(told.load(Ordering::SeqCst), 0, "nothing is sent over a bad certificate");
    }
}
