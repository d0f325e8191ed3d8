package hub

import (
	"context"
	"strconv"
	"sync"
	"time"

	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/hub/session"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// News is how the member of this computer gets news by email. The relay stores it.
type News struct {
	session *session.Session
	replica *replica.Replica
	now     func() time.Time

	// choosing lets one choice after the other read and write the settings as a whole: of
	// two at once, the later one would undo the other.
	choosing sync.Mutex
}

// utcOffset is the time of this computer, in minutes east of UTC.
func (n *News) utcOffset() int {
	_, seconds := n.now().In(time.Local).Zone()
	return seconds / 60
}

// storeOffset stores what the relay was told.
func (n *News) storeOffset(ctx context.Context, minutes int) error {
	return n.replica.Update(ctx, func(tx *replica.Tx) error {
		return tx.WriteMetadata(ctx, replica.MetaUTCOffset, strconv.Itoa(minutes))
	})
}

// Read returns the settings, with a choice for each kind.
func (n *News) Read(ctx context.Context) (onboarding.NewsSettings, error) {
	result, err := session.Call(ctx, n.session, wire.ReadNews, wire.Empty{})
	return result.Settings, err
}

// Choose changes how news of one kind come.
func (n *News) Choose(ctx context.Context, choice onboarding.NewsChoice) error {
	n.choosing.Lock()
	defer n.choosing.Unlock()
	settings, err := n.Read(ctx)
	if err != nil {
		return err
	}
	for at := range settings.Choices {
		if settings.Choices[at].Kind == choice.Kind {
			settings.Choices[at].Mode = choice.Mode
		}
	}
	settings.UTCOffset = n.utcOffset()
	if _, err := session.Call(ctx, n.session, wire.SaveNews, wire.SaveNewsParams{Settings: settings}); err != nil {
		return err
	}
	return n.storeOffset(ctx, settings.UTCOffset)
}

// sendOffset tells the relay the time of this computer when it is another one than the
// relay was told: the clocks went forward, or it travels. Before the member has chosen
// anything, the relay needs none.
func (n *News) sendOffset(ctx context.Context) error {
	told, err := replica.ReadUTCOffset(ctx, n.replica.DB())
	if err != nil || told == nil || *told == n.utcOffset() {
		return err
	}
	offset := n.utcOffset()
	params := wire.SaveNewsParams{Settings: onboarding.NewsSettings{UTCOffset: offset}}
	if _, err := session.Call(ctx, n.session, wire.SaveNews, params); err != nil {
		return err
	}
	return n.storeOffset(ctx, offset)
}
