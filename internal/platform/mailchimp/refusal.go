package mailchimp

import (
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/platform"
)

// busyFor is the pause after a rate limit: Mailchimp names none.
const busyFor = 30 * time.Second

// Refusals whose meaning needs another call.
var (
	errWrongDataCentre = errors.New("the account is in another data centre")
	errForbidden       = errors.New("the user may not do this, or the account is not active")
)

// refusal turns an error response into a Failure. An API error is a problem
// document; a 403 without one is a rate limit of the infrastructure in front of
// the API.
// https://mailchimp.com/developer/marketing/docs/errors/
func refusal(reply platform.Reply) error {
	title := problemTitle(reply)
	failure := &platform.Failure{PlatformCode: title, Err: fmt.Errorf("status %d", reply.Status), Bare: title == ""}
	if title == "" {
		failure.PlatformCode = fmt.Sprint(reply.Status)
	}
	known := strings.ToLower(strings.ReplaceAll(title, " ", ""))
	switch {
	case reply.Status == http.StatusUnauthorized:
		failure.Code = catalog.CredentialRefused
	case reply.Status == http.StatusTooManyRequests,
		reply.Status == http.StatusServiceUnavailable,
		reply.Status == http.StatusForbidden && title == "":
		failure.Code, failure.RetryAfter = catalog.PlatformBusy, busyFor
	case known == "wrongdatacenter":
		failure.Code, failure.Err = catalog.Unexpected, errWrongDataCentre
	case known == "userdisabled", known == "compliancerelated":
		failure.Code = catalog.UserInactive
	case reply.Status == http.StatusForbidden:
		failure.Code, failure.Err = catalog.UserInactive, errForbidden
	default:
		failure.Code = catalog.PlatformDown
	}
	return failure
}

// problemTitle is the title of a problem document; empty: it is none.
func problemTitle(reply platform.Reply) string {
	kind, _, err := mime.ParseMediaType(reply.Header.Get("Content-Type"))
	if err != nil || kind != "application/problem+json" {
		return ""
	}
	var problem struct {
		Title string `json:"title"`
	}
	if err := json.Unmarshal(reply.Body, &problem); err != nil {
		return ""
	}
	return problem.Title
}

// tokenRefusal interprets a refusal of the token endpoint.
func tokenRefusal(err error) error {
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) || refused.Response == nil {
		return platform.Down(err)
	}
	failure := &platform.Failure{
		PlatformCode: refused.ErrorCode, Err: fmt.Errorf("status %d", refused.Response.StatusCode),
	}
	switch refused.ErrorCode {
	case "invalid_grant":
		failure.Code = catalog.SignInTooLate
	case "invalid_client", "unauthorized_client", "redirect_uri_mismatch", "invalid_request", "unsupported_grant_type":
		failure.Code = catalog.AgencySide
	default:
		return refusal(platform.Reply{
			Status: refused.Response.StatusCode,
			Header: refused.Response.Header,
			Body:   refused.Body,
		})
	}
	return failure
}
