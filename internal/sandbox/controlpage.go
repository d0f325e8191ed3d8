package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// controlDesk is the control server's page: the switches of World as forms.
// It decides nothing; each form does what the JSON call beside it does.
type controlDesk struct {
	world *World

	mu   sync.Mutex
	done []string // what was done lately, newest first
}

// doneShown is how much of the past the page remembers.
const doneShown = 5

// controlPages adds the page and its forms to the control server.
func (w *World) controlPages(mux *http.ServeMux) {
	desk := &controlDesk{world: w}
	mux.HandleFunc("GET /{$}", desk.show)
	mux.HandleFunc("POST /switch", desk.turn)
	mux.HandleFunc("POST /act", desk.act)
	mux.HandleFunc("POST /mail", desk.setMail)
	mux.HandleFunc("POST /well", func(rw http.ResponseWriter, r *http.Request) {
		w.AllWell()
		http.Redirect(rw, r, "/", http.StatusSeeOther)
	})
	mux.HandleFunc("POST /reset", func(rw http.ResponseWriter, r *http.Request) {
		w.Reset()
		desk.note("Everything is as at the start.")
		http.Redirect(rw, r, "/", http.StatusSeeOther)
	})
}

// controlPage is everything that can be switched, and what is.
type controlPage struct {
	On        []controlOn
	Done      []string
	Platforms []controlPlatform
	Mail      controlMail
}

// controlOn is one thing that goes wrong now. Without a Fault it is switched
// off in its own form further down.
type controlOn struct{ Platform, Where, Says, Fault, Person, Who string }

type controlPlatform struct {
	Platform, Name, Monogram, URL string
	People                        []Person
	Rows                          []controlRow
	Acts                          []controlAct
	Assets, Businesses            []Target // what an act's fields can name
	Count                         int      // switches that are on
}

type controlRow struct {
	Fault, Says  string
	On, Any      bool
	Only, Others []Person // for whom alone it is on; for whom it could be
}

type controlAct struct {
	Action, Says string
	Fields       []controlField
}

type controlField struct {
	Name, Label string
	Required    bool
	People      []Person // to choose from; none: it is typed
	List        string   // the list that helps typing
}

type controlMail struct {
	Faults           MailFaults
	Counts           MailCounts
	Refuse           string
	Steps            []controlStep
	Mailbox, Address string
}

type controlStep struct {
	Step    MailStep
	Says    string
	Current bool
}

func (d *controlDesk) show(rw http.ResponseWriter, _ *http.Request) {
	page := controlPage{Done: d.lately()}
	for _, platform := range d.world.Faults() {
		shown, on := describe(platform)
		shown.Assets, shown.Businesses = d.world.targets(platform.Platform)
		page.Platforms = append(page.Platforms, shown)
		page.On = append(page.On, on...)
	}
	page.Mail = describeMail(d.world.Mail)
	for _, says := range wrongWith(page.Mail.Faults) {
		page.On = append(page.On, controlOn{Platform: "mail", Where: "Mail", Says: says})
	}
	d.world.show(rw, http.StatusOK, "control.html", page)
}

func describe(platform PlatformStatus) (controlPlatform, []controlOn) {
	shown := controlPlatform{
		Platform: platform.Platform,
		Name:     platform.Name,
		Monogram: monogram(platform.Name),
		URL:      platform.URL,
		People:   platform.People,
	}
	var on []controlOn
	for _, s := range platform.Switches {
		row := controlRow{Fault: s.Fault, Says: s.Says, On: s.On, Any: s.On || len(s.For) > 0}
		if s.On {
			on = append(on, controlOn{Platform: platform.Platform, Where: platform.Name, Says: s.Says, Fault: s.Fault})
		}
		for _, person := range platform.People {
			switch {
			case slices.Contains(s.For, person.Person):
				row.Only = append(row.Only, person)
				on = append(on, controlOn{
					Platform: platform.Platform,
					Where:    platform.Name,
					Says:     s.Says,
					Fault:    s.Fault,
					Person:   person.Person,
					Who:      person.Name,
				})
			case s.Person && !s.On:
				row.Others = append(row.Others, person)
			}
		}
		if row.Any {
			shown.Count++
		}
		shown.Rows = append(shown.Rows, row)
	}
	for _, doable := range platform.Actions {
		act := controlAct{Action: doable.Action, Says: doable.Says}
		for _, name := range doable.Needs {
			act.Fields = append(act.Fields, field(platform, name, true))
		}
		for _, name := range doable.May {
			act.Fields = append(act.Fields, field(platform, name, false))
		}
		shown.Acts = append(shown.Acts, act)
	}
	return shown, on
}

func field(platform PlatformStatus, name string, required bool) controlField {
	f := controlField{
		Name:     name,
		Label:    strings.ToUpper(name[:1]) + name[1:],
		Required: required,
		List:     platform.Platform + "-" + name,
	}
	if name == "person" {
		f.People = platform.People
	}
	return f
}

// targets lists what an action at a platform can be about.
func (w *World) targets(platform string) (assets, businesses []Target) {
	if lister, ok := w.env(platform).platform.(TargetLister); ok {
		return lister.Targets()
	}
	return nil, nil
}

