package mail

import (
	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// Approval reminds a client of what they shared and an admin of their business still has to
// approve at its platform.
type Approval struct {
	Envelope
	Requester onboarding.Member
	Asked     catalog.Asked
	Items     []onboarding.Item // that wait for it; at least one
	Link      onboarding.Secret // of the receipt
}

func (e Approval) content(c *Composer) content {
	agency, first := sanitizeLine(e.Agency.CompanyName()), e.Items[0]
	failure := c.catalog.Describe(catalog.ApproveInBusiness, catalog.Args{
		Agency: agency, Service: first.Service, Asked: e.Asked,
	})
	t := c.texts("Agency", agency, "Asset", untrustedName(first.Name))
	made := content{
		brand:     c.agencyBrand(e.Agency),
		subject:   t.plural("approval.subject", len(e.Items)),
		replyTo:   replyTo(e.Agency, e.Requester),
		preheader: t.text("approval.preheader"),
		headline:  t.pluralLines("approval.headline", len(e.Items)),
		note:      []string{t.text("approval.note"), t.text("help.reply")},
		why:       t.text("approval.why"),
		automatic: true,
	}
	made.blocks = []block{
		{Lead: []string{t.plural("approval.lead", len(e.Items)), failure.Explanation}},
	}
	if len(e.Items) > 1 {
		var rows []row
		for _, i := range e.Items {
			rows = append(rows, row{
				Name: untrustedName(i.Name), Detail: c.catalog.Kind(i.Kind), State: c.catalog.State(i.State), Tone: "wait",
			})
		}
		made.blocks = append(made.blocks, block{Rows: rows})
	}
	made.blocks = append(made.blocks,
		block{Lead: []string{t.plural("approval.steps", len(e.Items))}},
		block{Button: &button{Label: t.text("approval.button"), URL: e.Link.Reveal(), Small: true}},
	)
	return made
}
