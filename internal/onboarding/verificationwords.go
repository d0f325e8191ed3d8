package onboarding

import (
	"crypto/sha256"
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
// confuse: any two differ in at least two letters. Their order stays as it is, or
// requests that exist would get other words.
const verificationWords = `
acorn amber anchor apple arrow aspen atlas autumn badge bagel baker bamboo banjo barley basil basket
beacon beaver bench berry birch bison bonnet bottle branch bread breeze brick bridge bronze broom brush
bubble bucket buffalo bugle button cabin cactus camel camera candle canoe canvas captain caramel cargo carpet
carrot castle cedar cello chalk cherry chimney cinema circle citrus clover cobalt cocoa comet compass copper
coral cotton cousin cricket crystal cupboard daisy dancer denim desert diamond dolphin domino eagle easel engine
evening falcon feather fender fiddle finch flute forest fossil fountain galaxy garden garlic ginger giraffe glacier
globe golden gondola granite grape guitar hammer hammock harbor harvest hazel helmet heron holiday honey horizon
igloo indigo island ivory jacket jaguar jasmine jelly jersey jigsaw jungle juniper kayak kettle kingdom kitchen
koala ladder lagoon lantern laurel lavender lemon lentil library lilac linen lizard lobster locket lotus magnet
mango maple marble market meadow melon mercury meteor mirror mitten morning mosaic muffin mustard napkin nectar
nickel noodle nutmeg oasis ocean olive onion orange orbit orchard orchid otter oyster paddle palace panda
paper parade pasture peach peanut pebble pelican pencil pepper piano picnic pigeon pillow pilot pioneer planet
plaza potato prairie pumpkin purple puzzle pyramid quartz quilt rabbit radish rainbow raven ribbon river robin
rosemary salmon scarf seven silver sketch sparrow spiral squirrel stable station sugar summer sunset swallow teapot
temple thimble ticket tiger timber tomato topaz tractor treasure trumpet tulip tunnel turtle umbrella valley vanilla
velvet village violet violin voyage waffle wagon walnut walrus whistle window winter yellow yogurt zebra zigzag
`
