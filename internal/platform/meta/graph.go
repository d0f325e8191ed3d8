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
	"strings"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
)

const (
	pageSize   = 100
	maxEntries = 20_000 // that are asked for, per list
)

// graph calls the Graph API with the token in a header, so that URLs in logs do
// not contain it.
type graph struct {
	client    *http.Client
	version   *apiVersion
	appSecret onboarding.Secret // empty on a hub: the proof comes with the token
}

// caller is the user with whose rights a call is made.
type caller struct {
	token onboarding.Secret
	proof onboarding.Secret // appsecret_proof of the token; empty: computed with the app's secret
}

// callerOf is the agency's own user, from the sealed credential.
func callerOf(credential platform.Credential) caller {
	return caller{token: credential.Secret, proof: credential.AppProof}
}

// get reads one object with the listed fields.
// https://developers.facebook.com/docs/graph-api/results/
func (g graph) get(ctx context.Context, by caller, path string, values url.Values, answer any) error {
	request, err := platform.Get(ctx, g.version.base()+path+"?"+g.prove(by, values).Encode())
	if err != nil {
		return err
	}
	return g.askAs(by, request, answer)
}

// post sends a form; lists in it are JSON. It never retries.
func (g graph) post(ctx context.Context, by caller, path string, values url.Values, answer any) error {
	request, err := platform.Form(ctx, g.version.base()+path, g.prove(by, values))
	if err != nil {
		return err
	}
	return g.askAs(by, request, answer)
}

// remove sends DELETE, with its parameters in the query like the SDKs.
func (g graph) remove(ctx context.Context, by caller, path string, values url.Values) error {
	address := g.version.base() + path + "?" + g.prove(by, values).Encode()
	request, err := http.NewRequestWithContext(ctx, http.MethodDelete, address, nil)
	if err != nil {
		return fmt.Errorf("writing a call of Meta: %w", platform.WithoutAddress(err))
	}
	var answer struct {
		Success bool `json:"success"`
	}
	if err := g.askAs(by, request, &answer); err != nil {
		return err
	}
	if !answer.Success {
		return &platform.Failure{Code: catalog.Unexpected, Err: errors.New("no success in the answer of Facebook")}
	}
	return nil
}

func (g graph) askAs(by caller, request *http.Request, answer any) error {
	request.Header.Set("Authorization", "Bearer "+by.token.Reveal())
	return g.ask(g.client, request, answer)
}

// ask makes a call and decodes its response, or returns the refusal.
func (g graph) ask(client *http.Client, request *http.Request, answer any) error {
	reply, err := platform.Do(client, request)
	if err != nil {
		return err
	}
	g.version.notice(reply)
	if reply.Status != http.StatusOK {
		return failed(reply)
	}
	return reply.JSON(answer)
}

// prove adds appsecret_proof, which binds a token to the app that received it.
// https://developers.facebook.com/docs/graph-api/guides/secure-requests
func (g graph) prove(by caller, values url.Values) url.Values {
	proof := by.proof
	if !g.appSecret.Empty() {
		proof = proofOf(g.appSecret, by.token)
	}
	if proof.Empty() {
		return values
	}
	proved := url.Values{"appsecret_proof": {proof.Reveal()}}
	for key, value := range values {
		proved[key] = value
	}
	return proved
}

// proofOf is the HMAC-SHA256 of a token under the app's secret, in lower-case hex.
func proofOf(appSecret, token onboarding.Secret) onboarding.Secret {
	mac := hmac.New(sha256.New, []byte(appSecret.Reveal()))
	mac.Write([]byte(token.Reveal()))
	return onboarding.NewSecret(hex.EncodeToString(mac.Sum(nil)))
}

// list reads an edge to its end, a hundred entries at a time. Pages may be
// short or empty: only a missing next ends it. It uses only the cursor of next,
// never its URL. A list without an end is ListCut: an incomplete list would
// look complete.
//
// Graph answers 1, with status 500 or 400, when the page that it was asked for is
// too much data: then list asks for half as much, down to a single entry. If
// that is too much too, and if Graph rejects one of the fields (100), it
// asks for fewer fields, if there are any.
// https://developers.facebook.com/docs/graph-api/results/
func list[T any](
	ctx context.Context, g graph, by caller, path string, values url.Values, fewer ...string,
) ([]T, error) {
	asked := url.Values{}
	for key, value := range values {
		asked[key] = value
	}
	var all []T
	limit := pageSize
	for read := 0; read < maxEntries; read += limit {
		var page edgePage[T]
		asked.Set("limit", strconv.Itoa(limit))
		err := g.get(ctx, by, path, asked, &page)
		for ; isTooMuch(err) && limit > 1; err = g.get(ctx, by, path, asked, &page) {
			limit /= 2
			asked.Set("limit", strconv.Itoa(limit))
		}
		if len(fewer) > 0 && (isTooMuch(err) || isUnknownField(err)) {
			asked["fields"], fewer = fewer, nil
			read -= limit
			continue
		}
		if err != nil {
			return nil, err
		}
		all = append(all, page.Data...)
		after := page.Paging.Cursors.After
		if page.Paging.Next == "" {
			return all, nil
		}
		if after == "" || after == asked.Get("after") {
			return nil, &platform.Failure{Code: catalog.ListCut, Err: errors.New("the list goes on without a cursor")}
		}
		asked.Set("after", after)
	}
	return nil, &platform.Failure{Code: catalog.ListCut, Err: fmt.Errorf("more than %d entries", maxEntries)}
}

