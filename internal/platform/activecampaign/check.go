package activecampaign

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
)

// counted are what a check counts. The API's paths have the same names.
func counted() []onboarding.CapabilityName {
	return []onboarding.CapabilityName{onboarding.Contacts, onboarding.Lists}
}

// Check counts the account's contacts and lists. If the user may read only one
// of them, the other is CanNot; if neither, it verifies the key: a rejected one
// is KeyRefused, else KeySeesNothing. It writes nothing: write rights depend on
// the user's group, which the API does not reveal.
// https://developers.activecampaign.com/reference/list-all-contacts
// https://developers.activecampaign.com/reference/retrieve-all-lists
func (d *Driver) Check(ctx context.Context, p platform.CheckParams) (platform.CheckResult, error) {
	finding := platform.CheckResult{State: onboarding.AccessBroken}
	for _, what := range counted() {
		count, err := d.total(ctx, p.Credential, what)
		failure := platform.AsFailure(err)
		switch {
		case err == nil:
			finding.State = onboarding.AccessWorks
			finding.Capabilities = append(finding.Capabilities,
				onboarding.Capability{Name: what, Level: onboarding.CanRead},
				onboarding.Capability{Name: what, Count: count})
		case errors.Is(err, onboarding.ErrPlatformDown) && finding.State == onboarding.AccessWorks:
			// One successful call proves the access.
			finding.Capabilities = append(finding.Capabilities,
				onboarding.Capability{Name: what, Level: onboarding.NotCounted})
		case errors.Is(err, onboarding.ErrPlatformDown):
			return platform.CheckResult{}, err
		case failure.Code == catalog.KeyRefused:
			finding.Capabilities = append(finding.Capabilities,
				onboarding.Capability{Name: what, Level: onboarding.CanNot})
		default:
			return platform.Broken(failure), nil
		}
	}
	if finding.State == onboarding.AccessWorks {
		return finding, nil
	}
	_, err := d.me(ctx, p.Credential)
	switch {
	case err == nil:
		finding.Failure, finding.Code = catalog.KeySeesNothing, "403"
		return finding, nil
	case errors.Is(err, onboarding.ErrPlatformDown):
		return platform.CheckResult{}, err
	}
	failure := platform.AsFailure(err)
	return platform.Broken(failure), nil
}

// Withdraw cannot end the access: ActiveCampaign has no call that revokes a
// key. The key's user resets it: WithdrawByHand. A call detects whether that
// has happened, and then the access has ended. An account that no longer
// answers at its address, or that is not paid, proves nothing: WithdrawByHand, too.
// https://developers.activecampaign.com/reference/authentication
func (d *Driver) Withdraw(ctx context.Context, p platform.WithdrawParams) (platform.Withdrawal, error) {
	_, err := d.me(ctx, p.Credential)
	if err == nil {
		return platform.Withdrawal{Remaining: catalog.WithdrawByHand}, nil
	}
	failure := platform.AsFailure(err)
	switch failure.Code {
	case catalog.KeyRefused:
		return platform.Withdrawal{Ended: true, Code: failure.PlatformCode}, nil
	case catalog.AddressUnknown, catalog.AccountUnpaid: // renamed, closed or not paid: no repeat would succeed
		return platform.Withdrawal{Remaining: catalog.WithdrawByHand, Code: failure.PlatformCode}, nil
	}
	return platform.Withdrawal{}, failure
}

// me is the validation call, GET /api/3/users/me: it returns the key's user.
// https://developers.activecampaign.com/reference/get-user-loggedin
func (d *Driver) me(ctx context.Context, credential platform.Credential) (string, error) {
	var about struct {
		User struct {
			ID       string `json:"id"`
			Email    string `json:"email"`
			Username string `json:"username"`
		} `json:"user"`
	}
	if err := d.get(ctx, credential, "/api/3/users/me", &about); err != nil {
		return "", err
	}
	if about.User.ID == "" {
		return "", notTheAPI()
	}
	if about.User.Email != "" {
		return about.User.Email, nil
	}
	return about.User.Username, nil
}

