package org

import (
	"testing"
	"time"

	"github.com/openprecinct/precinct/internal/account"
)

func TestSharedSignIns(t *testing.T) {
	at := func(h int) time.Time { return time.Date(2027, 10, 9, h, 0, 0, 0, time.UTC) }
	use := func(from, to int, network, agent string) account.Session {
		return account.Session{Started: at(from), Seen: at(to), Network: network, Agent: agent}
	}
	const desk, laptop, phone = "Firefox · Linux", "Chrome · Windows", "Safari · iPhone"
	tests := []struct {
		name     string
		sessions []account.Session
		want     bool
	}{
		{"nobody", nil, false},
		{"one browser", []account.Session{use(8, 17, "a", desk)}, false},
		{"two browsers at one place", []account.Session{use(8, 17, "a", desk), use(9, 12, "a", laptop)}, false},
		{"a computer and a phone", []account.Session{use(8, 17, "a", desk), use(9, 12, "b", phone)}, false},
		{"work, then home", []account.Session{use(8, 17, "a", desk), use(18, 22, "b", laptop)}, false},
		{"two computers at two places at once", []account.Session{use(8, 17, "a", desk), use(9, 12, "b", laptop)}, true},
		{"three phones at three places at once", []account.Session{use(8, 17, "a", phone), use(9, 12, "b", phone), use(10, 15, "c", phone)}, true},
		{"three phones one after the other", []account.Session{use(8, 9, "a", phone), use(10, 12, "b", phone), use(13, 15, "c", phone)}, false},
	}
	for _, tt := range tests {
		if got := shared(tt.sessions); got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
}
