// Package platforms proves of every platform what has to hold at each of them:
// a sign-in that is not in order stores nothing, a platform that misbehaves
// stops nobody, and no address from outside leads inside.
//
// It is for tests alone. Each proof is a table over the drivers of
// platform/all: a new platform is one rehearsal, and counts from then on.
package platforms
