package sandbox

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
)

// The control server, for the control page, tests and whoever shows the demo.
// It answers to its own Host only. A browser may post from its own pages only;
// a body is JSON and has its content type.
//
//	GET  /api/faults   [{"platform":"meta","name":"Facebook","url":"http://127.0.0.1:7422",
//	                     "people":[{"person":"mina-ito","name":"Mina Ito","says":"Admin, …"}],
//	                     "switches":[{"fault":"down","says":"…","on":false},
//	                                 {"fault":"blocked","says":"…","on":false,"for":["sam-xu"],"person":true}],
//	                     "actions":[{"action":"withdraw","says":"…","needs":["asset"],"may":["business"]}]}]
//	POST /api/faults   {"platform":"meta","fault":"down","on":true}
//	                   {"platform":"meta","fault":"blocked","on":true,"person":"sam-xu"}
//	                   {"on":false}                   everything off, everywhere
//	                   → the new list
//	GET  /api/actions  the same list's actions, by platform
//	POST /api/actions  {"platform":"meta","action":"withdraw","asset":"act_44712096118"}
//	                   → {"done":"…"}
//	GET  /api/state    what was shared, connected and made, by platform
//	POST /api/reset    {} → every switch off, the platforms' state as at the start
//	GET  /api/mail     {"faults":{"down":false,"refuse":[],"greylist":0,"stall":"","cut_after_data":0},
//	                    "counts":{"accepted":12,"cut":0,"refused":1,"deferred":0}}
//	POST /api/mail     {"greylist":2} → the new state; what is not named stays as it is
//
// What is not known is 404, what cannot be read is 400, both with {"error":"…"}.
func (w *World) controlHandler(s *Server) http.Handler {
	mux := http.NewServeMux()
	w.controlRoutes(mux)
	w.controlPages(mux)
	safe := http.NewCrossOriginProtection().Handler(mux)
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.Host != s.host {
			Text(http.StatusMisdirectedRequest, "The sandbox's control server answers to "+s.host+" only.").Send(rw)
			return
		}
		safe.ServeHTTP(rw, r)
	})
}

func (w *World) controlRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /static/{name}", ServeStatic)
	mux.HandleFunc("GET /api/faults", func(rw http.ResponseWriter, _ *http.Request) {
		JSON(http.StatusOK, w.Faults()).Send(rw)
	})
	mux.HandleFunc("POST /api/faults", w.postFault)
	mux.HandleFunc("GET /api/actions", func(rw http.ResponseWriter, _ *http.Request) {
		list := map[string][]ActionSpec{}
		for _, e := range w.envs {
			list[e.info.Name] = e.info.Actions
		}
		JSON(http.StatusOK, list).Send(rw)
	})
	mux.HandleFunc("POST /api/actions", w.postAction)
	mux.HandleFunc("GET /api/state", func(rw http.ResponseWriter, _ *http.Request) {
		JSON(http.StatusOK, w.State()).Send(rw)
	})
	mux.HandleFunc("GET /api/mail", func(rw http.ResponseWriter, _ *http.Request) {
		JSON(http.StatusOK, w.mailState()).Send(rw)
	})
	mux.HandleFunc("POST /api/mail", w.postMail)
	mux.HandleFunc("POST /api/reset", func(rw http.ResponseWriter, r *http.Request) {
		var nothing struct{}
		if !readJSON(rw, r, &nothing) {
			return
		}
		w.Reset()
		JSON(http.StatusOK, map[string]string{"done": "Everything is as at the start."}).Send(rw)
	})
}

func (w *World) postFault(rw http.ResponseWriter, r *http.Request) {
	var set struct {
		Platform string `json:"platform"`
		Fault    string `json:"fault"`
		Person   string `json:"person"`
		On       *bool  `json:"on"`
	}
	if !readJSON(rw, r, &set) {
		return
	}
	switch {
	case set.On == nil:
		JSON(http.StatusBadRequest, map[string]string{"error": `"on" is required`}).Send(rw)
		return
	case !*set.On && set.Platform == "" && set.Fault == "" && set.Person == "":
		w.AllWell()
	default:
		if err := w.SetFaultFor(set.Platform, set.Fault, set.Person, *set.On); err != nil {
			sendError(rw, err)
			return
		}
	}
	JSON(http.StatusOK, w.Faults()).Send(rw)
}

func (w *World) postAction(rw http.ResponseWriter, r *http.Request) {
	var act Action
	if !readJSON(rw, r, &act) {
		return
	}
	done, err := w.Trigger(act)
	if err != nil {
		sendError(rw, err)
		return
	}
	JSON(http.StatusOK, map[string]string{"done": done}).Send(rw)
}

// mailState is the mail server as the control server shows it.
type mailState struct {
	Faults MailFaults `json:"faults"`
	Counts MailCounts `json:"counts"`
}

func (w *World) mailState() mailState {
	return mailState{Faults: w.Mail.Faults(), Counts: w.Mail.Counts()}
}

func (w *World) postMail(rw http.ResponseWriter, r *http.Request) {
	faults := w.Mail.Faults()
	if !readJSON(rw, r, &faults) {
		return
	}
	if err := w.Mail.SetFaults(faults); err != nil {
		sendError(rw, err)
		return
	}
	JSON(http.StatusOK, w.mailState()).Send(rw)
}

// AllWell switches every fault off, the mail server's too.
func (w *World) AllWell() {
	w.Mail.clearFaults()
	w.mu.Lock()
	defer w.mu.Unlock()
	clear(w.switches)
}

// Reset puts everything back to the start: switches, tokens, shares. Browsers
// are signed out. Emails stay: the mailbox is emptied in the mailbox.
func (w *World) Reset() {
	w.Mail.clearFaults()
	w.mu.Lock()
	clear(w.switches)
	clear(w.sessions)
	clear(w.codes)
	w.mu.Unlock()
	for _, e := range w.envs {
		e.platform.Reset()
	}
}

// readJSON reads a posted body, or answers why it cannot.
func readJSON(rw http.ResponseWriter, r *http.Request, into any) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" {
		JSON(http.StatusUnsupportedMediaType, map[string]string{"error": "post application/json"}).Send(rw)
		return false
	}
	body := json.NewDecoder(io.LimitReader(r.Body, 1<<16))
	body.DisallowUnknownFields()
	if err := body.Decode(into); err != nil {
		JSON(http.StatusBadRequest, map[string]string{"error": "reading the body: " + err.Error()}).Send(rw)
		return false
	}
	return true
}

func sendError(rw http.ResponseWriter, err error) {
	status := http.StatusBadRequest
	if errors.Is(err, ErrUnknown) {
		status = http.StatusNotFound
	}
	JSON(status, map[string]string{"error": err.Error()}).Send(rw)
}
