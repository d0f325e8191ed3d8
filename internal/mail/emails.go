package mail

import (
	"slices"
	"strconv"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// Invitation asks a client for access. Its subject and the label of its link
// are fixed: people search for them.
type Invitation struct {
	Envelope
	// gets the replies unless the agency has an address for them; named only if the agency says so
	Requester onboarding.Member
	Message   string // as the requester wrote it; empty: the catalog's DefaultMessage
	Services  []onboarding.Service
	Asked     catalog.Asked        // at Facebook
	Expires   onboarding.Timestamp // zero: not sent yet, a month is promised
	Link      onboarding.Secret    // the request's link for this receiver
	Handed    bool                 // a client entered the address: a colleague of theirs
}

// why is one of two messages about who entered the address: the agency, or a client.
func (e Invitation) why(t texts, id, handed string) string {
	if e.Handed {
		id = handed
	}
	return t.text(id)
}

func (e Invitation) content(c *Composer) content {
	t := c.texts("Agency", sanitizeLine(e.Agency.CompanyName()))
	made := e.request(c, t)
	made.headline = t.lines("invitation.headline")
	made.why = e.why(t, "invitation.why", "invitation.why_handed")
	return made
}

// request is what Invitation, PhoneLink, LinkAgain and Reminder have in common.
func (e Invitation) request(c *Composer, t texts) content {
	message := e.Message
	if strings.TrimSpace(message) == "" {
		message = c.catalog.DefaultMessage()
	}
	written := messageLines(message)
	if name := sanitizeLine(e.Requester.Name); e.Agency.Brand.ShowRequester && name != "" {
		written = append(written, "", name)
	}
	var services []string
	for _, service := range c.catalog.Sort(e.Services) {
		services = append(services, c.askedFor(service, e.Asked))
	}
	if len(services) == 0 { // in a preview alone: nobody is written to for nothing
		services = []string{t.text("invitation.nothing")}
	}
	valid := c.validUntil(e.Expires)
	if e.Expires == 0 {
		valid = property{Name: t.text("label.valid_for"), Value: t.text("shared.valid_a_month")}
	}
	return content{
		brand:     c.agencyBrand(e.Agency),
		subject:   t.text("invitation.subject"),
		replyTo:   replyTo(e.Agency, e.Requester),
		preheader: t.text("invitation.preheader", "Services", c.catalog.List(services)),
		blocks: []block{
			{Message: written},
			{Button: &button{Label: t.text("invitation.button"), URL: e.Link.Reveal()}},
			{Properties: []property{
				{Name: t.text("invitation.asked_for"), Value: c.enumerate(services)},
				valid,
				c.passwords(),
			}},
		},
		leads: e.Link.Reveal(),
		note:  []string{t.text("shared.unsure"), t.text("help.reply")},
	}
}

// askedFor names a service in an invitation, with what is meant of it.
func (c *Composer) askedFor(service onboarding.Service, asked catalog.Asked) string {
	described := c.catalog.ServiceFor(asked, service)
	if service != onboarding.Facebook {
		return described.Name
	}
	t := c.texts("Service", described.Name, "Things", c.catalog.Things(asked), "Purpose", described.Purpose)
	if asked.Level == onboarding.LevelView {
		return t.text("invitation.facebook_purpose")
	}
	return t.text("invitation.facebook")
}

// PhoneLink is the invitation again, for a client who opened it on a phone and
// wants to continue on a computer.
type PhoneLink struct {
	Invitation
}

func (e PhoneLink) content(c *Composer) content {
	t := c.texts("Agency", sanitizeLine(e.Agency.CompanyName()))
	made := e.request(c, t)
	made.headline = t.lines("phone_link.headline")
	made.blocks = append([]block{{Lead: []string{t.text("phone_link.lead")}}}, made.blocks...)
	made.why = e.why(t, "phone_link.why", "phone_link.why_handed")
	made.automatic = true
	return made
}

// LinkAgain is the invitation again, with the newest link, for a client who opened an
// older one and had it sent.
type LinkAgain struct {
	Invitation
}

func (e LinkAgain) content(c *Composer) content {
	t := c.texts("Agency", sanitizeLine(e.Agency.CompanyName()))
	made := e.request(c, t)
	made.headline = t.lines("link_again.headline")
	made.blocks = append([]block{{Lead: []string{t.text("link_again.lead")}}}, made.blocks...)
	made.why = e.why(t, "link_again.why", "link_again.why_handed")
	made.automatic = true
	return made
}

// ReminderProgress is how far a request is that somebody is reminded of.
type ReminderProgress int

// The stages.
const (
	NotBegun ReminderProgress = iota
	BegunByThem
	BegunByAnother
)

// Reminder is the invitation again, for a recipient of a request that nobody has finished.
type Reminder struct {
	Invitation
	Progress  ReminderProgress
	Connected int // services with something connected
	Asked     int // services
}

func (e Reminder) content(c *Composer) content {
	t := c.texts("Agency", sanitizeLine(e.Agency.CompanyName()), "Connected", strconv.Itoa(e.Connected),
		"Asked", strconv.Itoa(e.Asked))
	made := e.request(c, t)
	made.subject = t.text("reminder.subject")
	made.headline = t.lines("reminder.headline")
	lead := t.text("reminder.not_begun")
	switch {
	case e.Progress == BegunByThem:
		lead = t.text("reminder.begun")
	case e.Handed: // nobody else has their part
		lead = t.text("reminder.not_begun_handed")
	case e.Progress == BegunByAnother:
		lead = t.text("reminder.begun_by_another")
	}
	if e.Connected > 0 {
		lead = sentences([]string{lead, t.text("reminder.connected")})
	}
	made.blocks = append([]block{{Lead: []string{lead}}}, made.blocks...)
	made.note = append([]string{t.text("reminder.not_yours")}, made.note...)
	made.why = e.why(t, "reminder.why", "reminder.why_handed")
	made.automatic = true
	return made
}

// Receipt lists for a client what was shared, with whom, at which level, and
// how to take it back.
type Receipt struct {
	Envelope
	Requester onboarding.Member
	Items     []onboarding.Item
	Asked     catalog.Asked        // at Facebook
	Skipped   []onboarding.Skip    // the services are named, the reasons are not
	Business  string               // the agency's Business Manager; empty without Facebook
	Over      ReceiptOver          // how the request ended without a finish; empty: it was finished
	Finished  onboarding.Timestamp // or when it ended
	Number    string               // as the page shows it
	Link      onboarding.Secret    // the receipt's own link
	// History is the end of the request's history, which a later one has to contain; zero:
	// it is not named.
	History onboarding.AuditHead
}

// ReceiptOver is how a request ended that nobody finished.
type ReceiptOver string

// The ends.
const (
	OverExpired   ReceiptOver = "expired"
	OverWithdrawn ReceiptOver = "withdrawn" // by the agency
)

func (e Receipt) content(c *Composer) content {
	t := c.texts("Agency", sanitizeLine(e.Agency.CompanyName()), "When", c.catalog.DateTime(e.Finished),
		"Business", sanitizeLine(e.Business), "Number", sanitizeLine(e.Number),
		"Entry", strconv.FormatInt(e.History.Length, 10), "Code", onboarding.AuditCode(e.History.Hash))
	notes := []string{t.text("receipt.note"), t.text("help.reply"), t.text("receipt.number")}
	if e.History.Length > 0 {
		notes = append(notes, t.text("receipt.history"))
	}
	headline := "receipt.headline"
	if count(e.Items, onboarding.ItemConnected) == 0 {
		headline = "receipt.headline_waiting"
	}
	return content{
		brand:     c.agencyBrand(e.Agency),
		subject:   t.text("receipt.subject"),
		replyTo:   replyTo(e.Agency, e.Requester),
		preheader: t.text("receipt.preheader"),
		headline:  t.lines(headline),
		blocks: []block{
			{Lead: []string{t.text(e.leadID())}},
			{Rows: e.rows(c)},
			{Button: &button{Label: t.text("receipt.button"), URL: e.Link.Reveal(), Small: true}},
		},
		note:      notes,
		why:       t.text("receipt.why"),
		automatic: true,
	}
}

// leadID is the message about when it was shared, and with which Business
// Manager if anything is at Facebook.
func (e Receipt) leadID() string {
	switch e.Over {
	case OverExpired:
		return "receipt.over_expired"
	case OverWithdrawn:
		return "receipt.over_withdrawn"
	}
	ids := []string{"receipt.shared", "receipt.shared_facebook", "receipt.shared_facebook_among"}
	if count(e.Items, onboarding.ItemConnected) == 0 {
		ids = []string{"receipt.finished", "receipt.finished_facebook", "receipt.finished_facebook_among"}
	}
	isFacebook := func(i onboarding.Item) bool { return i.Service == onboarding.Facebook }
	isOther := func(i onboarding.Item) bool { return i.Service != onboarding.Facebook }
	switch {
	case e.Business == "" || !slices.ContainsFunc(e.Items, isFacebook):
		return ids[0]
	case !slices.ContainsFunc(e.Items, isOther):
		return ids[1]
	}
	return ids[2]
}

// AccessWorks keeps the promise to write when a problem is fixed.
type AccessWorks struct {
	Envelope
	Requester onboarding.Member
	Service   onboarding.Service
	Expires   onboarding.Timestamp
	Link      onboarding.Secret // the request's link for this receiver
}

func (e AccessWorks) content(c *Composer) content {
	t := c.texts("Agency", sanitizeLine(e.Agency.CompanyName()), "Service", c.catalog.Service(e.Service).Name)
	return content{
		brand:     c.agencyBrand(e.Agency),
		subject:   t.text("access_works.subject"),
		replyTo:   replyTo(e.Agency, e.Requester),
		preheader: t.text("access_works.preheader"),
		headline:  t.lines("access_works.headline"),
		blocks: []block{
			{Lead: []string{t.text("access_works.lead")}},
			{Button: &button{Label: t.text("access_works.button"), URL: e.Link.Reveal()}},
			{Properties: []property{c.validUntil(e.Expires), c.passwords()}},
		},
		leads:     e.Link.Reveal(),
		note:      []string{t.text("shared.unsure"), t.text("help.reply")},
		why:       t.text("access_works.why"),
		automatic: true,
	}
}

// validUntil is until when a link can be opened.
func (c *Composer) validUntil(expires onboarding.Timestamp) property {
	t := c.texts("When", c.catalog.DateTime(expires))
	return property{Name: t.text("label.valid_until"), Value: t.text("shared.valid_until")}
}

// passwords is what clients most fear to be asked for.
func (c *Composer) passwords() property {
	return property{Name: c.print.Text("label.passwords"), Value: c.print.Text("shared.passwords")}
}

// replyTo is where a client's reply goes: the agency's confirmed address,
// else the requester's, which then stands without the name.
func replyTo(agency onboarding.Agency, requester onboarding.Member) string {
	if agency.Brand.ReplyTo != "" {
		return agency.Brand.ReplyTo
	}
	return requester.Email
}
