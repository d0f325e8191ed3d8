package mail

import (
	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// Repair asks a client to connect or share again what does not work any more.
type Repair struct {
	Envelope
	Requester onboarding.Member
	Asked     catalog.Asked
	Items     []RepairItem
	Expires   onboarding.Timestamp // of the links
}

// RepairItem is one thing to repair, with the link that leads to it alone.
type RepairItem struct {
	Item onboarding.Item
	Link onboarding.Secret
}

func (e Repair) content(c *Composer) content {
	first := e.Items[0]
	t := c.texts(
		"Agency", sanitizeLine(e.Agency.CompanyName()), "Asset", sanitizeLine(first.Item.Name),
		"Service", c.catalog.Service(first.Item.Service).Name,
	)
	made := content{
		brand:     c.agencyBrand(e.Agency),
		subject:   t.plural("repair.subject", len(e.Items)),
		replyTo:   replyTo(e.Agency, e.Requester),
		preheader: t.text("repair.preheader"),
		headline:  t.pluralLines("repair.headline", len(e.Items)),
		leads:     first.Link.Reveal(),
		note:      []string{t.text("repair.note"), t.text("shared.unsure"), t.text("help.reply")},
		why:       t.text("repair.why"),
		automatic: true,
	}
	for _, one := range e.Items {
		one.Item.Name, one.Item.PlatformBy = sanitizeLine(one.Item.Name), sanitizeLine(one.Item.PlatformBy)
		failure := catalog.DescribeRepair(c.catalog, one.Item, sanitizeLine(e.Agency.CompanyName()), e.Asked)
		lead := []string{failure.Message}
		if len(e.Items) == 1 && failure.Explanation != "" {
			lead = append(lead, failure.Explanation)
		}
		made.blocks = append(made.blocks, block{Lead: lead}, block{Button: &button{
			Label: t.text("repair.button", "Asset", sanitizeLine(one.Item.Name)), URL: one.Link.Reveal(),
			Small: len(e.Items) > 1,
		}})
	}
	made.blocks = append(made.blocks, block{Properties: []property{c.validUntil(e.Expires), c.passwords()}})
	return made
}