// monogram stands where a platform's own mark would: the marks are their
// owners', and nothing here is theirs.
func monogram(name string) string { return "p" + strings.ToUpper(name[:1]) }

func describeMail(mail *Mail) controlMail {
	shown := controlMail{
		Faults:  mail.Faults(),
		Counts:  mail.Counts(),
		Mailbox: mail.URL() + "/mailbox",
		Address: "smtp://" + mail.SMTPAddr(),
	}
	shown.Refuse = strings.Join(shown.Faults.Refuse, "\n")
	for _, step := range MailSteps() {
		shown.Steps = append(shown.Steps, controlStep{Step: step, Says: step.says(), Current: step == shown.Faults.Stall})
	}
	return shown
}

func (s MailStep) says() string {
	switch s {
	case StepGreeting:
		return "Before the greeting"
	case StepHello:
		return "When the sender says hello"
	case StepSender:
		return "At the sender's address"
	case StepRecipient:
		return "At the recipient's address"
	case StepData:
		return "Before the email"
	case StepEnd:
		return "After the email is kept"
	}
	return string(s)
}

// wrongWith describes what is switched on, in a sentence each.
func wrongWith(f MailFaults) []string {
	var wrong []string
	if f.Down {
		wrong = append(wrong, "The server is down")
	}
	if len(f.Refuse) > 0 {
		wrong = append(wrong, "Refuses "+strings.Join(f.Refuse, ", "))
	}
	if f.Stall != "" {
		wrong = append(wrong, "Falls silent: "+strings.ToLower(f.Stall.says()))
	}
	if f.Greylist > 0 {
		wrong = append(wrong, fmt.Sprintf("Turns each address away %s first", times(f.Greylist)))
	}
	if f.CutAfterData > 0 {
		wrong = append(wrong, fmt.Sprintf("Cuts the line after the email %s more", times(f.CutAfterData)))
	}
	return wrong
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return strconv.Itoa(n) + " times"
}

func (d *controlDesk) turn(rw http.ResponseWriter, r *http.Request) {
	platform, fault := r.PostFormValue("platform"), r.PostFormValue("fault")
	on, err := strconv.ParseBool(r.PostFormValue("on"))
	if err != nil {
		d.refuse(rw, fmt.Errorf("reading whether to switch on or off: %w", err))
		return
	}
	if err := d.world.SetFaultFor(platform, fault, r.PostFormValue("person"), on); err != nil {
		d.refuse(rw, err)
		return
	}
	// Both names are known now, so the address can carry them.
	http.Redirect(rw, r, "/#"+url.PathEscape(platform+"-"+fault), http.StatusSeeOther)
}

// act reads the form as the JSON of /api/actions: the fields have its names.
func (d *controlDesk) act(rw http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		d.refuse(rw, fmt.Errorf("reading the form: %w", err))
		return
	}
	fields := make(map[string]string, len(r.PostForm))
	for name := range r.PostForm {
		if value := strings.TrimSpace(r.PostForm.Get(name)); value != "" {
			fields[name] = value
		}
	}
	raw, err := json.Marshal(fields)
	if err != nil {
		d.refuse(rw, fmt.Errorf("reading the form: %w", err))
		return
	}
	var action Action
	body := json.NewDecoder(bytes.NewReader(raw))
	body.DisallowUnknownFields()
	if err := body.Decode(&action); err != nil {
		d.refuse(rw, fmt.Errorf("reading the form: %w", err))
		return
	}
	done, err := d.world.Trigger(action)
	if err != nil {
		d.refuse(rw, err)
		return
	}
	d.note(d.world.env(action.Platform).info.Title + ", " + action.Action + ": " + done)
	http.Redirect(rw, r, "/", http.StatusSeeOther)
}

func (d *controlDesk) setMail(rw http.ResponseWriter, r *http.Request) {
	faults := MailFaults{
		Down:   r.PostFormValue("down") != "",
		Stall:  MailStep(r.PostFormValue("stall")),
		Refuse: strings.Fields(r.PostFormValue("refuse")),
	}
	for _, count := range []struct {
		name string
		into *int
	}{{"greylist", &faults.Greylist}, {"cut_after_data", &faults.CutAfterData}} {
		n, err := strconv.Atoi(r.PostFormValue(count.name))
		if err != nil {
			d.refuse(rw, fmt.Errorf("reading %s: %w", count.name, err))
			return
		}
		*count.into = n
	}
	if err := d.world.Mail.SetFaults(faults); err != nil {
		d.refuse(rw, err)
		return
	}
	http.Redirect(rw, r, "/#mail", http.StatusSeeOther)
}

// refuse shows what the page would not do. Its own forms never get here.
func (d *controlDesk) refuse(rw http.ResponseWriter, err error) {
	Text(http.StatusBadRequest, "Nothing was changed: "+err.Error()+".").Send(rw)
}

func (d *controlDesk) note(done string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.done = append([]string{done}, d.done...)
	d.done = d.done[:min(len(d.done), doneShown)]
}

func (d *controlDesk) lately() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.done)
}
