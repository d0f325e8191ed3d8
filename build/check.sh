#!/bin/sh
# check.sh is the check before every commit: linters, types, generated files
# and the quick tests. It needs Go and Node.js; SQLite is the only database.
# Run it through `make check`, which installs the screens' packages.
#
# The tag quick leaves out test files that begin with `//go:build !quick`, which
# need more, or are slow as a whole. Every other command runs them. go vet has seen
# all that is tested.
set -u
cd "$(dirname "$0")/.."
. build/suites.sh

beside screens
static
suite "quick tests" go test -tags quick -vet=off ./...
suite "quick tests, the window in a browser" go test -tags quick,web -vet=off ./internal/window
join
finish
