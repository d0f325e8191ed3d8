package sandbox

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// Frame is what every page of the sandbox has around its content.
type Frame struct {
	Title    string
	Kind     string // the bold word in the band: "Sandbox"
	Sentence string // "This is not Facebook. Nobody here is real."
	Mark     string // two letters instead of a platform's mark
	Faults   string // "All well: no fault is switched on"
	Control  string // the address of the control page
}

// Frame is the frame of a page with this heading.
func (e *Env) Frame(heading string) Frame {
	f := Frame{
		Title:    heading + " · simulated " + e.info.Title,
		Kind:     "Sandbox",
		Sentence: "This is not " + e.info.Title + ". Nobody here is real.",
		Mark:     "p" + e.info.Title[:1],
		Faults:   e.weather(),
	}
	if e.world.Control != nil {
		f.Control = e.world.Control.URL() + "/"
	}
	return f
}

// weather lists, in a line, what is switched on for a platform.
func (e *Env) weather() string {
	e.world.mu.Lock()
	defer e.world.mu.Unlock()
	var on []string
	for _, f := range e.info.Faults {
		if len(e.world.switches[switchKey{e.info.Name, f.Name}]) > 0 {
			on = append(on, f.Name)
		}
	}
	switch len(on) {
	case 0:
		return "All well: no fault is switched on"
	case 1:
		return "Switched on: " + on[0]
	}
	return fmt.Sprintf("%d faults are switched on", len(on))
}

type personButton struct {
	ID       string
	Name     string
	Says     string
	Initials string
}

type signInPage struct {
	Frame
	Head   string
	Text   string
	Next   string // where the form leads after the sign-in
	People []personButton
	Cancel string // the way back without signing in; empty: there is none
}

type ConsentPage struct {
	Frame
	Head    string
	Text    string
	Person  string
	Account string   // the account that is being connected, where one is chosen
	Asks    []string // what the app wants to do, a line each
	Next    string   // this page's own address, with the parameters of the sign-in
	Decide  string   // the form's address
	Edit    string   // the address of the page with the boxes; empty: there is none
	Other   string   // the address where another account is chosen; empty: there is none
}

type EditPage struct {
	Frame
	Head   string
	Person string
	Next   string
	Decide string
	Groups []BoxGroup
}

// BoxGroup is one list of tick boxes. Kept has the name of the list, so that a
// list with nothing ticked differs from a list that was not shown.
type BoxGroup struct {
	Name  string
	Title string
	Boxes []Box
}

type Box struct {
	Value  string
	Label  string
	Says   string
	Ticked bool
	Fixed  bool // it cannot be unticked
}

type ChooserPage struct {
	Frame
	Head     string
	Text     string
	Person   string
	Next     string
	Choose   string
	Accounts []AccountButton
	Cancel   string
}

type AccountButton struct {
	ID       string
	Name     string
	Says     string
	Initials string
}

type ErrorPage struct {
	Frame
	Head string
	Text string
	Next string // where "Use another account" leads; empty: it is not offered
}

type homePage struct {
	Frame
	Head   string
	Person string // who is signed in, or ""
	People []personButton
	Next   string
	Inside string // the address of what the person has here; empty: nothing is shown
}

type AccountsPage struct {
	Frame
	Head     string
	Text     string
	Accounts []AccountRow
}

type AccountRow struct {
	Name  string
	Owner string
	Says  string
	URL   string
	Key   string
}

// SignIn asks who the person is, on the way to the page at next.
func (e *Env) SignIn(next, cancel string) Response {
	return e.Page(http.StatusOK, "signin.html", signInPage{
		Frame:  e.Frame("Sign in"),
		Head:   "Sign in to simulated " + e.info.Title,
		Text:   "Choose who you are. There is no password.",
		Next:   next,
		People: e.buttons(),
		Cancel: cancel,
	})
}

// Refuse is a page that leads nowhere: the platform keeps the person.
func (e *Env) Refuse(status int, head, text string) Response {
	return e.Page(status, "error.html", ErrorPage{Frame: e.Frame("Error"), Head: head, Text: text})
}

// home is what the platform shows who opens it without signing in.
func (e *Env) home(r *http.Request) Response {
	p := homePage{
		Frame:  e.Frame("Home"),
		Head:   "Simulated " + e.info.Title,
		Person: e.NameOf(e.SignedIn(r)),
		People: e.buttons(),
		Next:   "/",
	}
	if p.Person != "" {
		p.Inside = e.info.Inside
	}
	return e.Page(http.StatusOK, "home.html", p)
}

func (e *Env) buttons() []personButton {
	var list []personButton
	for _, p := range e.info.People {
		list = append(list, personButton{
			ID:       p.Person,
			Name:     p.Name,
			Says:     p.Says,
			Initials: Initials(p.Name),
		})
	}
	return list
}

// Initials are the first letters of a name's first words.
func Initials(name string) string {
	var initials []rune
	for _, word := range strings.Fields(name) {
		if first := []rune(word)[0]; first != '&' && len(initials) < 2 {
			initials = append(initials, first)
		}
	}
	return strings.ToUpper(string(initials))
}

// NextQuery reads the dialog's own parameters back out of a form's next field.
func NextQuery(r *http.Request) (path string, query url.Values) {
	next, err := url.Parse(LocalPath(r.PostFormValue("next")))
	if err != nil {
		return "/", url.Values{}
	}
	return next.Path, next.Query()
}
