package mailtest

import (
	_ "embed" // for the logo
	"fmt"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/mail"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

//go:embed logo.png
var logo []byte

// Agency has a brand of its own, switched on.
func Agency() onboarding.Agency {
	return onboarding.Agency{ID: "northlight", Name: "Northlight Media", Brand: onboarding.Brand{
		On: true, Logo: logo, Colour: "#7A2672", ReplyTo: "hello@northlight.example",
	}}
}

func requester() onboarding.Member {
	return onboarding.Member{ID: "ana", Name: "Ana Ruiz", Email: memberAddress, Role: onboarding.MainUser}
}

// Envelope is that of an email of an agency to an address.
func Envelope(agency onboarding.Agency, to string) mail.Envelope {
	return mail.Envelope{
		ID:     "5QZ2M7R4",
		Date:   timestamp(11, 5, 10, 2),
		To:     to,
		Agency: agency,
		Operator: mail.Operator{
			Name:    "Kestrel Hosting",
			From:    "requests@access.northlight.example",
			Contact: onboarding.Contact{Email: "help@kestrel.example"},
		},
		Footer: mail.FooterLinks{
			Genuine:  "https://access.northlight.example/genuine/5QZ2M7R4",
			Report:   "https://access.northlight.example/report/5QZ2M7R4",
			Suppress: "https://access.northlight.example/not-for-me/5QZ2M7R4",
		},
	}
}

// Link is that of a request or a receipt.
func Link(what string) onboarding.Secret {
	return onboarding.NewSecret(
		"https://access.northlight.example/r/" + what + "-AQEAAQABf3c1Yk9wUjZ4T3ZQd2dYc0xhZ3B2Qm1ScU1Zc0E",
	)
}

func timestamp(month time.Month, day, hour, minute int) onboarding.Timestamp {
	return onboarding.TimestampOf(time.Date(2026, month, day, hour, minute, 0, 0, time.UTC))
}

func items() []onboarding.Item {
	connected := func(service onboarding.Service, kind onboarding.Kind, name string) onboarding.Item {
		return onboarding.Item{
			ID: name, Service: service, Kind: kind, Name: name, State: onboarding.ItemConnected,
			By: onboarding.Person{Name: "Marta Lindqvist", Email: clientAddress},
		}
	}
	waiting := connected(onboarding.Facebook, onboarding.Page, "Harbour & Pine Outlet")
	waiting.State, waiting.Failure = onboarding.ItemWaiting, string(catalog.ApproveInBusiness)
	return []onboarding.Item{
		connected(onboarding.Facebook, onboarding.AdAccount, "Harbour & Pine EU"),
		connected(onboarding.Facebook, onboarding.AdAccount, "Harbour & Pine Nordics"),
		connected(onboarding.Facebook, onboarding.Page, "Harbour & Pine"),
		waiting,
		connected(onboarding.Mailchimp, onboarding.CRMAccount, "Harbour & Pine Newsletter"),
	}
}

func manyItems() []onboarding.Item {
	all := items()
	reasons := []catalog.FailureCode{catalog.OtherOwner, catalog.PartialAccess, catalog.TemporarilyBlocked}
	for i := range 60 {
		item := all[i%3]
		item.Name = fmt.Sprintf("%s %d", item.Name, i+1)
		if i%20 == 19 {
			item.State, item.Failure = onboarding.ItemFailed, string(reasons[i/20])
		}
		all = append(all, item)
	}
	for i := range 45 {
		all = append(all, onboarding.Item{
			Service: onboarding.HubSpot,
			Kind:    onboarding.CRMAccount,
			State:   onboarding.ItemConnected,
			Name:    fmt.Sprintf("Shop %d", i+1),
		})
	}
	return all
}
