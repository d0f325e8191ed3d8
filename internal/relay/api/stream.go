package api

import (
	"context"
	"time"
)

// subscribe opens the caller's stream.
func (s *Server) subscribe(ctx context.Context) (<-chan struct{}, func(), error) {
	c := principalFrom(ctx)
	sub := s.broker.Subscribe(c.Agency.ID, c.Device.ID)
	return sub.C(), sub.Close, nil
}

// heartbeat rings once, in time for proxies that close idle connections.
func heartbeat() <-chan struct{} {
	beat := make(chan struct{}, 1)
	time.AfterFunc(25*time.Second, func() { beat <- struct{}{} })
	return beat
}
