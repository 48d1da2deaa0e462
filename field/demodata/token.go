package demodata

import (
	"encoding/json"
	"os"
	"sync"
)

// Tokens keeps which phones of the crew are let in already, so that a demo that is found again goes on with them.
type Tokens struct {
	File string

	mu  sync.Mutex
	all map[int]string
}

// Give gives each walker the phone it had. Without the file they join anew.
func (t *Tokens) Give(crew []Walker) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.all = map[int]string{}
	if b, err := os.ReadFile(t.File); err == nil && json.Unmarshal(b, &t.all) != nil {
		t.all = map[int]string{}
	}
	for i := range crew {
		crew[i].Token = t.all[crew[i].Place]
	}
}

// Keep keeps a phone's token.
func (t *Tokens) Keep(place int, token string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.all[place] = token
	if b, err := json.Marshal(t.all); err == nil {
		_ = os.WriteFile(t.File, b, 0o600) // without it they join anew
	}
}
