//go:build !web && !windows && !darwin && (!linux || !desktop || !cgo)

package window

// WebView is what shows the screens: this build opens no window.
func WebView() string { return "none" }
