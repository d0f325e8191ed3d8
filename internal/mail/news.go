package mail

import (
	"slices"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// NeedsAttention tells the owner that accounts stopped working.
type NeedsAttention struct {
	Envelope
	Client string // empty: the agency's own accounts
	Items  []onboarding.Item
	More   int // others, that are not among Items
	Open   string
}

func (e NeedsAttention) content(c *Composer) content {
	t := c.texts("Client", sanitizeLine(e.Client))
	total := len(e.Items) + e.More
	subject := t.plural("needs_attention.subject_own", total)
	if e.Client != "" {
		subject = t.plural("needs_attention.subject_client", total)
	}
	var broken []row
	for _, i := range e.Items {
		failure := c.catalog.DescribeForAgency(catalog.FailureCode(i.Access.Failure), catalog.Args{
			Agency: sanitizeLine(e.Agency.Name), Service: i.Service, Asset: c.nameOf(i), Code: i.Access.Code,
			When: i.Access.Since, Own: e.Client == "",
		})
		broken = append(broken, row{
			Name: c.nameOf(i), Detail: details(c.catalog.Service(i.Service).Name, failure.Title),
			State: t.text("needs_attention.state"), Tone: "fail",
		})
	}
	blocks := []block{
		{Lead: []string{t.plural("needs_attention.lead", total)}},
		c.open("label.open_why", e.Open),
		{Rows: broken, More: e.More, Rest: t.text("rows.rest_hub")},
	}
	return c.toMember(e.Envelope, content{
		subject:   subject,
		preheader: t.text("needs_attention.preheader"),
		headline:  t.pluralLines("needs_attention.headline", total),
		blocks:    blocks,
		note:      []string{t.text("news.choose")},
		why:       t.text("needs_attention.why"),
	})
}

// Skipped tells the requester which services a client skipped, or the rest of which. Whether there is
// a reason is said, the reason is not: it stays in the hub.
type Skipped struct {
	Envelope
	Client  string
	Skipped []onboarding.Skip
	Items   []onboarding.Item // what they gave: of these services the rest is skipped
	Asked   int               // services
	Expires onboarding.Timestamp
	Open    string
}

func (e Skipped) content(c *Composer) content {
	t := c.texts("Client", sanitizeLine(e.Client), "When", c.catalog.DateTime(e.Expires))
	next := t.text("skipped.rest_open")
	if len(e.Skipped) >= e.Asked {
		next = t.text("skipped.nothing_open")
	}
	return c.toMember(e.Envelope, content{
		subject:   t.plural("skipped.subject", len(e.Skipped)),
		preheader: t.text("skipped.preheader"),
		headline:  t.pluralLines("skipped.headline", len(e.Skipped)),
		blocks: []block{
			{Lead: []string{next}},
			c.open("label.open_why", e.Open),
			{Rows: c.skippedRows(e.Skipped, e.Items)},
		},
		note: []string{t.text("skipped.note"), t.text("news.choose")},
		why:  t.text("shared.requester"),
	})
}

// Declined tells the requester that a client cannot do any of a request. The reason stays
// in the hub.
type Declined struct {
	Envelope
	Client  string
	At      onboarding.Timestamp
	Expires onboarding.Timestamp
	Open    string
}

func (e Declined) content(c *Composer) content {
	t := c.texts("Client", sanitizeLine(e.Client), "When", c.catalog.DateTime(e.Expires))
	return c.toMember(e.Envelope, content{
		subject:   t.text("declined.subject"),
		preheader: t.text("declined.preheader"),
		headline:  t.lines("declined.headline"),
		blocks: []block{
			{Lead: []string{t.text("declined.lead"), t.text("declined.next")}},
			c.open("label.open_why", e.Open),
			{Properties: []property{{Name: t.text("declined.declined"), Value: c.catalog.DateTime(e.At)}}},
		},
		note: []string{t.text("declined.note"), t.text("news.choose")},
		why:  t.text("shared.requester"),
	})
}

// AccessWithdrawn tells the requester what a client withdrew from their receipt.
type AccessWithdrawn struct {
	Envelope
	Client string
	Items  []onboarding.Item
	More   int // others, that are not among Items
	Open   string
}

func (e AccessWithdrawn) content(c *Composer) content {
	t := c.texts("Client", sanitizeLine(e.Client))
	total := len(e.Items) + e.More
	var rows []row
	for _, i := range e.Items {
		state := t.text("access_withdrawn.state")
		switch {
		case isNeverArrived(i):
			state = t.text("access_withdrawn.state_never")
		case i.State == onboarding.ItemEnded:
			state = t.text("access_withdrawn.state_ended")
		}
		rows = append(rows, row{
			Name: c.nameOf(i), Detail: c.catalog.Service(i.Service).Name, State: state, Tone: "rest",
		})
	}
	preheader, lead, next := e.texts()
	subject, headline := t.plural("access_withdrawn.subject", total), t.pluralLines("access_withdrawn.headline", total)
	if e.isNever() {
		subject = t.plural("access_withdrawn.subject_never", total)
		headline = t.pluralLines("access_withdrawn.headline_never", total)
	}
	return c.toMember(e.Envelope, content{
		subject:   subject,
		preheader: t.text(preheader),
		headline:  headline,
		blocks: []block{
			{Lead: []string{t.text(lead), t.text(next)}},
			c.open("label.open_request", e.Open),
			{Rows: rows, More: e.More, Rest: t.text("rows.rest_hub")},
		},
		note: []string{t.text("news.choose")},
		why:  t.text("shared.requester"),
	})
}

// texts are the messages about what is left to do.
func (e AccessWithdrawn) texts() (preheader, lead, next string) {
	isOpen := func(i onboarding.Item) bool { return i.State != onboarding.ItemEnded }
	isOver := func(i onboarding.Item) bool { return i.State == onboarding.ItemEnded }
	switch {
	case slices.ContainsFunc(e.Items, isOpen) && slices.ContainsFunc(e.Items, isOver):
		return "access_withdrawn.preheader", "access_withdrawn.lead_some", "access_withdrawn.next"
	case e.More > 0 || slices.ContainsFunc(e.Items, isOpen):
		return "access_withdrawn.preheader", "access_withdrawn.lead", "access_withdrawn.next"
	case !e.isNever():
		return "access_withdrawn.over_preheader", "access_withdrawn.over", "access_withdrawn.nothing"
	}
	return "access_withdrawn.never_preheader", "access_withdrawn.never", "access_withdrawn.never_next"
}

// isNever reports whether nothing of it had arrived.
func (e AccessWithdrawn) isNever() bool {
	isFound := func(i onboarding.Item) bool { return !isNeverArrived(i) }
	return e.More == 0 && !slices.ContainsFunc(e.Items, isFound)
}

// isNeverArrived reports whether a client only named it, and nobody has found it.
func isNeverArrived(i onboarding.Item) bool {
	return i.State == onboarding.ItemEnded && i.Failure == string(catalog.NeverArrived)
}

// LinkAsked tells the requester that a client with a link that no longer works asks for
// a new one.
type LinkAsked struct {
	Envelope
	Client  string
	At      onboarding.Timestamp // when they asked
	Ended   onboarding.Timestamp // when the newest link ended, or will
	Expired bool                 // it has; else the client has an older link
	Invited int                  // the recipients whom a new link can go to
	Asset   string               // the account that the link was to repair; empty: it was of the request
	Open    string
}

func (e LinkAsked) content(c *Composer) content {
	t := c.texts(
		"Client", sanitizeLine(e.Client), "When", c.catalog.DateTime(e.Ended), "Asset", sanitizeLine(e.Asset),
	)
	lead, next, copied := "link_asked.older", "link_asked.send_again", "link_asked.send_again_copy"
	if e.Expired {
		lead, next, copied = "link_asked.expired", "link_asked.renew", "link_asked.renew_copy"
	}
	preheader := "link_asked.preheader"
	if e.Invited == 0 {
		next, preheader = copied, "link_asked.preheader_copy"
	}
	note := "link_asked.note"
	if e.Asset != "" {
		lead, next, preheader, note = "link_asked.repair", "link_asked.repair_next", "link_asked.preheader_repair",
			"link_asked.note_repair"
	}
	return c.toMember(e.Envelope, content{
		subject:   t.text("link_asked.subject"),
		preheader: t.text(preheader),
		headline:  t.lines("link_asked.headline"),
		blocks: []block{
			{Lead: []string{t.text(lead), t.text(next)}},
			c.open("label.open_request", e.Open),
			{Properties: []property{{Name: t.text("link_asked.asked"), Value: c.catalog.DateTime(e.At)}}},
		},
		note: []string{t.text(note), t.text("news.choose")},
		why:  t.text("shared.requester"),
	})
}

// RequestExpiring tells the requester that a link ends soon and nobody has finished it.
type RequestExpiring struct {
	Envelope
	Client string
	Opened bool // somebody pressed Grant Permission Now
	Ends   onboarding.Timestamp
	Open   string
}

func (e RequestExpiring) content(c *Composer) content {
	t := c.texts("Client", sanitizeLine(e.Client), "When", c.catalog.DateTime(e.Ends))
	lead := t.text("request_expiring.not_opened")
	if e.Opened {
		lead = t.text("request_expiring.opened")
	}
	return c.toMember(e.Envelope, content{
		subject:   t.text("request_expiring.subject"),
		preheader: t.text("request_expiring.preheader"),
		headline:  t.lines("request_expiring.headline"),
		blocks: []block{
			{Lead: []string{lead, t.text("request_expiring.next")}},
			c.open("label.open_request", e.Open),
			{Properties: []property{{Name: t.text("request_expiring.ends"), Value: c.catalog.DateTime(e.Ends)}}},
		},
		note: []string{t.text("news.choose")},
		why:  t.text("shared.requester"),
	})
}

// PartFinished tells the requester that a client did their part, and that the rest is with
// colleagues who have not opened their link.
type PartFinished struct {
	Envelope
	Client     string
	Colleagues []string // their addresses
	Expires    onboarding.Timestamp
	Open       string
}

func (e PartFinished) content(c *Composer) content {
	var names []string
	for _, address := range e.Colleagues {
		names = append(names, sanitizeLine(address))
	}
	t := c.texts("Client", sanitizeLine(e.Client), "Colleagues", c.catalog.List(names))
	return c.toMember(e.Envelope, content{
		subject:   t.text("part_finished.subject"),
		preheader: t.text("part_finished.preheader"),
		headline:  t.lines("part_finished.headline"),
		blocks: []block{
			{Lead: []string{t.text("part_finished.lead"), t.text("part_finished.next")}},
			c.open("label.open_request", e.Open),
			{Properties: []property{{Name: t.text("request_expiring.ends"), Value: c.catalog.DateTime(e.Expires)}}},
		},
		note: []string{t.text("news.choose")},
		why:  t.text("shared.requester"),
	})
}

// SignInEnds tells a member and the main users that the agency's own sign-in at a
// platform ends soon, or has ended.
type SignInEnds struct {
	Envelope
	Service onboarding.Service
	User    string // at the platform
	Member  string // whose it is in Latchkey
	Own     bool   // the receiver's
	Ends    onboarding.Timestamp
	Failure catalog.FailureCode  // why it does not work; empty: it works still
	Code    string               // the platform's own
	Since   onboarding.Timestamp // it does not work
	Now     onboarding.Timestamp
	Open    string
}

func (e SignInEnds) content(c *Composer) content {
	t := c.texts("Service", c.catalog.Service(e.Service).Name, "Member", sanitizeLine(e.Member),
		"When", c.catalog.Date(e.Ends))
	made := e.opening(c, t)
	properties := []property{{Name: t.text("sign_in_ends.user"), Value: untrustedName(e.User)}}
	if e.Failure != "" {
		properties = append(properties, property{Name: t.text("outage.since"), Value: c.catalog.DateTime(e.Since)})
	} else {
		properties = append(properties, property{Name: t.text("sign_in_ends.ends"), Value: c.catalog.DateTime(e.Ends)})
	}
	label, who := "label.sign_in", t.text("sign_in_ends.who_member")
	switch {
	case e.Failure.LacksRights(): // signing in gives none
		label, who = "label.open_why", t.text("sign_in_ends.who_admin")
	case e.Own:
		who = t.text("sign_in_ends.who_you")
	}
	properties = append(properties, property{Name: t.text("outage.who"), Value: who})
	if e.Code != "" {
		properties = append(properties, property{Name: t.text("outage.platform_code"), Value: sanitizeLine(e.Code)})
	}
	made.blocks = append(made.blocks, c.open(label, e.Open), block{Properties: properties})
	made.note = []string{t.text("news.choose")}
	made.why = t.text("sign_in_ends.why")
	return c.toMember(e.Envelope, made)
}

// opening describes whether the sign-in ends soon, has ended, or does not work.
func (e SignInEnds) opening(c *Composer, t texts) content {
	if e.Failure == "" && (e.Ends == 0 || e.Ends > e.Now) {
		return content{
			subject:   t.text("sign_in_ends.soon.subject"),
			preheader: t.text("sign_in_ends.soon.preheader"),
			headline:  t.lines("sign_in_ends.soon.headline"),
			blocks:    []block{{Lead: []string{t.text("sign_in_ends.soon.lead")}}},
		}
	}
	lead := t.text("sign_in_ends.ended.lead")
	if e.Failure != "" {
		said := c.catalog.DescribeForAgency(e.Failure, catalog.Args{
			Agency: sanitizeLine(e.Agency.Name), Service: e.Service, Code: e.Code, When: e.Since, Own: true,
			Name: untrustedName(e.User), Asset: untrustedName(e.User),
		})
		lead = said.Title + ". " + said.NextStep
		if !e.Own { // it speaks to the one whose user it is
			lead = t.text("sign_in_ends.stopped.told", "User", untrustedName(e.User), "Said", lead)
		}
	}
	blocks := []block{{Lead: []string{lead, t.text("outage.clients")}}}
	switch e.Failure {
	case "", catalog.SignInEnded, catalog.SignInExpired:
		return content{
			subject:   t.text("sign_in_ends.ended.subject"),
			preheader: t.text("sign_in_ends.ended.preheader"),
			headline:  t.lines("sign_in_ends.ended.headline"),
			blocks:    blocks,
		}
	}
	return content{
		subject:   t.text("sign_in_ends.stopped.subject"),
		preheader: t.text("sign_in_ends.stopped.preheader"),
		headline:  t.lines("sign_in_ends.stopped.headline"),
		blocks:    blocks,
	}
}

// AppProblem tells the main users, or the one whose computer alone has found it, that the
// relay's app at a platform does not work.
type AppProblem struct {
	Envelope
	Alone   bool // nobody else's computer has found it yet, and nobody else is told
	Service onboarding.Service
	Failure catalog.FailureCode
	Code    string // the platform's own
	Since   onboarding.Timestamp
	Open    string
}

func (e AppProblem) content(c *Composer) content {
	t := c.texts("Service", c.catalog.Service(e.Service).Name, "Operator", sanitizeLine(e.Operator.Name))
	failure := c.catalog.DescribeForAgency(e.Failure, catalog.Args{
		Agency: sanitizeLine(e.Agency.Name), Service: e.Service, Code: e.Code, When: e.Since, Own: true,
	})
	properties := []property{
		{Name: t.text("outage.since"), Value: c.catalog.DateTime(e.Since)},
		{Name: t.text("outage.who"), Value: failure.FixedBy},
	}
	if e.Code != "" {
		properties = append(properties, property{Name: t.text("outage.platform_code"), Value: sanitizeLine(e.Code)})
	}
	lead := []string{sentences([]string{failure.Message, failure.NextStep})}
	why := t.text("app_problem.why")
	if e.Alone {
		lead, why = append(lead, t.text("app_problem.alone")), t.text("app_problem.why_alone")
	}
	return c.toMember(e.Envelope, content{
		subject:   t.text("app_problem.subject"),
		preheader: failure.Title,
		headline:  t.lines("app_problem.headline"),
		blocks: []block{
			{Lead: append(lead, t.text("outage.clients"))},
			c.open("label.open_latchkey", e.Open),
			{Properties: properties},
		},
		note: []string{t.text("news.choose")},
		why:  why,
	})
}

// WebhooksOff tells the main users that the relay switched webhooks off.
type WebhooksOff struct {
	Envelope
	Webhooks []onboarding.Webhook
	Open     string
}

func (e WebhooksOff) content(c *Composer) content {
	t := c.texts()
	var rows []row
	for _, w := range e.Webhooks {
		rows = append(rows, row{
			Name: sanitizeLine(w.Name), Detail: details(sanitizeLine(w.Host), t.text(offReason(w.Off))),
			State: t.text("webhooks_off.state"), Tone: "fail",
		})
	}
	return c.toMember(e.Envelope, content{
		subject:   t.plural("webhooks_off.subject", len(e.Webhooks)),
		preheader: t.text("webhooks_off.preheader"),
		headline:  t.pluralLines("webhooks_off.headline", len(e.Webhooks)),
		blocks: []block{
			{Lead: []string{t.text("webhooks_off.lead")}},
			c.open("label.open_latchkey", e.Open),
			{Rows: rows},
		},
		why: t.text("webhooks_off.why"),
	})
}

// offReason is the message that says why a webhook was switched off.
func offReason(why onboarding.DeliveryError) string {
	switch why {
	case onboarding.DeliveryGone:
		return "webhooks_off.gone"
	case onboarding.DeliveryRestored:
		return "webhooks_off.restored"
	}
	return "webhooks_off.failing"
}

// SummaryLine is one of the news of a day.
type SummaryLine struct {
	Kind    onboarding.NewsKind
	Waiting bool // of a completion: the client has finished, and everything waits
	// Unchecked is of a completion: a person of the agency has confirmed all that has arrived.
	Unchecked bool
	Part      bool   // of a completion: accounts are still awaited
	Subject   string // the client; empty: the agency's own
	Account   string // the account's or the platform user's name; empty: all of the request
	Service   onboarding.Service
	At        onboarding.Timestamp
	Open      string
}

// Summary lists the news of a day.
type Summary struct {
	Envelope
	Lines     []SummaryLine
	More      int // others, that are not among Lines
	UTCOffset int // of the member's computer, in minutes east of UTC
	Open      string
}

func (e Summary) content(c *Composer) content {
	t := c.texts()
	var rows []row
	for _, line := range e.Lines {
		made := row{Name: line.name(c), Detail: c.print.DateTimeAt(line.At.Time(), e.UTCOffset)}
		made.State, made.Tone = line.state(t)
		if line.Account != "" {
			made.Detail = details(untrustedName(line.Account), made.Detail)
		}
		if line.Open != "" {
			made.Action = &button{Label: t.text("label.show"), URL: line.Open}
		}
		rows = append(rows, made)
	}
	return c.toMember(e.Envelope, content{
		subject:   t.plural("summary.subject", len(e.Lines)+e.More),
		preheader: t.text("summary.preheader"),
		headline:  t.pluralLines("summary.headline", len(e.Lines)+e.More),
		blocks: []block{
			{Rows: rows, More: e.More, Rest: t.text("rows.rest_hub")}, c.open("label.open_latchkey", e.Open),
		},
		note: []string{t.text("news.choose")},
		why:  t.text("summary.why"),
	})
}

func (l SummaryLine) name(c *Composer) string {
	if l.Subject != "" {
		return sanitizeLine(l.Subject)
	}
	return c.catalog.Service(l.Service).Name
}

// state is what happened, in a word or two, and how it looks.
func (l SummaryLine) state(t texts) (word, tone string) {
	switch {
	case l.Waiting:
		return t.text("summary.state.waiting"), "wait"
	case l.Unchecked && l.Part:
		return t.text("summary.state.confirmed_part"), "wait"
	case l.Unchecked:
		return t.text("summary.state.confirmed"), "wait"
	case l.Part:
		return t.text("summary.state.part"), "wait"
	case l.Kind == onboarding.NewsCompleted:
		return t.text("summary.state.completed"), "ok"
	case l.Kind == onboarding.NewsNothing:
		return t.text("summary.state.nothing_connected"), "rest"
	case l.Kind == onboarding.NewsSkipped:
		return t.text("summary.state.skipped"), "rest"
	case l.Kind == onboarding.NewsDeclined:
		return t.text("summary.state.declined"), "fail"
	case l.Kind == onboarding.NewsLinkAsked:
		return t.text("summary.state.link_asked"), "wait"
	case l.Kind == onboarding.NewsWithdrawn:
		return t.text("summary.state.withdrawn"), "rest"
	case l.Kind == onboarding.NewsExpiring:
		return t.text("summary.state.expiring"), "wait"
	case l.Kind == onboarding.NewsSignIn:
		return t.text("summary.state.sign_in_ends"), "wait"
	}
	return t.text("summary.state.needs_attention"), "fail"
}
