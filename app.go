package main

import (
	"encoding/json"

	"github.com/latchkeyhq/latchkey/internal/desktop"
)

// App is what Wails binds: its one method is all that the screens can call.
type App struct{ desktop *desktop.App }

// Call runs a method of the bridge. Its error's text is the JSON of a
// bridge.CallError.
func (a *App) Call(name string, params json.RawMessage) (any, error) {
	return a.desktop.Call(name, params)
}
