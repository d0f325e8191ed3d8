package googlesheets

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/platform"
)

// refusal interprets a refusal of the token endpoint; otherwise is the meaning
// of invalid_grant.
// https://developers.google.com/identity/protocols/oauth2/web-server
func refusal(err error, otherwise catalog.FailureCode) error {
	reply, replied := platform.TokenReply(err)
	if !replied {
		return platform.Down(err)
	}
	if err := unavailable(reply); err != nil {
		return err
	}
	var body struct {
		Error   string `json:"error"`
		Subtype string `json:"error_subtype"`
	}
	if err := reply.JSON(&body); err != nil {
		return err
	}
	failure := &platform.Failure{
		Code: catalog.Unexpected, PlatformCode: body.Error, Err: fmt.Errorf("status %d", reply.Status),
	}
	switch body.Error {
	case "invalid_grant":
		failure.Code = otherwise
		if body.Subtype != "" {
			failure.PlatformCode += "/" + body.Subtype
		}
		if body.Subtype == "invalid_rapt" {
			failure.Code = catalog.SessionLimited
		}
	case "admin_policy_enforced", "org_internal", "access_denied":
		failure.Code = catalog.MayNotConnect
	case "rate_limit_exceeded":
		failure.Code = catalog.PlatformBusy
	case "invalid_client", "deleted_client", "disabled_client", "unauthorized_client",
		"redirect_uri_mismatch", "invalid_scope":
		failure.Code = catalog.AgencySide
	}
	return failure
}

// unavailable is the failure of a temporary error response.
func unavailable(reply platform.Reply) error {
	switch {
	case reply.Status == http.StatusTooManyRequests:
		return platform.Busy(reply)
	case reply.Status >= http.StatusInternalServerError || reply.Status < http.StatusBadRequest:
		return platform.Down(fmt.Errorf("status %d", reply.Status))
	}
	return nil
}

// refused turns an error response of an API into a Failure. Older and newer
// APIs have the reasons in different places.
// https://developers.google.com/workspace/drive/api/guides/handle-errors
func refused(reply platform.Reply) error {
	if err := unavailable(reply); err != nil {
		return err
	}
	type because struct {
		Reason string `json:"reason"`
	}
	var body struct {
		Error struct {
			Status  string    `json:"status"`
			Errors  []because `json:"errors"`
			Details []because `json:"details"`
		} `json:"error"`
	}
	if err := reply.JSON(&body); err != nil {
		return err
	}
	var reasons []string
	for _, one := range slices.Concat(body.Error.Details, body.Error.Errors, []because{{body.Error.Status}}) {
		if one.Reason != "" {
			reasons = append(reasons, one.Reason)
		}
	}
	failure := &platform.Failure{
		Code: meaning(reply, reasons), Err: fmt.Errorf("status %d", reply.Status), Bare: len(reasons) == 0,
	}
	failure.PlatformCode = fmt.Sprint(reply.Status)
	if len(reasons) > 0 {
		failure.PlatformCode += "/" + reasons[0]
	}
	if failure.Code == catalog.PlatformBusy {
		failure.RetryAfter = platform.AsFailure(platform.Busy(reply)).RetryAfter
	}
	return failure
}

// meaning is the meaning of the first known reason, else of the status.
func meaning(reply platform.Reply, reasons []string) catalog.FailureCode {
	for _, reason := range reasons {
		switch reason {
		case "SERVICE_DISABLED", "accessNotConfigured", "API_KEY_INVALID", "CONSUMER_INVALID":
			return catalog.AgencySide
		case "rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED", "RESOURCE_EXHAUSTED":
			return catalog.PlatformBusy
		case "ACCESS_TOKEN_SCOPE_INSUFFICIENT", "insufficientPermissions":
			return catalog.PermissionUnticked
		case "domainPolicy":
			return catalog.MayNotConnect
		}
	}
	switch reply.Status {
	case http.StatusUnauthorized:
		return catalog.CredentialRefused
	case http.StatusForbidden:
		if strings.Contains(reply.Header.Get("WWW-Authenticate"), "insufficient_scope") {
			return catalog.PermissionUnticked
		}
		return catalog.ShareRemoved
	case http.StatusNotFound:
		return catalog.ShareRemoved
	}
	return catalog.Unexpected
}
