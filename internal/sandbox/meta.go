package sandbox

import "net/http"

type metaState struct{}

func newMetaState() *metaState                  { return &metaState{} }
func metaActions() []Doable                     { return nil }
func (w *World) metaAct(Action) (string, error) { return "", ErrUnknown }

// MetaView lists what was shared.
type MetaView struct{}

func (w *World) metaView() MetaView { return MetaView{} }

func (w *World) metaHandler(s *Server) http.Handler {
	pages := http.NewServeMux()
	w.sessionPages(pages, platformMeta)
	return w.front(s, front{platform: platformMeta, hosts: "graph.facebook.com", isHost: func(h string) bool { return h == "graph.facebook.com" }, calls: http.NotFoundHandler(), pages: pages})
}

func metaPeople() []Person {
	return []Person{
		{"mina-ito", "Mina Ito", "Admin, everything in order"},
		{"ed-novak", "Ed Novak", "Employee, not an admin"},
		{"sam-xu", "Sam Xu", "60 Pages and 40 ad accounts"},
		{"greta-vogt", "Greta Vogt", "500 ad accounts"},
		{"noor-haddad", "Noor Haddad", "No Business Manager"},
		{"olga-lind", "Olga Lind", "One Page belongs to somebody else"},
		{"dirk-maas", "Dirk Maas", "One ad account is disabled"},
		{"pia-berg", "Pia Berg", "Can advertise, has no full control"},
		{"tomas-rey", "Tomas Rey", "Full control of the Page, not an admin of the business"},
		{"lena-roth", "Lena Roth", "Page admin since yesterday"},
		{"ana-ruiz", "Ana Ruiz", "The agency's user, Admin of its Business Manager"},
		{"jonas-weber", "Jonas Weber", "Works at the agency, admin nowhere"},
	}
}
