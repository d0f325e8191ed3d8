package demo

import (
	"slices"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// outcome is what became of a request of the cast.
type outcome int

const (
	unopened outcome = iota // sent, and nobody came yet
	linkOnly                // nobody was sent it
	opened                  // Grant Permission Now was pressed, and no more
	begun                   // something is connected, and nobody finished
	finished                // connected
	byHand                  // finished, and all of it waits for the client's admin
	empty                   // finished with nothing: the link goes on working
	gone                    // withdrawn
	expired                 // a month went by
	renewed                 // expired, and renewed since
	refused                 // the mail server takes no email for this address
	broken                  // connected, and taken away since
	archived                // connected, and put away
)

// fixture is one request of the demo's agency: what was asked of whom, when, and
// what became of it.
type fixture struct {
	client  string
	people  []onboarding.Person // the recipients; the first one acts
	asks    []onboarding.Service
	message string
	before  time.Duration // how long ago it was saved
	took    time.Duration // from the email to the last thing the client did
	outcome outcome
	// What the client shares. Ad accounts and Pages are counted: they are named after the client.
	adAccounts, pages, portals int
	sheets                     bool              // it shares a sheet for each of its portals
	campaign                   bool              // an ActiveCampaign account
	salesforce                 bool              // its organisation at Salesforce
	mailchimp                  bool              // its account at Mailchimp
	kinds                      []onboarding.Kind // asked for at Facebook besides
	level                      onboarding.AccessLevel
	handed                     bool   // asked for by hand at Facebook
	colleague                  string // gets a link to HubSpot from who acts; empty: nobody does
	repair                     bool   // a link to share again what was taken away is on its way
	skips                      string // the reason for skipping what is asked and not shared
}

const day = 24 * time.Hour

func person(name, address string) onboarding.Person {
	return onboarding.Person{Name: name, Email: address}
}

// fixtures is the believable half of a year at Northlight Media, newest first.
func fixtures() []fixture {
	return slices.Concat(lastMonth(), secondMonth(), thirdMonth(), olderMonths())
}

// lastMonth are the requests of the last 30 days.
func lastMonth() []fixture {
	fb, hub, ac := onboarding.Facebook, onboarding.HubSpot, onboarding.ActiveCampaign
	gs, mc := onboarding.GoogleSheets, onboarding.Mailchimp
	return []fixture{
		{
			client: "Fjord Bikes", people: []onboarding.Person{person("Oskar Lien", "oskar.lien@fjordbikes.example")},
			asks: []onboarding.Service{fb, gs, hub}, before: 3 * time.Hour, outcome: unopened,
			kinds: []onboarding.Kind{onboarding.Dataset, onboarding.InstagramAccount},

			message: "Hello Oskar, we plan your spring launch and need your ad accounts, your Pages and your customer list. " +
				"You choose what to share; it takes about five minutes."},
		{client: "Solvang Dairy", people: []onboarding.Person{person("Henrik Dahl", "henrik.dahl@solvang.example")},
			asks: []onboarding.Service{fb, hub}, before: 26 * time.Hour, took: 2 * time.Hour, outcome: begun, adAccounts: 1,
			pages: 2, colleague: "it@solvang.example"},
		{client: "Velvet Kitchen", asks: []onboarding.Service{fb}, before: 2 * day, outcome: linkOnly,
			level: onboarding.LevelView},
		{client: "Harbour & Pine", people: []onboarding.Person{person("Marta Lindqvist",
			"marta.lindqvist@harbourpine.example"), person("Lars Holm", "lars.holm@harbourpine.example")},
			asks: []onboarding.Service{fb, hub, ac}, before: 2*day + 5*time.Hour, outcome: opened,
			message: "Hello Marta, to plan the winter campaign we need access to your ad accounts, your Pages and your " +
				"customer lists. It takes about five minutes."},
		{client: "Lumen Optics", people: []onboarding.Person{person("Priya Nair", "priya.nair@lumenoptics.example"),
			person("Dev Rao", "dev.rao@lumenoptics.example")}, asks: []onboarding.Service{fb, onboarding.Salesforce, hub},
			before: 3 * day, took: day, outcome: finished, adAccounts: 3, pages: 2, portals: 1, salesforce: true},
		{client: "Alpenrose Hotels", people: []onboarding.Person{person("Tom Becker", "tom.becker@alpenrose.example")},
			asks: []onboarding.Service{fb, ac}, before: 5 * day, took: day, outcome: begun, adAccounts: 2, pages: 1},
		{client: "Maison Claire", people: []onboarding.Person{person("Julie Moreau", "julie.moreau@maisonclaire.example")},
			asks: []onboarding.Service{fb, mc, gs, hub}, before: 7 * day, took: day, outcome: finished, adAccounts: 1, pages: 1,
			portals: 1, sheets: true, mailchimp: true},
		{client: "Pacific Roast", people: []onboarding.Person{person("Dana Whitfield",
			"dana.whitfield@unavailable.pacificroast.example")}, asks: []onboarding.Service{fb, ac}, before: 11 * day,
			outcome: refused},
		{client: "Kite & Co", people: []onboarding.Person{person("Bea Novak", "bea@kiteandco.example")},
			asks: []onboarding.Service{fb}, before: 12 * day, took: day, outcome: opened, handed: true, adAccounts: 1,
			pages: 1},
		{client: "Juniper Spa", people: []onboarding.Person{person("Ida Moen", "ida@juniperspa.example")},
			asks: []onboarding.Service{fb, onboarding.Salesforce}, before: 27 * day, outcome: unopened},
		{client: "Atlas Running", people: []onboarding.Person{person("Matteo Conti", "matteo@atlasrunning.example")},
			asks: []onboarding.Service{fb}, before: 25 * day, outcome: unopened},
		{client: "Tidewater Books", people: []onboarding.Person{person("Ruth Cole", "ruth@tidewater.example")},
			asks: []onboarding.Service{hub}, before: 9 * day, took: 3 * day, outcome: empty,
			skips: "We stopped using HubSpot in the summer."},
		{client: "Granite Climbing", people: []onboarding.Person{person("Yara Haas", "yara@graniteclimbing.example")},
			asks: []onboarding.Service{fb}, before: 8 * day, took: 2 * day, outcome: byHand, adAccounts: 1, pages: 1},
		{client: "Cedar Dental", people: []onboarding.Person{person("Samir Haddad", "samir.haddad@cedardental.example")},
			asks: []onboarding.Service{fb, hub}, before: 20 * day, took: day, outcome: broken, adAccounts: 2, portals: 1,
			repair: true},
		{client: "Birch Insurance", people: []onboarding.Person{person("Anton Vogel", "anton@birch.example")},
			asks: []onboarding.Service{fb}, before: 6 * day, outcome: gone},
	}
}

// secondMonth are the requests of 30 to 60 days ago.
func secondMonth() []fixture {
	fb, hub, ac := onboarding.Facebook, onboarding.HubSpot, onboarding.ActiveCampaign
	gs, mc := onboarding.GoogleSheets, onboarding.Mailchimp
	return []fixture{
		{client: "Brightyard", people: []onboarding.Person{person("Ben Okafor", "ben.okafor@brightyard.example")},
			asks: []onboarding.Service{fb, hub}, before: 33 * day, outcome: expired},
		{client: "Willow Yoga", people: []onboarding.Person{person("Cora Blum", "cora@willowyoga.example")},
			asks: []onboarding.Service{fb}, before: 40 * day, outcome: expired},
		{client: "Harvest Table", people: []onboarding.Person{person("Noah Grant", "noah@harvesttable.example")},
			asks: []onboarding.Service{fb, ac}, before: 38 * day, outcome: renewed},
		{client: "Cobalt Cycles", people: []onboarding.Person{person("Grace Kim", "grace.kim@cobaltcycles.example")},
			asks: []onboarding.Service{fb}, before: 34 * day, took: 2 * day, outcome: finished, adAccounts: 2, pages: 2},
		{client: "Anatolia Rugs", people: []onboarding.Person{person("Elif Demir", "elif.demir@anatolia.example"),
			person("Kemal Demir", "kemal.demir@anatolia.example")}, asks: []onboarding.Service{fb, hub}, before: 35 * day,
			took: day, outcome: finished, adAccounts: 1, pages: 2, portals: 1},
		{client: "Velora Living", people: []onboarding.Person{person("Hugo Berg", "hugo.berg@velora.example")},
			asks: []onboarding.Service{fb, gs, hub}, before: 39 * day, took: day, outcome: finished, adAccounts: 3, pages: 3,
			portals: 2, sheets: true},
		{client: "Nova School", people: []onboarding.Person{person("Nina Osei", "nina.osei@novaschool.example")},
			asks: []onboarding.Service{gs, hub}, before: 40 * day, took: day, outcome: finished, portals: 1, sheets: true},
		{client: "Pinecrest Studio", people: []onboarding.Person{person("Luca Ferri", "luca.ferri@pinecrest.example")},
			asks: []onboarding.Service{fb, ac}, before: 42 * day, took: day, outcome: finished, adAccounts: 1, pages: 1,
			campaign: true},
		{client: "Nordic Bath", people: []onboarding.Person{person("Sofie Lund", "sofie.lund@nordicbath.example")},
			asks: []onboarding.Service{fb, hub}, before: 46 * day, took: day, outcome: finished, adAccounts: 2, pages: 1,
			portals: 1},
		{client: "Kestrel Outdoor", people: []onboarding.Person{person("Finn Maher", "finn@kestreloutdoor.example")},
			asks: []onboarding.Service{fb}, before: 48 * day, took: 3 * day, outcome: finished, adAccounts: 1, pages: 1},
		{client: "Saffron Table", people: []onboarding.Person{person("Leila Karimi", "leila@saffrontable.example")},
			asks: []onboarding.Service{fb}, before: 50 * day, took: day, outcome: finished, adAccounts: 1, pages: 2},
		{client: "Ironworks Gym", people: []onboarding.Person{person("Jo Price", "jo@ironworksgym.example")},
			asks: []onboarding.Service{fb, hub}, before: 52 * day, took: 2 * day, outcome: finished, adAccounts: 1, pages: 1,
			portals: 1},
		{client: "Blue Fern Clinic", people: []onboarding.Person{person("Amara Obi", "amara@bluefern.example")},
			asks: []onboarding.Service{fb}, before: 55 * day, took: day, outcome: finished, adAccounts: 1, pages: 1},
		{client: "Orchard Toys", people: []onboarding.Person{person("Mila Petrov", "mila@orchardtoys.example")},
			asks: []onboarding.Service{fb, mc, hub}, before: 57 * day, took: day, outcome: finished, adAccounts: 2, pages: 2,
			portals: 1, mailchimp: true},
		{client: "Lighthouse Law", people: []onboarding.Person{person("Eric Sand", "eric@lighthouselaw.example")},
			asks: []onboarding.Service{hub}, before: 60 * day, took: 4 * day, outcome: finished, portals: 1},
	}
}

// thirdMonth are the requests of 60 to 90 days ago.
func thirdMonth() []fixture {
	fb, hub, mc := onboarding.Facebook, onboarding.HubSpot, onboarding.Mailchimp
	return []fixture{
		{client: "Meadow Foods", people: []onboarding.Person{person("Tess Byrne", "tess@meadowfoods.example")},
			asks: []onboarding.Service{fb}, before: 62 * day, took: day, outcome: finished, adAccounts: 2, pages: 1},
		{client: "Copper & Clay", people: []onboarding.Person{person("Ines Duarte", "ines@copperandclay.example")},
			asks: []onboarding.Service{fb}, before: 66 * day, took: day, outcome: finished, adAccounts: 1, pages: 1},
		{client: "Summit Tents", people: []onboarding.Person{person("Piotr Zielinski", "piotr@summittents.example")},
			asks: []onboarding.Service{fb, hub}, before: 69 * day, took: 2 * day, outcome: finished, adAccounts: 1, pages: 1,
			portals: 1},
		{client: "Silver Birch Homes", people: []onboarding.Person{person("Hannah Lee", "hannah@silverbirch.example")},
			asks: []onboarding.Service{fb}, before: 72 * day, took: day, outcome: finished, adAccounts: 1, pages: 1},
		{client: "Canvas Hotel", people: []onboarding.Person{person("Marc Dubois", "marc@canvashotel.example")},
			asks: []onboarding.Service{fb}, before: 75 * day, took: day, outcome: broken, adAccounts: 1, pages: 1},
		{client: "Quarry Coffee", people: []onboarding.Person{person("Zoe Hart", "zoe@quarrycoffee.example")},
			asks: []onboarding.Service{fb, mc, hub}, before: 78 * day, took: day, outcome: finished, adAccounts: 1, pages: 2,
			portals: 1, mailchimp: true},
		{client: "Riverbend Vets", people: []onboarding.Person{person("Paul Adeyemi", "paul@riverbendvets.example")},
			asks: []onboarding.Service{fb}, before: 82 * day, took: day, outcome: finished, adAccounts: 1, pages: 1},
		{client: "Marble Arch Dance", people: []onboarding.Person{person("Nora Quinn", "nora@marblearch.example")},
			asks: []onboarding.Service{fb}, before: 85 * day, took: 5 * day, outcome: finished, adAccounts: 1, pages: 1},
		{client: "Garnet Jewellers", people: []onboarding.Person{person("Asha Mehta", "asha@garnet.example")},
			asks: []onboarding.Service{fb, hub}, before: 88 * day, took: day, outcome: finished, adAccounts: 2, pages: 1,
			portals: 1},
	}
}

// olderMonths are the requests of more than 90 days ago.
func olderMonths() []fixture {
	fb, hub := onboarding.Facebook, onboarding.HubSpot
	return []fixture{
		{client: "Fernway Gardens", people: []onboarding.Person{person("Gus Larsen", "gus@fernway.example")},
			asks: []onboarding.Service{fb}, before: 91 * day, took: day, outcome: finished, adAccounts: 1, pages: 1},
		{client: "Pebble Nursery", people: []onboarding.Person{person("Ivy Chan", "ivy@pebblenursery.example")},
			asks: []onboarding.Service{fb}, before: 95 * day, took: 2 * day, outcome: finished, adAccounts: 1, pages: 1},
		{client: "Driftwood Surf", people: []onboarding.Person{person("Kai Moana", "kai@driftwoodsurf.example")},
			asks: []onboarding.Service{fb, hub}, before: 99 * day, took: day, outcome: finished, adAccounts: 1, pages: 1,
			portals: 1},
		{client: "Amber Lane", people: []onboarding.Person{person("Rosa Klein", "rosa@amberlane.example")},
			asks: []onboarding.Service{fb}, before: 104 * day, took: day, outcome: archived, adAccounts: 1, pages: 1},
		{client: "Polar Print", people: []onboarding.Person{person("Emil Strand", "emil@polarprint.example")},
			asks: []onboarding.Service{fb}, before: 108 * day, took: day, outcome: finished, adAccounts: 1, pages: 1},
		{client: "Hazel & Oak", people: []onboarding.Person{person("Sara Nilsen", "sara@hazelandoak.example")},
			asks: []onboarding.Service{fb, hub}, before: 113 * day, took: 3 * day, outcome: finished, adAccounts: 1, pages: 2,
			portals: 1},
		{client: "Stonebridge Wine", people: []onboarding.Person{person("Olivier Petit", "olivier@stonebridge.example")},
			asks: []onboarding.Service{fb}, before: 118 * day, took: day, outcome: finished, adAccounts: 1, pages: 1},
		{client: "Thistle Travel", people: []onboarding.Person{person("Aileen Ross", "aileen@thistletravel.example")},
			asks: []onboarding.Service{fb}, before: 124 * day, took: day, outcome: archived, adAccounts: 1, pages: 1},
		{client: "Echo Audio", people: []onboarding.Person{person("Tariq Aziz", "tariq@echoaudio.example")},
			asks: []onboarding.Service{fb, hub}, before: 130 * day, took: 2 * day, outcome: finished, adAccounts: 1, pages: 1,
			portals: 1},
		{client: "Lemon Grove", people: []onboarding.Person{person("Chiara Romano", "chiara@lemongrove.example")},
			asks: []onboarding.Service{fb}, before: 137 * day, took: day, outcome: finished, adAccounts: 1, pages: 1},
		{client: "Boreal Skis", people: []onboarding.Person{person("Anders Holt", "anders@borealskis.example")},
			asks: []onboarding.Service{fb}, before: 145 * day, took: day, outcome: finished, adAccounts: 1, pages: 1},
	}
}
