package mail

import (
	"fmt"
	"slices"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// Invitation asks a client for access. Its subject and the label of its link
// are fixed: people search for them.
type Invitation struct {
	Head
	// gets the answers unless the agency has an address for them; named only if the agency says so
	Requester onboarding.Member
	Message   string // as the requester wrote it; empty: onboarding.DefaultMessage
	Services  []onboarding.Service
	Asked     catalog.Asked        // at Facebook
	Expires   onboarding.Timestamp // zero: not sent yet, a month is promised
	Link      onboarding.Secret    // the request's link for this receiver
}

func (l Invitation) write(c *Composer) sheet {
	company := line(l.Agency.CompanyName())
	said := l.asked(c, company)
	said.headline = []string{company + " asks for", "access to your accounts"}
	said.why = "You get this because " + company + " entered your address."
	return said
}

// asked is what Invitation and PhoneLink have in common.
func (l Invitation) asked(c *Composer, company string) sheet {
	message := l.Message
	if strings.TrimSpace(message) == "" {
		message = onboarding.DefaultMessage
	}
	written := lines(message)
	if l.Agency.Brand.ShowRequester && line(l.Requester.Name) != "" {
		written = append(written, "", line(l.Requester.Name))
	}
	var services []string
	for _, service := range onboarding.SortServices(l.Services) {
		services = append(services, c.asked(service, l.Asked))
	}
	if len(services) == 0 { // in a preview alone: nobody is written to for nothing
		services = []string{"nothing yet"}
	}
	valid := fact{"Valid until", c.catalog.DateTime(l.Expires) + ", on a computer"}
	if l.Expires == 0 {
		valid = fact{"Valid for", "One month, on a computer"}
	}
	return sheet{
		brand:     agencyBrand(l.Agency),
		subject:   "Onboarding Request: " + company,
		replyTo:   answersTo(l.Agency, l.Requester),
		preheader: "For " + c.catalog.List(services) + ". You sign in at each platform yourself.",
		blocks: []block{
			{Message: written},
			{Button: &button{Label: "Grant Permission Now", URL: l.Link.Reveal()}},
			{Facts: []fact{
				{"Asked for", strings.Join(services, ", ")},
				valid,
				{"Passwords", "None. You sign in at each platform yourself."},
			}},
		},
		leads: l.Link.Reveal(),
		note:  "If you are unsure, call the person you know at " + company + ". Help: reply to this email.",
	}
}

// asked names a service in an invitation, with what is meant of it.
func (c *Composer) asked(service onboarding.Service, of catalog.Asked) string {
	if service == onboarding.Facebook {
		what := "Facebook " + c.catalog.Things(of)
		if of.Level == onboarding.LevelView {
			what += ", " + c.catalog.ServiceFor(of, service).Purpose
		}
		return what
	}
	return c.catalog.Service(service).Name
}

// PhoneLink is the invitation again, for somebody who opened it on a phone
// and wants it waiting on a computer.
type PhoneLink struct {
	Invitation
}

func (l PhoneLink) write(c *Composer) sheet {
	company := line(l.Agency.CompanyName())
	said := l.asked(c, company)
	said.headline = []string{"Your link to", company + "’s request"}
	said.blocks = append([]block{{Lead: []string{
		"Open this email on a computer and go on there. Nothing was shared from the phone.",
	}}}, said.blocks...)
	said.why = "You get this because somebody asked for it where the link was opened on a phone, and " + company +
		" had entered your address."
	said.automatic = true
	return said
}

// Receipt tells a client what was shared, with whom, at which level, and how
// to take it back.
type Receipt struct {
	Head
	Requester onboarding.Member
	Items     []onboarding.Item
	Asked     catalog.Asked     // at Facebook
	Skipped   []onboarding.Skip // the services are named, the reasons are not
	Business  string            // the agency's Business Manager; empty without Facebook
	Finished  onboarding.Timestamp
	Number    string            // as the page shows it
	Link      onboarding.Secret // the receipt's own link
}

func (l Receipt) write(c *Composer) sheet {
	company := line(l.Agency.CompanyName())
	rows := l.shared(c)
	headline := []string{"You gave " + company, "access to these accounts"}
	what := "Shared on "
	if count(l.Items, onboarding.ItemConnected) == 0 {
		headline = []string{"Almost done: " + company, "waits for an approval"}
		what = "Finished on "
	}
	lead := what + c.catalog.DateTime(l.Finished)
	if l.Business != "" && hasService(l.Items, onboarding.Facebook) {
		if slices.ContainsFunc(l.Items, func(i onboarding.Item) bool { return i.Service != onboarding.Facebook }) {
			lead += ". What is at Facebook went to the Business Manager " + line(l.Business)
		} else {
			lead += ", with the Business Manager " + line(l.Business)
		}
	}
	return sheet{
		brand:     agencyBrand(l.Agency),
		subject:   "Your receipt: access for " + company,
		replyTo:   answersTo(l.Agency, l.Requester),
		preheader: "What you shared, at which level, and how to take it back.",
		headline:  headline,
		blocks: []block{
			{Lead: []string{lead + "."}},
			{Rows: rows},
			{Button: &button{Label: "Open the receipt", URL: l.Link.Reveal(), Small: true}},
		},

		note: "You can take each access back at its platform; the receipt says how. Help: reply to this email. " +
			"Receipt " + line(l.Number) + ".",
		why:       "You get this because this address was typed in as yours.",
		automatic: true,
	}
}

// AccessWorks keeps the promise "we will write when it is fixed".
type AccessWorks struct {
	Head
	Requester onboarding.Member
	Service   onboarding.Service
	Expires   onboarding.Timestamp
	Link      onboarding.Secret // the request's link for this receiver
}

func (l AccessWorks) write(c *Composer) sheet {
	company := line(l.Agency.CompanyName())
	service := c.catalog.Service(l.Service).Name
	return sheet{
		brand:     agencyBrand(l.Agency),
		subject:   "You can go on: " + company,
		replyTo:   answersTo(l.Agency, l.Requester),
		preheader: "The problem with " + service + " is solved. Your choices are kept.",
		headline:  []string{"It is fixed:", service + " can be connected now"},
		blocks: []block{
			{Lead: []string{"The problem was on " + company + "’s side, and it is solved. What you did before is kept; go on " +
				"where you stopped."}},
			{Button: &button{Label: "Continue", URL: l.Link.Reveal()}},
			{Facts: []fact{
				{"Valid until", c.catalog.DateTime(l.Expires) + ", on a computer"},
				{"Passwords", "None. You sign in at each platform yourself."},
			}},
		},
		leads:     l.Link.Reveal(),
		note:      "If you are unsure, call the person you know at " + company + ". Help: reply to this email.",
		why:       "You get this once, because you tried to connect " + service + " for " + company + ".",
		automatic: true,
	}
}

// Outcome is how a client's finish ended, for the notices to the requester.
type Outcome struct {
	Client    string
	Items     []onboarding.Item
	Skipped   []onboarding.Skip // that there is a reason is said, the reason is not
	Business  string            // the Business Manager the assets went to
	Finished  onboarding.Timestamp
	Completed onboarding.Timestamp // later than Finished when everything had to wait
	Invited   string               // the recipient whose letter it began from; empty: a copied link
	Open      string               // the address that shows the request; empty: none
}

// who says by whom the request was finished, in the requester's own words:
// what was typed in the wizard stays in the hub.
func (o Outcome) who() string {
	if o.Invited == "" {
		return "by somebody who had the link"
	}
	return "by the person you invited as " + line(o.Invited)
}

// whom is who, at the start of what they did.
func (o Outcome) whom() string { return strings.TrimPrefix(o.who(), "by ") }

// CompletionNotice tells the requester that a request is connected.
type CompletionNotice struct {
	Head
	Outcome
}

func (l CompletionNotice) write(c *Composer) sheet {
	client := line(l.Client)
	accounts := c.plural("accounts", count(l.Items, onboarding.ItemConnected))
	lead := "Finished on " + c.catalog.DateTime(l.Finished) + " " + l.who() + "."
	if l.Completed > l.Finished {
		lead += " The first account arrived on " + c.catalog.DateTime(l.Completed) + "."
	}
	note := "The link works for nobody now."
	if count(l.Items, onboarding.ItemWaiting) > 0 {
		note += " What is waiting is looked at whenever Latchkey is open."
	}
	return member(l.Head, sheet{
		subject:   client + ": connected",
		preheader: accounts + " connected.",
		headline:  []string{client + " has", "connected " + accounts},
		blocks: []block{
			{Lead: []string{lead}},
			open("Show the request", l.Open),
			{Rows: c.counted(l.Items, l.Skipped, l.Business)},
		},
		note: note,
		why:  "You get this once, because you sent the request.",
	})
}

// FinishedWaiting tells the requester that a client has done their part and
// everything waits for an approval.
type FinishedWaiting struct {
	Head
	Outcome
}

func (l FinishedWaiting) write(c *Composer) sheet {
	client := line(l.Client)
	waiting := c.plural("accounts_waiting", count(l.Items, onboarding.ItemWaiting))
	return member(l.Head, sheet{
		subject:   client + ": finished, waiting",
		preheader: waiting + ".",
		headline:  []string{client + " has finished;", waiting},
		blocks: []block{
			{Lead: []string{"Finished on " + c.catalog.DateTime(l.Finished) + " " + l.who() + ". Nothing is connected yet. " +
				"The request stays pending until the first account arrives, and no longer expires."}},
			open("Show the request", l.Open),
			{Rows: c.counted(l.Items, l.Skipped, l.Business)},
		},
		note: "The link works for nobody now. What is waiting is looked at whenever Latchkey is open.",
		why:  "You get this once, because you sent the request.",
	})
}

// NothingConnected tells the requester that somebody finished without
// connecting anything. The link goes on working.
type NothingConnected struct {
	Head
	Outcome
	Expires onboarding.Timestamp
}

func (l NothingConnected) write(c *Composer) sheet {
	client := line(l.Client)
	return member(l.Head, sheet{
		subject:   client + ": nothing connected yet",
		preheader: "The link still works.",
		headline:  []string{client + " could not", "connect anything yet"},
		blocks: []block{
			{Lead: []string{"On " + c.catalog.DateTime(l.Finished) + " " + l.whom() + " came to the end and had connected " +
				"nothing. A call usually helps: the right person may be a colleague of theirs."}},
			open("Show the request", l.Open),
			{Rows: c.counted(l.Items, l.Skipped, l.Business)},
		},
		note: "The request stays pending and its link works until " + c.catalog.DateTime(l.Expires) + ".",
		why:  "You get this because you sent the request.",
	})
}

// ReplyToCode proves that an address for answers can be read by the agency.
type ReplyToCode struct {
	Head
	Code onboarding.Secret    // eight digits
	Ends onboarding.Timestamp // ten minutes after it was made
}

func (l ReplyToCode) write(c *Composer) sheet {
	agency := line(l.Agency.Name)
	return member(l.Head, sheet{
		subject:   "Confirm this address for " + agency,
		preheader: "The code works for 10 minutes.",
		headline:  []string{"Confirm this address", "for answers"},
		blocks: []block{
			{Lead: []string{agency + " wants answers to its requests to come to this address. Type this code in Latchkey, " +
				"under Collaboration Settings:"}},
			{Code: l.Code.Reveal()},
			{Facts: []fact{{"Valid for", "10 minutes, until " + c.catalog.Time(l.Ends)}}},
		},
		note: "If you did not expect this, do nothing: without the code the address is not used. Give it only to a " +
			"colleague who asked for it.",
		why: "You get this because somebody at " + agency + " entered this address.",
	})
}

// NoDevice tells the agency that a client is kept waiting because none of
// its computers can receive what the client would give.
type NoDevice struct {
	Head
	Client  string
	Service onboarding.Service
	Since   onboarding.Timestamp
	Open    string
}

func (l NoDevice) write(c *Composer) sheet {
	client, service := line(l.Client), c.catalog.Service(l.Service).Name
	return member(l.Head, sheet{
		subject:   client + " cannot go on: no computer can receive",
		preheader: "Open Latchkey on one computer, and they can.",
		headline:  []string{client + " cannot connect", service + " yet"},
		blocks: []block{
			{Lead: []string{
				"They tried on " + c.catalog.DateTime(l.Since) + ". " + service + " gives a key that only your own computers may " +
					"open, and none of the people who may see this request has a computer in Latchkey now.",
				"Open Latchkey on a computer and join with a code: a main user finds one under Settings, Team. Then write to " +
					"your client that they can go on; their link still works.",
			}},
			open("Show the request", l.Open),
		},
		note: "The client read that the problem is on your side, and that nothing is lost.",
		why:  "You get this because you sent the request, or look after Latchkey at " + line(l.Agency.Name) + ".",
	})
}

// AgencySideProblem tells the agency that a client is stopped by something
// that only the agency can put right.
type AgencySideProblem struct {
	Head
	Client  string
	Service onboarding.Service
	Failure catalog.FailureCode
	User    string // the agency's user at the platform, if known
	Asset   string // what could not be shared; empty: everything
	Code    string // the platform's own, as "190/460"; may be empty
	Since   onboarding.Timestamp
	Open    string
}

func (l AgencySideProblem) write(c *Composer) sheet {
	client, service := line(l.Client), c.catalog.Service(l.Service).Name
	failure := c.catalog.Describe(l.Failure, catalog.Args{
		Agency: line(l.Agency.Name), Name: line(l.User), Asset: foreign(l.Asset), Service: l.Service, When: l.Since,
	})
	who := "Somebody at " + line(l.Agency.Name)
	if l.Failure == catalog.AppNotApproved || l.Failure == catalog.NotConfigured {
		who = line(l.Operator.Name) + ", who runs the relay"
	}
	facts := []fact{{"Since", c.catalog.DateTime(l.Since)}, {"Who can help", who}}
	if l.Asset != "" {
		facts = append(facts, fact{"Tried with", foreign(l.Asset)})
	}
	if l.Code != "" {
		facts = append(facts, fact{service + " said", line(l.Code)})
	}
	return member(l.Head, sheet{
		subject:   client + " is stopped at " + service,
		preheader: failure.ForAgency,
		headline:  []string{client + " is stopped", "by something on your side"},
		blocks: []block{
			{Lead: []string{failure.ForAgency}},
			open("Show the request", l.Open),
			{Facts: facts},
		},
		note: "Your client read that the problem is not theirs, and that somebody writes when it is fixed. Latchkey writes " +
			"to them as soon as a check passes.",
		why: "You get this because you sent the request.",
	})
}

// StillWaiting tells the owner that something waits and that nobody who could
// look has opened Latchkey for a day.
type StillWaiting struct {
	Head
	Client string
	Items  []onboarding.Item    // the waiting ones
	Seen   onboarding.Timestamp // when somebody who can check was last seen; zero: never
	Open   string
}

func (l StillWaiting) write(c *Composer) sheet {
	client := line(l.Client)
	waiting := c.plural("accounts", count(l.Items, onboarding.ItemWaiting))
	seen := "Nobody who can look has opened Latchkey yet"
	if l.Seen != 0 {
		seen = "Nobody who can look has opened Latchkey since " + c.catalog.DateTime(l.Seen)
	}
	return member(l.Head, sheet{
		subject:   client + ": still waiting, and nobody looks",
		preheader: "Open Latchkey for a minute; it looks by itself.",
		headline:  []string{waiting + " of " + client, "may have arrived"},
		blocks: []block{
			{Lead: []string{seen + ". Latchkey looks from your side, with your rights, so one of your computers has to be on. " +
				"Open it for a minute; it looks by itself."}},
			open("Show the request", l.Open),
			{Rows: c.counted(l.Items, nil, "")},
		},
		note: "You get one such letter for a request until somebody has looked again.",
		why:  "You get this because the request is yours.",
	})
}

// CredentialExpiring tells the owner that an account would be lost because it
// was not used for a long time.
type CredentialExpiring struct {
	Head
	Client  string // empty: the agency's own account
	Service onboarding.Service
	Account string // the account's name
	Ends    onboarding.Timestamp
	Open    string
}

func (l CredentialExpiring) write(c *Composer) sheet {
	service := c.catalog.Service(l.Service).Name
	whose := "your own account"
	subject := service + " access ends soon"
	if l.Client != "" {
		whose = line(l.Client)
		subject = whose + ": " + subject
	}
	return member(l.Head, sheet{
		subject:   subject,
		preheader: "Open Latchkey before " + c.catalog.Date(l.Ends) + ".",
		headline:  []string{"Open Latchkey to keep", "this " + service + " access"},
		blocks: []block{
			{Lead: []string{service + " ends access that nobody uses for a long time. Open Latchkey on a computer that holds " +
				"it before the day below; it renews it by itself."}},
			open("Open Latchkey", l.Open),
			{Facts: []fact{
				{"Account", foreign(l.Account)},
				{"Belongs to", whose},
				{"Ends", c.catalog.DateTime(l.Ends)},
			}},
		},
		note: "After that day the access has to be given again.",
		why:  "You get this because the account is yours in Latchkey.",
	})
}

// Report tells the operator that somebody pressed Report. What they may have
// thought is not in it: it has no field for words.
type Report struct {
	Head
	About     string // what they looked at: "an invitation", "a page of the wizard"
	Request   string // its id, for the operator's own commands
	Sent      onboarding.Timestamp
	Reported  onboarding.Timestamp
	Reference string // the log has it too
}

func (l Report) write(c *Composer) sheet {
	agency := line(l.Agency.Name)
	facts := []fact{
		{"Agency", agency},
		{"Request", line(l.Request)},
		{"Reference", line(l.Reference)},
	}
	if l.Sent != 0 {
		facts = append(facts, fact{"Sent", c.catalog.DateTime(l.Sent)})
	}
	return sheet{
		brand:     ownBrand(), // and no address for answers: they would come back to the operator
		subject:   "Report: " + agency,
		preheader: "Somebody reported " + line(l.About) + ".",
		headline:  []string{"Somebody reported", line(l.About)},
		blocks: []block{
			{Lead: []string{fmt.Sprintf("On %s somebody pressed Report. It came in the name of %s, through your relay.",
				c.catalog.DateTime(l.Reported), agency)}},
			{Facts: facts},
			{Lead: []string{"Ask the agency what it is about. If it is not theirs to ask, stop them with: latchkey-relay " +
				"agency suspend"}},
		},
		note:      "Who pressed it is not kept.",
		why:       "You get this because you are the contact of this relay.",
		automatic: true,
	}
}

// member gives a letter to a member Latchkey's own brand and the way to help.
func member(head Head, said sheet) sheet {
	said.brand = ownBrand()
	said.automatic = true
	if _, err := bareAddress(head.Operator.Contact); err == nil {
		said.replyTo = head.Operator.Contact
		said.note += " Help: reply to this email; " + line(head.Operator.Name) + " reads it."
	} else if _, err := webAddress(head.Operator.Contact); err == nil {
		said.help = head.Operator.Contact
	}
	return said
}

// open is the button that shows something in the hub, or where to find it.
func open(label, address string) block {
	if address == "" {
		return block{Lead: []string{"You find it in Latchkey, under Collaboration, Onboarding Requests."}}
	}
	return block{Button: &button{Label: label, URL: address}}
}

// answersTo is where a client's answer goes: the agency's confirmed address,
// else the requester's, which then stands without the name.
func answersTo(agency onboarding.Agency, requester onboarding.Member) string {
	if agency.Brand.ReplyTo != "" {
		return agency.Brand.ReplyTo
	}
	return requester.Email
}
