package store

import (
	"slices"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// maxAccessWorks bounds the addresses that nobody of the agency has entered and that are
// written to for one request, ever: anyone with the link can type any address.
const maxAccessWorks = 5

// enqueueAccessWorks writes to the clients of a request who were shown that the
// agency has to fix a problem and that they get an email then: once for each time the
// agency got an email about it, and only while the link works. item is the one that
// works; without one, the agency has a device again.
func enqueueAccessWorks(c *changeTx, request Request, item onboarding.Item) error {
	if request.LinkState(c.now) != nil {
		return nil
	}
	works := Email{Kind: EmailAccessWorks, Request: request.ID, Item: item.ID, Service: item.Service}
	solved, err := solvedProblems(c, works)
	if err != nil {
		return err
	}
	if len(solved) == 0 {
		return nil
	}
	works.Service = solved[len(solved)-1].Service
	visits, err := read(c.ctx, c, `
		SELECT id, email FROM visits WHERE request = $1 AND ended_ms = 0 AND repair = ''
		ORDER BY created_ms DESC, id`, []any{request.ID},
		func(row scanner) (v Visit, err error) {
			err = row.Scan(&v.ID, &v.Email)
			return v, err
		})
	if err != nil {
		return err
	}
	invited, typed, err := accessWorksAddresses(c, request.ID)
	if err != nil {
		return err
	}
	written := map[string]bool{}
	for _, v := range visits { // the newest of each address
		address := onboarding.AddressKey(v.Email)
		if written[address] || !invited[address] && !typed[address] && len(typed) == maxAccessWorks {
			continue
		}
		if written[address] = true; !invited[address] {
			typed[address] = true
		}
		works.Visit = v.ID
		if err := enqueue(c.agencyTx, works); err != nil {
			return err
		}
	}
	return nil
}

// solvedProblems lists the emails to the agency about problems that an email would answer,
// and that no client has read the end of yet.
func solvedProblems(c *changeTx, works Email) ([]Email, error) {
	emails, err := read(c.ctx, c, `
		SELECT e.kind, e.item, CASE WHEN e.service = '' THEN COALESCE(i.service, '') ELSE e.service END
		FROM   emails e LEFT JOIN items i ON i.id = e.item
		WHERE  e.request = $1 AND e.kind IN ('no_device', 'agency_side_problem', 'access_works')
		ORDER BY e.created_ms, CASE WHEN e.kind = 'access_works' THEN 1 ELSE 0 END, e.id`, []any{works.Request},
		func(row scanner) (email Email, err error) {
			err = row.Scan(&email.Kind, &email.Item, &email.Service)
			return email, err
		})
	if err != nil {
		return nil, err
	}
	var solved []Email
	for _, email := range emails {
		if email.Kind == EmailAccessWorks {
			solved = slices.DeleteFunc(solved, email.solves)
		} else if works.solves(email) {
			solved = append(solved, email)
		}
	}
	return solved, nil
}

// accessWorksAddresses are the addresses that the agency has entered for a request, and
// the others that were written to before because access works.
func accessWorksAddresses(c *changeTx, request string) (invited, typed map[string]bool, err error) {
	invited, typed = map[string]bool{}, map[string]bool{}
	recipients, err := c.texts(`SELECT address FROM recipients WHERE request = $1 AND scoped = 0`, request)
	if err != nil {
		return nil, nil, err
	}
	for _, address := range recipients {
		invited[onboarding.AddressKey(address)] = true
	}
	written, err := c.texts(`
		SELECT DISTINCT v.email FROM emails e JOIN visits v ON v.id = e.visit
		WHERE  e.request = $1 AND e.kind = 'access_works'`, request)
	if err != nil {
		return nil, nil, err
	}
	for _, address := range written {
		if key := onboarding.AddressKey(address); !invited[key] {
			typed[key] = true
		}
	}
	return invited, typed, nil
}

// solves reports whether an email about access that works answers one to the agency
// about a problem: an item answers those about its service, a device those that there
// was none.
func (email Email) solves(problem Email) bool {
	if email.Item == "" {
		return problem.Kind == EmailNoDevice
	}
	return problem.Service == email.Service
}

// enqueueDeviceReady writes to the clients who could not continue because no device
// could receive access, where a device of the member can.
func enqueueDeviceReady(c *changeTx, agency onboarding.Agency, member onboarding.Member) error {
	requests, err := c.texts(`
		SELECT DISTINCT request FROM emails WHERE agency = $1 AND kind = 'no_device'`, c.agency)
	if err != nil {
		return err
	}
	for _, id := range requests {
		request, exists, err := findRequest(c, id)
		if err != nil {
			return err
		}
		if !exists || !agency.MaySee(member, request.Ownership()) {
			continue
		}
		if err := enqueueAccessWorks(c, request, onboarding.Item{}); err != nil {
			return err
		}
	}
	return nil
}
