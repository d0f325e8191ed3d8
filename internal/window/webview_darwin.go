//go:build !web

package window

import (
	"os"

	"howett.net/plist"
)

// webKit describes the system's web view.
const webKit = "/System/Library/Frameworks/WebKit.framework/Resources/Info.plist"

// WebView is what shows the screens, with its version.
func WebView() string {
	content, err := os.ReadFile(webKit)
	if err != nil {
		return "WebKit"
	}
	var about struct {
		Version string `plist:"CFBundleVersion"`
	}
	if _, err := plist.Unmarshal(content, &about); err != nil {
		return "WebKit"
	}
	return "WebKit " + about.Version
}
