package relay

import (
	"bytes"
	"context"
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
}

// maxKept bounds what is kept back.
const maxKept = 32 << 10

func (j *joined) Write(p []byte) (int, error) {
	if j.kept == nil {
		return j.Conn.Write(p)
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

// hold begins to keep back. On nil it does nothing.
func (j *joined) hold() {
	if j != nil && j.kept == nil {
		j.kept = j.buffers.Get().(*bytes.Buffer)
	}
}

// release sends what was kept back. On nil it does nothing.
func (j *joined) release() error {
	if j == nil || j.kept == nil {
		return nil
	}
	kept := j.kept
	j.kept = nil
	_, err := kept.WriteTo(j.Conn)
	kept.Reset()
	j.buffers.Put(kept)
	return err
}
