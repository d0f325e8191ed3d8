//go:build !web && desktop && cgo

package window

/*
#cgo webkit2_41 pkg-config: webkit2gtk-4.1
#cgo !webkit2_41 pkg-config: webkit2gtk-4.0
#include <webkit2/webkit2.h>
*/
import "C"

import "fmt"

// WebView is what shows the screens, with its version.
func WebView() string {
	return fmt.Sprintf("WebKitGTK %d.%d.%d", uint(C.webkit_get_major_version()), uint(C.webkit_get_minor_version()),
		uint(C.webkit_get_micro_version()))
}
