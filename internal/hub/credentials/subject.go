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

// subject is what a credential is of, as this computer's replica has it: an item,
// or a Connection.
type subject struct {
	key           string       // by which the replica has the credential
	binding       seal.Binding // without the credential's version
	ownership     onboarding.Ownership
	hasCredential bool // false once there is none to give out
}

// readSubject reads the item or the Connection of a delivery, as the computer id has
// it.
func readSubject(ctx context.Context, q sqldb.Queryer, id session.Identity, d wire.Delivery) (subject, error) {
	binding := seal.Binding{Relay: id.Relay, Agency: id.Agency}
	if d.Connection != "" {
		connection, err := replica.ReadConnection(ctx, q, d.Connection)
		binding.Item, binding.Account = connection.ID, connection.User.ID
		return subject{
			key:           subjectKey(d),
			binding:       binding,
			ownership:     connection.Ownership(),
			hasCredential: connection.HasCredential(),
		}, err
	}
	item, err := replica.ReadItem(ctx, q, d.Item)
	binding.Request, binding.Item, binding.Account = item.Request, item.ID, item.Account
	return subject{
		key:           subjectKey(d),
		binding:       binding,
		ownership:     item.Ownership(),
		hasCredential: item.HasCredential(),
	}, err
}

// subjectKey is by which the replica has a delivery's credential.
func subjectKey(d wire.Delivery) string {
	if d.Connection != "" {
		return replica.SubjectConnection + d.Connection
	}
	return replica.SubjectItem + d.Item
}

// deliveryOf is an empty delivery of the credential that the replica has by a key.
func deliveryOf(key string) wire.Delivery {
	if connection, ok := strings.CutPrefix(key, replica.SubjectConnection); ok {
		return wire.Delivery{Connection: connection}
	}
	return wire.Delivery{Item: strings.TrimPrefix(key, replica.SubjectItem)}
}
