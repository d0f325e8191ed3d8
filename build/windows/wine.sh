#!/bin/sh
# wine.sh: what Windows has of its own, tried with wine on Linux: the tests of the packages
# that call it, the demo, and both installers, put in and taken out silently. It takes the
# installers of build/packages: `make packages PARTS=windows` makes them. `make wine` runs it.
set -eu
cd "$(dirname "$0")/../.."

number=$(cat VERSION)
packages=$PWD/build/packages
[ -e "$packages/latchkey-$number-x64.msi" ] || {
	echo "wine.sh: first run make packages PARTS=windows" >&2
	exit 2
}
work=$(mktemp -d)
WINEPREFIX=$work/prefix WINEARCH=win64 WINEDEBUG=-all DISPLAY=
export WINEPREFIX WINEARCH WINEDEBUG DISPLAY
trap 'wineserver -k 2>/dev/null || :; sleep 1; rm -rf "$work"' EXIT INT TERM

say() { printf 'wine: %s\n' "$*"; }
fail() {
	printf 'wine: FAILED: %s\n' "$*" >&2
	exit 1
}
# soon COMMAND…: within 20 seconds it succeeds.
soon() {
	for _ in $(seq 20); do
		"$@" && return 0
		sleep 1
	done
	return 1
}
program="$WINEPREFIX/drive_c/Program Files/Latchkey/latchkey.exe"
registered() { # KEY TEXT: the registry has the text there
	timeout 60 wine reg query "$1" 2>/dev/null | grep -qF "$2"
}

say "a new Windows"
timeout 300 wineboot -i >/dev/null 2>&1
# Programs of Go take random numbers from a library that wine 8 lacks.
cat >"$work/prng.c" <<'C'
#include <windows.h>
BOOLEAN NTAPI SystemFunction036(PVOID to, ULONG size);
__declspec(dllexport) BOOL WINAPI ProcessPrng(BYTE *to, SIZE_T size) { return SystemFunction036(to, (ULONG)size); }
C
x86_64-w64-mingw32-gcc -shared -O2 -o "$WINEPREFIX/drive_c/windows/system32/bcryptprimitives.dll" "$work/prng.c" \
	-ladvapi32

say "all compiles for Windows, its tests too"
GOOS=windows CGO_ENABLED=0 go vet ./...
say "policies in the registry, and the Credential Manager"
# Wine 8 deletes no folder as Go does: the tests that make some stay out.
GOOS=windows CGO_ENABLED=0 go test -vet=off -count=1 -exec wine -run 'Registry|Relays|Profile' ./internal/policy
GOOS=windows CGO_ENABLED=0 go test -vet=off -count=1 -exec wine ./internal/keychain/...

say "the demo"
GOOS=windows CGO_ENABLED=0 go build -trimpath -buildvcs=false -tags web -o "$work/latchkey-web.exe" .
timeout 300 wine "$work/latchkey-web.exe" --demo --json --addr 127.0.0.1:0 >"$work/demo" 2>"$work/demo.err" &
answers() { curl -sf -o /dev/null "$(sed -n 's/^{"url":"\([^"#]*\).*/\1/p' "$work/demo")" 2>/dev/null; }
soon answers || soon answers || soon answers || {
	cat "$work/demo.err" >&2
	fail "the demo does not answer"
}
wineserver -k

installed() { # what both installers leave
	version=$(timeout 60 wine "$program" --version | cut -d ' ' -f 1,2)
	[ "$version" = "latchkey $number" ] || fail "$1: the program does not run"
	registered 'HKLM\Software\Latchkey' https://access.example.com || fail "$1: the relay is not preset"
	registered 'HKLM\Software\Classes\latchkey\shell\open\command' '"C:\Program Files\Latchkey\latchkey.exe" "%1"' ||
		fail "$1: links do not open it"
}
is_gone() { [ ! -e "$(dirname "$program")" ]; }

say "the MSI"
timeout 300 wine msiexec /i "$packages/latchkey-$number-x64.msi" /qn RELAYURL=https://access.example.com
installed MSI
timeout 300 wine msiexec /x "$packages/latchkey-$number-x64.msi" /qn
soon is_gone || fail "the MSI leaves files behind"
say "the setup"
timeout 300 wine "$packages/latchkey-$number-x64-setup.exe" /S '/RELAYURL="https://access.example.com"'
soon test -e "$program" || fail "the setup installs nothing"
installed setup
timeout 300 wine "$(dirname "$program")/uninstall.exe" /S
soon is_gone || fail "the setup leaves files behind"
registered 'HKLM\Software\Classes\latchkey\shell\open\command' latchkey.exe && fail "links still lead to it"
say "passed"
