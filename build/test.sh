#!/bin/sh
# test.sh runs every test: the house's style, then five lanes. All lanes run,
# also after one failed; the exit code says whether all passed. Run it through
# `make test`, which brings what it needs and the PostgreSQL cluster.
set -u
cd "$(dirname "$0")/.."

failed=

lane() {
	printf '\n== %s\n' "$1"
	began=$(date +%s)
	name=$1
	shift
	if "$@"; then
		printf '== %s: passed, %s s\n' "$name" "$(($(date +%s) - began))"
	else
		printf '== %s: FAILED, %s s\n' "$name" "$(($(date +%s) - began))"
		failed="$failed
  $name"
	fi
}

formatted() {
	wrong=$(gofmt -l ./*.go cmd internal 2>/dev/null)
	[ -z "$wrong" ] && return 0
	printf 'not as gofmt writes them:\n%s\n' "$wrong"
	return 1
}

lane "gofmt" formatted
lane "go vet" go vet ./...
lane "go vet, the other lanes" go vet -tags built,faults,browser,engines,window,web,sdk ./...
lane "the screens: style" npm --prefix frontend run --silent lint
lane "the screens: types" npm --prefix frontend run --silent check
lane "the screens: what they know" npm --prefix frontend run --silent test

# Small data, everything in one process, with the race detector.
lane "in process" go test -race -timeout 15m ./...
# The programs as built, without it: go test cannot see that they changed, so
# nothing here is taken from its cache.
lane "the programs as built" go test -tags built -count=1 -timeout 10m ./internal/journey/built/...
# The desktop program in its window, where a window can be had without a desktop.
if [ "$(uname)" = Linux ]; then
	lane "the window" go test -tags window -count=1 -timeout 10m ./internal/journey/window/...
fi
# The platforms' own clients against the fake platforms.
lane "the platforms' clients" go test -tags sdk -count=1 -timeout 10m ./internal/journey/sdk
# Other engines where they are to be had: need.sh fetches them on Debian.
tags=browser
if { command -v firefox-esr || command -v firefox; } >/dev/null && { command -v WebKitWebDriver && command -v xvfb-run; } >/dev/null; then
	tags=browser,engines
fi
lane "the browsers" go test -tags "$tags" -count=1 -timeout 15m ./internal/journey/browser/...

if [ -n "$failed" ]; then
	printf '\nfailed:%s\n' "$failed"
	exit 1
fi
printf '\nall lanes passed\n'
