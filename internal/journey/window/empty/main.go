// Command empty is the smallest Wails window, as a baseline for the hub's
// window.
package main

import (
	"fmt"
	"net/http"
	"os"

	"github.com/wailsapp/wails/v2"
	"github.com/wailsapp/wails/v2/pkg/options"
	"github.com/wailsapp/wails/v2/pkg/options/assetserver"
	"github.com/wailsapp/wails/v2/pkg/options/linux"
)

func main() {
	page := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" && r.URL.Path != "/index.html" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		// the page is gone
		_, _ = w.Write(
			[]byte(`<!doctype html><html lang="en"><head><title>Empty</title></head><body><h1>Empty</h1></body></html>`),
		)
	})
	err := wails.Run(&options.App{
		Title: "Empty", Width: 1280, Height: 800, AssetServer: &assetserver.Options{Handler: page},
		Linux: &linux.Options{WebviewGpuPolicy: linux.WebviewGpuPolicyNever, ProgramName: "empty"}})
	if err != nil {
		fmt.Fprintln(os.Stderr, "empty:", err)
		os.Exit(1)
	}
}
