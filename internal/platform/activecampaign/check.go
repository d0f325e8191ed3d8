package activecampaign

import (
	"bytes"
	"context"
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

// What a key may see, as the API names it.
const (
	contacts = "contacts"
	lists    = "lists"
)

// Check counts the account's contacts and lists with the key. Where its user may
// see one of them only, the other is CanNot; where neither, it asks whose key it
// is: one that is no longer taken is KeyRefused, else KeySeesNothing. Nothing is
// written: what may be changed is with the user's group, which no call tells.
// https://developers.activecampaign.com/reference/list-all-contacts
// https://developers.activecampaign.com/reference/retrieve-all-lists
func (d *Driver) Check(ctx context.Context, q platform.CheckParams) (platform.CheckResult, error) {
	finding := platform.CheckResult{State: onboarding.AccessBroken}
	for _, what := range []string{contacts, lists} {
		count, err := d.total(ctx, q.Credential, what)
		failure := platform.AsFailure(err)
		switch {
		case err == nil:
			finding.State = onboarding.AccessWorks
			finding.Capabilities = append(finding.Capabilities,
				onboarding.Capability{Name: what, Level: onboarding.CanRead},
				onboarding.Capability{Name: what, Count: count})
		case errors.Is(err, onboarding.ErrPlatformDown) && finding.State == onboarding.AccessWorks:
			// One is enough to know that it works.
		case errors.Is(err, onboarding.ErrPlatformDown):
			return platform.CheckResult{}, err
		case failure.Code == catalog.KeyRefused:
			finding.Capabilities = append(finding.Capabilities,
				onboarding.Capability{Name: what, Level: onboarding.CanNot})
		default:
			return platform.CheckResult{State: onboarding.AccessBroken, Failure: failure.Code, Code: failure.PlatformCode}, nil
		}
	}
	if finding.State == onboarding.AccessWorks {
		return finding, nil
	}
	_, err := d.me(ctx, q.Credential)
	switch {
	case err == nil:
		finding.Failure, finding.Code = catalog.KeySeesNothing, "403"
		return finding, nil
	case errors.Is(err, onboarding.ErrPlatformDown):
		return platform.CheckResult{}, err
	}
	failure := platform.AsFailure(err)
	return platform.CheckResult{State: onboarding.AccessBroken, Failure: failure.Code, Code: failure.PlatformCode}, nil
}

// Withdraw ends nothing itself, as ActiveCampaign lets nobody end a key by its
// API: the key's user resets it, WithdrawByHand. Once that was done a call
// proves it, and the access has ended. An account that no longer answers at its
// address proves nothing, and is left to its user as well.
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
	case catalog.AddressUnknown: // renamed or closed: a repeat would never end it
		return platform.Withdrawal{Remaining: catalog.WithdrawByHand, Code: failure.PlatformCode}, nil
	}
	return platform.Withdrawal{}, failure
}

// me is the validation call, GET /api/3/users/me: it names the key's user.
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

// total is how many contacts or lists the key's user may see, which
// ActiveCampaign tells as a text beside each page of them.
// https://developers.activecampaign.com/reference/pagination
func (d *Driver) total(ctx context.Context, credential platform.Credential, what string) (int64, error) {
	var page struct {
		Meta struct {
			Total any `json:"total"`
		} `json:"meta"`
	}
	if err := d.get(ctx, credential, "/api/3/"+what+"?limit=1", &page); err != nil {
		return 0, err
	}
	total, err := strconv.ParseInt(fmt.Sprint(page.Meta.Total), 10, 64)
	if err != nil || total < 0 {
		return 0, notTheAPI()
	}
	return total, nil
}

// notTheAPI is the failure of an address at which something else answers.
func notTheAPI() error {
	return &platform.Failure{Code: catalog.AddressUnknown, Err: errors.New("what answered is not ActiveCampaign's API")}
}

// patience is how often a call is made again that came in a second with too
// many, and longest how long it waits each time.
const (
	patience = 2
	longest  = 2 * time.Second
)

// get asks one thing with the key. An account takes five calls a second, from
// all of its keys, and says with 429 how long to wait: that is a moment, which
// is waited. Its error is a *platform.Failure.
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

// once makes one call. A key is refused with 401 or 403, at times as plain text.
// A host that is nobody's is not found, another tenant's answers 404 or a page.
// https://developers.activecampaign.com/reference/authentication
func (d *Driver) once(ctx context.Context, credential platform.Credential, path string, into any) error {
	question, err := platform.Get(ctx, credential.Address+path)
	if err != nil {
		return err
	}
	question.Header.Set("Api-Token", credential.Secret.Reveal())
	reply, err := platform.Do(d.client, question)
	var unknown *net.DNSError
	if errors.As(err, &unknown) && unknown.IsNotFound {
		return &platform.Failure{Code: catalog.AddressUnknown, Err: err}
	}
	if err != nil {
		return err
	}
	switch {
	case reply.Status == http.StatusUnauthorized, reply.Status == http.StatusForbidden:
		return &platform.Failure{Code: catalog.KeyRefused, PlatformCode: strconv.Itoa(reply.Status)}
	case reply.Status == http.StatusTooManyRequests:
		return platform.Busy(reply)
	case reply.Status >= http.StatusInternalServerError:
		return platform.Down(fmt.Errorf("status %d", reply.Status))
	case reply.Status != http.StatusOK: // another tenant's page, a redirect to a sign-in
		return &platform.Failure{Code: catalog.AddressUnknown, PlatformCode: strconv.Itoa(reply.Status)}
	}
	if bytes.HasPrefix(bytes.TrimSpace(reply.Body), []byte("<")) { // a page, whatever it says it is
		return notTheAPI()
	}
	return reply.JSON(into)
}
