package replica

import "context"

// Change lists the ids of what changed, each once. All means that there are too
// many to list.
type Change struct {
	All         bool     `json:"all"`
	Session     bool     `json:"session"` // the session or the outbox
	Agency      bool     `json:"agency"`  // its brand and switches
	Requests    []string `json:"requests"`
	Items       []string `json:"items"`
	Members     []string `json:"members"`
	Devices     []string `json:"devices"`
	Connections []string `json:"connections"`
	Alerts      []Alert  `json:"alerts"` // worth a notification
	// Offboardings is whether one of them has changed.
	Offboardings bool `json:"offboardings"`
}

// Alert is worth a notification while the app is in the background. An initial
// sync produces none.
type Alert struct {
	Kind    AlertKind `json:"kind"`
	Request string    `json:"request"`
	Client  string    `json:"client"`
	Item    string    `json:"item"`
	Name    string    `json:"name"` // of the item
	// ConfirmedBy is who confirmed what completed a request, without a check.
	ConfirmedBy string `json:"confirmed_by"`
	// Received and Awaited count the accounts of a request that is connected.
	Received int `json:"received"`
	Awaited  int `json:"awaited"`

	Title      string `json:"title"`      // of a cause that somebody has to fix
	Connection string `json:"connection"` // whose sign-in that is; empty: it is not about one
}

// AlertKind is the kind of an alert.
type AlertKind string

// The kinds of alerts.
const (
	RequestConnected AlertKind = "request_connected"
	LinkAsked        AlertKind = "link_asked"       // a client asks for a new link
	RequestSkipped   AlertKind = "request_skipped"  // a client does not provide a service
	RequestDeclined  AlertKind = "request_declined" // a client cannot do any of it
	ItemWithdrawn    AlertKind = "item_withdrawn"   // a client withdrew what they had shared
	// a client finished with nothing connected
	RequestFinishedEmpty AlertKind = "request_finished_empty"
	// a client asked a colleague to look after a part
	RequestHandedOver AlertKind = "request_handed_over"
	ItemBroke         AlertKind = "item_broke"
	DeviceWaits       AlertKind = "device_waits" // another device needs credentials
	EntryRefused      AlertKind = "entry_refused"
	ChecksStopped     AlertKind = "checks_stopped" // until somebody fixes the cause
)

// maxNamed bounds the ids of a kind in a Change; beyond it, the Change has All.
const maxNamed = 500

func (c *Change) isEmpty() bool {
	return !c.All && !c.Session && !c.Agency && !c.Offboardings &&
		len(c.Requests)+len(c.Items)+len(c.Members)+len(c.Devices)+len(c.Connections)+len(c.Alerts) == 0
}

func (c *Change) add(other Change) {
	c.All = c.All || other.All
	c.Session = c.Session || other.Session
	c.Agency = c.Agency || other.Agency
	c.Offboardings = c.Offboardings || other.Offboardings
	c.Requests = Union(c.Requests, other.Requests)
	c.Items = Union(c.Items, other.Items)
	c.Members = Union(c.Members, other.Members)
	c.Devices = Union(c.Devices, other.Devices)
	c.Connections = Union(c.Connections, other.Connections)
	c.Alerts = append(c.Alerts, other.Alerts...)
}

func Union[T comparable](a, b []T) []T {
	seen := make(map[T]bool, len(a)+len(b))
	for _, id := range a {
		seen[id] = true
	}
	for _, id := range b {
		if !seen[id] {
			seen[id] = true
			a = append(a, id)
		}
	}
	return a
}

// Publish calls OnChange after the commit. It does not block: changes during a
// call are merged.
func (r *Replica) Publish(c Change) {
	if c.isEmpty() || r.config.OnChange == nil {
		return
	}
	r.mu.Lock()
	r.pending.add(c)
	r.mu.Unlock()
	select {
	case r.changed <- struct{}{}:
	default: // it is merged into the pending change
	}
}

// PublishLoop calls OnChange until the context is done, one call at a time.
func (r *Replica) PublishLoop(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.changed:
		}
		r.mu.Lock()
		c := r.pending
		r.pending = Change{}
		r.mu.Unlock()
		if len(c.Requests) > maxNamed || len(c.Items) > maxNamed {
			c.All, c.Requests, c.Items = true, nil, nil
		}
		if !c.isEmpty() {
			r.config.OnChange(c)
		}
	}
}
