//go:build web && dev

package main

// devFlags are the flags of a build with the tag dev alone.
type devFlags struct {
	DevOrigin string `help:"Where Vite serves the screens and passes calls on, like http://localhost:5173."`
}

func (d devFlags) origin() string { return d.DevOrigin }
