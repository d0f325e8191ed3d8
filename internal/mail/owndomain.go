package mail

// OwnDomain tells the main users that links no longer open at the agency's own domain, or
// open there again.
type OwnDomain struct {
	Envelope
	Domain  string
	Works   bool
	Records bool // its records in the DNS are wrong; else it is not served for another reason
	Open    string
}

func (e OwnDomain) content(c *Composer) content {
	t := c.texts()
	domain := sanitizeLine(e.Domain)
	made := content{why: t.text("own_domain.why")}
	lead := ""
	switch {
	case e.Works:
		made.subject = t.text("own_domain.works.subject", "Domain", domain)
		made.preheader = t.text("own_domain.works.preheader")
		made.headline, lead = t.lines("own_domain.works.headline"), t.text("own_domain.works.lead", "Domain", domain)
	case e.Records:
		made.subject = t.text("own_domain.lost.subject", "Domain", domain)
		made.preheader = t.text("own_domain.lost.preheader")
		made.headline, lead = t.lines("own_domain.lost.headline"), t.text("own_domain.lost.lead", "Domain", domain)
	default:
		made.subject = t.text("own_domain.unserved.subject", "Domain", domain)
		made.preheader = t.text("own_domain.unserved.preheader")
		made.headline, lead = t.lines("own_domain.unserved.headline"), t.text("own_domain.unserved.lead", "Domain", domain)
	}
	made.blocks = []block{{Lead: []string{lead}}, c.open("label.open_latchkey", e.Open)}
	return c.toMember(e.Envelope, made)
}