// total counts the contacts or lists that the key's user may read;
// ActiveCampaign returns the number as a string with each page.
// https://developers.activecampaign.com/reference/pagination
func (d *Driver) total(
	ctx context.Context, credential platform.Credential, what onboarding.CapabilityName,
) (int64, error) {
	var page struct {
		Meta struct {
			Total any `json:"total"`
		} `json:"meta"`
	}
	if err := d.get(ctx, credential, "/api/3/"+string(what)+"?limit=1", &page); err != nil {
		return 0, err
	}
	total, err := strconv.ParseInt(fmt.Sprint(page.Meta.Total), 10, 64)
	if err != nil || total < 0 {
		return 0, notTheAPI()
	}
	return total, nil
}

// notTheAPI is the failure of an address that is not ActiveCampaign's API.
func notTheAPI() error {
	return &platform.Failure{
		Code: catalog.AddressUnknown, Bare: true, Err: errors.New("what answered is not ActiveCampaign's API"),
	}
}

// patience bounds the retries of a rate-limited call, longest the pause before
// each.
const (
	patience = 2
	longest  = 2 * time.Second
)

// get makes a GET call with the key. An account allows five calls a second for
// all of its keys and returns 429 with the pause, which get waits for. Its
// error is a *platform.Failure.
// https://developers.activecampaign.com/reference/rate-limits
func (d *Driver) get(ctx context.Context, credential platform.Credential, path string, into any) error {
	for try := 0; ; try++ {
		err := d.once(ctx, credential, path, into)
		failure := platform.AsFailure(err)
		busy := err != nil && failure.Code == catalog.PlatformBusy && failure.RetryAfter > 0 &&
			failure.RetryAfter <= longest
		if !busy || try == patience {
			return err
		}
		timer := time.NewTimer(failure.RetryAfter)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return err
		}
	}
}

// once makes one call. A rejected key gets 401 or 403, sometimes as plain text, an
// account with payment issues 402. An unused host gets 404, as does another tenant's, or
// a page.
// https://developers.activecampaign.com/reference/authentication
// https://developers.activecampaign.com/reference/errors
func (d *Driver) once(ctx context.Context, credential platform.Credential, path string, into any) error {
	request, err := platform.Get(ctx, credential.Address+path)
	if err != nil {
		return err
	}
	request.Header.Set("Api-Token", credential.Secret.Reveal())
	reply, err := platform.Do(d.client, request)
	var unknown *net.DNSError
	if errors.As(err, &unknown) && unknown.IsNotFound {
		return &platform.Failure{Code: catalog.AddressUnknown, Err: err, Bare: true}
	}
	if err != nil {
		return err
	}
	switch {
	case reply.Status == http.StatusUnauthorized, reply.Status == http.StatusForbidden:
		return &platform.Failure{
			Code: catalog.KeyRefused, PlatformCode: strconv.Itoa(reply.Status), Bare: !json.Valid(reply.Body),
		}
	case reply.Status == http.StatusPaymentRequired:
		return &platform.Failure{
			Code: catalog.AccountUnpaid, PlatformCode: strconv.Itoa(reply.Status), Bare: !json.Valid(reply.Body),
		}
	case reply.Status == http.StatusTooManyRequests:
		return platform.Busy(reply)
	case reply.Status >= http.StatusInternalServerError:
		return platform.Down(fmt.Errorf("status %d", reply.Status))
	case reply.Status != http.StatusOK: // another tenant's page, or a redirect to a sign-in
		return &platform.Failure{Code: catalog.AddressUnknown, PlatformCode: strconv.Itoa(reply.Status), Bare: true}
	}
	if bytes.HasPrefix(bytes.TrimSpace(reply.Body), []byte("<")) { // HTML, whatever the content type
		return notTheAPI()
	}
	return reply.JSON(into)
}
