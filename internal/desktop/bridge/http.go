package bridge

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
)

// maxParams bounds the body of a call: a logo in base64 fits.
const maxParams = 8 << 20

// Handler serves POST call/{name}: the params as JSON; the response is
// {"result": …} or {"error": …} with status 200. Calls run under ctx, not under
// the request's context: reloading the page cancels nothing.
func (b *Bridge) Handler(ctx context.Context) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /bridge/call/{name}", func(w http.ResponseWriter, r *http.Request) {
		// Cross-site forms cannot send JSON.
		if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
			http.Error(w, "Calls are JSON.", http.StatusUnsupportedMediaType)
			return
		}
		params, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxParams))
		if err != nil || len(params) > 0 && !json.Valid(params) {
			http.Error(w, "This call cannot be read.", http.StatusBadRequest)
			return
		}
		b.answer(w, r.PathValue("name"), func() (any, error) { return b.Call(ctx, r.PathValue("name"), params) })
	})
	return mux
}

func (b *Bridge) answer(w http.ResponseWriter, name string, call func() (any, error)) {
	var body struct {
		Result any        `json:"result"`
		Error  *CallError `json:"error,omitempty"`
	}
	result, err := call()
	if failed := (CallError{}); errors.As(err, &failed) {
		body.Error = &failed
	}
	body.Result = result
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if err := json.NewEncoder(w).Encode(body); err != nil {
		b.config.Log.Error("answering the screens", "method", name, "error", err)
	}
}
