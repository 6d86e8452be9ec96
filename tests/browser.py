#!/usr/bin/env python3
"""Buys in a real browser: opens a page, presses a button, fills in a form by its labels, submits it.

  browser.py CHROMEDRIVER CHROMIUM START STEP...

A STEP is `press:TEXT` (a button by its text), `fill:LABEL=VALUE` (a field by its label) or
`see:TEXT` (the page must contain it). Prints one JSON line with the address and the text of the last
page. Speaks WebDriver to chromedriver with the standard library alone; exits with 1 when a step fails.
"""
import json, subprocess, sys, tempfile, time, urllib.error, urllib.request

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


def call(base, method, path, body=None):
    data = None if method == "GET" else json.dumps(body or {}).encode()
    request = urllib.request.Request(base + path, data, {"content-type": "application/json"}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)["value"]
    except urllib.error.HTTPError as error:
        raise SystemExit(f"browser: {method} {path}: {error.read().decode()[:600]}")


def port_of(driver):
    """The port that chromedriver chose, from what it says."""
    for line in driver.stdout:
        if "started successfully on port" in line:
            return int(line.rsplit("port", 1)[1].strip(" .\n"))
    raise SystemExit("browser: chromedriver did not start")


def quoted(text):
    assert '"' not in text, text
    return f'"{text}"'


def find(session, path):
    return call(session, "POST", "/element", {"using": "xpath", "value": path})[ELEMENT]


def source(session):
    return call(session, "POST", "/execute/sync", {"script": "return document.body.innerText", "args": []})


def step(session, step):
    verb, _, rest = step.partition(":")
    if verb == "press":
        element = find(session, f"//button[normalize-space()={quoted(rest)}]")
        call(session, "POST", f"/element/{element}/click")
    elif verb == "fill":
        label, _, value = rest.partition("=")
        element = find(session, f"//input[@id=//label[normalize-space()={quoted(label)}]/@for]")
        call(session, "POST", f"/element/{element}/clear")
        call(session, "POST", f"/element/{element}/value", {"text": value})
    elif verb == "see":
        for _ in range(100):
            if rest in source(session):
                return
            time.sleep(0.1)
        raise SystemExit(f"browser: {rest!r} is not on the page:\n{source(session)}")
    else:
        raise SystemExit(f"browser: unknown step {step!r}")


def main():
    driver_path, chromium, start, *steps = sys.argv[1:]
    with tempfile.TemporaryDirectory() as profile:
        driver = subprocess.Popen([driver_path, "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            base = f"http://127.0.0.1:{port_of(driver)}"
            args = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", f"--user-data-dir={profile}",
                    "--no-proxy-server", "--disable-background-networking", "--disable-component-update", "--no-first-run"]
            wanted = {"browserName": "chrome", "goog:chromeOptions": {"binary": chromium, "args": args}}
            made = call(base, "POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
            session = f"{base}/session/{made['sessionId']}"
            try:
                # A page may still be on its way when it is looked at.
                call(session, "POST", "/timeouts", {"implicit": 10_000})
                call(session, "POST", "/url", {"url": start})
                for each in steps:
                    step(session, each)
                print(json.dumps({"url": call(session, "GET", "/url"), "text": source(session)}))
            finally:
                call(session, "DELETE", "")
        finally:
            driver.terminate()
            driver.wait()


main()
