package pages

import "github.com/latchkeyhq/latchkey/internal/onboarding"

// FieldWithout is set where Summary is finished without the colleagues who were asked.
const FieldWithout = "without"

// FieldAlso has the services that HandOver's colleague looks after besides.
const FieldAlso = "also"

// HandOver asks who looks after services that this client does not. Its fields are
// FieldEmail and FieldAlso.
type HandOver struct {
	Frame
	Services []onboarding.Service
	Others   []onboarding.Service // that are open, too: the colleague may look after them
	Also     []onboarding.Service // those of Others that are ticked
	Email    string               // as typed
	Error    string               // one sentence; empty: nothing wrong
	Left     int                  // how often more the request can be handed over; zero: says what to do instead
	// CanAskBefore: who was asked before can be asked for more, also when none is left.
	CanAskBefore bool
	Post         string
	Back         string
	Skip         string
}

// HandedOver says who was asked, and what happens next.
type HandedOver struct {
	Frame
	Services []onboarding.Service
	To       HandedTo
	Next     string // empty while something of the step is open
	Back     string
}

// HandedTo is a colleague who was asked to look after a service. The zero value is nobody.
type HandedTo struct {
	Address     string // masked, but for who entered it
	At          onboarding.Timestamp
	Opened      bool
	Undelivered bool // the mail server refused the email
	Declined    bool // they said that it was not meant for them
	Finished    bool // they finished their part
}

// Text says who was asked, and how far they are.
func (h HandedTo) Text(r *Renderer) string {
	id := "handed.asked"
	switch {
	case h.Undelivered:
		id = "handed.undelivered"
	case h.Declined:
		id = "handed.declined"
	case h.Finished:
		id = "handed.finished"
	case h.Opened:
		id = "handed.opened"
	}
	return r.Text(id, "Address", h.Address, "When", r.catalog.DateTime(h.At))
}

// waits reports whether they may still do it.
func (h HandedTo) waits() bool { return !h.Undelivered && !h.Declined && !h.Finished }

func (p HandOver) layout(r *Renderer) layout { return layout{title: r.Text("hand_over.tab")} }

func (p HandedOver) layout(r *Renderer) layout { return layout{title: r.Text("handed.tab")} }

// Names lists what is handed over.
func (p HandOver) Names(r *Renderer) string { return serviceNames(r, p.Services) }

// lead is the text for what the colleague gets.
func (p HandOver) lead() string {
	if p.Left == 0 {
		return "hand_over.used_more"
	}
	if len(p.Others) > 0 {
		return "hand_over.lead_more"
	}
	return "hand_over.lead"
}

// Names lists what was handed over.
func (p HandedOver) Names(r *Renderer) string { return serviceNames(r, p.Services) }

func serviceNames(r *Renderer, services []onboarding.Service) string {
	var names []string
	for _, service := range services {
		names = append(names, r.catalog.Service(service).Name)
	}
	return r.catalog.List(names)
}

// Often is the text for how often more the request can be handed over.
func (p HandOver) Often(r *Renderer) string { return r.print.Plural("hand_over.left", int64(p.Left)) }

// Summary's and Done's texts about colleagues.

// AwaitedNames lists what colleagues look after.
func (p Summary) AwaitedNames(r *Renderer) string { return serviceNames(r, p.Awaited) }

// endsPart reports whether Finish ends this client's part alone.
func (p Summary) endsPart() bool { return p.Part || len(p.Awaited) > 0 }

// partLead is the text for what happens once a client has done their part.
func (p Done) partLead(r *Renderer) string {
	if len(p.Awaited) == 0 {
		return r.Text("receipt.part_others")
	}
	return r.Text("receipt.part_open", "Names", serviceNames(r, p.Awaited))
}
