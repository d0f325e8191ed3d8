package mail

import "github.com/latchkeyhq/latchkey/internal/catalog"

// HandOver asks a colleague of a client for the part of a request that they look after. It
// has nothing that the client typed.
type HandOver struct {
	Invitation
	Client string // as the requester names it
	By     string // the address of who asked, if the agency entered it; empty: that is not known
}

func (e HandOver) content(c *Composer) content {
	t := c.texts("Agency", sanitizeLine(e.Agency.CompanyName()), "Client", sanitizeLine(e.Client),
		"By", sanitizeLine(e.By), "Services", e.names(c))
	made := e.request(c, t)
	made.subject = t.text("hand_over.subject")
	made.preheader = t.text("hand_over.preheader")
	made.headline = t.lines("hand_over.headline")
	lead := t.text("hand_over.lead")
	if e.By == "" {
		lead = t.text("hand_over.lead_unknown")
	}
	// The message is for who was invited first.
	made.blocks[0] = block{Lead: []string{lead, t.text("hand_over.part")}}
	made.why = t.text("hand_over.why")
	made.automatic = true
	return made
}

// names lists what was handed over, without what is meant of it.
func (e HandOver) names(c *Composer) string {
	var names []string
	for _, service := range c.catalog.Sort(e.Services) {
		names = append(names, c.catalog.ServiceFor(catalog.Asked{}, service).Name)
	}
	return c.catalog.List(names)
}
