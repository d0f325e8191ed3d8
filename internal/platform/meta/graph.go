package meta

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
)

const (
	pageSize = "100"
	maxPages = 200 // of one list: 20,000 entries
)

// graph calls the Graph API with a token in the header, where no log looks for it.
type graph struct {
	client    *http.Client
	appSecret onboarding.Secret // empty on a hub: its calls carry no proof
}

// get reads one object: GET with the fields as a list.
// https://developers.facebook.com/docs/graph-api/results/
func (g graph) get(ctx context.Context, access onboarding.Secret, path string, values url.Values, answer any) error {
	question, err := platform.Get(ctx, graphBase+path+"?"+g.prove(access, values).Encode())
	if err != nil {
		return err
	}
	return g.ask(access, question, answer)
}

// post sends a form; a list in it is JSON. It is never repeated by itself.
func (g graph) post(ctx context.Context, access onboarding.Secret, path string, values url.Values, answer any) error {
	question, err := platform.Form(ctx, graphBase+path, g.prove(access, values))
	if err != nil {
		return err
	}
	return g.ask(access, question, answer)
}

func (g graph) ask(access onboarding.Secret, question *http.Request, answer any) error {
	question.Header.Set("Authorization", "Bearer "+access.Reveal())
	return ask(g.client, question, answer)
}

// prove adds appsecret_proof, which ties a token to the app that got it: the
// HMAC-SHA256 of the token under the app's secret, in lower-case hex.
// https://developers.facebook.com/docs/graph-api/guides/secure-requests
func (g graph) prove(access onboarding.Secret, values url.Values) url.Values {
	if g.appSecret.Empty() {
		return values
	}
	mac := hmac.New(sha256.New, []byte(g.appSecret.Reveal()))
	mac.Write([]byte(access.Reveal()))
	proved := url.Values{"appsecret_proof": {hex.EncodeToString(mac.Sum(nil))}}
	for key, value := range values {
		proved[key] = value
	}
	return proved
}

// list reads an edge to its end, a hundred entries at a time. Pages may be
// short or empty: only a missing next ends it, and of next only the cursor is
// used, never the address. A list without an end is ListCut: half of one would
// look whole.
// https://developers.facebook.com/docs/graph-api/results/
func list[T any](ctx context.Context, g graph, access onboarding.Secret, path string, values url.Values) ([]T, error) {
	asked := url.Values{"limit": {pageSize}}
	for key, value := range values {
		asked[key] = value
	}
	var all []T
	for range maxPages {
		var page struct {
			Data   []T `json:"data"`
			Paging struct {
				Cursors struct {
					After string `json:"after"`
				} `json:"cursors"`
				Next string `json:"next"`
			} `json:"paging"`
		}
		if err := g.get(ctx, access, path, asked, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Data...)
		after := page.Paging.Cursors.After
		if page.Paging.Next == "" {
			return all, nil
		}
		if after == "" || after == asked.Get("after") {
			return nil, &platform.Failure{What: catalog.ListCut, Err: errors.New("the list goes on without a cursor")}
		}
		asked.Set("after", after)
	}
	return nil, &platform.Failure{What: catalog.ListCut, Err: fmt.Errorf("more than %d pages", maxPages)}
}

// failed turns an answer that is no success into a Failure by its code and
// subcode, never by its text.
// Codes: https://developers.facebook.com/docs/graph-api/guides/error-handling
func failed(reply platform.Reply) error {
	var envelope struct {
		Error struct {
			Code      int  `json:"code"`
			Subcode   int  `json:"error_subcode"`
			Transient bool `json:"is_transient"`
		} `json:"error"`
	}
	if err := json.Unmarshal(reply.Body, &envelope); err != nil || envelope.Error.Code == 0 {
		return platform.Down(fmt.Errorf("status %d without an error of Facebook's", reply.Status))
	}
	code, subcode := envelope.Error.Code, envelope.Error.Subcode
	failure := &platform.Failure{Code: strconv.Itoa(code), Err: fmt.Errorf("status %d", reply.Status)}
	if subcode != 0 {
		failure.Code += "/" + strconv.Itoa(subcode)
	}
	switch {
	case code == 1, code == 2, envelope.Error.Transient:
		failure.What = catalog.PlatformDown
	case code == 4, code == 17, code == 32, code == 341, code == 613, code >= 80000 && code <= 80014:
		failure.What, failure.RetryAfter = catalog.PlatformBusy, regain(reply.Header)
	case code == 190, code == 102:
		failure.What = catalog.SignInEnded
	case code == 368:
		failure.What = catalog.TemporarilyBlocked
	case code == 415:
		failure.What = catalog.TwoFactorNeeded
	case code == 3944, code == 3946, code == 3989:
		failure.What = catalog.AlreadyShared
	case code == 3936:
		failure.What = catalog.ApproveInBusiness
	case code == 3, code == 10, code >= 200 && code <= 299:
		failure.What = catalog.AppNotApproved
	default:
		failure.What = catalog.Unexpected
	}
	return failure
}

// regain is how long to wait, as the usage headers say, in minutes and seconds.
// https://developers.facebook.com/docs/graph-api/overview/rate-limiting/
func regain(header http.Header) time.Duration {
	var cases map[string][]struct {
		Minutes int `json:"estimated_time_to_regain_access"`
	}
	longest := 0
	if err := json.Unmarshal([]byte(header.Get("X-Business-Use-Case-Usage")), &cases); err == nil {
		for _, entries := range cases {
			for _, entry := range entries {
				longest = max(longest, entry.Minutes*60)
			}
		}
	}
	var account struct {
		Seconds int `json:"reset_time_duration"`
	}
	if err := json.Unmarshal([]byte(header.Get("X-Ad-Account-Usage")), &account); err == nil {
		longest = max(longest, account.Seconds)
	}
	return time.Duration(min(longest, 24*60*60)) * time.Second
}

// hidden says whether Graph means: this does not exist, or not for you.
func hidden(err error) bool {
	var failure *platform.Failure
	return errors.As(err, &failure) && failure.Code == "100/33"
}
