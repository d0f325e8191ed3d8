# suites.sh is read by check.sh and test.sh. All suites run, also after one
# failed; `finish` says which did and exits with 1 if any did.

failed=

# As the programs are built: a package that both need is compiled once, and
# another clone on the same machine finds it.
export GOFLAGS="${GOFLAGS:-} -trimpath"

# What the suites that failed have said: `finish` repeats it.
said=$(mktemp)

suite() {
	printf '\n== %s\n' "$1"
	began=$(date +%s)
	name=$1
	shift
	log=$(mktemp)
	{ "$@" 2>&1 || echo failed >"$log.failed"; } | tee "$log"
	if [ ! -e "$log.failed" ]; then
		printf '== %s: passed, %s s\n' "$name" "$(($(date +%s) - began))"
	else
		printf '== %s: FAILED, %s s\n' "$name" "$(($(date +%s) - began))"
		failed="$failed
  $name"
		{
			printf '\n== %s, once more\n' "$name"
			# Where a test says that it failed; else how the suite ended.
			grep -A 12 -e FAIL -e panic: -e 'Unhandled' "$log" | tail -n 60 | grep . || tail -n 30 "$log"
		} >>"$said"
	fi
	rm -f "$log" "$log.failed"
}

# Runs the suites of a function beside those that follow, up to `join`. What
# they print comes at the end.
beside() {
	lane=$(mktemp)
	(
		failed=
		"$@"
		printf '%s' "$failed" >"$lane.failed"
	) >"$lane" 2>&1 &
	# An interrupt at the keyboard passes by what runs in the background.
	trap 'trap - INT TERM; kill 0' INT TERM
}

join() {
	wait
	trap - INT TERM
	cat "$lane"
	failed="$failed$(cat "$lane.failed" 2>/dev/null || printf '\n  those that ran beside')"
	rm -f "$lane" "$lane.failed"
}

finish() {
	if [ -n "$failed" ]; then
		cat "$said"
		printf '\nfailed:%s\n' "$failed"
	fi
	rm -f "$said"
	[ -z "$failed" ] || exit 1
	printf '\nall suites passed\n'
}

# Fails when `make generate` changes a file, and leaves it changed.
generated_is_fresh() {
	before=$(generated)
	make --no-print-directory generate || return 1
	after=$(generated)
	[ "$before" = "$after" ] && return 0
	printf 'these generated files were out of date; make generate has written them:\n'
	printf '%s\n%s\n' "$before" "$after" | sort | uniq -u | cut -d ' ' -f 3- | sort -u
	return 1
}

generated() {
	find docs/failures.md internal frontend/src \
		\( -name failures.md -o -name '*_templ.go' -o -path 'frontend/src/api/*' \) -type f -exec cksum {} + | sort -k 3
}

# Everything that is checked without running the programs.
static() {
	suite "Go linters and format" go tool -modfile=tools/go.mod golangci-lint run ./...
	# The linters have vetted what the tags of .golangci.yml build.
	suite "go vet" go vet ./...
	suite "generated files" generated_is_fresh
	suite "screens: linters and format" npm --prefix frontend run --silent lint
	suite "screens: types" npm --prefix frontend run --silent check
}

screens() {
	suite "screens: tests" npm --prefix frontend run --silent test
}

# The packages that are tested with the race detector. The rules of the codebase
# (internal itself) only read files; what test.sh tests without it does one thing
# after the other.
in_process() {
	go list ./... | grep -v -e '/internal/journey/platforms$' -e '/internal/relay/sealing$' -e '/internal$'
}
