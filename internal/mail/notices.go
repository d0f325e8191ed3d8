package mail

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// Outcome is how a client's finish ended, for the notices to the requester.
type Outcome struct {
	Client    string
	Items     []onboarding.Item
	Skipped   []onboarding.Skip // whether there is a reason is shown, the reason is not
	Business  string            // the Business Manager the assets went to
	Finished  onboarding.Timestamp
	Completed onboarding.Timestamp // later than Finished when everything had to wait
	Invited   string               // the recipient whose email it began from; empty: a copied link
	Open      string               // the address that shows the request; empty: none
}

// texts have the outcome's values. Who finished is named by the requester's own
// words: what was typed in the wizard stays in the hub.
func (o Outcome) texts(c *Composer) texts {
	return c.texts("Client", sanitizeLine(o.Client), "Address", sanitizeLine(o.Invited),
		"When", c.catalog.DateTime(o.Finished))
}

// finished is one of two messages: by whom the request was finished.
func (o Outcome) finished(t texts, invited, copied string) string {
	if o.Invited == "" {
		return t.text(copied)
	}
	return t.text(invited)
}

// blocks are those of a notice.
func (o Outcome) blocks(c *Composer, lead ...string) []block {
	return []block{
		{Lead: []string{sentences(lead)}},
		c.open("label.open_request", o.Open),
		{Rows: c.counted(o.Items, o.Skipped, o.Business)},
	}
}

// CompletionNotice tells the requester that a request is connected: or, where a person of the
// agency has confirmed all that has arrived, that it is confirmed and not checked.
type CompletionNotice struct {
	Envelope
	Outcome
}

func (e CompletionNotice) content(c *Composer) content {
	t := e.texts(c)
	connected := count(e.Items, onboarding.ItemConnected)
	lead := []string{e.finished(t, "shared.finished_invited", "shared.finished_copied")}
	note := []string{t.text("shared.link_invalid")}
	if count(e.Items, onboarding.ItemWaiting) > 0 {
		note = append(note, t.text("shared.checked_automatically"))
	}
	made := content{note: note, why: t.text("shared.once_requester")}
	confirmed, who, when := c.confirmed(e.Items)
	if confirmed > 0 && confirmed == connected {
		t = c.texts("Client", sanitizeLine(e.Client), "Who", who, "When", c.catalog.DateTime(when))
		made.subject, made.preheader = t.text("confirmed.subject"), t.text("confirmed.preheader")
		made.headline = t.pluralLines("confirmed.headline", confirmed)
		made.blocks = e.blocks(c, append(lead, t.text("confirmed.lead"))...)
		made.note = append([]string{t.text("confirmed.note")}, made.note...)
		if _, awaited := onboarding.CountArrived(e.Items); awaited > 0 {
			made.note = append([]string{t.plural("completion.preheader_part", awaited)}, made.note...)
		}
		made.why = t.text("shared.requester") // again, if it is taken back and confirmed anew
		return c.toMember(e.Envelope, made)
	}
	if e.Completed > e.Finished {
		lead = append(lead, t.text("completion.first_account", "When", c.catalog.DateTime(e.Completed)))
	}
	made.subject, made.preheader = t.text("completion.subject"), t.plural("completion.preheader", connected)
	made.headline = t.pluralLines("completion.headline", connected)
	if arrived, awaited := onboarding.CountArrived(e.Items); awaited > 0 {
		t = c.texts("Client", sanitizeLine(e.Client), "Arrived", strconv.Itoa(arrived))
		made.subject = t.plural("completion.subject_part", arrived+awaited)
		made.preheader = t.plural("completion.preheader_part", awaited)
		made.headline = t.pluralLines("completion.headline_part", arrived+awaited)
	}
	made.blocks = e.blocks(c, lead...)
	return c.toMember(e.Envelope, made)
}

