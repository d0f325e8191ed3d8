#!/bin/sh
# package.sh, on a Mac with Xcode's command line tools, Go and Node.js: writes
# build/packages/latchkey-VERSION.pkg, which runs on Intel and Apple processors. Nobody of
# the project has run it: read docs/install.md.
#
#   SIGN_APP         the "Developer ID Application: …" certificate in the keychain
#   SIGN_INSTALLER   the "Developer ID Installer: …" certificate
#   NOTARY_PROFILE   what `xcrun notarytool store-credentials` has stored under this name
#
# Without SIGN_APP the package is not signed, and is for trying alone. No secret is in a
# file or a flag: certificates and the notary's login are in the keychain.
set -eu
cd "$(dirname "$0")/../.."

if [ "$(uname)" != Darwin ]; then
	echo "package.sh: this needs a Mac" >&2
	exit 1
fi
if [ -n "${SIGN_APP:-}" ] && { [ -z "${SIGN_INSTALLER:-}" ] || [ -z "${NOTARY_PROFILE:-}" ]; }; then
	echo "package.sh: with SIGN_APP, set SIGN_INSTALLER and NOTARY_PROFILE too" >&2
	exit 1
fi

number=$(cat VERSION)
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT INT TERM
app=$stage/root/Applications/Latchkey.app
mkdir -p "$app/Contents/MacOS" "$app/Contents/Resources" build/packages

# One program for both processors.
export MACOSX_DEPLOYMENT_TARGET=12.0
for arch in amd64 arm64; do
	GOARCH=$arch make --no-print-directory desktop HUB="$stage/latchkey-$arch"
done
lipo -create -output "$app/Contents/MacOS/latchkey" "$stage/latchkey-amd64" "$stage/latchkey-arm64"
cp build/darwin/Info.plist "$app/Contents/Info.plist"
cp build/darwin/latchkey.icns "$app/Contents/Resources/latchkey.icns"
plutil -lint "$app/Contents/Info.plist"

if [ -n "${SIGN_APP:-}" ]; then
	codesign --force --options runtime --timestamp --entitlements build/darwin/entitlements.plist \
		--sign "$SIGN_APP" "$app"
	codesign --verify --strict --verbose=2 "$app"
fi

# Where the program is stays fixed: an upgrade replaces it there, and not a copy elsewhere.
pkgbuild --analyze --root "$stage/root" "$stage/components.plist"
plutil -replace 0.BundleIsRelocatable -bool NO "$stage/components.plist"
pkg=build/packages/latchkey-$number.pkg
pkgbuild --root "$stage/root" --component-plist "$stage/components.plist" --install-location / \
	--identifier com.latchkeyhq.latchkey --version "$number" ${SIGN_INSTALLER:+--sign "$SIGN_INSTALLER"} "$pkg"

if [ -n "${SIGN_APP:-}" ]; then
	xcrun notarytool submit "$pkg" --keychain-profile "$NOTARY_PROFILE" --wait
	xcrun stapler staple "$pkg"
	spctl --assess --type install --verbose "$pkg"
fi
shasum -a 256 "$pkg"
