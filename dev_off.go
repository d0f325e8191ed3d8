//go:build !web || !dev

package main

// devFlags are the flags of a build with the tag dev alone.
type devFlags struct{}

func (devFlags) origin() string { return "" }