// confirmed counts the items that persons of the agency have confirmed and no check has, and
// names them. The request may have been completed later, with the client's finish.
func (c *Composer) confirmed(items []onboarding.Item) (confirmed int, who string, last onboarding.Timestamp) {
	var names []string
	for _, i := range items {
		if i.State != onboarding.ItemConnected || !i.IsConfirmed() {
			continue
		}
		confirmed++
		last = max(last, i.Confirmed)
		if name := c.confirmer(i); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return confirmed, c.catalog.List(names), last
}

// confirmer names who confirmed an item.
func (c *Composer) confirmer(i onboarding.Item) string {
	return cmp.Or(sanitizeLine(i.ConfirmedBy), c.print.Text("confirmed.somebody"))
}

// FinishedWaiting tells the requester that a client has done their part and
// everything waits for an approval.
type FinishedWaiting struct {
	Envelope
	Outcome
}

func (e FinishedWaiting) content(c *Composer) content {
	t := e.texts(c)
	waiting := count(e.Items, onboarding.ItemWaiting)
	return c.toMember(e.Envelope, content{
		subject:   t.text("finished_waiting.subject"),
		preheader: t.plural("finished_waiting.preheader", waiting),
		headline:  t.pluralLines("finished_waiting.headline", waiting),
		blocks: e.blocks(c, e.finished(t, "shared.finished_invited", "shared.finished_copied"),
			t.text("finished_waiting.explanation")),
		note: []string{t.text("shared.link_invalid"), t.text("shared.checked_automatically")},
		why:  t.text("shared.once_requester"),
	})
}

// NothingConnected tells the requester that a client finished without
// connecting anything. The link goes on working.
type NothingConnected struct {
	Envelope
	Outcome
	Expires onboarding.Timestamp
}

func (e NothingConnected) content(c *Composer) content {
	t := e.texts(c)
	return c.toMember(e.Envelope, content{
		subject:   t.text("nothing_connected.subject"),
		preheader: t.text("nothing_connected.preheader"),
		headline:  t.lines("nothing_connected.headline"),
		blocks: e.blocks(c, e.finished(t, "nothing_connected.finished_invited", "nothing_connected.finished_copied"),
			t.text("nothing_connected.advice")),
		note: []string{t.text("nothing_connected.note", "When", c.catalog.DateTime(e.Expires))},
		why:  t.text("shared.requester"),
	})
}

// ReplyToCode proves that an address for replies can be read by the agency.
type ReplyToCode struct {
	Envelope
	Code onboarding.Secret    // eight digits
	Ends onboarding.Timestamp // ten minutes after it was made
}

func (e ReplyToCode) content(c *Composer) content {
	t := c.texts("Agency", sanitizeLine(e.Agency.Name), "When", c.catalog.Time(e.Ends))
	return c.toMember(e.Envelope, content{
		subject:   t.text("reply_to_code.subject"),
		preheader: t.text("reply_to_code.preheader"),
		headline:  t.lines("reply_to_code.headline"),
		blocks: []block{
			{Lead: []string{t.text("reply_to_code.lead")}},
			{Code: e.Code.Reveal()},
			{Properties: []property{{Name: t.text("label.valid_for"), Value: t.text("reply_to_code.valid_until")}}},
		},
		note: []string{t.text("reply_to_code.note")},
		why:  t.text("reply_to_code.why"),
	})
}

// NoDevice tells the agency that a client is kept waiting because none of
// its computers can receive what the client would give.
type NoDevice struct {
	Envelope
	Client  string
	Service onboarding.Service
	Since   onboarding.Timestamp
	Open    string
}

func (e NoDevice) content(c *Composer) content {
	t := c.texts("Client", sanitizeLine(e.Client), "Service", c.catalog.Service(e.Service).Name,
		"When", c.catalog.DateTime(e.Since), "Agency", sanitizeLine(e.Agency.Name))
	return c.toMember(e.Envelope, content{
		subject:   t.text("no_device.subject"),
		preheader: t.text("no_device.preheader"),
		headline:  t.lines("no_device.headline"),
		blocks: []block{
			{Lead: []string{t.text("no_device.explanation"), t.text("no_device.next")}},
			c.open("label.open_request", e.Open),
		},
		note: []string{t.text("no_device.note")},
		why:  t.text("no_device.why"),
	})
}

// AgencySideProblem tells the agency that a client is stopped by something
// that only the agency can put right.
type AgencySideProblem struct {
	Envelope
	Client  string
	Service onboarding.Service
	Failure catalog.FailureCode
	User    string // the agency's user at the platform, if known
	Asset   string // what could not be shared; empty: everything
	Code    string // the platform's own, as "190/460"; may be empty
	Since   onboarding.Timestamp
	Open    string
}

func (e AgencySideProblem) content(c *Composer) content {
	t := c.texts("Client", sanitizeLine(e.Client), "Service", c.catalog.Service(e.Service).Name,
		"Agency", sanitizeLine(e.Agency.Name), "Operator", sanitizeLine(e.Operator.Name))
	failure := c.catalog.Describe(e.Failure, catalog.Args{
		Agency: sanitizeLine(e.Agency.Name), Name: sanitizeLine(e.User), Asset: untrustedName(e.Asset), Service: e.Service,
		When: e.Since, Code: e.Code,
	})
	who := t.text("agency_side_problem.who_agency")
	switch e.Failure {
	case catalog.AppNotApproved, catalog.NotConfigured, catalog.PageSaidUnavailable:
		who = t.text("agency_side_problem.who_operator")
	}
	properties := []property{
		{Name: t.text("agency_side_problem.since"), Value: c.catalog.DateTime(e.Since)},
		{Name: t.text("agency_side_problem.who"), Value: who},
	}
	if e.Asset != "" {
		properties = append(properties, property{
			Name: t.text("agency_side_problem.tried_with"), Value: untrustedName(e.Asset),
		})
	}
	if e.Code != "" {
		properties = append(properties, property{
			Name: t.text("agency_side_problem.platform_code"), Value: sanitizeLine(e.Code),
		})
	}
	return c.toMember(e.Envelope, content{
		subject:   t.text("agency_side_problem.subject"),
		preheader: failure.ForAgency,
		headline:  t.lines("agency_side_problem.headline"),
		blocks: []block{
			{Lead: []string{failure.ForAgency}},
			c.open("label.open_request", e.Open),
			{Properties: properties},
		},
		note: []string{t.text("agency_side_problem.note")},
		why:  t.text("shared.requester"),
	})
}

// StillWaiting tells the owner that something waits and that nobody who could
// check has opened Latchkey for a day.
type StillWaiting struct {
	Envelope
	Client string
	Items  []onboarding.Item    // the waiting ones
	Seen   onboarding.Timestamp // when a member who can check was last seen; zero: never
	Open   string
}

func (e StillWaiting) content(c *Composer) content {
	t := c.texts("Client", sanitizeLine(e.Client), "When", c.catalog.DateTime(e.Seen))
	seen := t.text("still_waiting.never_seen")
	if e.Seen != 0 {
		seen = t.text("still_waiting.last_seen")
	}
	return c.toMember(e.Envelope, content{
		subject:   t.text("still_waiting.subject"),
		preheader: t.text("still_waiting.preheader"),
		headline:  t.pluralLines("still_waiting.headline", count(e.Items, onboarding.ItemWaiting)),
		blocks: []block{
			{Lead: []string{sentences([]string{seen, t.text("still_waiting.explanation")})}},
			c.open("label.open_request", e.Open),
			{Rows: c.counted(e.Items, nil, "")},
		},
		note: []string{t.text("still_waiting.note")},
		why:  t.text("still_waiting.why"),
	})
}

// CredentialExpiring tells the owner that an account would be lost because it
// was not used for a long time.
type CredentialExpiring struct {
	Envelope
	Client  string // empty: the agency's own account
	Service onboarding.Service
	Account string // the account's name
	Ends    onboarding.Timestamp
	Open    string
}

func (e CredentialExpiring) content(c *Composer) content {
	t := c.texts("Client", sanitizeLine(e.Client), "Service", c.catalog.Service(e.Service).Name)
	subject, whose := t.text("credential_expiring.subject_own"), t.text("credential_expiring.own_account")
	if e.Client != "" {
		subject, whose = t.text("credential_expiring.subject_client"), sanitizeLine(e.Client)
	}
	return c.toMember(e.Envelope, content{
		subject:   subject,
		preheader: t.text("credential_expiring.preheader", "When", c.catalog.Date(e.Ends)),
		headline:  t.lines("credential_expiring.headline"),
		blocks: []block{
			{Lead: []string{t.text("credential_expiring.lead")}},
			c.open("label.open_latchkey", e.Open),
			{Properties: []property{
				{Name: t.text("credential_expiring.account"), Value: untrustedName(e.Account)},
				{Name: t.text("credential_expiring.belongs_to"), Value: whose},
				{Name: t.text("credential_expiring.ends"), Value: c.catalog.DateTime(e.Ends)},
			}},
		},
		note: []string{t.text("credential_expiring.note")},
		why:  t.text("credential_expiring.why"),
	})
}

// Report tells the operator that a client pressed Report. What they may have
// thought is not in it: it has no field for that.
type Report struct {
	Envelope
	About     string // what they looked at: "an invitation", "a page of the wizard"
	Request   string // its id, for the operator's own commands
	Sent      onboarding.Timestamp
	Reported  onboarding.Timestamp
	Reference string // the log has it too
}

func (e Report) content(c *Composer) content {
	t := c.texts("Agency", sanitizeLine(e.Agency.Name), "About", sanitizeLine(e.About),
		"When", c.catalog.DateTime(e.Reported))
	properties := []property{
		{Name: t.text("report.agency"), Value: sanitizeLine(e.Agency.Name)},
		{Name: t.text("report.request"), Value: sanitizeLine(e.Request)},
		{Name: t.text("report.reference"), Value: sanitizeLine(e.Reference)},
	}
	if e.Sent != 0 {
		properties = append(properties, property{Name: t.text("report.sent"), Value: c.catalog.DateTime(e.Sent)})
	}
	return content{
		brand:     ownBrand(), // and no address for replies: they would come back to the operator
		subject:   t.text("report.subject"),
		preheader: t.text("report.preheader"),
		headline:  t.lines("report.headline"),
		blocks: []block{
			{Lead: []string{t.text("report.lead")}},
			{Properties: properties},
			{Lead: []string{t.text("report.next")}},
		},
		note:      []string{t.text("report.note")},
		why:       t.text("report.why"),
		automatic: true,
	}
}

// toMember gives an email to a member Latchkey's own brand and the way to help.
func (c *Composer) toMember(envelope Envelope, made content) content {
	made.brand = ownBrand()
	made.automatic = true
	switch contact := envelope.Operator.Contact; {
	case contact.Email != "":
		made.replyTo = contact.Email
		made.note = append(made.note, c.print.Text("help.operator", "Operator", sanitizeLine(envelope.Operator.Name)))
	case contact.Page != "":
		made.help = contact.Page
	}
	return made
}

// open is the button that shows something in the hub, or where to find it.
func (c *Composer) open(label, address string) block {
	if address == "" {
		return block{Lead: []string{c.print.Text("shared.find_request")}}
	}
	return block{Button: &button{Label: c.print.Text(label), URL: address}}
}
