package hub

import (
	"context"
	"slices"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/hub/credentials"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// TodoKind is why something needs the user.
type TodoKind string

// The kinds of todos, most urgent first.
const (
	TodoEnding    TodoKind = "ending"    // the end of a client is not finished
	TodoCause     TodoKind = "cause"     // accounts cannot be checked until somebody fixes the cause
	TodoItem      TodoKind = "item"      // an account does not work
	TodoEmail     TodoKind = "email"     // a mail server refused an email
	TodoEntry     TodoKind = "entry"     // the relay refused a change
	TodoAsked     TodoKind = "asked"     // a client asks for a new link
	TodoDevice    TodoKind = "device"    // another device needs credentials
	TodoSealed    TodoKind = "sealed"    // a credential did not pass the check when it arrived
	TodoLost      TodoKind = "lost"      // a restored relay has lost a connection or an account
	TodoWithdrawn TodoKind = "withdrawn" // a client withdrew an account, and no computer could end the access yet
	TodoWaiting   TodoKind = "waiting"   // an account waits for the client
	TodoUnseen    TodoKind = "unseen"    // no sign that an email was opened
	TodoUser      TodoKind = "user"      // a platform user's sign-in expires soon
	TodoWebhook   TodoKind = "webhook"   // the relay switched a webhook off
	TodoDomain    TodoKind = "domain"    // links open at the agency's own domain no more
	TodoOperator  TodoKind = "operator"  // whoever runs the relay did something to the agency
)

// Todo is one thing for the user to do.
type Todo struct {
	Kind      TodoKind                    `json:"kind"`
	Request   string                      `json:"request"`
	Client    string                      `json:"client"`
	Cause     *replica.CauseView          `json:"cause,omitempty"`
	Item      *replica.ItemRow            `json:"item,omitempty"`
	Recipient *replica.RecipientRow       `json:"recipient,omitempty"`
	Entry     *replica.EntryRow           `json:"entry,omitempty"`
	Device    *credentials.PendingDevice  `json:"device,omitempty"`
	Sealed    *replica.RejectedCredential `json:"sealed,omitempty"`
	Lost      *replica.LostItem           `json:"lost,omitempty"`
	Row       *replica.RequestRow         `json:"row,omitempty"`     // whose client asks for a link or gives the account
	User      string                      `json:"user"`              // a platform user's name
	Webhook   string                      `json:"webhook,omitempty"` // its name
	Domain    string                      `json:"domain,omitempty"`
	Operator  *onboarding.OperatorAct     `json:"operator,omitempty"`
	Times     int                         `json:"times,omitempty"` // how often the operator did it lately
	Ending    *OffboardingSummary         `json:"ending,omitempty"`
	Way       WithdrawnWay                `json:"way,omitempty"` // of what a client withdrew
	Ends      onboarding.Timestamp        `json:"ends"`          // when that user's sign-in expires
	Since     onboarding.Timestamp        `json:"since"`
}

// WithdrawnWay is how the user ends what a client has withdrawn and no computer could end.
type WithdrawnWay string

// The ways.
const (
	WaySignIn  WithdrawnWay = "sign_in" // the request's Facebook user signs in again, on this computer
	WayWithout WithdrawnWay = "without" // without the platform: a user there ends the rest
)

// todoLists has one method per kind.
type todoLists struct{ *Hub }

// Todos lists what needs the user, most urgent first, at most limit of each
// kind.
func (h *Hub) Todos(ctx context.Context, limit int) ([]Todo, error) {
	todos, lists := []Todo{}, todoLists{h}
	for _, list := range []func(context.Context, int) ([]Todo, error){
		lists.endings, lists.causes, lists.brokenItems, lists.refusedEmails, lists.refusedEntries, lists.askedLinks,
		lists.waitingDevices, lists.rejectedCredentials, lists.withdrawnItems, lists.lostItems, lists.webhooksOff,
		lists.domainLost, lists.operatorActs,
		lists.endingUsers,
		lists.waitingItems, lists.unseenEmails,
	} {
		some, err := list(ctx, limit)
		if err != nil {
			return nil, err
		}
		todos = append(todos, some...)
	}
	return todos, nil
}

// endings lists the clients whose end is not finished.
func (h todoLists) endings(ctx context.Context, _ int) ([]Todo, error) {
	all, err := h.Offboardings.todos(ctx)
	var todos []Todo
	for _, each := range all {
		todos = append(todos, Todo{Kind: TodoEnding, Client: each.Client, Ending: &each, Since: each.Started})
	}
	return todos, err
}

// causes lists what keeps accounts from being checked until somebody fixes it,
// once for all of them.
func (h todoLists) causes(ctx context.Context, limit int) ([]Todo, error) {
	views, err := h.Replica.Causes(ctx)
	var todos []Todo
	for _, v := range views {
		if v.NeedsUser() && len(todos) < limit {
			todos = append(todos, Todo{Kind: TodoCause, Cause: &v, User: v.User, Since: v.Since})
		}
	}
	return todos, err
}

func (h todoLists) brokenItems(ctx context.Context, limit int) ([]Todo, error) {
	rows, err := h.Replica.BrokenItems(ctx, limit)
	return itemTodos(TodoItem, rows), err
}

func (h todoLists) waitingItems(ctx context.Context, limit int) ([]Todo, error) {
	rows, err := h.Replica.WaitingItems(ctx, limit)
	if err != nil {
		return nil, err
	}
	todos := itemTodos(TodoWaiting, rows)
	var ids []string
	for _, todo := range todos {
		ids = append(ids, todo.Request)
	}
	requests, err := replica.RequestRows(ctx, h.Replica, ids)
	for n := range todos {
		at := slices.IndexFunc(requests, func(r replica.RequestRow) bool { return r.ID == todos[n].Request })
		if at >= 0 {
			todos[n].Row = &requests[at]
		}
	}
	return todos, err
}

func (h todoLists) withdrawnItems(ctx context.Context, limit int) ([]Todo, error) {
	rows, err := replica.WithdrawnItems(ctx, h.Replica, limit)
	todos := itemTodos(TodoWithdrawn, rows)
	for n := range todos {
		if err == nil {
			err = h.withdrawnItem(ctx, &todos[n])
		}
	}
	return todos, err
}

// withdrawnItem adds what the user can do about an item that a client withdrew.
func (h todoLists) withdrawnItem(ctx context.Context, todo *Todo) error {
	todo.Since, todo.Way = todo.Item.Withdrawn, WayWithout
	i, err := replica.ReadItem(ctx, h.Replica.DB(), todo.Item.ID)
	if err != nil || !i.Kind.IsShared() {
		return err
	}
	can, err := h.Checks.CanAsk(ctx, i)
	if err != nil || can {
		return err
	}
	r, err := replica.ReadRequest(ctx, h.Replica.DB(), i.Request)
	todo.Way, todo.User = WaySignIn, r.FacebookUser.Name
	return err
}

func itemTodos(kind TodoKind, rows []replica.ItemRow) []Todo {
	var todos []Todo
	for _, row := range rows {
		todos = append(todos, Todo{Kind: kind, Request: row.Request, Client: row.Client, Item: &row, Since: row.Since})
	}
	return todos
}

func (h todoLists) refusedEmails(ctx context.Context, limit int) ([]Todo, error) {
	emails, err := h.Replica.RefusedEmails(ctx, limit)
	return emailTodos(TodoEmail, emails), err
}

func (h todoLists) unseenEmails(ctx context.Context, limit int) ([]Todo, error) {
	emails, err := h.Replica.UnseenEmails(ctx, limit)
	return emailTodos(TodoUnseen, emails), err
}

func emailTodos(kind TodoKind, emails []replica.UndeliveredEmail) []Todo {
	var todos []Todo
	for _, e := range emails {
		todos = append(todos, Todo{Kind: kind, Request: e.Request, Client: e.Client, Recipient: &e.Recipient, Since: e.Since})
	}
	return todos
}

func (h todoLists) askedLinks(ctx context.Context, limit int) ([]Todo, error) {
	rows, err := replica.AskedLinks(ctx, h.Replica, limit)
	var todos []Todo
	for _, row := range rows {
		todos = append(todos, Todo{
			Kind: TodoAsked, Request: row.ID, Client: row.Client, Row: &row, Since: row.LinkAsked,
		})
	}
	return todos, err
}

func (h todoLists) refusedEntries(ctx context.Context, limit int) ([]Todo, error) {
	rows, err := h.Replica.RefusedEntries(ctx, limit)
	var todos []Todo
	for _, row := range rows {
		todos = append(todos, Todo{Kind: TodoEntry, Request: row.Request, Client: row.Title, Entry: &row, Since: row.Refused})
	}
	return todos, err
}

func (h todoLists) waitingDevices(ctx context.Context, _ int) ([]Todo, error) {
	devices, err := h.Credentials.PendingDevices(ctx)
	var todos []Todo
	for _, d := range devices {
		todos = append(todos, Todo{Kind: TodoDevice, Device: &d, Since: d.Created})
	}
	return todos, err
}

func (h todoLists) rejectedCredentials(ctx context.Context, limit int) ([]Todo, error) {
	rejected, err := h.Replica.RejectedCredentials(ctx, limit)
	var todos []Todo
	for _, d := range rejected {
		todos = append(todos, Todo{Kind: TodoSealed, Request: d.Request, Client: d.Client, Sealed: &d, Since: d.At})
	}
	return todos, err
}

func (h todoLists) lostItems(ctx context.Context, _ int) ([]Todo, error) {
	lost, err := h.Replica.LostItems(ctx)
	var todos []Todo
	for _, l := range lost {
		todos = append(todos, Todo{Kind: TodoLost, Lost: &l, Since: l.At})
	}
	return todos, err
}

// webhooksOff lists what the relay switched off, for the main users, whose it is.
func (h todoLists) webhooksOff(ctx context.Context, _ int) ([]Todo, error) {
	session, err := h.SessionInfo(ctx)
	if err != nil || session.Role != onboarding.MainUser {
		return nil, err
	}
	agency, err := h.Replica.Agency(ctx)
	var todos []Todo
	for _, name := range agency.WebhooksOff {
		todos = append(todos, Todo{Kind: TodoWebhook, Webhook: name})
	}
	return todos, err
}

// domainLost lists the domain that the relay serves no more, for the main users, whose it is.
func (h todoLists) domainLost(ctx context.Context, _ int) ([]Todo, error) {
	session, err := h.SessionInfo(ctx)
	if err != nil || session.Role != onboarding.MainUser {
		return nil, err
	}
	agency, err := h.Replica.Agency(ctx)
	if err != nil || agency.DomainLost == "" {
		return nil, err
	}
	return []Todo{{Kind: TodoDomain, Domain: agency.DomainLost}}, nil
}

// operatorActsFor is how many days the main users are shown what the operator did.
const operatorActsFor = 7

// operatorActs lists what whoever runs the relay did to the agency lately, for main users.
func (h todoLists) operatorActs(ctx context.Context, _ int) ([]Todo, error) {
	agency, err := h.Replica.Agency(ctx)
	var todos []Todo
	for _, act := range agency.OperatorActs { // the relay gives them to main users alone
		if act.At <= replica.DayAt(h.config.Now(), -operatorActsFor) {
			continue
		}
		same := slices.IndexFunc(todos, func(t Todo) bool {
			return t.Operator.Kind == act.Kind && t.Operator.Name == act.Name
		})
		if same >= 0 {
			todos[same].Times++
			continue
		}
		todos = append(todos, Todo{Kind: TodoOperator, Operator: &act, Times: 1, Since: act.At})
	}
	return todos, err
}

// endingSoon is how many days before its expiry a sign-in becomes a todo.
const endingSoon = 14

// endingUsers lists the platform users of this computer whose sign-in expires soon. Of
// several sign-ins of one user, the newest counts.
func (h todoLists) endingUsers(ctx context.Context, _ int) ([]Todo, error) {
	all, err := h.Replica.Connections(ctx)
	if err != nil {
		return nil, err
	}
	var todos []Todo
	soon := replica.DayAt(h.config.Now(), endingSoon+1)
	for _, c := range all {
		if c.Here && (c.Cause == nil || c.Cause.Fix != catalog.FixUsers) && c.Ends != 0 && !c.Replaced && c.Ends < soon {
			todos = append(todos, Todo{Kind: TodoUser, User: c.User.Name, Ends: c.Ends, Since: c.Ends})
		}
	}
	return todos, nil
}

// Totals returns the counts above the lists.
func (h *Hub) Totals(ctx context.Context) (replica.Totals, error) {
	totals, err := h.Replica.Totals(ctx)
	if err != nil {
		return replica.Totals{}, err
	}
	devices, err := h.Credentials.PendingDevices(ctx)
	if err != nil {
		return replica.Totals{}, err
	}
	totals.DevicesToSee = len(devices)
	return totals, nil
}
