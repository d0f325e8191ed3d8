package pages

import (
	"github.com/a-h/templ"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// DeletionStatus is what became of the deletion that a user asked for at a platform.
type DeletionStatus struct {
	Frame
	Service  onboarding.Service
	Code     string // under which the platform shows it, too
	Contact  onboarding.Contact
	Received onboarding.Timestamp
	Done     onboarding.Timestamp // zero: it is under way
	Deleted  DeletedData
	Deletion string // address of the page about deletion
}

// DeletedData counts what a deletion has deleted.
type DeletedData struct {
	SignIns     int // as a client
	Accounts    int // that were shared: the name of who shared them
	Connections int // of an agency's user
}

func (p DeletionStatus) layout(r *Renderer) layout {
	return layout{title: r.Text("legal.deletion.tab"), ends: true}
}

// content is the title, what stands below it, and the sections.
func (p DeletionStatus) content(r *Renderer) (title, lead templ.Component, sections []legalSection) {
	platform := r.catalog.Service(p.Service).Name
	text := func(id string, values ...value) templ.Component {
		return r.message(id, append(values, plain("Platform", platform))...)
	}
	title = text("deletion_status.under_way")
	switch {
	case p.Done == 0:
	case p.Deleted == DeletedData{}:
		title = text("deletion_status.nothing")
	default:
		title = text("deletion_status.done")
	}
	lead = text("deletion_status.lead", plain("When", r.catalog.DateTime(p.Received)), numeric("Code", p.Code))
	return title, lead, []legalSection{
		{title: text("deletion_status.deleted"), blocks: p.deleted(r, platform)},
		{title: text("deletion_status.stays"), blocks: p.stays(r, text)},
	}
}

func (p DeletionStatus) deleted(r *Renderer, platform string) []legalBlock {
	var list []templ.Component
	for _, one := range []struct {
		id    string
		count int
	}{
		{"deletion_status.sign_ins", p.Deleted.SignIns},
		{"deletion_status.accounts", p.Deleted.Accounts},
		{"deletion_status.connections", p.Deleted.Connections},
	} {
		if one.count > 0 {
			list = append(list, plural(r.print.Plural(one.id, int64(one.count), "Platform", platform)))
		}
	}
	id := ""
	switch {
	case p.Done == 0:
		id = "deletion_status.wait"
	case len(list) == 0:
		id = "deletion_status.none"
	default:
		return []legalBlock{{items: list}}
	}
	return []legalBlock{{paragraph: r.message(id, plain("Platform", platform)), items: list}}
}

func (p DeletionStatus) stays(
	r *Renderer, text func(id string, values ...value) templ.Component,
) []legalBlock {
	about := documentLink(r, p.Deletion, "legal.deletion.tab")
	var stays []templ.Component
	if p.Deleted.Connections == 0 || p.Deleted.SignIns+p.Deleted.Accounts > 0 { // not of an agency's user alone
		stays = append(stays,
			text("deletion_status.stays_accounts", component("Deletion", about)),
			text("deletion_status.stays_typed", component("Contact", contactLink(p.Contact)), component("Deletion", about)))
	}
	if p.Deleted.Connections > 0 {
		stays = append(stays, text("deletion_status.stays_agency"))
	}
	return []legalBlock{{items: append(stays, text("legal.privacy.long_backups", isolated("Operator", p.Operator)))}}
}
