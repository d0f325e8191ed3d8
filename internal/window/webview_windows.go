//go:build !web

package window

import "github.com/wailsapp/go-webview2/webviewloader"

// WebView is what shows the screens, with its version.
func WebView() string {
	version, err := webviewloader.GetAvailableCoreWebView2BrowserVersionString("")
	if err != nil || version == "" {
		return "WebView2 is not installed"
	}
	return "WebView2 " + version
}
