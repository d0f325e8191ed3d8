package main

import (
	"encoding/json"

	"github.com/latchkeyhq/latchkey/internal/desktop"
)

// App is bound by Wails: the screens can call its only method.
type App struct{ desktop *desktop.App }

// Call calls a method of the bridge. Its error's text is the JSON of a
// bridge.CallError.
func (a *App) Call(name string, params json.RawMessage) (any, error) {
	return a.desktop.Call(name, params)
}
