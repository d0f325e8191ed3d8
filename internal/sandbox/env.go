package sandbox

import "time"

// Env is what the world gives to one fake platform: the clock, the fault
// switches, OAuth codes, sign-ins and pages. It is safe for concurrent use,
// with the platform's own lock held or not. A platform may use it once its
// Handler is asked for.
type Env struct {
	world    *World
	platform Platform
	info     Info
	server   *Server
}

// newEnv makes a platform.
func (w *World) newEnv(build func(*Env) Platform) *Env {
	e := &Env{world: w}
	e.platform = build(e)
	e.info = e.platform.Info()
	return e
}

// App is the app that is registered at the platform.
func (e *Env) App() Credentials { return e.info.App }

// Callbacks are where the platform calls the app.
func (e *Env) Callbacks() Callbacks {
	e.world.mu.Lock()
	defer e.world.mu.Unlock()
	return e.world.callbacks[e.info.Name]
}

// Now is the world's time: it starts the lives of codes and tokens.
func (e *Env) Now() time.Time { return e.world.now() }

// Clock is the platform's own time: that of Now, or ahead of it while the
// fault "clock_skew" is on.
func (e *Env) Clock() time.Time {
	if e.IsOn("clock_skew", "") {
		return e.world.now().Add(skew)
	}
	return e.world.now()
}

// ShareDelay is how long a new share stays unseen while a fault delays it.
func (e *Env) ShareDelay() time.Duration { return e.world.appearsAfter }

// IsOn reports whether a fault is switched on for a person; with an empty
// person, whether it is for everybody.
func (e *Env) IsOn(fault, person string) bool {
	e.world.mu.Lock()
	defer e.world.mu.Unlock()
	people := e.world.switches[switchKey{e.info.Name, fault}]
	return people[""] || person != "" && people[person]
}

// NameOf is the name of one of the platform's people; empty: there is none.
func (e *Env) NameOf(person string) string {
	for _, p := range e.info.People {
		if p.Person == person {
			return p.Name
		}
	}
	return ""
}