// edgePage is one page of an edge.
type edgePage[T any] struct {
	Data   []T `json:"data"`
	Paging struct {
		Cursors struct {
			After string `json:"after"`
		} `json:"cursors"`
		Next string `json:"next"`
	} `json:"paging"`
}

// isTooMuch reports whether Graph may have refused because of the amount of
// data: "Please reduce the amount of data you're asking for, then retry your
// request" has the code of an unknown error, with subcode 99 or 1504044 or none.
// https://developers.facebook.com/docs/graph-api/guides/error-handling
func isTooMuch(err error) bool {
	var failure *platform.Failure
	return errors.As(err, &failure) && (failure.PlatformCode == "1" || strings.HasPrefix(failure.PlatformCode, "1/"))
}

// isUnknownField reports whether Graph refused a parameter.
func isUnknownField(err error) bool {
	var failure *platform.Failure
	return errors.As(err, &failure) && failure.PlatformCode == "100"
}

// graphError is Graph's error body. Code is 0 if the response is not Graph's.
type graphError struct {
	Code      int    `json:"code"`
	Subcode   int    `json:"error_subcode"`
	Transient bool   `json:"is_transient"`
	Message   string `json:"message"`
}

const (
	// appUnknown is the code for an app that was deleted, or never was.
	appUnknown = 101
	// proofRefused stands for the code 100 about the parameter appsecret_proof,
	// which has no subcode: it is missing though the app requires it, or wrong.
	proofRefused = "100/appsecret_proof"
)

// refusesProof reports whether the refused parameter is appsecret_proof. Graph
// names the parameter in its message alone.
// https://developers.facebook.com/docs/graph-api/guides/secure-requests
func (e graphError) refusesProof() bool {
	return e.Code == 100 && e.Subcode == 0 && strings.Contains(e.Message, "appsecret_proof")
}

func errorOf(reply platform.Reply) graphError {
	var envelope struct {
		Error graphError `json:"error"`
	}
	if err := json.Unmarshal(reply.Body, &envelope); err != nil {
		return graphError{}
	}
	return envelope.Error
}

// failed turns an error response into a Failure by its code and subcode, and
// only for appsecret_proof by its text. Codes:
// https://developers.facebook.com/docs/graph-api/guides/error-handling
func failed(reply platform.Reply) error {
	graphErr := errorOf(reply)
	if graphErr.Code == 0 {
		return platform.Down(fmt.Errorf("status %d without an error of Facebook's", reply.Status))
	}
	code := graphErr.Code
	failure := &platform.Failure{PlatformCode: strconv.Itoa(code), Err: fmt.Errorf("status %d", reply.Status)}
	if graphErr.Subcode != 0 {
		failure.PlatformCode += "/" + strconv.Itoa(graphErr.Subcode)
	}
	if graphErr.refusesProof() {
		failure.PlatformCode = proofRefused
	}
	if failure.Code = meaningOf(graphErr); failure.Code == catalog.PlatformBusy {
		failure.RetryAfter = regain(reply.Header)
	}
	return failure
}

// meaningOf is the meaning of an error's code and subcode.
func meaningOf(graphErr graphError) catalog.FailureCode {
	switch code := graphErr.Code; {
	case code == 4, code == 17, code == 32, code == 341, code == 613, code >= 80000 && code <= 80014:
		return catalog.PlatformBusy
	case code == 1, code == 2, graphErr.Transient:
		return catalog.PlatformDown
	case code == 190, code == 102:
		return deadToken(graphErr.Subcode)
	case code == 368:
		return catalog.TemporarilyBlocked
	case code == 415:
		return catalog.TwoFactorNeeded
	case code == 3944, code == 3946, code == 3989:
		return catalog.AlreadyShared
	case code == 3936:
		return catalog.ApproveInBusiness
	case graphErr.refusesProof():
		return catalog.SignInEnded
	case code == endedVersion, code == appUnknown:
		return catalog.AgencySide
	case code == 3, code == 10, code >= 200 && code <= 299:
		return catalog.AppNotApproved
	}
	return catalog.Unexpected
}

// deadToken is why a token is invalid, by the subcode of 190: the app was
// removed (458), the account must pass a security check (459, 464), it expired
// (463), a Page token's user has no role on the Page (492). A new password
// (460), and everything else, ended it.
// https://developers.facebook.com/docs/graph-api/guides/error-handling
func deadToken(subcode int) catalog.FailureCode {
	switch subcode {
	case 458:
		return catalog.AppRemoved
	case 459, 464:
		return catalog.SecurityCheck
	case 463:
		return catalog.SignInExpired
	case 492:
		return catalog.PartialAccess
	}
	return catalog.SignInEnded
}

// regain is the pause named by the usage headers, in minutes or seconds.
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

// hidden reports whether Graph refused because the object does not exist or is
// not visible to the caller.
func hidden(err error) bool {
	var failure *platform.Failure
	return errors.As(err, &failure) && failure.PlatformCode == "100/33"
}
