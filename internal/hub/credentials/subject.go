package credentials

import (
	"context"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/hub/session"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/seal"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// A subject is the text by which the replica and the keychain have a credential:
// that of an item, or of a Connection.

// expectation is what a credential has to be, by this computer's replica.
type expectation struct {
	binding       seal.Binding // without the credential's version
	ownership     onboarding.Ownership
	hasCredential bool // false once there is none to give out
}

// readExpectation reads the item or the Connection of a subject.
func readExpectation(
	ctx context.Context, q sqldb.Queryer, id session.Identity, subject string,
) (expectation, error) {
	binding := seal.Binding{Relay: id.Relay, Agency: id.Agency}
	if name, ok := strings.CutPrefix(subject, replica.SubjectConnection); ok {
		connection, err := replica.ReadConnection(ctx, q, name)
		if err != nil {
			return expectation{}, err
		}
		binding.Item, binding.Account = connection.ID, connection.User.ID
		return expectation{
			binding: binding, ownership: connection.Ownership(), hasCredential: connection.HasCredential(),
		}, nil
	}
	item, err := replica.ReadItem(ctx, q, strings.TrimPrefix(subject, replica.SubjectItem))
	if err != nil {
		return expectation{}, err
	}
	binding.Request, binding.Item, binding.Account = item.Request, item.ID, item.Account
	return expectation{binding: binding, ownership: item.Ownership(), hasCredential: item.HasCredential()}, nil
}

// subjectOf is the subject of a delivery.
func subjectOf(d wire.Delivery) string {
	if d.Connection != "" {
		return replica.SubjectConnection + d.Connection
	}
	return replica.SubjectItem + d.Item
}

// deliveryOf is a delivery of a subject's credential, which is not sealed yet.
func deliveryOf(subject string) wire.Delivery {
	if connection, ok := strings.CutPrefix(subject, replica.SubjectConnection); ok {
		return wire.Delivery{Connection: connection}
	}
	return wire.Delivery{Item: strings.TrimPrefix(subject, replica.SubjectItem)}
}
