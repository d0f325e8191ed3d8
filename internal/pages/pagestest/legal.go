package pagestest

import (
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages"
)

// ownPrivacy is an operator's own text.
const ownPrivacy = `# How Kestrel Hosting treats your data

We run this address for agencies in Sweden.
Write to privacy@kestrel.example, or call +46 8 123 45 67.

# Your rights
You can ask us:
- what is stored about you,
- to correct it, or to delete it; we answer
  within 30 days,
- and you can complain at https://www.imy.se.

Kestrel Hosting AB, <Storgatan 1>, Stockholm
`

func addLegal(g *gallery) {
	page := pages.Legal{
		Frame:    relay(),
		Contact:  onboarding.Contact{Email: "help@kestrel.example"},
		Services: everything(),
		Retention: pages.Retention{
			CompletedMonths: 13, EndedDays: 90, ReceiptYears: 1, VisitDays: 1, EmailDays: 90, CredentialDays: 90,
			SignInMinutes: 60,
		},
		Deletion: "/data-deletion",
	}
	page.Help, page.Report = "/help", ""
	page.Document = pages.LegalHome
	g.add("home", "The relay’s first page", page)
	page.Document = pages.LegalPrivacy
	g.add("privacy", "Privacy", page)
	page.Own = ownPrivacy
	g.add("privacy-own", "Privacy, the operator’s own text", page)
	page.Document, page.Own = pages.LegalTerms, "Our terms are on paper. Ask us for them."
	g.add("terms-own", "Terms, the operator’s own text", page)
	page.Own = ""
	g.add("terms", "Terms", page)
	page.Document = pages.LegalDeletion
	g.add("data-deletion", "Deleting your data", page)
	page.Contact, page.Services = onboarding.Contact{Page: "https://kestrel.example/contact"}, nil
	g.add("data-deletion-page", "Deleting your data, of an operator with a page", page)
	addDeletionStatus(g, page.Frame)
	addReview(g, page.Frame)
}

func addReview(g *gallery, frame pages.Frame) {
	page := pages.Review{
		Frame: frame, App: "Kestrel Access", Service: onboarding.HubSpot, Ends: at(12, 9, 41), Days: 7, Post: "/r/x",
	}
	g.add("review", "What reviewers of an app open", page)
	page.Service, page.Business = onboarding.Facebook, "Kestrel Hosting AB"
	g.add("review-facebook", "What reviewers of the app at Facebook open", page)
	g.add("review-over", "The review is over", pages.ReviewOver{Frame: frame})
}

func addDeletionStatus(g *gallery, frame pages.Frame) {
	page := pages.DeletionStatus{
		Frame: frame, Service: onboarding.Facebook, Code: "K7QMXW4RTP2HVB9C",
		Contact:  onboarding.Contact{Email: "help@kestrel.example"},
		Received: at(12, 9, 41), Done: at(12, 9, 41), Deletion: "/data-deletion",
		Deleted: pages.DeletedData{SignIns: 1, Accounts: 3},
	}
	g.add("deletion-done", "What a user asked Facebook to delete", page)
	page.Deleted = pages.DeletedData{SignIns: 2, Accounts: 1, Connections: 1}
	g.add("deletion-agency", "What an agency’s user asked Facebook to delete", page)
	page.Deleted, page.Done = pages.DeletedData{}, 0
	g.add("deletion-under-way", "A deletion that is under way", page)
	page.Done = page.Received
	g.add("deletion-nothing", "A deletion that found nothing", page)
}
