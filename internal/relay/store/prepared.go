package store

// hotReads are the queries of every page that a client opens, and those that every API
// call begins with. They are prepared once.
func hotReads() []string {
	return []string{
		clientViewByLink, clientViewByID, visitByID, visitsByRequest, itemsByRequest, skipsByRequest,
		colleaguesByRequest, finishesByRequest, eventsOfKind,
		agencyOfToken, agencyOfRoster, membersOfRoster, devicesOfRoster, codesOfRoster,
	}
}
