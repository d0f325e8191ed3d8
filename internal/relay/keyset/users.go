package keyset

import (
	"strconv"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// HashUsers are the keyed hashes of a user's number at a platform, under each key, retired
// ones too, the newest first: whoever has the database cannot tell whose they are.
func (k *Keyset) HashUsers(at onboarding.Platform, number string) [][]byte {
	var hashes [][]byte
	for _, key := range k.all() {
		hashes = append(hashes, hmacParts(key.users, []byte("user"), []byte(at), []byte(number)))
	}
	return hashes
}

// DeletionCode is the code under which a user finds what became of the deletion that they
// asked for: sixteen letters and digits, the same for the same user and time.
func (k *Keyset) DeletionCode(userHash []byte, received onboarding.Timestamp) onboarding.Secret {
	mac := hmacParts(k.newest().users, []byte("deletion"), userHash, []byte(strconv.FormatInt(int64(received), 10)))
	return onboarding.NewSecret(codeEncoding().EncodeToString(mac)[:16])
}

// HashDeletionCodes are the keyed hashes of such a code under each key, retired ones too: it
// opens a page that says what became of a deletion, and nothing else.
func (k *Keyset) HashDeletionCodes(code onboarding.Secret) [][]byte {
	var hashes [][]byte
	for _, key := range k.all() {
		hashes = append(hashes, hmacParts(key.codes, []byte(code.Reveal())))
	}
	return hashes
}
