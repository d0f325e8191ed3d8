package onboarding

import (
	"crypto/sha256"
	_ "embed"
	"strings"
)

// VerificationWords returns four words by which the client and the requester
// can verify by telephone that they see the same request: on the page "Is this
// genuine?" and in the hub's details. They are derived from the request's id,
// so that neither side stores them. They are no secret.
func VerificationWords(request string) []string {
	digest := sha256.Sum256([]byte("check words of request " + request))
	list := strings.Fields(verificationWords)
	words := make([]string, 4)
	for i := range words {
		words[i] = list[digest[i]] // one byte selects one of 256
	}
	return words
}

// verificationWords are 256 short English words that are hard to mishear and to
// confuse: each differs from all others in at least two letters. The order stays:
// requests that were sent would get other words.
//
//go:embed verificationwords.txt
var verificationWords string
