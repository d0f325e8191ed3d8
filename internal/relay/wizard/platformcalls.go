package wizard

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/relay/ingress"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// platformCalls take what a platform's servers tell the relay of one of its users. They come
// from no page and no browser, so their signature is all that says whose they are.
type platformCalls struct {
	*core
	contact onboarding.Contact
}

// callTimeout bounds what a call takes.
const callTimeout = 30 * time.Second

// maxSignedRequest bounds the body of such a call: Meta's has some hundred bytes.
const maxSignedRequest = 16 << 10

// routeCalls lists the addresses that a platform's servers call. No browser's form has one,
// so they are beside what refuses forms of other sites.
func (s *platformCalls) routeCalls(mux *http.ServeMux) {
	mux.HandleFunc("POST /data-deletion/{platform}", s.answer(s.deleteUser))
	mux.HandleFunc("POST /deauthorize/{platform}", s.answer(s.removeApp))
}

func (s *platformCalls) route(mux *http.ServeMux) {
	mux.HandleFunc("GET /data-deletion/status/{code}", s.showStatus)
}

// calledAbout is a call that the platform has signed.
type calledAbout struct {
	platform onboarding.Platform
	request  platform.SignedRequest
}

// answer reads a call and answers with what the handler returns, as JSON. A call that is not
// the platform's gets no reason, and counts against its address.
func (s *platformCalls) answer(
	handle func(r *http.Request, about calledAbout) (reply any, err error),
) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		about := calledAbout{platform: onboarding.Platform(r.PathValue("platform"))}
		driver, err := platform.Find(s.drivers, about.platform)
		reader, able := driver.(platform.SignedRequestReader)
		if err != nil || !able {
			s.render(w, r, http.StatusNotFound, pages.NotFound{Frame: s.neutralFrame(r)})
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxSignedRequest)
		signed := onboarding.NewSecret(r.PostFormValue("signed_request"))
		if about.request, err = reader.ReadSignedRequest(signed, s.store.Now().Time()); err != nil {
			s.refused("signed_request")
			status := http.StatusBadRequest
			if !s.guesses.allow(ingress.Network(s.proxies.ClientAddr(r))) {
				status = http.StatusTooManyRequests
			}
			reply(w, status, struct{}{})
			return
		}
		said, err := handle(r, about)
		if err != nil {
			reference := newReference()
			s.log.ErrorContext(r.Context(), "acting on a platform's call", "route", r.Pattern, "reference", reference,
				"error", err)
			reply(w, http.StatusInternalServerError, map[string]string{"reference": reference})
			return
		}
		reply(w, http.StatusOK, said)
	}
}

func reply(w http.ResponseWriter, status int, said any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(said) // the platform has hung up: nobody to tell
}

// removeApp takes that a user removed the app. Meta documents no answer to it.
func (s *platformCalls) removeApp(r *http.Request, about calledAbout) (any, error) {
	ctx, cancel := detached(r.Context(), callTimeout)
	defer cancel()
	return struct{}{}, s.store.Users.RemovedApp(ctx, about.platform, about.request.User,
		onboarding.TimestampOf(about.request.Issued), string(catalog.AppRemoved))
}

// deletionReply is where the platform sends its user to, and what it shows them.
// https://developers.facebook.com/docs/development/create-an-app/app-dashboard/data-deletion-callback
type deletionReply struct {
	URL  string `json:"url"`
	Code string `json:"confirmation_code"`
}

// deleteUser deletes what there is of a user. What fails now is stored, and done later.
func (s *platformCalls) deleteUser(r *http.Request, about calledAbout) (any, error) {
	ctx, cancel := detached(r.Context(), callTimeout)
	defer cancel()
	deletion, err := s.store.Users.StartDeletion(ctx, about.platform, about.request.User,
		onboarding.TimestampOf(about.request.Issued),
		func(userHash []byte, received onboarding.Timestamp) []byte {
			return s.keys.HashCode(s.keys.DeletionCode(userHash, received))
		})
	if err != nil {
		return nil, err
	}
	if err := s.store.Users.FinishDeletion(ctx, deletion); err != nil {
		s.log.ErrorContext(ctx, "deleting a platform's user: it is tried again each hour", "error", err)
	}
	code := s.keys.DeletionCode(deletion.UserHash, deletion.Received).Reveal()
	return deletionReply{URL: s.origin + deletionStatusPath + code, Code: code}, nil
}

// showStatus shows what became of a deletion. A wrong code counts as a wrong link does.
func (s *platformCalls) showStatus(w http.ResponseWriter, r *http.Request) {
	code := strings.ToUpper(r.PathValue("code"))
	deletion, err := s.store.Users.Deletion(r.Context(), s.keys.HashDeletionCodes(onboarding.NewSecret(code)))
	if isExpected(err) {
		s.rejectToken(w, r)
		return
	} else if err != nil {
		s.renderError(w, r, s.neutralFrame(r), err)
		return
	}
	s.render(w, r, http.StatusOK, statusPage(s.neutralFrame(r), code, s.contact, deletion))
}

func statusPage(frame pages.Frame, code string, contact onboarding.Contact, d store.Deletion) pages.DeletionStatus {
	return pages.DeletionStatus{
		Frame: frame, Service: d.Platform.Service(), Code: code, Contact: contact, Received: d.Received, Done: d.Done,
		Deleted:  pages.DeletedData{SignIns: d.SignIns, Accounts: d.Accounts, Connections: d.Connections},
		Deletion: deletionPath,
	}
}
