package meta

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/platform"
)

// listReader reads lists, four concurrently. One that Facebook refuses does not
// keep the others from being read.
type listReader struct {
	ctx   context.Context // of the group: it ends when nothing more can be read
	group *errgroup.Group
	graph graph
	by    caller

	mu      sync.Mutex
	read    int
	unread  []platform.UnreadList
	refused error // the first refusal
}

func newListReader(ctx context.Context, g graph, by caller) *listReader {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(4)
	return &listReader{ctx: ctx, group: group, graph: g, by: by}
}

// readList starts reading one list; as names it where it is refused.
func readList[T any](l *listReader, into *[]T, as platform.UnreadList, path, fields, fewer string) {
	l.group.Go(func() error {
		found, err := list[T](l.ctx, l.graph, l.by, path, url.Values{"fields": {fields}}, fewer)
		*into = found
		return l.note(as, err)
	})
}

// note counts a list. Its error ends the reading of all.
func (l *listReader) note(as platform.UnreadList, err error) error {
	if err != nil && !isOneLists(err) {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if err == nil {
		l.read++
		return nil
	}
	as.Code = platform.AsFailure(err).PlatformCode
	l.unread = append(l.unread, as)
	if l.refused == nil {
		l.refused = err
	}
	return nil
}

// wait returns the lists that were refused, in a fixed order. If all were, its
// error is the first refusal too.
func (l *listReader) wait() ([]platform.UnreadList, error) {
	if err := l.group.Wait(); err != nil {
		return nil, err
	}
	slices.SortFunc(l.unread, func(a, b platform.UnreadList) int {
		given := func(u platform.UnreadList) int {
			if u.Given {
				return 1
			}
			return 0
		}
		return cmp.Or(cmp.Compare(a.Business.Name, b.Business.Name), cmp.Compare(a.Business.ID, b.Business.ID),
			cmp.Compare(a.Kind, b.Kind), cmp.Compare(given(a), given(b)))
	})
	if l.read == 0 {
		return l.unread, l.refused
	}
	return l.unread, nil
}

// isOneLists reports whether a failure is of the one list that was asked for. An
// ended sign-in and a rate limit are of all, and so is an end of the context.
func isOneLists(err error) bool {
	switch failure := platform.AsFailure(err); {
	case failure.Code.EndsSignIn(), failure.Code == catalog.PlatformBusy:
		return false
	case failure.Code == catalog.ListCut:
		return true
	default:
		return failure.PlatformCode != "" // else it is no answer of Facebook's
	}
}
