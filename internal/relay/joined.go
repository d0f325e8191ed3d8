package relay

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
)

// Listen makes a listener whose connections send an answer in one piece.
// net/http hands over what it has every four kilobytes, so that a page, which
// is a little longer with all its headers, would cost two writes and two reads.
// The server that uses the listener has ConnContext as its own.
func Listen(listener net.Listener) net.Listener {
	return &joining{Listener: listener, buffers: sync.Pool{New: func() any { return bytes.NewBuffer(make([]byte, 0, 8<<10)) }}}
}

// ConnContext lets the handlers of a server know the connection.
func ConnContext(ctx context.Context, conn net.Conn) context.Context {
	if j, joins := conn.(*joined); joins {
		return context.WithValue(ctx, joinedKey{}, j)
	}
	return ctx
}

type joinedKey struct{}

// joinedOf is the connection of a question; nil: one that joins nothing.
func joinedOf(r *http.Request) *joined {
	j, _ := r.Context().Value(joinedKey{}).(*joined)
	return j
}

type joining struct {
	net.Listener
	buffers sync.Pool // of the connections that keep back now
}

func (l *joining) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &joined{Conn: conn, buffers: &l.buffers}, nil
}

// joined is a connection that keeps back what is written from hold to release.
// Both are called by the one handler that writes; without hold it is any
// connection.
type joined struct {
	net.Conn
	buffers *sync.Pool
	kept    *bytes.Buffer // nil: nothing is kept back
	lines   []byte        // headers that the answer kept back still lacks
}

// maxKept bounds what is kept back.
const maxKept = 32 << 10

func (j *joined) Write(p []byte) (int, error) {
	if j.kept == nil {
		return j.Conn.Write(p)
	}
	if j.lines != nil {
		// The status line comes first, and the headers in any order.
		first := bytes.Index(p, []byte("\r\n"))
		if first < 0 || !bytes.HasPrefix(p, []byte("HTTP/1.")) {
			return 0, errNoStatusLine
		}
		lines := j.lines
		j.lines = nil
		j.kept.Write(p[:first+2])
		j.kept.Write(lines)
		n, err := j.Write(p[first+2:])
		return first + 2 + n, err
	}
	if j.kept.Len() > 0 && j.kept.Len()+len(p) > maxKept {
		if _, err := j.kept.WriteTo(j.Conn); err != nil {
			return 0, err
		}
	}
	if len(p) > maxKept {
		return j.Conn.Write(p)
	}
	return j.kept.Write(p)
}

// CloseWrite is what net/http does before it closes, so that a refusal
// arrives.
func (j *joined) CloseWrite() error {
	if half, able := j.Conn.(interface{ CloseWrite() error }); able {
		return half.CloseWrite()
	}
	return nil
}

// errNoStatusLine ends a connection on which an answer would lack headers.
var errNoStatusLine = errors.New("an answer does not begin with its status")

// hold begins to keep back an answer, to which it adds header lines; false: it
// does not. On nil it does nothing.
func (j *joined) hold(lines []byte) bool {
	if j == nil || j.kept != nil {
		return false
	}
	j.kept, j.lines = j.buffers.Get().(*bytes.Buffer), lines
	return true
}

// release sends what was kept back. On nil it does nothing.
func (j *joined) release() error {
	if j == nil || j.kept == nil {
		return nil
	}
	kept := j.kept
	j.kept, j.lines = nil, nil
	_, err := kept.WriteTo(j.Conn)
	kept.Reset()
	j.buffers.Put(kept)
	return err
}
