package replica

import "context"

// Change says what is different now, by ids, for whoever shows it. A list
// names each thing once; All means that naming them would be too many.
type Change struct {
	All         bool     `json:"all"`
	Session     bool     `json:"session"` // where this computer stands, what waits
	Agency      bool     `json:"agency"`  // its brand and switches
	Requests    []string `json:"requests"`
	Items       []string `json:"items"`
	Members     []string `json:"members"`
	Devices     []string `json:"devices"`
	Connections []string `json:"connections"`
	Alerts      []Alert  `json:"alerts"` // worth a notification
}

// Alert is something a person wants to be told while the app is in the
// background. The first reading of everything tells nothing.
type Alert struct {
	Kind    AlertKind `json:"kind"`
	Request string    `json:"request"`
	Client  string    `json:"client"`
	Item    string    `json:"item"`
	Name    string    `json:"name"` // of the item
}

// AlertKind is what happened.
type AlertKind string

// What is worth a notification.
const (
	RequestConnected AlertKind = "request_connected"
	ItemBroke        AlertKind = "item_broke"
	DeviceWaits      AlertKind = "device_waits" // another computer wants credentials
	EntryRefused     AlertKind = "entry_refused"
)

// mostNamed is how many ids of a kind a Change names before it says All.
const maxNamed = 500

func (c *Change) isEmpty() bool {
	return !c.All && !c.Session && !c.Agency &&
		len(c.Requests)+len(c.Items)+len(c.Members)+len(c.Devices)+len(c.Connections)+len(c.Alerts) == 0
}

func (c *Change) add(other Change) {
	c.All = c.All || other.All
	c.Session = c.Session || other.Session
	c.Agency = c.Agency || other.Agency
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

// Publish calls OnChange with what has changed, after it is on the disk. It
// does not wait: changes that come during a call are published together.
func (r *Replica) Publish(c Change) {
	if c.isEmpty() || r.config.OnChange == nil {
		return
	}
	r.mu.Lock()
	r.pending.add(c)
	r.mu.Unlock()
	select {
	case r.changed <- struct{}{}:
	default: // it is published with what waits already
	}
}

// PublishLoop calls OnChange until the context ends, one call at a time.
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
