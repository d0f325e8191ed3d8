#!/bin/sh
# test.sh runs every test: what `make check` looks at, and the suites. All run, also
# after one failed; the exit code says whether all passed. Run it through
# `make test`, which installs what it needs and brings the PostgreSQL cluster.
set -u
cd "$(dirname "$0")/.."
. build/suites.sh

static

suite "the rules of the codebase" go test -vet=off ./internal
# Small data, everything in one process, with the race detector. It leaves out
# SQLite itself, a C program in Go's clothes: to watch each of its reads took as
# long as all else, and a race of it is not ours. (No other package may be left
# out: a generic type that two packages use is compiled into one of them.) Nor are
# the pointers of its C library and allocator checked: the race detector's checks of
# memory are, as everywhere. No debugger reads these programs: without DWARF they
# compile a quarter faster, and a failure still names its lines. Here and below, go
# vet has seen all that is tested.
suite "in process" go test -race -gcflags=all=-dwarf=false \
	"-gcflags=modernc.org/sqlite/lib=-race=false -dwarf=false" \
	"-gcflags=modernc.org/libc=-d=checkptr=0 -dwarf=false" \
	"-gcflags=modernc.org/memory=-d=checkptr=0 -dwarf=false" \
	-vet=off -timeout 15m $(in_process)
# The window of the web build is built with its tag alone.
suite "the window in a browser" \
	go test -race -gcflags=all=-dwarf=false -tags web -vet=off -timeout 10m ./internal/window
# Beside the browsers runs what needs one processor, or mostly waits: for a
# restart, a clock or a window.
beside_browsers() {
	screens
	# What each platform can do wrong, in hundreds of sign-ins, and each value that an
	# attacker can change in the database: the same relay, hub and drivers as above,
	# whose own tests look for races.
	suite "the platforms' cases, and what is sealed" go test -vet=off -timeout 10m \
		./internal/journey/platforms ./internal/relay/sealing
	# go test cannot see that the programs changed: nothing here is taken from its
	# cache.
	suite "the programs as built" go test -tags built -vet=off -count=1 -timeout 20m ./internal/journey/built/...
	# The desktop program in its window, where a window can be had without a desktop.
	if [ "$(uname)" = Linux ]; then
		suite "the window" go test -tags window -vet=off -count=1 -timeout 20m ./internal/journey/window/...
	fi
	# The platforms' own clients against the fake platforms.
	suite "the platforms' clients" go test -tags sdk -vet=off -count=1 -timeout 10m ./internal/journey/sdk
}
beside beside_browsers
# Other engines where they are to be had: install-deps.sh fetches them on Debian.
tags=browser
if { command -v firefox-esr || command -v firefox; } >/dev/null && { command -v WebKitWebDriver && command -v xvfb-run; } >/dev/null; then
	tags=browser,engines
fi
suite "the browsers: types" frontend/node_modules/.bin/tsc -p internal/journey/browser
suite "the browsers" go test -tags "$tags" -vet=off -count=1 -timeout 40m ./internal/journey/browser/...

join

finish
