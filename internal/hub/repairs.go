package hub

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/bidi"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/hub/session"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// Repairs prepare links by which clients repair what they shared.
type Repairs struct {
	session *session.Session
	replica *replica.Replica
	onDone  func() // there is something to sync
}

// RepairPerson is somebody to whom a repair link can go.
type RepairPerson struct {
	Name      string `json:"name"` // as they gave it; empty: not known
	Address   string `json:"address"`
	Connected bool   `json:"connected"` // they connected the account
}

// People lists to whom an item's repair link can go: first who connected it, then the
// others of its request.
func (r *Repairs) People(ctx context.Context, item string) ([]RepairPerson, error) {
	i, err := replica.ReadItem(ctx, r.replica.DB(), item)
	if err != nil {
		return nil, err
	}
	people := []RepairPerson{}
	if i.By.Email != "" {
		people = append(people, RepairPerson{Name: i.By.Name, Address: i.By.Email, Connected: true})
	}
	state, err := replica.ReadRequestState(ctx, r.replica.DB(), i.Request)
	if errors.Is(err, onboarding.ErrNotFound) {
		return people, nil
	} else if err != nil {
		return nil, err
	}
	add := func(who RepairPerson) {
		for _, known := range people {
			if who.Address == "" || onboarding.SameAddress(known.Address, who.Address) {
				return
			}
		}
		people = append(people, who)
	}
	for _, who := range state.People() {
		add(RepairPerson{Name: who.Name, Address: who.Email})
	}
	for _, to := range state.Recipients {
		if to.Stopped == 0 {
			add(RepairPerson{Address: to.Address})
		}
	}
	return people, nil
}

// RepairsInput asks for links to repair items.
type RepairsInput struct {
	Repairs []RepairInput `json:"repairs"`
	// Lost: their credentials were only on a computer that is gone.
	Lost bool `json:"lost"`
}

// RepairInput is one item to repair.
type RepairInput struct {
	ID      string `json:"id"`
	Address string `json:"address"` // whom the link is emailed to; empty: nobody
}

// RepairsOutcome is what became of them.
type RepairsOutcome struct {
	Prepared int            `json:"prepared"` // links that can be copied
	Sent     int            `json:"sent"`     // of them on their way by email
	Unsent   []UnsentRepair `json:"unsent"`   // that should have been sent, or were not prepared
	Working  int            `json:"working"`  // items that work meanwhile, and need none
}

// UnsentRepair is a link that has to be copied.
type UnsentRepair struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Why  string `json:"why"` // as wire has it
}

// Prepare opens a repair of each item, and has the links emailed. It needs the relay.
func (r *Repairs) Prepare(ctx context.Context, in RepairsInput) (RepairsOutcome, error) {
	outcome := RepairsOutcome{Unsent: []UnsentRepair{}}
	send := strings.ToLower(rand.Text())
	for n := 0; n < len(in.Repairs); n += wire.MaxRepairs {
		params := wire.PrepareRepairsParams{Lost: in.Lost, Send: fmt.Sprintf("%s-%d", send, n)}
		mailed := map[string]bool{}
		for _, one := range in.Repairs[n:min(n+wire.MaxRepairs, len(in.Repairs))] {
			params.Repairs = append(params.Repairs, wire.RepairInput{Item: one.ID, Address: one.Address})
			mailed[one.ID] = one.Address != ""
		}
		result, err := session.Call(ctx, r.session, wire.PrepareRepairs, params)
		if err != nil {
			return outcome, err
		}
		if err := r.store(ctx, result.Items); err != nil {
			return outcome, err
		}
		outcome.add(result, mailed)
	}
	r.onDone()
	return outcome, nil
}

func (o *RepairsOutcome) add(result wire.RepairsResult, mailed map[string]bool) {
	unsent := map[string]string{}
	for _, one := range result.Unsent {
		unsent[one.Item] = one.Why
	}
	for _, item := range result.Items {
		why := unsent[item.ID]
		if why != "" {
			o.Unsent = append(o.Unsent, UnsentRepair{ID: item.ID, Name: item.Name, Why: why})
		}
		switch {
		case item.Repair != nil:
			o.Prepared++
			if mailed[item.ID] && why == "" {
				o.Sent++
			}
		case why == "":
			o.Working++
		}
	}
}

// store keeps the links, so that they can be copied at once.
func (r *Repairs) store(ctx context.Context, items []onboarding.Item) error {
	return r.replica.Update(ctx, func(tx *replica.Tx) error {
		for _, item := range items {
			if err := tx.StoreItem(ctx, item); err != nil {
				return err
			}
		}
		return nil
	})
}

// Links are the open repair links of items, as one text: the link alone of one, else a line
// for each with its name. Empty: there is none.
func (r *Repairs) Links(ctx context.Context, items []string) (string, error) {
	var lines []string
	last := ""
	for _, id := range items {
		i, err := replica.ReadItem(ctx, r.replica.DB(), id)
		if errors.Is(err, onboarding.ErrNotFound) {
			continue
		} else if err != nil {
			return "", err
		}
		if i.Repair != nil {
			last = i.Repair.Link
			lines = append(lines, bidi.Isolate(i.Name)+": "+last)
		}
	}
	if len(lines) == 1 {
		return last, nil
	}
	return strings.Join(lines, "\n"), nil
}

// Close has an item's repair link work no longer. It needs the relay.
func (r *Repairs) Close(ctx context.Context, item string) error {
	if _, err := session.Call(ctx, r.session, wire.CloseRepair, wire.ItemParams{ID: item}); err != nil {
		return err
	}
	i, err := replica.ReadItem(ctx, r.replica.DB(), item)
	if err != nil {
		return err
	}
	i.Repair = nil
	if err := r.store(ctx, []onboarding.Item{i}); err != nil {
		return err
	}
	r.onDone()
	return nil
}
