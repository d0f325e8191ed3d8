package salesforce

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/platform"
)

// limitFrees is the pause after the daily calls are exhausted. They are counted
// over a rolling 24 hours, so some become free earlier.
// https://developer.salesforce.com/docs/atlas.en-us.salesforce_app_limits_cheatsheet.meta/salesforce_app_limits_cheatsheet/salesforce_app_limits_platform_api.htm
const limitFrees = time.Hour

// ReadCallbackError interprets Salesforce's own errors. An app that no admin
// has installed is AdminMustInstall; one that is blocked, or whose user may not
// approve it or is an API-only user, AdminMustApprove; a deactivated user or
// organisation UserInactive; an error of the app AgencySide.
// https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_flow_errors.htm
func (r *Relay) ReadCallbackError(query url.Values) *platform.Failure {
	code := query.Get("error")
	what, own := callbackMeaning(strings.ToUpper(code), strings.ToLower(query.Get("error_description")))
	if !own {
		return nil
	}
	return &platform.Failure{Code: what, PlatformCode: code, Err: errors.New("the platform sent an error back")}
}

func callbackMeaning(code, description string) (what catalog.FailureCode, own bool) {
	switch code {
	case "OAUTH_EC_APP_NOT_FOUND":
		if strings.Contains(description, "cross-org") { // the app has no package
			return catalog.AgencySide, true
		}
		return catalog.AdminMustInstall, true
	case "INVALID_CLIENT":
		if strings.Contains(description, "must be installed") {
			return catalog.AdminMustInstall, true
		}
	case "OAUTH_APPROVAL_ERROR_GENERIC", "OAUTH_APP_BLOCKED", "OAUTH_APP_ACCESS_DENIED":
		return catalog.AdminMustApprove, true
	case "INACTIVE_USER", "INACTIVE_ORG":
		return catalog.UserInactive, true
	case "INVALID_SCOPE", "INVALID_CLIENT_ID", "INVALID_CLIENT_CREDENTIALS",
		"REDIRECT_URI_MISMATCH", "REDIRECT_URI_MISSING", "UNSUPPORTED_RESPONSE_TYPE":
		return catalog.AgencySide, true
	}
	return "", false
}

// refusal interprets a refusal of the token endpoint; otherwise is the meaning
// of an unspecific one.
// https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_flow_errors.htm
func refusal(err error, otherwise catalog.FailureCode) error {
	reply, replied := platform.TokenReply(err)
	if !replied {
		return platform.Down(err)
	}
	status := reply.Status
	if status >= http.StatusInternalServerError || status < http.StatusBadRequest {
		return platform.Down(fmt.Errorf("status %d", status))
	}
	var body struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	if err := json.Unmarshal(reply.Body, &body); err != nil || body.Error == "" {
		return platform.Down(fmt.Errorf("reading a refusal with status %d", status))
	}
	failure := &platform.Failure{Code: otherwise, PlatformCode: body.Error, Err: fmt.Errorf("status %d", status)}
	if what := tokenMeaning(body.Error, strings.ToLower(body.Description)); what != "" {
		failure.Code = what
	}
	return failure
}

// tokenMeaning is the meaning of a token endpoint's error; empty: depends on
// the call.
func tokenMeaning(code, description string) catalog.FailureCode {
	switch code {
	case "inactive_user", "inactive_org":
		return catalog.UserInactive
	case "invalid_client", "invalid_client_id", "invalid_client_credentials", "unauthorized_client",
		"unsupported_grant_type", "redirect_uri_mismatch", "redirect_uri_missing", "invalid_scope":
		return catalog.AgencySide
	case "rate_limit_exceeded":
		return catalog.PlatformBusy
	case "OAUTH_EC_APP_NOT_FOUND", "app_not_found":
		return catalog.AdminMustInstall
	}
	switch {
	case strings.Contains(description, "inactive user"), strings.Contains(description, "inactive organization"),
		strings.Contains(description, "user is inactive"):
		return catalog.UserInactive
	case strings.Contains(description, "ip restricted"):
		return catalog.AgencySide
	case strings.Contains(description, "rate exceeded"):
		return catalog.PlatformBusy
	}
	return ""
}

// answered turns an error response of the API into a Failure. Errors are a
// list; the first one counts.
// https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/errorcodes.htm
func answered(reply platform.Reply) error {
	switch {
	case reply.Status == http.StatusUnauthorized:
		return &platform.Failure{Code: catalog.SessionEnded, PlatformCode: code(reply), Err: errors.New("status 401")}
	case reply.Status >= http.StatusInternalServerError || reply.Status < http.StatusBadRequest:
		return platform.Down(fmt.Errorf("status %d", reply.Status))
	case reply.Status == http.StatusTooManyRequests:
		return platform.Busy(reply)
	}
	failure := &platform.Failure{
		Code: catalog.Unexpected, PlatformCode: code(reply), Err: fmt.Errorf("status %d", reply.Status),
	}
	switch {
	case failure.PlatformCode == "":
		return platform.Down(fmt.Errorf("reading an error with status %d", reply.Status))
	case failure.PlatformCode == "REQUEST_LIMIT_EXCEEDED":
		failure.Code, failure.RetryAfter = catalog.PlatformBusy, limitFrees
	case failure.PlatformCode == "API_DISABLED_FOR_ORG", failure.PlatformCode == "API_CURRENTLY_DISABLED":
		failure.Code = catalog.NoAPIAccess
	case failure.PlatformCode == "INVALID_SESSION_ID", failure.PlatformCode == "Bad_OAuth_Token":
		failure.Code = catalog.SessionEnded
	case strings.HasPrefix(failure.PlatformCode, "INSUFFICIENT_ACCESS"),
		failure.PlatformCode == "INVALID_TYPE", failure.PlatformCode == "NOT_FOUND":
		failure.Code = catalog.LevelLowered
	}
	return failure
}

// code is the first errorCode of a response; the identity URL returns a single
// word.
func code(reply platform.Reply) string {
	var list []struct {
		Code string `json:"errorCode"`
	}
	if err := json.Unmarshal(reply.Body, &list); err == nil && len(list) > 0 {
		return list[0].Code
	}
	if word := strings.TrimSpace(string(reply.Body)); word == "Bad_OAuth_Token" || word == "Missing_OAuth_Token" {
		return word
	}
	return ""
}
