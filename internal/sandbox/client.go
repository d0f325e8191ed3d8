package sandbox

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Client is a business with one person who has everything in order. It stands
// on no sign-in page: it is for a past that somebody else tells.
type Client struct {
	Person     string // "Julie Moreau"
	Email      string
	Business   string // "Maison Claire"
	AdAccounts []string
	Pages      []string
	Portals    []string // HubSpot's
}

// AddClient settles a client at Facebook and at HubSpot and gives the key of
// its person, for SignIn.
func (w *World) AddClient(c Client) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	key := strings.ReplaceAll(strings.ToLower(c.Person), " ", "-") + "-of-" + strconv.Itoa(len(w.meta.people))
	person := &metaPerson{key: key, id: w.meta.nextID("1016"), name: c.Person, email: c.Email}
	w.meta.people[key] = person
	business := w.meta.found(w.meta.nextID("44012"), c.Business, key, "Admin")
	for _, name := range c.AdAccounts {
		w.meta.account(w.meta.nextID("66"), name, "EUR", business, 1).all(person)
	}
	for i, name := range c.Pages {
		w.meta.page(w.meta.nextID("51"), name, "Local business", 800+311*(i+len(name)), business).all(person)
	}
	staff := &hubspotPerson{userID: 52000000 + int64(len(w.hubspot.people)), email: c.Email, admin: true}
	_, domain, _ := strings.Cut(c.Email, "@")
	for _, name := range c.Portals {
		id := 40100000 + int64(len(w.hubspot.portals))*1713
		w.hubspot.portals[id] = &portal{id: id, name: name, domain: domain, contacts: contacts("customers." + domain)}
		staff.portals = append(staff.portals, id)
	}
	w.hubspot.people[key] = staff
	return key
}

// SignIn signs a visitor's browser in as a client's person, at every platform
// that has sign-ins, as if they had done so before.
func (w *World) SignIn(v *Visitor, key string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for platform, server := range map[string]*Server{platformMeta: w.Meta, platformHubSpot: w.HubSpot} {
		at, err := url.Parse(server.URL())
		if err != nil {
			return fmt.Errorf("signing in: %w", err)
		}
		id := random(20)
		w.sessions[id] = session{platform, key}
		v.Jar().SetCookies(at, []*http.Cookie{{Name: cookieName(platform), Value: id, Path: "/"}})
	}
	return nil
}

// PortalsOf lists the names of a person's portals, as the chooser shows them.
func (w *World) PortalsOf(key string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	person := w.hubspot.people[key]
	if person == nil {
		return nil
	}
	var names []string
	for _, id := range person.portals {
		names = append(names, w.hubspot.portals[id].name)
	}
	slices.Sort(names)
	return names
}
