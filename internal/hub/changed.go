package hub

// Change says what is different now, by ids, for whoever shows it. A list
// names each thing once; All means that naming them would be too many.
type Change struct {
	All         bool       `json:"all"`
	Standing    bool       `json:"standing"` // where this computer stands, what waits
	Agency      bool       `json:"agency"`   // its brand and switches
	Requests    []string   `json:"requests"`
	Items       []string   `json:"items"`
	Members     []string   `json:"members"`
	Devices     []string   `json:"devices"`
	Connections []string   `json:"connections"`
	Happened    []Happened `json:"happened"` // worth a notification
}

// Happened is something a person wants to be told while the app is in the
// background. The first reading of everything tells nothing.
type Happened struct {
	What    HappenedKind `json:"what"`
	Request string       `json:"request"`
	Client  string       `json:"client"`
	Item    string       `json:"item"`
	Name    string       `json:"name"` // of the item
}

// HappenedKind is what happened.
type HappenedKind string

// What is worth a notification.
const (
	RequestConnected HappenedKind = "request_connected"
	ItemBroke        HappenedKind = "item_broke"
	DeviceWaits      HappenedKind = "device_waits" // another computer wants credentials
	EntryRefused     HappenedKind = "entry_refused"
)

// mostNamed is how many ids of a kind a Change names before it says All.
const mostNamed = 500

func (c *Change) empty() bool {
	return !c.All && !c.Standing && !c.Agency && len(c.Requests)+len(c.Items)+len(c.Members)+len(c.Devices)+len(c.Connections)+len(c.Happened) == 0
}

func (c *Change) add(other Change) {
	c.All = c.All || other.All
	c.Standing = c.Standing || other.Standing
	c.Agency = c.Agency || other.Agency
	c.Requests = union(c.Requests, other.Requests)
	c.Items = union(c.Items, other.Items)
	c.Members = union(c.Members, other.Members)
	c.Devices = union(c.Devices, other.Devices)
	c.Connections = union(c.Connections, other.Connections)
	c.Happened = append(c.Happened, other.Happened...)
}

func union[T comparable](a, b []T) []T {
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

// tell says what has changed, after it is on the disk. It does not wait:
// changes that come while the last ones are being told are told together.
func (h *Hub) tell(c Change) {
	if c.empty() || h.config.Changed == nil {
		return
	}
	h.mu.Lock()
	h.untold.add(c)
	h.mu.Unlock()
	wake(h.news)
}

// keepTelling calls Changed, one call at a time.
func (h *Hub) keepTelling() {
	defer h.loops.Done()
	for {
		select {
		case <-h.ended.Done():
			return
		case <-h.news:
		}
		h.mu.Lock()
		c := h.untold
		h.untold = Change{}
		h.mu.Unlock()
		if len(c.Requests) > mostNamed || len(c.Items) > mostNamed {
			c.All, c.Requests, c.Items = true, nil, nil
		}
		if !c.empty() {
			h.config.Changed(c)
		}
	}
}
