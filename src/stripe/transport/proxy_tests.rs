//! A proxy carries what only Stripe can read, and is not there for a simulator.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

use hyper_rustls::HttpsConnectorBuilder;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::{Call, Limits, Transport};
use crate::mode::Mode;
use crate::secret::Secret;
use crate::stripe::{ApiBase, Proxy};

async fn head(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        let Ok(byte) = stream.read_u8().await else { break };
        bytes.push(byte);
    }
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn through_a_proxy_tls_is_spoken_with_stripe_itself() {
    let made = rcgen::generate_simple_self_signed(vec!["api.stripe.com".to_owned()]).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let server = ServerConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions().unwrap();
    let server = server.with_no_client_auth().with_single_cert(vec![made.cert.der().clone()], key).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let client = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let client = client.with_root_certificates(roots).with_no_client_auth();

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://anna:secret-word@{}", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&asked);
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let connect = head(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        let mut inside = TlsAcceptor::from(Arc::new(server)).accept(stream).await.unwrap();
        let request = head(&mut inside).await;
        heard.lock().unwrap().extend([connect, request]);
        inside.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 24\r\n\r\n{\"object\":\"balance\"    }").await.unwrap();
        let _ = inside.shutdown().await;
    });

    let proxy = Proxy::parse(Some(&address), None).unwrap().unwrap();
    let tls = HttpsConnectorBuilder::new().with_tls_config(client);
    let transport = Transport::over(tls, ApiBase::default(), Mode::Live, Limits::default(), Some(&proxy));
    let call = Call { method: "GET", path: "/v1/balance".into(), query: None, body: None, key: None };
    let key = Secret::new("sk_live_proxytestsproxytests");
    let answer = transport.call(&call, &key, &AtomicBool::new(false)).await;
    let answer = answer.unwrap_or_else(|trouble| panic!("{trouble:?}"));
    assert_eq!((answer.status, answer.body["object"].as_str()), (200, Some("balance")));
    let asked = asked.lock().unwrap();
    let (connect, request) = (&asked[0], &asked[1]);
    assert!(connect.starts_with("CONNECT api.stripe.com:443 HTTP/1.1\r\n"), "{connect}");
    assert!(connect.to_lowercase().contains("proxy-authorization: basic "), "{connect}");
    assert!(!connect.contains("sk_live_"), "{connect}");
    assert!(request.starts_with("GET /v1/balance HTTP/1.1\r\n") && request.contains("sk_live_proxytests"), "{request}");
}
