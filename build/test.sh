#!/bin/sh
# test.sh runs every test: what `make check` looks at, then six suites. All run,
# also after one failed; the exit code says whether all passed. Run it through
# `make test`, which installs what it needs and brings the PostgreSQL cluster.
set -u
cd "$(dirname "$0")/.."
. build/suites.sh

static

# Small data, everything in one process, with the race detector.
suite "in process" go test -race -timeout 15m ./...
# The window of the web build is built with its tag alone.
suite "the window in a browser" go test -race -tags web -timeout 10m ./internal/window
# The programs as built, without it: go test cannot see that they changed, so
# nothing here is taken from its cache.
suite "the programs as built" go test -tags built -count=1 -timeout 10m ./internal/journey/built/...
# The desktop program in its window, where a window can be had without a desktop.
if [ "$(uname)" = Linux ]; then
	suite "the window" go test -tags window -count=1 -timeout 10m ./internal/journey/window/...
fi
# The platforms' own clients against the fake platforms.
suite "the platforms' clients" go test -tags sdk -count=1 -timeout 10m ./internal/journey/sdk
# Other engines where they are to be had: install-deps.sh fetches them on Debian.
tags=browser
if { command -v firefox-esr || command -v firefox; } >/dev/null && { command -v WebKitWebDriver && command -v xvfb-run; } >/dev/null; then
	tags=browser,engines
fi
suite "the browsers" go test -tags "$tags" -count=1 -timeout 15m ./internal/journey/browser/...

finish
