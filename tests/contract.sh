#!/bin/sh
# Runs Stripe's official Python SDK against `golive sandbox`, every exchange checked against Stripe's
# own OpenAPI description. Usage: tests/contract.sh [SPEC]; GOLIVE names another binary, PYTHON another
# interpreter. Exits with 1 on a violation, with 2 when the check could not be made.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
spec=${1:-$here/../../shared/stripe/openapi/spec3.v1.json}
golive=${GOLIVE:-$here/../target/debug/golive}
for file in "$spec" "$golive"; do
    if [ ! -f "$file" ]; then
        echo "contract: $file is not there, so nothing was checked" >&2
        exit 2
    fi
done
work=$(mktemp -d)
started=
trap 'for pid in $started; do kill "$pid" 2>/dev/null || true; done; rm -rf "$work"' EXIT INT TERM

"${PYTHON:-python3}" -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check stripe==16.1.0 jsonschema==4.26.0
python=$work/venv/bin/python

"$golive" sandbox --port 0 >"$work/sandbox.json" &
started=$!
tries=0
until [ -s "$work/sandbox.json" ]; do
    tries=$((tries + 1))
    if [ "$tries" -gt 100 ]; then
        echo "contract: golive sandbox did not say that it is ready" >&2
        exit 2
    fi
    sleep 0.1
done
url=$("$python" -c 'import json,sys; print(json.loads(open(sys.argv[1]).readline())["url"])' "$work/sandbox.json")
port=$("$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
# Without --enforce the proxy logs and lets pass; sdk.py judges the log, because the real API sends a
# few fields that the description does not declare.
"$python" "$here/contract/contract.py" proxy "$spec" "$url" "$port" --log "$work/log.jsonl" &
started="$started $!"
tries=0
until "$python" -c 'import socket,sys; socket.create_connection(("127.0.0.1", int(sys.argv[1])), 1)' "$port" 2>/dev/null; do
    tries=$((tries + 1))
    if [ "$tries" -gt 100 ]; then
        echo "contract: the proxy did not start" >&2
        exit 2
    fi
    sleep 0.2
done
"$python" "$here/contract/sdk.py" "$(head -n 1 "$work/sandbox.json")" "$work/log.jsonl" "http://127.0.0.1:$port"
