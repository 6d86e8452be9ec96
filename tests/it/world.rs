//! Pages that want a token, pages behind a login, and ports of servers, through the binary: what is
//! asked, what is sent, and what is never shown. Tiny servers on loopback stand in.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};

use super::stand::Stand;

const WIZARD: [&str; 4] = ["wizard", "--mode", "live", "--yes"];
const TOKEN: &str = "elderberry-windmill-31";

fn checklist(items: &str) -> String {
    format!(
        "schema = 1\nid = \"world\"\ntitle = \"World\"\n\n[env]\nfile = \".env.production\"\n\n\
         [[phase]]\nid = \"after\"\ntitle = \"After\"\n{items}"
    )
}

fn item(id: &str, kind: &str, fields: &str) -> String {
    format!("\n[[phase.item]]\nid = \"{id}\"\nkind = \"{kind}\"\ntitle = \"Item {id}\"\n{fields}\n")
}

/// A server that answers each connection once, and remembers what it was told.
fn server(answer: impl Fn(&str) -> Vec<u8> + Send + 'static) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&heard);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut bytes = [0; 4096];
            let count = stream.read(&mut bytes).unwrap_or(0);
            let text = String::from_utf8_lossy(&bytes[..count]).into_owned();
            let _ = stream.write_all(&answer(&text));
            log.lock().unwrap().push(text);
        }
    });
    (address, heard)
}

fn http(status: &str, headers: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
        .into_bytes()
}

#[test]
fn a_token_comes_from_the_env_file_and_is_never_shown_or_journaled() {
    let (address, heard) = server(|request| {
        let allowed = request.contains(&format!("authorization: Bearer {TOKEN}\r\n"));
        if allowed {
            http("200 OK", "", "{\"publishable_key\":\"pk_live_51\"}")
        } else {
            http("401 Unauthorized", "", TOKEN)
        }
    });
    let fields = format!(
        "url = \"http://{address}/api/config/\"\nbearer = \"APP_TOKEN\"\n\
         expect = {{ status = 200, json = {{ \"/publishable_key\" = {{ prefix = \"pk_live_\" }} }}, max_millis = 60000 }}"
    );
    let stand = Stand::new(&checklist(&item("config", "http", &fields)));
    let open = stand.run(&WIZARD);
    open.expect(
        5,
        &["question after.config.token: Token for APP_TOKEN", "write it into the env file yourself, as APP_TOKEN="],
    );
    assert!(heard.lock().unwrap().is_empty(), "nothing is asked without the token");
    stand.write(".env.production", "APP_TOKEN=wrong-quince-ladder\n");
    let wrong = stand.run(&WIZARD);
    wrong.expect(3, &["GL0714", "is behind a login", "it does not accept the token of APP_TOKEN"]);
    stand.write(".env.production", &format!("APP_TOKEN={TOKEN}\n"));
    let ran = stand.run(&WIZARD);
    ran.expect(0, &["200 in", "/publishable_key as wanted"]);
    for said in [&open, &wrong, &ran] {
        assert!(!said.err.contains("windmill") && !said.err.contains("ladder"), "{}", said.err);
    }
    let journal = stand.read(".golive/world.live.jsonl");
    assert!(!journal.contains("windmill") && !journal.contains("ladder"), "{journal}");
    stand.run(&["rehearse", "--yes"]).expect(0, &["would ask http://127.0.0.1"]);
}

#[test]
fn a_page_behind_a_login_a_402_with_its_code_and_a_burst_are_told_by_name() {
    let (login, _) = server(|_| http("302 Found", "location: /accounts/login/?next=/admin\r\n", ""));
    let (paid, _) = server(|_| http("402 Payment Required", "", "{\"code\":\"CHECKOUT_REQUIRED\"}"));
    let count = Mutex::new(0);
    let (limited, _) = server(move |_| {
        let mut count = count.lock().unwrap();
        *count += 1;
        http(if *count > 6 { "429 Too Many Requests" } else { "200 OK" }, "", "")
    });
    let items = [
        item("admin", "http", &format!("url = \"http://{login}/admin\"\nexpect = {{ status = 200 }}")),
        item(
            "gate",
            "http",
            &format!(
                "url = \"http://{paid}/\"\nexpect = {{ status = 402, json = {{ \"/code\" = \"CHECKOUT_REQUIRED\" }} }}"
            ),
        ),
        item("limit", "http", &format!("url = \"http://{limited}/\"\nmethod = \"POST\"\nburst = 30")),
    ];
    let stand = Stand::new(&checklist(&items.concat()));
    let ran = stand.run(&WIZARD);
    ran.expect(
        3,
        &[
            "GL0714",
            "/admin` is behind a login",
            "it sends everybody to a login",
            "/code as wanted",
            "429 after 8 requests",
        ],
    );
    let states = ["after.admin", "after.gate", "after.limit"].map(|item| stand.state_of(item));
    assert_eq!(states, ["failed", "done", "done"]);
}

#[test]
fn servers_are_known_by_their_greeting_and_the_url_of_the_env_file_stays_hidden() {
    let (redis, said) = server(|_| b"-NOAUTH Authentication required.\r\n".to_vec());
    let (postgres, _) = server(|_| b"N".to_vec());
    let (other, _) = server(|_| http("400 Bad Request", "", ""));
    let items = [
        item("db", "tcp", "url_env = \"DATABASE_URL\""),
        item("cache", "tcp", &format!("host = \"cache.example\"\nport = {}\nspeaks = \"redis\"", redis.port())),
        item("wrong", "tcp", &format!("host = \"127.0.0.1\"\nport = {}\nspeaks = \"redis\"", other.port())),
        item("gone", "tcp", "host = \"127.0.0.1\"\nport = 1"),
    ];
    let mut stand = Stand::new(&checklist(&items.concat()));
    stand.set("GOLIVE_RESOLVE", &format!("cache.example={redis}"));
    let database = format!("DATABASE_URL=postgres://me:plum-causeway-8@127.0.0.1:{}/app\n", postgres.port());
    stand.write(".env.production", &database);
    let ran = stand.run(&WIZARD);
    ran.expect(
        3,
        &["PostgreSQL answers at 127.0.0.1:", "(without TLS)", "Redis answers at cache.example:", "(wants a password)"],
    );
    ran.expect(3, &["GL0724", "`127.0.0.1` does not greet as Redis", "it says: HTTP/1.1 400 Bad Request"]);
    ran.expect(3, &["GL0712", "refuses connections on port 1"]);
    assert_eq!(said.lock().unwrap()[0], "PING\r\n");
    let journal = stand.read(".golive/world.live.jsonl");
    assert!(!ran.err.contains("causeway") && !journal.contains("causeway"));
    stand.run(&["rehearse", "--yes"]).expect(0, &["would connect to the server of DATA"]);
}
