//go:build web

package window

// WebView is what shows the screens, with its version.
func WebView() string { return "a browser" }
