// Package pagestest holds every page of the wizard in every state, with made-up
// people: for tests, for pictures, and for docs/failures.md. No program that is
// shipped imports it.
package pagestest

import (
	"strings"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages"
)

// State is one page in one state, for pictures and for the checks that read
// every page.
type State struct {
	Name  string   // for a file: lower case and dashes
	Title string   // for a person
	Rows  []string // the rows of the failures' table that it shows
	Page  pages.Page
}

// Brand of the gallery: the style sheets and the logo it refers to. Whoever
// writes the gallery to disk puts these files beside it.
const (
	Logo  = "/assets/northlight.png"
	Style = "/assets/northlight.css"
)

// Gallery lists every page in every state, and every failure of the catalog
// in the place where a client meets it.
func Gallery(c *catalog.Catalog) []State {
	g := gallery{catalog: c}
	g.starts()
	g.facebook()
	g.platforms()
	g.finishes()
	g.receiptPages()
	g.handOvers()
	g.repairs()
	g.ends()
	g.others()
	addLegal(&g)
	g.errorPages()
	g.failures()
	return g.states
}

type gallery struct {
	catalog *catalog.Catalog
	states  []State
}

func (g *gallery) add(name, title string, page pages.Page, rows ...string) {
	g.states = append(g.states, State{Name: name, Title: title, Rows: rows, Page: page})
}

// User is the agency's Facebook user in the gallery.
const User = "Ana Ruiz"

// The gallery's people are the pictures' people.
const (
	company = "Northlight Media"
	client  = "Harbour & Pine"
	person  = "Marta Lindqvist"
	email   = "marta.lindqvist@harbourpine.example"
	manager = "Northlight – Clients"
	message = "Hello Marta, to plan the winter campaign we need access to your ad accounts, your Pages and your " +
		"customer lists. It takes about five minutes."
)

func at(day, hour, minute int) onboarding.Timestamp {
	return onboarding.TimestampOf(time.Date(2026, time.November, day, hour, minute, 0, 0, time.UTC))
}

func services() []onboarding.Service {
	return []onboarding.Service{onboarding.Facebook, onboarding.Mailchimp, onboarding.HubSpot}
}

func everything() []onboarding.Service {
	return []onboarding.Service{onboarding.Facebook, onboarding.Mailchimp, onboarding.Salesforce,
		onboarding.GoogleSheets, onboarding.HubSpot, onboarding.ActiveCampaign}
}

// Branded is the frame of a page of an agency with its own brand.
func Branded(now pages.StepName) pages.Frame {
	return pages.Frame{
		Company: company, Branded: true, Logo: Logo, Style: Style, Host: "access.northlight.example",
		Help: "/r/help", Genuine: "/r/genuine", Report: "/r/report", Documents: pages.Documents(),
		Agency: company, Operator: "Kestrel Hosting", Expires: at(35, 14, 32), ReplyTo: "hello@northlight.example",
		Steps: pages.Progress(services(), now),
	}
}

func bare() pages.Frame { f := Branded(pages.StepAllDone); f.Steps = nil; return f }

// neutral is the same without white-label.
func neutral(now pages.StepName) pages.Frame {
	f := Branded(now)
	f.Branded = false
	return f
}

// relay is a page of no agency.
func relay() pages.Frame {
	return pages.Frame{
		Host: "access.northlight.example", Operator: "Kestrel Hosting", Report: "/report", Documents: pages.Documents(),
	}
}

const (
	longName = "Übersee-Handelsgesellschaft für nachhaltige Wohn- und Gartenmöbel Harbour & Pine Deutschland " +
		"Süd mbH & Co. KG, Zweigniederlassung Kempten"
	arabic = "شركة الميناء والصنوبر للأثاث المنزلي"
)

func (g *gallery) starts() {
	landing := pages.Landing{
		Frame:     bare(),
		Client:    client,
		Requester: User,
		Message:   message,
		Services:  services(),
		Post:      "/r/x",
	}
	g.add("landing", "Landing", landing, "F1")

	plain := landing
	plain.Frame, plain.Requester = neutral(pages.StepAllDone), ""
	plain.Steps = nil
	g.add("landing-neutral", "Landing, white-label off, requester not shown", plain)

	all := landing
	all.Services, all.Requester, all.Demo = everything(), "", true
	g.add("landing-everything", "Landing of the demo with all six services", all)

	long := landing
	long.Client, long.Requester = longName, longName
	long.Company, long.Agency, long.Operator, long.Logo = longName, longName, longName, ""
	long.Message = strings.Repeat(
		"To plan the campaigns we need access to your ad accounts. ",
		84,
	) + strings.Repeat(
		"x",
		128,
	)
	g.add("landing-long", "Landing with long names, 5,000 characters and no logo", long)

	rtl := landing
	rtl.Client, rtl.Requester, rtl.Company, rtl.Agency = arabic, "ليلى حداد", arabic, arabic
	rtl.Message = "مرحبا، نحتاج إلى الوصول إلى حساباتكم الإعلانية وصفحاتكم.\n\nيستغرق الأمر نحو خمس دقائق."
	g.add("landing-rtl", "Landing in a script from right to left", rtl)

	g.continueAs()
}

func (g *gallery) continueAs() {
	again := pages.ContinueAs{
		Frame:       bare(),
		Client:      client,
		Name:        person,
		Email:       email,
		Started:     at(20, 13, 51),
		Continue:    "/w/x",
		SomeoneElse: "/w/x/else",
		SignedOut:   true,
		Progress: []pages.ServiceProgress{
			{
				Service: onboarding.Facebook,
				Detail:  "2 ad accounts and 2 Pages",
				State:   onboarding.ItemWaiting,
				Waiting: 1,
			},
			{Service: onboarding.Mailchimp, Detail: "Harbour & Pine Newsletter", State: onboarding.ItemConnected},
			{Service: onboarding.HubSpot},
		},
	}
	g.add("continue", "Welcome back", again)
	fresh := again
	fresh.SignedOut = false
	fresh.Progress = []pages.ServiceProgress{
		{Service: onboarding.Facebook},
		{Service: onboarding.Mailchimp, Detail: "Lars does this.", Skipped: true},
		{Service: onboarding.HubSpot},
	}
	g.add("continue-nothing-yet", "Welcome back, nothing connected", fresh)

	about := pages.AboutYou{Frame: Branded(pages.StepAboutYou), Services: services(), Post: "/r/x/you"}
	g.add("about-you", "About you", about)
	wrong := about
	wrong.Name, wrong.Email = "", "office@harbourpine"
	wrong.NameError, wrong.EmailError = "Enter your name.", "office@harbourpine is not a full address."
	g.add("about-you-wrong", "About you, with errors", wrong)
	two := about
	two.Name, two.Email, two.OtherVisitorPresent, two.OtherVisitor = person, email, true, "Lars"
	g.add("about-you-two-people", "About you, a colleague has started", two, "F7")
	two.OtherVisitor = ""
	g.add("about-you-somebody", "About you, somebody has started", two, "F7")
}
